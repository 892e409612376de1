// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../src/interfaces/IRingSettlement.sol";
import {Token} from "../src/libraries/Token.sol";
import {Nonce} from "../src/types/Nonce.sol";
import {Order} from "../src/types/Order.sol";
import {RefusalTest} from "./RefusalTest.sol";
import {Place, Submission} from "./RingTest.sol";
import {LyingToken} from "./tokens/OddTokens.sol";
import {vm} from "./Vm.sol";

/// @notice The refusals of docs/spec/ring.md §6 that concern a ring, in that order, each at its boundary: one step less and it settles
/// (that is RingSettlement.t.sol's). Which comes first: Precedence.t.sol.
contract RefusedRingsTest is RefusalTest {
    // ── rings ───────────────────────────────────────────────────────────────────────────────────────────────────

    function testMalformedWithoutRings() external {
        Submission memory plan = tableOf(two(aliceOrder(), bobOrder()), 0);
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.Malformed.selector));
    }

    /// The size is looked at first: the bytes may end behind it.
    function testRingSize() external {
        Submission memory plan = tableOf(two(aliceOrder(), bobOrder()), 0);
        sign(plan);
        bytes memory packed = bytes.concat(pack(plan), hex"00");
        packed[packed.length - 2] = 0x01;
        for (uint256 size = 0; size < 256; size++) {
            if (size >= 2 && size <= 10) continue;
            packed[packed.length - 1] = bytes1(uint8(size));
            refuseBytes(relay, packed, abi.encodeWithSelector(IRingSettlement.RingSize.selector, size));
        }
    }

    function testMalformedIfAnOrderIsBeyondTheTable() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        plan.rings[0].places[1].order = 2;
        refuse(plan, errorOf(IRingSettlement.Malformed.selector));
    }

    function testMalformedIfTakeIsNone() external {
        for (uint256 take = 3; take < 16; take++) {
            Submission memory plan = ringOfTwo();
            plan.rings[0].places[1].take = take;
            sign(plan);
            refuse(plan, errorOf(IRingSettlement.Malformed.selector));
        }
    }

    function testSubRing() external {
        fund(tokenA, third, 1000);
        fund(tokenB, thief, 1000);
        Order[] memory orders = new Order[](4);
        (orders[0], orders[1]) = (aliceOrder(), bobOrder());
        orders[2] = orderOf(third, tokenA, 100, tokenB, 50);
        orders[3] = orderOf(thief, tokenB, 60, tokenA, 100);
        uint256[] memory amounts = new uint256[](4);
        (amounts[0], amounts[1], amounts[2], amounts[3]) = (100, 60, 100, 60);
        Submission memory plan = ringOf(orders, amounts);
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.SubRing.selector, orders[2]));
    }

    /// One order twice sells one token twice.
    function testSameOrderTwice() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(50, 30));
        Place[] memory places = new Place[](4);
        for (uint256 i = 0; i < 4; i++) {
            places[i] = plan.rings[0].places[i % 2];
        }
        plan.rings[0].places = places;
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.SubRing.selector, plan.orders[0]));
    }

    function testRingBroken() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].buyToken = address(tokenC);
        plan.tokens = tokensOf(plan.orders);
        refuseFirst(plan, IRingSettlement.RingBroken.selector);
        plan = ringOfTwo();
        plan.orders[1].buyToken = address(tokenC);
        plan.tokens = tokensOf(plan.orders);
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.RingBroken.selector, plan.orders[1]));
    }

    function testFillZero() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(0, 60));
        refuseFirst(plan, IRingSettlement.FillZero.selector);
    }

    /// A buy-driven order to which nothing flows counts nothing, but would pay.
    function testNothingForSomething() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(100, 0));
        plan.orders[0].buyDriven = true;
        refuseFirst(plan, IRingSettlement.LimitPrice.selector);
    }

    function testOrderCancelled() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        Nonce[] memory nonces = new Nonce[](1);
        vm.prank(alice, alice);
        settlement.cancel(nonces);
        refuse(plan, errorOf(IRingSettlement.OrderCancelled.selector, plan.orders[0]));
    }

    /// Also of an order that may sell all there is: cancelled is full, to the last unit.
    function testOrderOfAllThereIsCancelled() external {
        Order memory hers = orderOf(alice, tokenA, type(uint128).max, tokenB, 1);
        Submission memory plan = ringOf(two(hers, bobOrder()), fills(100, 60));
        Nonce[] memory nonces = new Nonce[](1);
        vm.prank(alice, alice);
        settlement.cancel(nonces);
        refuseFirst(plan, IRingSettlement.OrderCancelled.selector);
    }

    function testOverfill() external {
        Submission memory plan = ringOf(two(aliceOrder(), orderOf(bob, tokenB, 600, tokenA, 100)), fills(101, 60));
        sign(plan);
        bytes4 selector = IRingSettlement.Overfill.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 0, 100));
        plan.rings[0].places[0].fill = 99;
        sign(plan);
        submit(plan);
        plan.rings[0].places[0].fill = 2;
        sign(plan);
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 99, 100));
        plan.rings[0].places[0].fill = type(uint128).max;
        sign(plan);
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 99, 100));
    }

    function testOverfillOfABuyDrivenOrder() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(100, 51));
        plan.orders[0].buyDriven = true;
        sign(plan);
        bytes4 selector = IRingSettlement.Overfill.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 0, 50));
    }

    /// A buy-driven order never sells more than its sellAmount: its limit sees to it.
    function testBuyDrivenOrderNeverSellsMore() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(101, 50));
        plan.orders[0].buyDriven = true;
        refuseFirst(plan, IRingSettlement.LimitPrice.selector);
    }

    function testFillTooSmall() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(29, 15));
        plan.orders[0].minimumFill = 30;
        sign(plan);
        bytes4 selector = IRingSettlement.FillTooSmall.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 29));
        plan.orders[0].minimumFill = 0;
        plan.orders[0].allOrNone = true;
        plan.rings[0].places[0].fill = 99;
        plan.rings[0].places[1].fill = 60;
        sign(plan);
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 99));
    }

    /// What is all of an all-or-none order is all of it, not the rest of a counter that another order filled.
    function testAllOrNoneIsNotARest() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(40, 20));
        sign(plan);
        submit(plan);
        plan = ringOf(two(aliceOrder(), bobOrder()), fills(60, 30));
        plan.orders[0].allOrNone = true;
        sign(plan);
        bytes4 selector = IRingSettlement.FillTooSmall.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 60));
    }

    function testMinimumOfABuyDrivenOrderIsOfWhatItBuys() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(40, 29));
        plan.orders[0].buyDriven = true;
        plan.orders[0].minimumFill = 30;
        sign(plan);
        bytes4 selector = IRingSettlement.FillTooSmall.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 29));
    }

    function testLimitPrice() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(100, 49));
        refuseFirst(plan, IRingSettlement.LimitPrice.selector);
        plan = ringOf(two(aliceOrder(), bobOrder()), fills(99, 60));
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.LimitPrice.selector, plan.orders[1]));
    }

    function testRewardNotMiners() external {
        Submission memory plan = ringOfTwo();
        (plan.orders[0].feeToken, plan.orders[0].feeAmount) = (address(tokenC), 1);
        plan.rings[0].places[0].take = TAKE_MARGIN;
        plan.tokens = tokensOf(plan.orders);
        refuseFirst(plan, IRingSettlement.RewardNotMiners.selector);
    }

    /// A fee that is nothing for this part needs no payer.
    function testRewardOfNothingIsNobodys() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(99, 59));
        plan.orders[1] = orderOf(bob, tokenB, 59, tokenA, 99);
        (plan.orders[0].feeToken, plan.orders[0].feeAmount) = (address(tokenC), 1);
        plan.rings[0].places[0].take = TAKE_MARGIN;
        plan.tokens = tokensOf(plan.orders);
        sign(plan);
        submit(plan);
    }

    // ── authors ─────────────────────────────────────────────────────────────────────────────────────────────────

    function testMalformedIfAnAuthorComesLater() external {
        Submission memory plan = ringOfTwo();
        plan.orders[1].authAddress = plan.orders[0].authAddress;
        sign(plan);
        for (uint256 author = 1; author < 15; author++) {
            plan.rings[0].places[0].author = author;
            refuse(plan, errorOf(IRingSettlement.Malformed.selector));
        }
    }

    function testBadAuthSignature() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        bytes32 digest = ringHash(plan, plan.rings[0]);
        bytes memory hers = plan.rings[0].authSignatures[0];
        plan.rings[0].authSignatures[0] = signatureOf(thief, digest);
        refuse(plan, errorOf(IRingSettlement.BadAuthSignature.selector, plan.orders[0]));
        plan.rings[0].authSignatures[0] = plan.rings[0].authSignatures[1];
        refuse(plan, errorOf(IRingSettlement.BadAuthSignature.selector, plan.orders[0]));
        plan.rings[0].authSignatures[0] = hers;
        plan.rings[0].authSignatures[1] = hers;
        refuse(plan, errorOf(IRingSettlement.BadAuthSignature.selector, plan.orders[1]));
    }

    /// A signature counts twice only for equal addresses; and "the sender" is the sender.
    function testBadAuthSignatureByAnotherAuthor() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        plan.rings[0].places[1].author = 0;
        refuse(plan, errorOf(IRingSettlement.BadAuthSignature.selector, plan.orders[1]));
        plan.rings[0].places[1].author = BY_SENDER;
        refuse(plan, errorOf(IRingSettlement.BadAuthSignature.selector, plan.orders[1]));
    }

    /// The auth address as the sender of the transaction (`tx.origin`) is not the caller.
    function testAuthoredBySenderIsTheCaller() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].authAddress = relay;
        plan.orders[1].authAddress = relay;
        sign(plan);
        bytes memory data = abi.encodeCall(IRingSettlement.submit, (pack(plan)));
        vm.prank(thief, relay);
        (bool done, bytes memory answer) = address(settlement).call(data);
        vm.assertFalse(done, "settled");
        vm.assertEq(answer, errorOf(IRingSettlement.BadAuthSignature.selector, plan.orders[0]), "error");
    }

    function testBadMinerSignature() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        bytes32 digest = ringHash(plan, plan.rings[0]);
        plan.rings[0].minerSignature = signatureOf(thief, digest);
        refuse(plan, abi.encodeWithSelector(IRingSettlement.BadMinerSignature.selector, digest));
        plan.rings[0].minerSignature = new bytes(64);
        refuse(plan, abi.encodeWithSelector(IRingSettlement.BadMinerSignature.selector, digest));
    }

    /// The miner needs no signature as the caller. That it sent the transaction in which somebody else calls is not enough.
    function testMinerWithoutSignatureIsTheCaller() external {
        Submission memory plan = ringOfTwo();
        signFor(plan, miner);
        bytes memory data = abi.encodeCall(IRingSettlement.submit, (pack(plan)));
        bytes32 digest = ringHash(plan, plan.rings[0]);
        vm.prank(thief, miner);
        (bool done, bytes memory answer) = address(settlement).call(data);
        vm.assertFalse(done, "settled");
        vm.assertEq(answer, abi.encodeWithSelector(IRingSettlement.BadMinerSignature.selector, digest), "error");
    }

    /// What does not recover is zero: nobody can mine as the miner zero.
    function testMinerZeroNeverSigns() external {
        Submission memory plan = ringOfTwo();
        plan.miner = address(0);
        sign(plan);
        bytes32 digest = ringHash(plan, plan.rings[0]);
        refuse(plan, abi.encodeWithSelector(IRingSettlement.BadMinerSignature.selector, digest));
    }

    // ── transfers ───────────────────────────────────────────────────────────────────────────────────────────────

    function testReceiverIsSettlement() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].recipient = address(settlement);
        refuseWith(plan, errorOf(IRingSettlement.ReceiverIsSettlement.selector));
        plan = ringOfTwo();
        withFee(plan);
        plan.orders[0].wallet = address(settlement);
        refuseWith(plan, errorOf(IRingSettlement.ReceiverIsSettlement.selector));
        plan.orders[0].walletSplit = 0;
        refuseWith(plan, errorOf(IRingSettlement.ReceiverIsSettlement.selector));
        plan.rings[0].places[0].take = TAKE_NONE;
        sign(plan);
        submit(plan);
    }

    function testTransferFailed() external {
        Submission memory plan = ringOfTwo();
        approve(tokenB, bob, 59);
        refuseWith(plan, transferError(Token.TransferFailed.selector, tokenB, bob, alice, 60));
        approve(tokenB, bob, 60);
        approve(tokenA, alice, 99);
        refuseWith(plan, transferError(Token.TransferFailed.selector, tokenA, alice, bob, 100));
        approve(tokenA, alice, 100);
        vm.prank(alice, alice);
        tokenA.transfer(thief, 1_000_000 - 99);
        refuseWith(plan, transferError(Token.TransferFailed.selector, tokenA, alice, bob, 100));
        tokenA.mint(alice, 1);
        submit(plan);
    }

    function testTransferNotExact() external {
        Submission memory plan = ringOfTwo();
        vm.etch(address(tokenA), address(new LyingToken()).code);
        refuseWith(plan, transferError(Token.TransferNotExact.selector, tokenA, alice, bob, 100));
    }

    function testMinerWhoCannotPayTheReward() external {
        Submission memory plan = ringOfTwo();
        withFee(plan);
        plan.feeRecipient = miner;
        plan.rings[0].places[0].take = TAKE_MARGIN;
        refuseWith(plan, transferError(Token.TransferFailed.selector, tokenC, miner, alice, 10));
    }

    function testMalformedIfBytesAreLeft() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        refuseBytes(relay, bytes.concat(pack(plan), hex"00"), errorOf(IRingSettlement.Malformed.selector));
        // The miner needs no signature when it is the sender: then it is 64 bytes too many.
        refuseBy(miner, plan, errorOf(IRingSettlement.Malformed.selector));
    }
}
