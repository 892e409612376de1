// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../src/interfaces/IRingSettlement.sol";
import {Token} from "../src/libraries/Token.sol";
import {Nonce} from "../src/types/Nonce.sol";
import {Order} from "../src/types/Order.sol";
import {RingTest, Submission} from "./RingTest.sol";
import {LyingToken} from "./tokens/OddTokens.sol";
import {vm} from "./Vm.sol";

/// @notice With two things wrong at once, the refusal is that of the one that docs/spec/ring.md §6 names first. All pairs: each
/// flaw below is put into one good transaction together with each later one.
contract PrecedenceTest is RingTest {
    /// In the order of §6. Those of a participation are the first one's.
    enum Flaw {
        TokensNotAscending,
        RingExpired,
        FeeRecipientZero,
        FeeRecipientIsSettlement,
        TokenBeyondTheTable,
        AmountZero,
        SameToken,
        AuthAddressZero,
        SplitTooLarge,
        OrderNotYetValid,
        OrderExpired,
        EpochNotCurrent,
        BadOwnerSignature,
        NoRings,
        RingSize,
        OrderBeyondTheTable,
        BytesEndInTheRing,
        RingBroken,
        FillZero,
        OrderCancelled,
        Overfill,
        FillTooSmall,
        LimitPrice,
        RewardNotMiners,
        AuthorMalformed,
        BadAuthSignature,
        BadMinerSignature,
        BytesEndInTheSignatures,
        ReceiverIsSettlement,
        TransferFailed,
        TransferNotExact,
        BytesLeft
    }

    uint256 private constant FLAWS = 32;

    address private lying;

    function setUp() public override {
        super.setUp();
        lying = address(new LyingToken());
        fund(tokenC, alice, 1000);
    }

    function testWithoutFlawsItSettles() external {
        vm.assertEq(FLAWS, uint256(type(Flaw).max) + 1, "all flaws");
        (bool settled, bytes memory answer) = attempt(type(uint256).max, type(uint256).max);
        vm.assertTrue(settled, "settles");
        vm.assertEq(answer, "", "settles");
    }

    function testEachFlawAlone() external {
        for (uint256 flaw = 0; flaw < FLAWS; flaw++) {
            refusesFirst(flaw, flaw);
        }
    }

    function testOfTwoFlawsTheFirst() external {
        for (uint256 first = 0; first < FLAWS; first++) {
            for (uint256 second = first + 1; second < FLAWS; second++) {
                refusesFirst(first, second);
            }
        }
    }

    /// Orders are checked in turn: what is last in the list but wrong with the first order comes first.
    function testOrdersInTurn() external {
        Submission memory plan = ringOfTwo();
        plan.orders[1].sellAmount = 0;
        sign(plan);
        plan.ownerSignatures[0] = new bytes(64);
        refuse(plan, errorOf(IRingSettlement.BadOwnerSignature.selector, plan.orders[0]));
    }

    /// Participations are checked in turn, and all fills before any author.
    function testParticipationsInTurn() external {
        Submission memory plan = ringOf(two(aliceOrder(), bobOrder()), fills(100, 49));
        plan.rings[0].places[1].take = TAKE_MARGIN;
        plan.orders[1].feeToken = address(tokenC);
        plan.orders[1].feeAmount = 100;
        plan.orders[1].minimumFill = 50;
        plan.tokens = tokensOf(plan.orders);
        sign(plan);
        plan.rings[0].authSignatures[0] = new bytes(64);
        refuse(plan, errorOf(IRingSettlement.LimitPrice.selector, plan.orders[0]));
        plan.rings[0].places[0].fill = 98;
        refuse(plan, tooSmall(plan.orders[1], 49));
    }

    /// A token sold twice comes before all else that is wrong with that participation.
    function testSubRingFirst() external {
        Order memory again = orderOf(third, tokenA, 100, tokenB, 5000);
        again.minimumFill = 90;
        Submission memory plan = ringOf(three(aliceOrder(), bobOrder(), again), fills(100, 60, 100));
        plan.rings[0].places[2].fill = 101;
        plan.orders[1].buyAmount = 1;
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.SubRing.selector, again));
    }

    /// Rings are settled in turn: a transfer of the first that fails comes before the size of the second.
    function testRingsInTurn() external {
        Submission memory plan = tableOf(two(aliceOrder(), bobOrder()), 2);
        plan.rings[0] = ringOfTwo().rings[0];
        sign(plan);
        approve(tokenB, bob, 0);
        bytes4 selector = Token.TransferFailed.selector;
        refuse(plan, abi.encodeWithSelector(selector, tokenB, bob, alice, 60));
    }

    // ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function refusesFirst(uint256 first, uint256 second) private {
        (bool settled, bytes memory answer) = attempt(first, second);
        string memory pair = string.concat("flaws ", decimal(first), " and ", decimal(second));
        vm.assertFalse(settled, pair);
        vm.assertEq(bytes32(bytes4(answer)), bytes32(refusalOf(Flaw(first))), pair);
    }

    /// @dev One transaction with both flaws; afterwards the world is as it was.
    function attempt(uint256 first, uint256 second) private returns (bool settled, bytes memory answer) {
        uint256 world = vm.snapshotState();
        Submission memory plan = goodPlan();
        // The later one first, so that the earlier has the last word where both change one field.
        if (second != first) spoilPlan(plan, second);
        spoilPlan(plan, first);
        plan.tokens = tokensOf(plan.orders);
        sign(plan);
        if (second != first) spoilSigned(plan, second);
        spoilSigned(plan, first);
        bytes memory packed = pack(plan);
        if (second != first) spoilWorld(plan, second);
        spoilWorld(plan, first);
        bytes memory data = abi.encodeCall(IRingSettlement.submit, (bytes.concat(packed, hex"00")));
        uint256 length = packed.length;
        if (second != first) length = spoilBytes(plan, data, length, second);
        length = spoilBytes(plan, data, length, first);
        assembly {
            mstore(add(data, 0x44), length)
        }
        vm.prank(relay, relay);
        (settled, answer) = address(settlement).call(data);
        vm.revertToState(world);
    }

    function goodPlan() private returns (Submission memory plan) {
        Order memory hers = aliceOrder();
        (hers.feeToken, hers.feeAmount, hers.marginSplit) = (address(tokenC), 10, 50);
        return ringOf(two(hers, bobOrder()), fills(40, 24));
    }

    function spoilPlan(Submission memory plan, uint256 flaw) private view {
        Order memory order = plan.orders[0];
        if (is_(flaw, Flaw.RingExpired)) plan.deadline = uint40(START - 1);
        if (is_(flaw, Flaw.FeeRecipientZero)) plan.feeRecipient = address(0);
        if (is_(flaw, Flaw.FeeRecipientIsSettlement)) plan.feeRecipient = address(settlement);
        if (is_(flaw, Flaw.AmountZero)) order.buyAmount = 0;
        if (is_(flaw, Flaw.SameToken)) order.sellToken = order.buyToken;
        if (is_(flaw, Flaw.AuthAddressZero)) order.authAddress = address(0);
        if (is_(flaw, Flaw.SplitTooLarge)) order.walletSplit = 101;
        if (is_(flaw, Flaw.OrderNotYetValid)) order.validSince = uint40(START + 1);
        if (is_(flaw, Flaw.OrderExpired)) order.validUntil = uint40(START - 1);
        if (is_(flaw, Flaw.EpochNotCurrent)) order.nonce = Nonce.wrap(uint96(1) << 64);
        if (is_(flaw, Flaw.RingBroken)) order.buyToken = address(tokenC);
        if (is_(flaw, Flaw.Overfill)) plan.rings[0].places[0].fill = 101;
        if (is_(flaw, Flaw.FillZero)) plan.rings[0].places[0].fill = 0;
        if (is_(flaw, Flaw.FillTooSmall)) order.allOrNone = true;
        if (is_(flaw, Flaw.LimitPrice)) order.buyAmount = 5000;
        if (is_(flaw, Flaw.RewardNotMiners)) plan.rings[0].places[0].take = TAKE_MARGIN;
        if (is_(flaw, Flaw.ReceiverIsSettlement)) order.recipient = address(settlement);
    }

    function spoilSigned(Submission memory plan, uint256 flaw) private pure {
        if (is_(flaw, Flaw.TokensNotAscending)) (plan.tokens[0], plan.tokens[1]) = (plan.tokens[1], plan.tokens[0]);
        if (is_(flaw, Flaw.BadOwnerSignature)) plan.ownerSignatures[0] = new bytes(64);
        if (is_(flaw, Flaw.OrderBeyondTheTable)) plan.rings[0].places[0].order = 2;
        if (is_(flaw, Flaw.AuthorMalformed)) plan.rings[0].places[0].author = 1;
        if (is_(flaw, Flaw.BadAuthSignature)) {
            if (plan.rings[0].authSignatures.length > 0) plan.rings[0].authSignatures[0] = new bytes(64);
        }
        if (is_(flaw, Flaw.BadMinerSignature)) plan.rings[0].minerSignature = new bytes(64);
    }

    function spoilWorld(Submission memory plan, uint256 flaw) private {
        if (is_(flaw, Flaw.OrderCancelled)) {
            Nonce[] memory nonces = new Nonce[](1);
            nonces[0] = plan.orders[0].nonce;
            vm.prank(alice, alice);
            settlement.cancel(nonces);
        }
        if (is_(flaw, Flaw.TransferFailed)) approve(tokenB, bob, 0);
        if (is_(flaw, Flaw.TransferNotExact)) vm.etch(address(tokenB), lying.code);
    }

    /// @dev Behind selector, offset and length the argument starts at 0x44. What is cut off still stands behind its end.
    function spoilBytes(Submission memory plan, bytes memory data, uint256 length, uint256 flaw)
        private
        pure
        returns (uint256)
    {
        uint256 order = 0x44 + packHeader(plan).length + 1;
        uint256 rings = order + packOrder(plan, 0).length + packOrder(plan, 1).length;
        if (is_(flaw, Flaw.TokenBeyondTheTable)) data[order + 1] = 0xff;
        if (is_(flaw, Flaw.NoRings)) data[rings] = 0;
        if (is_(flaw, Flaw.RingSize)) data[rings + 1] = 0x0b;
        if (is_(flaw, Flaw.BytesEndInTheRing)) return rings - 0x44 + 10;
        if (is_(flaw, Flaw.BytesEndInTheSignatures)) return length - 2;
        if (is_(flaw, Flaw.BytesLeft)) return length + 1;
        return length;
    }

    function is_(uint256 flaw, Flaw other) private pure returns (bool) {
        return flaw == uint256(other);
    }

    function refusalOf(Flaw flaw) private pure returns (bytes4) {
        bytes4[FLAWS] memory refusals = [
            IRingSettlement.Malformed.selector,
            IRingSettlement.RingExpired.selector,
            IRingSettlement.FeeRecipientZero.selector,
            IRingSettlement.ReceiverIsSettlement.selector,
            IRingSettlement.Malformed.selector,
            IRingSettlement.AmountZero.selector,
            IRingSettlement.SameToken.selector,
            IRingSettlement.AuthAddressZero.selector,
            IRingSettlement.SplitTooLarge.selector,
            IRingSettlement.OrderNotYetValid.selector,
            IRingSettlement.OrderExpired.selector,
            IRingSettlement.EpochNotCurrent.selector,
            IRingSettlement.BadOwnerSignature.selector,
            IRingSettlement.Malformed.selector,
            IRingSettlement.RingSize.selector,
            IRingSettlement.Malformed.selector,
            IRingSettlement.Malformed.selector,
            IRingSettlement.RingBroken.selector,
            IRingSettlement.FillZero.selector,
            IRingSettlement.OrderCancelled.selector,
            IRingSettlement.Overfill.selector,
            IRingSettlement.FillTooSmall.selector,
            IRingSettlement.LimitPrice.selector,
            IRingSettlement.RewardNotMiners.selector,
            IRingSettlement.Malformed.selector,
            IRingSettlement.BadAuthSignature.selector,
            IRingSettlement.BadMinerSignature.selector,
            IRingSettlement.Malformed.selector,
            IRingSettlement.ReceiverIsSettlement.selector,
            Token.TransferFailed.selector,
            Token.TransferNotExact.selector,
            IRingSettlement.Malformed.selector
        ];
        return refusals[uint256(flaw)];
    }

    function tooSmall(Order memory order, uint256 amount) private view returns (bytes memory) {
        return abi.encodeWithSelector(IRingSettlement.FillTooSmall.selector, orderHash(order), amount);
    }

    function decimal(uint256 number) private pure returns (string memory) {
        return string(abi.encodePacked(uint8(48 + number / 10), uint8(48 + number % 10)));
    }
}
