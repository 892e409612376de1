// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../src/interfaces/IRingSettlement.sol";
import {Nonce} from "../src/types/Nonce.sol";
import {RefusalTest} from "./RefusalTest.sol";
import {Submission} from "./RingTest.sol";
import {vm} from "./Vm.sol";

/// @notice The refusals of docs/spec/ring.md §6 that come before any ring, in that order, each at its boundary: one step less and it settles
/// (that is RingSettlement.t.sol's). `Reentrant` is in tokens/Reentrance.t.sol. Which comes first: Precedence.t.sol.
contract RefusedOrdersTest is RefusalTest {
    // ── header ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// At whatever byte the bytes end, they are not the layout; also if the missing ones stand behind them in calldata.
    function testMalformedWhereverTheBytesEnd() external {
        Submission memory plan = ringOfTwo();
        (plan.orders[0].wallet, plan.orders[0].recipient, plan.orders[0].feeToken) = (wallet, thief, address(tokenC));
        sign(plan);
        bytes memory packed = pack(plan);
        bytes memory data = abi.encodeCall(IRingSettlement.submit, (packed));
        for (uint256 length = 0; length < packed.length; length++) {
            // The length stands behind selector and offset.
            assembly {
                mstore(add(data, 0x44), length)
            }
            refuseCall(data, errorOf(IRingSettlement.Malformed.selector));
        }
    }

    /// Behind the end there are zeros, which are never taken for an order's: that the bytes ended comes first.
    function testMalformedWhereverTheBytesAreCutOff() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].wallet = wallet;
        sign(plan);
        bytes memory packed = pack(plan);
        uint256 rings = packHeader(plan).length + 1 + packOrder(plan, 0).length + packOrder(plan, 1).length;
        for (uint256 length = 0; length <= rings; length++) {
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; i++) {
                cut[i] = packed[i];
            }
            refuseBytes(relay, cut, errorOf(IRingSettlement.Malformed.selector));
        }
    }

    function testMalformedIfTokensAreNotAscending() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        (plan.tokens[0], plan.tokens[1]) = (plan.tokens[1], plan.tokens[0]);
        refuse(plan, errorOf(IRingSettlement.Malformed.selector));
        (plan.tokens[0], plan.tokens[1]) = (plan.tokens[1], plan.tokens[1]);
        refuse(plan, errorOf(IRingSettlement.Malformed.selector));
    }

    function testMalformedIfATokenIsZero() external {
        Submission memory plan = ringOfTwo();
        address[] memory tokens = new address[](3);
        (tokens[1], tokens[2]) = (plan.tokens[0], plan.tokens[1]);
        plan.tokens = tokens;
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.Malformed.selector));
    }

    function testRingExpired() external {
        Submission memory plan = ringOfTwo();
        plan.deadline = uint40(START - 1);
        sign(plan);
        refuse(plan, abi.encodeWithSelector(IRingSettlement.RingExpired.selector, START - 1));
    }

    function testFeeRecipientZero() external {
        Submission memory plan = ringOfTwo();
        plan.feeRecipient = address(0);
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.FeeRecipientZero.selector));
    }

    function testFeeRecipientIsSettlement() external {
        Submission memory plan = ringOfTwo();
        plan.feeRecipient = address(settlement);
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.ReceiverIsSettlement.selector));
    }

    // ── orders ──────────────────────────────────────────────────────────────────────────────────────────────────

    function testMalformedIfATokenIsBeyondTheTable() external {
        for (uint256 i = 0; i < 3; i++) {
            Submission memory plan = ringOfTwo();
            (plan.orders[0].feeToken, plan.orders[0].feeAmount) = (address(tokenA), 1);
            sign(plan);
            bytes memory packed = pack(plan);
            // Behind flags: sell token, buy token, and behind the nonce the fee token.
            uint256 place = packHeader(plan).length + [uint256(2), 3, 98][i];
            vm.assertLe(uint8(packed[place]), 1, "an index");
            packed[place] = 0x02;
            refuseBytes(relay, packed, errorOf(IRingSettlement.Malformed.selector));
        }
    }

    function testAmountZero() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].sellAmount = 0;
        refuseFirst(plan, IRingSettlement.AmountZero.selector);
        (plan.orders[0].sellAmount, plan.orders[0].buyAmount) = (100, 0);
        refuseFirst(plan, IRingSettlement.AmountZero.selector);
    }

    function testSameToken() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].buyToken = plan.orders[0].sellToken;
        refuseFirst(plan, IRingSettlement.SameToken.selector);
    }

    /// `ecrecover` gives zero for what is no signature: with auth address zero anybody would author.
    function testAuthAddressZero() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].authAddress = address(0);
        refuseFirst(plan, IRingSettlement.AuthAddressZero.selector);
    }

    function testSplitTooLarge() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].marginSplit = 101;
        refuseFirst(plan, IRingSettlement.SplitTooLarge.selector);
        (plan.orders[0].marginSplit, plan.orders[0].walletSplit) = (100, 101);
        refuseFirst(plan, IRingSettlement.SplitTooLarge.selector);
        plan.orders[0].walletSplit = 100;
        sign(plan);
        submit(plan);
    }

    function testOrderNotYetValid() external {
        Submission memory plan = ringOfTwo();
        plan.orders[1].validSince = uint40(START + 1);
        sign(plan);
        bytes4 selector = IRingSettlement.OrderNotYetValid.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[1]), START + 1));
        vm.warp(START + 1);
        submit(plan);
    }

    function testOrderExpired() external {
        Submission memory plan = ringOfTwo();
        plan.orders[1].validUntil = uint40(START - 1);
        sign(plan);
        bytes4 selector = IRingSettlement.OrderExpired.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[1]), START - 1));
    }

    function testEpochNotCurrent() external {
        Submission memory plan = ringOfTwo();
        plan.orders[0].nonce = Nonce.wrap(uint96(1) << 64);
        sign(plan);
        bytes4 selector = IRingSettlement.EpochNotCurrent.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), 1));
    }

    function testBadOwnerSignature() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        plan.ownerSignatures[0] = signatureOf(thief, orderHash(plan.orders[0]));
        refuse(plan, errorOf(IRingSettlement.BadOwnerSignature.selector, plan.orders[0]));
        plan.ownerSignatures[0] = "";
        refuse(plan, errorOf(IRingSettlement.BadOwnerSignature.selector, plan.orders[0]));
        plan.ownerSignatures[0] = signatureOf(alice, orderHash(plan.orders[1]));
        refuse(plan, errorOf(IRingSettlement.BadOwnerSignature.selector, plan.orders[0]));
    }

    /// An order that no ring uses is checked as well.
    function testIdleOrderIsChecked() external {
        Submission memory plan = ringOf(three(aliceOrder(), bobOrder(), aliceOrder()), fills(1, 1, 1));
        plan.rings[0].places = ringOfTwo().rings[0].places;
        plan.orders[2].validUntil = 7;
        sign(plan);
        bytes4 selector = IRingSettlement.OrderExpired.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[2]), 7));
    }
}
