// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Nonce} from "../../src/types/Nonce.sol";
import {Order} from "../../src/types/Order.sol";
import {RingTest, Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {HookToken} from "./OddTokens.sol";
import {PlainToken} from "./PlainToken.sol";

/// @notice A token that calls back in the midst of a ring. Alice sells it to Bob.
contract ReentranceTest is RingTest {
    HookToken private hook;

    function setUp() public override {
        super.setUp();
        hook = new HookToken();
        fund(hook, alice, 1000);
    }

    function testSubmitAgainIsRefused() external {
        Submission memory other = ringOfTwo();
        other.orders[0].nonce = Nonce.wrap(1);
        other.orders[1].nonce = Nonce.wrap(1);
        signFor(other, relay);
        hook.arm(address(settlement), abi.encodeCall(IRingSettlement.submit, (pack(other))));
        settle();
        vm.assertEq(hook.calls(), 1, "called");
        vm.assertFalse(hook.succeeded(), "a ring in a ring");
        vm.assertEq(hook.answer(), errorOf(IRingSettlement.Reentrant.selector), "error");
        vm.assertEq(tokenA.balanceOf(alice), 1_000_000, "the inner ring");
        // On its own it settles.
        submit(other);
    }

    /// `Reentrant` comes before all else.
    function testSubmitNothingAgainIsRefused() external {
        hook.arm(address(settlement), abi.encodeCall(IRingSettlement.submit, ("")));
        settle();
        vm.assertEq(hook.answer(), errorOf(IRingSettlement.Reentrant.selector), "error");
    }

    /// The lock opens again: also after a refusal, also twice in one transaction (this test is one).
    function testLockOpensAgain() external {
        settle();
        refuseBytes(relay, "", errorOf(IRingSettlement.Malformed.selector));
        settle();
        vm.assertEq(hook.balanceOf(bob), 20, "two rings");
    }

    /// The miner's auth key and the token in one hand still cannot use a fill twice: the counter is written before the call.
    function testCounterIsWrittenBeforeTheCall() external {
        hook.arm(address(settlement), abi.encodeCall(IRingSettlement.filled, (alice, Nonce.wrap(0))));
        settle();
        vm.assertEq(hook.answer(), abi.encode(10), "counter");
    }

    /// Orders of an epoch that ended between two rings of one transaction are not filled by the second.
    function testEpochEndsBetweenTwoRings() external {
        Order memory hers = orderOf(alice, hook, 1000, tokenB, 1000);
        Order memory his = orderOf(bob, tokenB, 1000, hook, 1000);
        Submission memory plan = tableOf(two(hers, his), 2);
        plan.rings[0] = ringOf(two(hers, his), fills(10, 10)).rings[0];
        plan.rings[1] = ringOf(two(hers, his), fills(10, 10)).rings[0];
        bytes32 typeHash = keccak256("CancelAll(address owner,uint32 epoch,uint40 deadline)");
        bytes memory signature =
            signatureOf(alice, typedDigest(keccak256(abi.encode(typeHash, alice, uint256(0), FAR))));
        sign(plan);
        hook.arm(address(settlement), abi.encodeCall(IRingSettlement.cancelAllFor, (alice, FAR, signature)));
        (bool accepted, bytes memory answer) = trySubmit(relay, pack(plan));
        vm.assertFalse(accepted, "filled after all were cancelled");
        vm.assertEq(bytes32(bytes4(answer)), bytes32(IRingSettlement.EpochNotCurrent.selector), "refused by name");
    }

    /// A token that cancels does it for itself.
    function testCancelInsideIsTheTokensOwn() external {
        Nonce[] memory nonces = new Nonce[](1);
        hook.arm(address(settlement), abi.encodeCall(IRingSettlement.cancel, (nonces)));
        settle();
        vm.assertTrue(hook.succeeded(), "cancelled");
        vm.assertEq(settlement.filled(address(hook), nonces[0]), CANCELLED, "the token's");
        vm.assertEq(settlement.filled(alice, nonces[0]), 10, "Alice's");
        vm.assertEq(settlement.filled(bob, nonces[0]), 10, "Bob's");
    }

    /// A cancellation that Alice signed, carried in by the token in the midst of a ring over her order: the ring stands, and the
    /// rest of the order is cancelled.
    function testCancelForInsideCountsForTheRest() external {
        Nonce[] memory nonces = new Nonce[](1);
        bytes32 typeHash = keccak256("Cancel(address owner,uint96[] nonces,uint40 deadline)");
        bytes32 list = keccak256(abi.encode(nonces[0]));
        bytes memory signature = signatureOf(alice, typedDigest(keccak256(abi.encode(typeHash, alice, list, FAR))));
        hook.arm(address(settlement), abi.encodeCall(IRingSettlement.cancelFor, (alice, nonces, FAR, signature)));
        settle();
        vm.assertTrue(hook.succeeded(), "cancelled");
        vm.assertEq(settlement.filled(alice, nonces[0]), CANCELLED, "stays cancelled");
        Submission memory plan = planOf();
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.OrderCancelled.selector, plan.orders[0]));
    }

    /// In the same transaction, a second ring over the order that the first ring's token cancelled.
    function testCancelInsideStopsTheSecondRing() external {
        Nonce[] memory nonces = new Nonce[](1);
        bytes32 typeHash = keccak256("Cancel(address owner,uint96[] nonces,uint40 deadline)");
        bytes32 list = keccak256(abi.encode(nonces[0]));
        bytes memory signature = signatureOf(alice, typedDigest(keccak256(abi.encode(typeHash, alice, list, FAR))));
        hook.arm(address(settlement), abi.encodeCall(IRingSettlement.cancelFor, (alice, nonces, FAR, signature)));
        Submission memory one = planOf();
        Submission memory plan = tableOf(one.orders, 2);
        plan.rings[0] = one.rings[0];
        plan.rings[1] = planOf().rings[0];
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.OrderCancelled.selector, plan.orders[0]));
        vm.assertEq(settlement.filled(alice, nonces[0]), 0, "and nothing took effect");
    }

    /// Whoever has approved the settlement has approved it to settle rings, and to do nothing else.
    function testStealInsideFails() external {
        bytes memory steal = abi.encodeCall(PlainToken.transferFrom, (bob, thief, 1000));
        hook.arm(address(tokenB), steal);
        settle();
        vm.assertFalse(hook.succeeded(), "stole");
        hook.arm(address(settlement), steal);
        settle();
        vm.assertFalse(hook.succeeded(), "stole through the settlement");
        vm.assertEq(tokenB.balanceOf(thief), 0, "the thief's");
    }

    /// The token moves other tokens to the receiver to pass for a transfer: balances are each token's own.
    function testGiftInsideCountsForTheRing() external {
        fund(tokenB, thief, 1000);
        vm.prank(thief, thief);
        tokenB.approve(address(hook), 1000);
        hook.arm(address(tokenB), abi.encodeCall(PlainToken.transferFrom, (thief, alice, 5)));
        settle();
        vm.assertTrue(hook.succeeded(), "gave");
        vm.assertEq(tokenB.balanceOf(alice), 15, "what she bought, and a gift");
    }

    // ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function planOf() private returns (Submission memory) {
        Order memory hers = orderOf(alice, hook, 1000, tokenB, 1000);
        Order memory his = orderOf(bob, tokenB, 1000, hook, 1000);
        return ringOf(two(hers, his), fills(10, 10));
    }

    function settle() private {
        Submission memory plan = planOf();
        sign(plan);
        submit(plan);
    }
}
