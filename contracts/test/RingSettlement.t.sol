// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../src/interfaces/IRingSettlement.sol";
import {Fill, pack as packAmounts, packToken} from "../src/types/Fill.sol";
import {Nonce} from "../src/types/Nonce.sol";
import {Order} from "../src/types/Order.sol";
import {RingTest, Submission} from "./RingTest.sol";
import {PlainToken} from "./tokens/PlainToken.sol";
import {Vm, vm} from "./Vm.sol";

/// @notice What `submit` does when it is right. What it refuses: RefusedOrders.t.sol, RefusedRings.t.sol.
contract RingSettlementTest is RingTest {
    // ── rings ───────────────────────────────────────────────────────────────────────────────────────────────────

    function testRingOfTwo() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 100, 60, 0);
        has(bob, 100, 1_000_000 - 60, 0);
        vm.assertEq(settlement.filled(alice, Nonce.wrap(0)), 100, "counter");
    }

    function testRingOfThree() external {
        Submission memory plan = ringOfThree();
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 100, 50, 0);
        has(bob, 0, 1_000_000 - 50, 30);
        has(third, 100, 0, 1_000_000 - 30);
    }

    function testRingOfTen() external {
        Submission memory plan = ringOfMany(10);
        sign(plan);
        submit(plan);
        for (uint256 i = 0; i < 10; i++) {
            Order memory order = plan.orders[i];
            vm.assertEq(PlainToken(order.buyToken).balanceOf(order.owner), 100 + (i + 1) % 10, "bought");
            vm.assertEq(PlainToken(order.sellToken).balanceOf(order.owner), 900 - i, "sold");
        }
    }

    function testPartsOfAnOrder() external {
        Order memory his = bobOrder();
        for (uint256 i = 0; i < 4; i++) {
            Submission memory plan = ringOf(two(aliceOrder(), his), fills(25, 15));
            sign(plan);
            submit(plan);
            vm.assertEq(settlement.filled(alice, Nonce.wrap(0)), 25 * (i + 1), "counter");
        }
        has(alice, 1_000_000 - 100, 60, 0);
    }

    function testOneOwnerOnBothSides() external {
        fund(tokenB, alice, 100);
        Order memory back = orderOf(alice, tokenB, 60, tokenA, 100);
        back.nonce = Nonce.wrap(1);
        Submission memory plan = ringOf(two(aliceOrder(), back), fills(100, 60));
        sign(plan);
        submit(plan);
        has(alice, 1_000_000, 100, 0);
        vm.assertEq(settlement.filled(alice, Nonce.wrap(0)), 100, "counter");
        vm.assertEq(settlement.filled(alice, Nonce.wrap(1)), 60, "its neighbour in the word");
    }

    /// What an owner sells in a ring may be what the same ring brings.
    function testTokensInTransit() external {
        fund(tokenA, third, 30);
        Order memory first = orderOf(third, tokenA, 30, tokenB, 10);
        Submission memory plan = ringOf(two(first, orderOf(bob, tokenB, 10, tokenA, 30)), fills(30, 10));
        sign(plan);
        submit(plan);
        vm.assertEq(tokenB.balanceOf(third), 10, "bought");
    }

    function testRecipient() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].recipient = wallet;
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 100, 0, 0);
        vm.assertEq(tokenB.balanceOf(wallet), 60, "recipient");
    }

    // ── several rings in one transaction ────────────────────────────────────────────────────────────────────────

    function testTwoRingsOverOneTable() external {
        Submission memory plan = twoRings();
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 100, 60, 0);
        vm.assertEq(settlement.filled(alice, Nonce.wrap(0)), 100, "counter");
        vm.assertEq(settlement.filled(bob, Nonce.wrap(0)), 60, "counter");
    }

    function testAllRingsOrNone() external {
        Submission memory plan = twoRings();
        plan.rings[1].places[0].fill++;
        sign(plan);
        bytes4 selector = IRingSettlement.Overfill.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 40, 100));
        has(alice, 1_000_000, 0, 0);
        vm.assertEq(settlement.filled(alice, Nonce.wrap(0)), 0, "the first ring's counter");
    }

    function testOrderThatNoRingUses() external {
        Order memory idle = orderOf(third, tokenC, 7, tokenA, 7);
        Submission memory plan = ringOf(three(aliceOrder(), idle, bobOrder()), fills(1, 1, 1));
        plan.rings[0].places = ringOfTwo().rings[0].places;
        plan.rings[0].places[1].order = 2;
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 100, 60, 0);
        vm.assertEq(settlement.filled(third, Nonce.wrap(0)), 0, "idle");
    }

    /// Two orders with one nonce share a counter: together they sell what the smaller may.
    function testOrdersWithOneNonceShareACounter() external {
        Order memory another = aliceOrder();
        another.buyAmount = 40;
        Submission memory plan = tableOf(three(aliceOrder(), another, bobOrder()), 2);
        plan.rings[0].places = ringOf(two(aliceOrder(), bobOrder()), fills(70, 35)).rings[0].places;
        plan.rings[1].places = ringOf(two(aliceOrder(), bobOrder()), fills(30, 18)).rings[0].places;
        plan.rings[1].places[0].order = 1;
        plan.rings[0].places[1].order = 2;
        plan.rings[1].places[1].order = 2;
        sign(plan);
        submit(plan);
        vm.assertEq(settlement.filled(alice, Nonce.wrap(0)), 100, "both");
        plan = ringOf(two(another, orderOf(bob, tokenB, 600, tokenA, 1000)), fills(1, 1));
        sign(plan);
        bytes4 selector = IRingSettlement.Overfill.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(another), 100, 100));
    }

    // ── who signs ───────────────────────────────────────────────────────────────────────────────────────────────

    function testMinerSendsItself() external {
        Submission memory plan = ringOfTwo();
        signFor(plan, miner);
        vm.assertEq(plan.rings[0].minerSignature, "", "none needed");
        submitBy(miner, plan);
        has(alice, 1_000_000 - 100, 60, 0);
    }

    function testSenderIsAnAuthAddress() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].authAddress = relay;
        plan.orders[1].authAddress = relay;
        sign(plan);
        vm.assertEq(plan.rings[0].authSignatures.length, 0, "none needed");
        submit(plan);
        has(alice, 1_000_000 - 100, 60, 0);
    }

    function testEqualAuthAddressesSignOnce() external {
        Submission memory plan = ringOfThree();
        plan.orders[1].authAddress = plan.orders[0].authAddress;
        sign(plan);
        vm.assertEq(plan.rings[0].authSignatures.length, 2, "two for three");
        submit(plan);
        has(alice, 1_000_000 - 100, 50, 0);
    }

    function testEqualAuthAddressesMaySignTwice() external {
        Submission memory plan = ringOfTwo();
        plan.orders[1].authAddress = plan.orders[0].authAddress;
        sign(plan);
        plan.rings[0].places[1].author = 1;
        signRing(plan, plan.rings[0], relay);
        vm.assertEq(plan.rings[0].authSignatures.length, 2, "two");
        submit(plan);
        has(alice, 1_000_000 - 100, 60, 0);
    }

    /// An author that another author stands for: 0 signs, 1 is covered by 0, 2 by 1.
    function testAuthorsInAChain() external {
        Submission memory plan = ringOfThree();
        plan.orders[1].authAddress = plan.orders[0].authAddress;
        plan.orders[2].authAddress = plan.orders[0].authAddress;
        sign(plan);
        plan.rings[0].places[2].author = 1;
        submit(plan);
        has(alice, 1_000_000 - 100, 50, 0);
    }

    // ── fees and margins ────────────────────────────────────────────────────────────────────────────────────────

    function testFeeIsSharedWithTheWallet() external {
        Submission memory plan = aliceWithFee(TAKE_FEE);
        sign(plan);
        submit(plan);
        // 40 of 100 of a fee of 99: 39; a quarter of that to the wallet: 9.
        vm.assertEq(tokenC.balanceOf(feeRecipient), 30, "fee recipient");
        vm.assertEq(tokenC.balanceOf(wallet), 9, "wallet");
        vm.assertEq(tokenC.balanceOf(alice), 1_000_000 - 39, "Alice");
        has(alice, 1_000_000 - 40, 24, 1_000_000 - 39);
    }

    function testFeeNotTaken() external {
        Submission memory plan = aliceWithFee(TAKE_NONE);
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 40, 24, 1_000_000);
    }

    function testFeeInTheTokenThatIsSold() external {
        Submission memory plan = aliceWithFee(TAKE_FEE);
        plan.orders[0].feeToken = address(tokenA);
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 40 - 39, 24, 1_000_000);
        vm.assertEq(tokenA.balanceOf(feeRecipient), 30, "fee recipient");
    }

    function testFeeInTheTokenThatIsBought() external {
        Submission memory plan = aliceWithFee(TAKE_FEE);
        plan.orders[0].feeToken = address(tokenB);
        plan.orders[0].feeAmount = 50;
        sign(plan);
        submit(plan);
        // She pays 20 out of the 24 that the ring brings: she had none.
        has(alice, 1_000_000 - 40, 4, 1_000_000);
    }

    function testFeeWithoutWalletGoesToTheFeeRecipient() external {
        Submission memory plan = aliceWithFee(TAKE_FEE);
        (plan.orders[0].wallet, plan.orders[0].walletSplit) = (address(0), 0);
        sign(plan);
        submit(plan);
        vm.assertEq(tokenC.balanceOf(feeRecipient), 39, "fee recipient");
    }

    function testFeeAllForTheWallet() external {
        Submission memory plan = aliceWithFee(TAKE_FEE);
        plan.orders[0].walletSplit = 100;
        sign(plan);
        submit(plan);
        vm.assertEq(tokenC.balanceOf(wallet), 39, "wallet");
        vm.assertEq(tokenC.balanceOf(feeRecipient), 0, "fee recipient");
    }

    /// Alice gets 24 where 20 would do. Half of the 4 is the miner's side, and a quarter of that the wallet's: nothing.
    function testMarginOfASellDrivenOrder() external {
        Submission memory plan = aliceWithFee(TAKE_MARGIN);
        plan.orders[0].feeAmount = 0;
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 40, 22, 1_000_000);
        vm.assertEq(tokenB.balanceOf(feeRecipient), 2, "fee recipient");
        vm.assertEq(tokenB.balanceOf(wallet), 0, "wallet");
        vm.assertEq(tokenB.balanceOf(bob), 1_000_000 - 24, "Bob gives what he gave");
    }

    /// The miner who takes the margin pays the fee: here, 39 of C for 2 of B.
    function testMinerPaysTheFeeForTheMargin() external {
        fund(tokenC, miner, 1000);
        Submission memory plan = aliceWithFee(TAKE_MARGIN);
        plan.feeRecipient = miner;
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 40, 22, 1_000_000 + 39);
        vm.assertEq(tokenB.balanceOf(miner), 2, "margin");
        vm.assertEq(tokenC.balanceOf(miner), 1000 - 39, "fee");
    }

    /// Buy-driven Alice wants 50 of B and would give 100 of A. For 24 of B she would give 48; the ring takes 40; half of
    /// the 8 that she saves is the miner's side.
    function testMarginOfABuyDrivenOrder() external {
        Submission memory plan = aliceWithFee(TAKE_MARGIN);
        plan.orders[0].feeAmount = 0;
        plan.orders[0].buyDriven = true;
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 44, 24, 1_000_000);
        vm.assertEq(tokenA.balanceOf(feeRecipient), 3, "fee recipient");
        vm.assertEq(tokenA.balanceOf(wallet), 1, "wallet");
        vm.assertEq(settlement.filled(alice, Nonce.wrap(0)), 24, "counts what it buys");
    }

    // ── kinds of orders ─────────────────────────────────────────────────────────────────────────────────────────

    function testBuyDrivenOrderEndsWhenItHasBought() external {
        Submission memory plan = ringOf(two(aliceOrder(), orderOf(bob, tokenB, 60, tokenA, 80)), fills(70, 50));
        plan.orders[0].buyDriven = true;
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 70, 50, 0);
        vm.assertEq(settlement.filled(alice, Nonce.wrap(0)), 50, "counter");
        plan = ringOf(two(plan.orders[0], orderOf(bob, tokenB, 600, tokenA, 1)), fills(1, 1));
        sign(plan);
        bytes4 selector = IRingSettlement.Overfill.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 50, 50));
    }

    function testAllOrNoneWhole() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].allOrNone = true;
        plan.orders[1].allOrNone = true;
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 100, 60, 0);
    }

    /// Below the minimum is enough if it completes the order.
    function testMinimumFillAndTheRest() external {
        Order memory hers = aliceOrder();
        hers.minimumFill = 30;
        uint256[3] memory amounts = [uint256(60), 30, 10];
        for (uint256 i = 0; i < 3; i++) {
            Submission memory plan = ringOf(two(hers, bobOrder()), fills(amounts[i], amounts[i] / 2));
            sign(plan);
            submit(plan);
        }
        has(alice, 1_000_000 - 100, 50, 0);
    }

    function testFuzzLimitToTheLastUnit(uint128 sell, uint128 buy, uint128 fill) external {
        sell = uint128(uint256(sell) % (1 << 100) + 1);
        buy = uint128(uint256(buy) % (1 << 100) + 1);
        fill = uint128(uint256(fill) % sell + 1);
        fund(tokenA, alice, sell);
        uint256 least = (uint256(fill) * buy + sell - 1) / sell;
        fund(tokenB, bob, least);
        Order memory hers = orderOf(alice, tokenA, sell, tokenB, buy);
        Order memory his = orderOf(bob, tokenB, least, tokenA, 1);
        if (least > 1) {
            Submission memory below = ringOf(two(hers, his), fills(fill, least - 1));
            sign(below);
            refuse(below, errorOf(IRingSettlement.LimitPrice.selector, hers));
        }
        Submission memory plan = ringOf(two(hers, his), fills(fill, least));
        sign(plan);
        submit(plan);
        vm.assertEq(tokenB.balanceOf(alice), least, "received");
    }

    // ── time ────────────────────────────────────────────────────────────────────────────────────────────────────

    function testFirstAndLastSecond() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].validSince = uint40(START);
        plan.orders[0].validUntil = uint40(START);
        plan.deadline = uint40(START);
        sign(plan);
        submit(plan);
        has(alice, 1_000_000 - 100, 60, 0);
    }

    // ── what is told ────────────────────────────────────────────────────────────────────────────────────────────

    function testTellsRingFillsAndFees() external {
        Submission memory plan = aliceWithFee(TAKE_FEE);
        sign(plan);
        vm.recordLogs();
        submit(plan);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs[0].topics[0], IRingSettlement.RingSettled.selector, "first the ring");
        vm.assertEq(logs[0].topics[1], ringHash(plan, plan.rings[0]), "ring hash");
        vm.assertEq(logs[0].topics[2], bytes32(uint256(uint160(miner))), "miner");
        vm.assertEq(logs[0].topics[3], bytes32(uint256(uint160(feeRecipient))), "fee recipient");
        Fill[] memory told = new Fill[](2);
        told[0] = Fill(orderHash(plan.orders[0]), packToken(address(tokenA), TAKE_FEE), packAmounts(40, 24));
        told[1] = Fill(orderHash(plan.orders[1]), packToken(address(tokenB), TAKE_NONE), packAmounts(24, 40));
        vm.assertEq(logs[0].data, abi.encode(told), "fills");
        vm.assertEq(logs.length, 5, "then two transfers, and two of the fee");
    }

    function testTellsWhatIsReceivedLessTheMargin() external {
        fund(tokenC, miner, 1000);
        Submission memory plan = aliceWithFee(TAKE_MARGIN);
        plan.feeRecipient = miner;
        sign(plan);
        vm.recordLogs();
        submit(plan);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        (Fill[] memory told) = abi.decode(logs[0].data, (Fill[]));
        vm.assertEq(abi.encode(told[0].soldReceived), abi.encode(packAmounts(40, 22)), "less the margin");
        bytes memory token = abi.encode(packToken(address(tokenA), TAKE_MARGIN));
        vm.assertEq(abi.encode(told[0].sellTokenTake), token, "and that it was taken");
    }

    function testTellsWhatABuyDrivenOrderSold() external {
        Submission memory plan = aliceWithFee(TAKE_MARGIN);
        plan.orders[0].feeAmount = 0;
        plan.orders[0].buyDriven = true;
        sign(plan);
        vm.recordLogs();
        submit(plan);
        (Fill[] memory told) = abi.decode(vm.getRecordedLogs()[0].data, (Fill[]));
        vm.assertEq(abi.encode(told[0].soldReceived), abi.encode(packAmounts(44, 24)), "with the margin");
    }

    // ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function has(address who, uint256 a, uint256 b, uint256 c) private view {
        vm.assertEq(tokenA.balanceOf(who), a, "of token A");
        vm.assertEq(tokenB.balanceOf(who), b, "of token B");
        vm.assertEq(tokenC.balanceOf(who), c, "of token C");
        vm.assertEq(tokenA.balanceOf(address(settlement)), 0, "the settlement holds nothing");
        vm.assertEq(tokenB.balanceOf(address(settlement)), 0, "the settlement holds nothing");
        vm.assertEq(tokenC.balanceOf(address(settlement)), 0, "the settlement holds nothing");
    }

    function ringOfThree() private returns (Submission memory) {
        Order memory his = orderOf(bob, tokenB, 50, tokenC, 30);
        Order memory last = orderOf(third, tokenC, 30, tokenA, 90);
        return ringOf(three(aliceOrder(), his, last), fills(100, 50, 30));
    }

    /// @dev Token i for token i + 1, everybody passing on 100 and a bit.
    function ringOfMany(uint256 size) private returns (Submission memory) {
        PlainToken[] memory tokens = new PlainToken[](size);
        Order[] memory orders = new Order[](size);
        uint256[] memory amounts = new uint256[](size);
        for (uint256 i = 0; i < size; i++) {
            tokens[i] = new PlainToken();
        }
        for (uint256 i = 0; i < size; i++) {
            address owner = person(string(abi.encodePacked("owner ", uint8(65 + i))));
            fund(tokens[i], owner, 1000);
            orders[i] = orderOf(owner, tokens[i], 1000, tokens[(i + 1) % size], 900);
            amounts[i] = 100 + i;
        }
        return ringOf(orders, amounts);
    }

    function twoRings() private returns (Submission memory plan) {
        plan = tableOf(two(aliceOrder(), bobOrder()), 2);
        plan.rings[0].places = ringOf(plan.orders, fills(40, 24)).rings[0].places;
        plan.rings[1].places = ringOf(plan.orders, fills(60, 36)).rings[0].places;
    }

    /// @dev 40 percent of Alice's order, with a fee of 99 C, half of the margin, a wallet with a quarter.
    function aliceWithFee(uint256 take) private returns (Submission memory plan) {
        fund(tokenC, alice, 1_000_000);
        approve(tokenB, alice, type(uint256).max);
        Order memory hers = aliceOrder();
        (hers.feeToken, hers.feeAmount) = (address(tokenC), 99);
        (hers.marginSplit, hers.wallet, hers.walletSplit) = (50, wallet, 25);
        plan = ringOf(two(hers, bobOrder()), fills(40, 24));
        plan.rings[0].places[0].take = take;
    }
}
