// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Nonce} from "../../src/types/Nonce.sol";
import {Order} from "../../src/types/Order.sol";
import {Token} from "../../src/libraries/Token.sol";
import {Submission} from "../RingTest.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @notice A token that calls somebody in the middle of a transfer, as ERC-777 did; what is called may fail.
contract HookToken is PlainToken {
    address private target;
    bytes private message;
    bool public called;
    bool public succeeded;
    bytes public answer;

    function arm(address target_, bytes calldata message_) external {
        (target, message, called) = (target_, message_, false);
    }

    function move(address from, address to, uint256 amount) internal override {
        super.move(from, to, amount);
        address whom = target;
        if (whom == address(0)) return;
        target = address(0);
        called = true;
        (succeeded, answer) = whom.call(message);
    }
}

/// @notice Submits twice in one transaction, one after the other.
contract TwiceSubmitter {
    function submitBoth(IRingSettlement settlement, bytes calldata first, bytes calldata second) external {
        settlement.submit(first);
        settlement.submit(second);
    }
}

/// @title Reentrancy by hook tokens
/// @notice **Sees** nothing; it is the token that Alice sells. **Does** call the settlement while a ring is being paid out: submit
/// another ring, submit the same, cancel what is just being filled, move more money. **Gets** nothing: submit is locked, everything
/// that is counted was counted before the first transfer, and what arrives is measured.
contract HookReentrancyTest is AttackTest {
    HookToken private hook;

    function setUp() public override {
        super.setUp();
        hook = new HookToken();
        fund(hook, alice, 1_000_000);
        fund(hook, thief, 1_000_000);
    }

    /// @dev Alice sells the hook token to Bob, a half of both orders.
    function half() private returns (Submission memory plan) {
        Order memory first = orderOf(alice, hook, 100, tokenB, 50);
        Order memory second = orderOf(bob, tokenB, 60, hook, 100);
        plan = ringOf(two(first, second), fills(50, 30));
        sign(plan);
    }

    function settled() private view returns (bool) {
        return tokenB.balanceOf(alice) == 30 && hook.balanceOf(bob) == 50;
    }

    /// A ring of two other people, which would settle in a transaction of its own.
    function testSubmitAnotherRing() external {
        Submission memory other = ringOf(two(thiefOrder(), orderOf(third, tokenB, 60, tokenA, 100)), fills(100, 60));
        fund(tokenB, third, 60);
        sign(other);
        hook.arm(address(settlement), abi.encodeCall(IRingSettlement.submit, (pack(other))));
        submit(half());
        vm.assertTrue(hook.called(), "the hook was there");
        vm.assertFalse(hook.succeeded(), "the settlement was locked");
        vm.assertEq(hook.answer(), errorOf(IRingSettlement.Reentrant.selector), "by name");
        assert(settled());
        submit(other);
    }

    function testSubmitTheSameRing() external {
        Submission memory plan = half();
        hook.arm(address(settlement), abi.encodeCall(IRingSettlement.submit, (pack(plan))));
        submit(plan);
        vm.assertTrue(hook.called(), "the hook was there");
        vm.assertFalse(hook.succeeded(), "the settlement was locked");
        assert(settled());
    }

    /// Alice signed a cancellation, and the token hands it in while her order is being filled. What was counted stays settled,
    /// once; the rest is cancelled.
    function testCancelWhatIsBeingFilled() external {
        Submission memory plan = half();
        Nonce[] memory nonces = new Nonce[](1);
        bytes32 request = keccak256(
            abi.encode(
                keccak256("Cancel(address owner,uint96[] nonces,uint40 deadline)"),
                alice,
                keccak256(abi.encodePacked(nonces)),
                FAR
            )
        );
        bytes memory signature = signatureOf(alice, typedDigest(request));
        hook.arm(address(settlement), abi.encodeCall(IRingSettlement.cancelFor, (alice, nonces, FAR, signature)));
        submit(plan);
        vm.assertTrue(hook.succeeded(), "cancelled inside");
        assert(settled());
        plan = half();
        refuse(plan, errorOf(IRingSettlement.OrderCancelled.selector, plan.orders[0]));
    }

    /// The token sends Bob more in passing: what arrived is not what the ring says.
    function testMoveMore() external {
        vm.prank(thief, thief);
        hook.approve(address(hook), 1);
        bytes memory extra = abi.encodeCall(PlainToken.transferFrom, (thief, bob, 1));
        hook.arm(address(hook), extra);
        bytes memory notExact =
            abi.encodeWithSelector(Token.TransferNotExact.selector, address(hook), alice, bob, uint256(50));
        refuse(half(), notExact);
    }

    /// The control: the lock is gone when submit is, also within one transaction.
    function testOneAfterTheOther() external {
        Submission memory plan = half();
        Submission memory other = ringOf(two(thiefOrder(), orderOf(third, tokenB, 60, tokenA, 100)), fills(100, 60));
        fund(tokenB, third, 60);
        sign(other);
        new TwiceSubmitter().submitBoth(settlement, pack(plan), pack(other));
        assert(settled());
        vm.assertEq(tokenA.balanceOf(third), 100, "the second ring");
    }
}
