// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Nonce} from "../../src/types/Nonce.sol";
import {Order} from "../../src/types/Order.sol";
import {Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title The unit of a cancellation (A10)
/// @notice **Sees** that Alice cancelled her buy-driven order, 100 of A for 800 of B. **Does** fill what is left, were her 100 taken for a
/// part of 800. **Gets** nothing: a cancellation has no amount, hence no unit. What is cancelled is full for ever, in whichever
/// token it counts. (Loopring took an amount, in the token that the order happened to count: seven eighths stayed open, and its
/// own test "should not fill orders which are fully cancelled" filled them.)
contract CancelUnitTest is AttackTest {
    function order() private returns (Order memory buyer) {
        buyer = orderOf(alice, tokenA, 100, tokenB, 800);
        buyer.buyDriven = true;
    }

    function ring(uint256 sold, uint256 bought) private returns (Submission memory plan) {
        plan = ringOf(two(order(), orderOf(bob, tokenB, 800, tokenA, 100)), fills(sold, bought));
        sign(plan);
    }

    function cancel() private {
        vm.prank(alice, alice);
        settlement.cancel(new Nonce[](1));
    }

    function testNothingIsLeft() external {
        cancel();
        Submission memory plan = ring(100, 800);
        refuse(plan, errorOf(IRingSettlement.OrderCancelled.selector, plan.orders[0]));
        plan = ring(87, 700);
        refuse(plan, errorOf(IRingSettlement.OrderCancelled.selector, plan.orders[0]));
        vm.assertEq(settlement.filled(alice, plan.orders[0].nonce), CANCELLED, "full for ever");
    }

    /// Nor of an order that was filled in part: what was filled does not count into the cancellation.
    function testNothingIsLeftOfAPart() external {
        submit(ring(50, 400));
        cancel();
        Submission memory plan = ring(1, 8);
        refuse(plan, errorOf(IRingSettlement.OrderCancelled.selector, plan.orders[0]));
    }

    /// The control: uncancelled, it fills.
    function testUncancelled() external {
        submit(ring(100, 800));
        vm.assertEq(tokenB.balanceOf(alice), 800, "bought");
    }
}
