// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../src/interfaces/IRingSettlement.sol";
import {Nonce} from "../src/types/Nonce.sol";
import {Order} from "../src/types/Order.sol";
import {RingTest, Submission} from "./RingTest.sol";
import {vm} from "./Vm.sol";
import {GoodWallet, RefusingWallet, Wallet} from "./wallets/Wallets.sol";

/// @notice Stands in for a page that its visitor calls: it tries to cancel for whoever started the transaction.
contract Trap {
    function claimReward(IRingSettlement settlement, Nonce[] calldata nonces) external {
        settlement.cancel(nonces);
        settlement.cancelAll();
    }
}

contract CancelTest is RingTest {
    uint40 private constant SOON = uint40(START + 60);

    // ── by the owner ────────────────────────────────────────────────────────────────────────────────────────────

    function testOwnerCancelsOneOrder() external {
        cancelBy(alice, only(0));
        vm.assertEq(filled(alice, 0), CANCELLED, "cancelled");
        vm.assertEq(filled(alice, 1), 0, "the neighbour in the same word");
        vm.assertEq(filled(alice, 2), 0, "the next word");
        vm.assertEq(filled(bob, 0), 0, "another owner's");
        refuseAliceCancelled(0);
        settleAlice(1, 40);
    }

    function testOwnerCancelsTheUpperHalfOfAWord() external {
        settleAlice(0, 40);
        cancelBy(alice, only(1));
        vm.assertEq(filled(alice, 0), 40, "the neighbour keeps what it was filled");
        refuseAliceCancelled(1);
        settleAlice(0, 60);
    }

    function testOwnerCancelsManyAtOnce() external {
        Nonce[] memory nonces = new Nonce[](3);
        (nonces[0], nonces[1], nonces[2]) = (Nonce.wrap(7), Nonce.wrap(6), Nonce.wrap(type(uint96).max));
        vm.recordLogs();
        cancelBy(alice, nonces);
        vm.assertEq(vm.getRecordedLogs().length, 3, "one event each");
        for (uint256 i = 0; i < 3; i++) {
            vm.assertEq(settlement.filled(alice, nonces[i]), CANCELLED, "cancelled");
        }
        vm.assertEq(filled(alice, 5), 0, "not listed");
    }

    function testCancelsWhatIsPartlyFilledAndWhatIsFull() external {
        settleAlice(0, 40);
        cancelBy(alice, only(0));
        refuseAliceCancelled(0);
        settleAlice(1, 100);
        cancelBy(alice, only(1));
        refuseAliceCancelled(1);
    }

    function testCancelTwiceIsCancelled() external {
        cancelBy(alice, only(0));
        cancelBy(alice, only(0));
        vm.assertEq(filled(alice, 0), CANCELLED, "cancelled");
        vm.assertEq(filled(alice, 1), 0, "and nothing ran over");
    }

    function testCancelNothing() external {
        cancelBy(alice, new Nonce[](0));
    }

    function testCancelTellsOwnerAndNonce() external {
        vm.recordLogs();
        cancelBy(alice, only(9));
        bytes32[] memory topics = vm.getRecordedLogs()[0].topics;
        vm.assertEq(topics[0], IRingSettlement.OrderCancelledByOwner.selector, "event");
        vm.assertEq(topics[1], bytes32(uint256(uint160(alice))), "owner");
        vm.assertEq(topics[2], bytes32(uint256(9)), "nonce");
    }

    /// Owners cancel what the chain has never seen: with a nonce in the right place, nothing else is touched.
    function testFuzzCancelTouchesOneCounter(uint96 nonce, uint96 other) external {
        vm.assume(nonce != other);
        cancelBy(alice, only(nonce));
        vm.assertEq(filled(alice, nonce), CANCELLED, "cancelled");
        vm.assertEq(filled(alice, other), 0, "another");
    }

    function testStrangerCancelsOnlyItsOwn() external {
        cancelBy(thief, only(0));
        vm.assertEq(filled(alice, 0), 0, "Alice's");
        settleAlice(0, 40);
    }

    // ── never by tx.origin ──────────────────────────────────────────────────────────────────────────────────────

    function testTrapCancelsOnlyItsOwn() external {
        Trap trap = new Trap();
        vm.prank(alice, alice);
        trap.claimReward(settlement, only(0));
        vm.assertEq(filled(alice, 0), 0, "Alice's order");
        vm.assertEq(settlement.epochOf(alice), 0, "Alice's epoch");
        vm.assertEq(filled(address(trap), 0), CANCELLED, "the trap's own");
        settleAlice(0, 40);
    }

    // ── epochs ──────────────────────────────────────────────────────────────────────────────────────────────────

    function testCancelAllEndsAnEpoch() external {
        vm.recordLogs();
        vm.prank(alice, alice);
        settlement.cancelAll();
        vm.assertEq(vm.getRecordedLogs()[0].data, abi.encode(1), "the new epoch is told");
        vm.assertEq(settlement.epochOf(alice), 1, "epoch");
        vm.assertEq(settlement.epochOf(bob), 0, "Bob's");
        refuseAliceEpoch(0, 0);
        refuseAliceEpoch(77, 0);
        settleAlice(uint96(1) << 64, 40);
        refuseAliceEpoch(uint96(2) << 64, 2);
    }

    function testCancelAllKeepsCountersOfTheNewEpoch() external {
        settleAlice(3, 40);
        vm.prank(alice, alice);
        settlement.cancelAll();
        vm.assertEq(filled(alice, (uint96(1) << 64) | 3), 0, "the same number in the new epoch");
        settleAlice((uint96(1) << 64) | 3, 100);
    }

    // ── by signature, through anyone ────────────────────────────────────────────────────────────────────────────

    function testAnyoneCarriesTheOwnersCancellation() external {
        Nonce[] memory nonces = new Nonce[](2);
        (nonces[0], nonces[1]) = (Nonce.wrap(0), Nonce.wrap(5));
        cancelForBy(thief, alice, nonces, FAR, signCancel(alice, nonces, FAR));
        vm.assertEq(filled(alice, 0), CANCELLED, "first");
        vm.assertEq(filled(alice, 5), CANCELLED, "second");
        refuseAliceCancelled(0);
    }

    function testCancellationIsForWhatWasSigned() external {
        Nonce[] memory nonces = new Nonce[](2);
        (nonces[0], nonces[1]) = (Nonce.wrap(0), Nonce.wrap(5));
        bytes memory signature = signCancel(alice, nonces, FAR);
        refuseCancelFor(alice, only(0), FAR, signature, badCancel(alice));
        refuseCancelFor(alice, nonces, FAR - 1, signature, badCancel(alice));
        refuseCancelFor(bob, nonces, FAR, signature, badCancel(bob));
        (nonces[0], nonces[1]) = (nonces[1], nonces[0]);
        refuseCancelFor(alice, nonces, FAR, signature, badCancel(alice));
        refuseCancelFor(alice, new Nonce[](0), FAR, signature, badCancel(alice));
    }

    function testCancellationByAnotherIsRefused() external {
        refuseCancelFor(alice, only(0), FAR, signCancel(thief, alice, only(0), FAR), badCancel(alice));
        refuseCancelFor(alice, only(0), FAR, new bytes(64), badCancel(alice));
        refuseCancelFor(alice, only(0), FAR, "", badCancel(alice));
        refuseCancelFor(address(0), only(0), FAR, new bytes(64), badCancel(address(0)));
    }

    function testCancellationHasADeadline() external {
        bytes memory signature = signCancel(alice, only(0), SOON);
        vm.warp(SOON + 1);
        bytes memory expired = abi.encodeWithSelector(IRingSettlement.CancelExpired.selector, SOON);
        refuseCancelFor(alice, only(0), SOON, signature, expired);
        refuseCancelFor(alice, only(0), SOON, new bytes(64), expired);
        vm.warp(SOON);
        cancelForBy(thief, alice, only(0), SOON, signature);
        vm.assertEq(filled(alice, 0), CANCELLED, "in its last second");
    }

    function testCancellationAgainIsTheSame() external {
        bytes memory signature = signCancel(alice, only(0), FAR);
        cancelForBy(thief, alice, only(0), FAR, signature);
        cancelForBy(thief, alice, only(0), FAR, signature);
        vm.assertEq(filled(alice, 0), CANCELLED, "cancelled");
        vm.assertEq(filled(alice, 1), 0, "the neighbour");
    }

    /// An order is no cancellation and the other way round: the types differ.
    function testOrderSignatureIsNoCancellation() external {
        Order memory order = aliceOrder();
        bytes memory signature = signatureOf(alice, orderHash(order));
        refuseCancelFor(alice, only(0), FAR, signature, badCancel(alice));
        refuseCancelAllFor(alice, FAR, signature, badCancel(alice));
        bytes memory cancellation = signCancel(alice, only(0), FAR);
        refuseCancelAllFor(alice, FAR, cancellation, badCancel(alice));
    }

    function testAnyoneCarriesTheEndOfAnEpochOnce() external {
        bytes memory signature = signCancelAll(alice, 0, FAR);
        cancelAllForBy(thief, alice, FAR, signature);
        vm.assertEq(settlement.epochOf(alice), 1, "epoch");
        refuseCancelAllFor(alice, FAR, signature, badCancel(alice));
        refuseAliceEpoch(0, 0);
        settleAlice(uint96(1) << 64, 40);
        cancelAllForBy(thief, alice, FAR, signCancelAll(alice, 1, FAR));
        refuseCancelAllFor(alice, FAR, signature, badCancel(alice));
        vm.assertEq(settlement.epochOf(alice), 2, "epoch");
    }

    function testEndOfAnEpochIsForWhatWasSigned() external {
        bytes memory signature = signCancelAll(alice, 0, FAR);
        refuseCancelAllFor(alice, FAR - 1, signature, badCancel(alice));
        refuseCancelAllFor(bob, FAR, signature, badCancel(bob));
        refuseCancelAllFor(alice, FAR, signCancelAll(alice, 1, FAR), badCancel(alice));
        refuseCancelAllFor(alice, FAR, signatureOf(thief, cancelAllDigest(alice, 0, FAR)), badCancel(alice));
        vm.assertEq(settlement.epochOf(alice), 0, "epoch");
    }

    function testEndOfAnEpochHasADeadline() external {
        bytes memory signature = signCancelAll(alice, 0, SOON);
        vm.warp(SOON + 1);
        bytes memory expired = abi.encodeWithSelector(IRingSettlement.CancelExpired.selector, SOON);
        refuseCancelAllFor(alice, SOON, signature, expired);
        vm.warp(SOON);
        cancelAllForBy(thief, alice, SOON, signature);
        vm.assertEq(settlement.epochOf(alice), 1, "in its last second");
    }

    // ── contract wallets (ERC-1271) ─────────────────────────────────────────────────────────────────────────────

    function testWalletCancelsBySignature() external {
        address owner = address(new GoodWallet(alice));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[alice], cancelDigest(owner, only(0), FAR));
        cancelForBy(thief, owner, only(0), FAR, abi.encodePacked(r, s, v));
        vm.assertEq(filled(owner, 0), CANCELLED, "cancelled");
        cancelAllForBy(thief, owner, FAR, signatureOf(alice, cancelAllDigest(owner, 0, FAR)));
        vm.assertEq(settlement.epochOf(owner), 1, "epoch");
        refuseCancelAllFor(owner, FAR, signatureOf(alice, cancelAllDigest(owner, 0, FAR)), badCancel(owner));
    }

    function testWalletCancelsAsCaller() external {
        Wallet owner = new GoodWallet(alice);
        owner.execute(address(settlement), abi.encodeCall(IRingSettlement.cancel, (only(4))));
        owner.execute(address(settlement), abi.encodeCall(IRingSettlement.cancelAll, ()));
        vm.assertEq(filled(address(owner), 4), CANCELLED, "cancelled");
        vm.assertEq(settlement.epochOf(address(owner)), 1, "epoch");
    }

    function testWalletThatDidNotSign() external {
        address owner = address(new RefusingWallet());
        refuseCancelFor(owner, only(0), FAR, new bytes(64), badCancel(owner));
        refuseCancelAllFor(owner, FAR, new bytes(99), badCancel(owner));
    }

    // ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function only(uint96 nonce) private pure returns (Nonce[] memory nonces) {
        nonces = new Nonce[](1);
        nonces[0] = Nonce.wrap(nonce);
    }

    function filled(address owner, uint96 nonce) private view returns (uint256) {
        return settlement.filled(owner, Nonce.wrap(nonce));
    }

    function cancelBy(address sender, Nonce[] memory nonces) private {
        vm.prank(sender, sender);
        settlement.cancel(nonces);
    }

    function cancelForBy(
        address sender,
        address owner,
        Nonce[] memory nonces,
        uint40 deadline,
        bytes memory signature
    ) private {
        vm.prank(sender, sender);
        settlement.cancelFor(owner, nonces, deadline, signature);
    }

    function cancelAllForBy(address sender, address owner, uint40 deadline, bytes memory signature) private {
        vm.prank(sender, sender);
        settlement.cancelAllFor(owner, deadline, signature);
    }

    function refuseCancelFor(
        address owner,
        Nonce[] memory nonces,
        uint40 deadline,
        bytes memory signature,
        bytes memory expected
    ) private {
        refuseCall(abi.encodeCall(IRingSettlement.cancelFor, (owner, nonces, deadline, signature)), expected);
    }

    function refuseCancelAllFor(address owner, uint40 deadline, bytes memory signature, bytes memory expected) private {
        refuseCall(abi.encodeCall(IRingSettlement.cancelAllFor, (owner, deadline, signature)), expected);
    }

    function refuseCall(bytes memory data, bytes memory expected) private {
        vm.prank(thief, thief);
        (bool done, bytes memory answer) = address(settlement).call(data);
        vm.assertFalse(done, "cancelled");
        vm.assertEq(answer, expected, "another error");
    }

    function badCancel(address owner) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRingSettlement.BadCancelSignature.selector, owner);
    }

    function signCancel(address owner, Nonce[] memory nonces, uint40 deadline) private view returns (bytes memory) {
        return signCancel(owner, owner, nonces, deadline);
    }

    function signCancel(address signer, address owner, Nonce[] memory nonces, uint40 deadline)
        private
        view
        returns (bytes memory)
    {
        return signatureOf(signer, cancelDigest(owner, nonces, deadline));
    }

    function cancelDigest(address owner, Nonce[] memory nonces, uint40 deadline) private view returns (bytes32) {
        bytes32 typeHash = keccak256("Cancel(address owner,uint96[] nonces,uint40 deadline)");
        bytes memory list;
        for (uint256 i = 0; i < nonces.length; i++) {
            list = bytes.concat(list, abi.encode(nonces[i]));
        }
        return typedDigest(keccak256(abi.encode(typeHash, owner, keccak256(list), deadline)));
    }

    function signCancelAll(address owner, uint256 epoch, uint40 deadline) private view returns (bytes memory) {
        return signatureOf(owner, cancelAllDigest(owner, epoch, deadline));
    }

    function cancelAllDigest(address owner, uint256 epoch, uint40 deadline) private view returns (bytes32) {
        bytes32 typeHash = keccak256("CancelAll(address owner,uint32 epoch,uint40 deadline)");
        return typedDigest(keccak256(abi.encode(typeHash, owner, epoch, deadline)));
    }

    /// @dev Alice sells `amount` of her order with this nonce to Bob.
    function settleAlice(uint96 nonce, uint256 amount) private {
        submit(planOf(nonce, amount));
    }

    function refuseAliceCancelled(uint96 nonce) private {
        Submission memory plan = planOf(nonce, 10);
        refuse(plan, errorOf(IRingSettlement.OrderCancelled.selector, plan.orders[0]));
    }

    function refuseAliceEpoch(uint96 nonce, uint256 epoch) private {
        Submission memory plan = planOf(nonce, 10);
        bytes4 selector = IRingSettlement.EpochNotCurrent.selector;
        refuse(plan, abi.encodeWithSelector(selector, orderHash(plan.orders[0]), epoch));
    }

    function planOf(uint96 nonce, uint256 amount) private returns (Submission memory plan) {
        Order memory hers = aliceOrder();
        Order memory his = orderOf(bob, tokenB, 50_000, tokenA, 100_000);
        (hers.nonce, his.nonce) = (Nonce.wrap(nonce), Nonce.wrap(1000));
        plan = ringOf(two(hers, his), fills(amount, amount / 2));
        sign(plan);
    }
}
