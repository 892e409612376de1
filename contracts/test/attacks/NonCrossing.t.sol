// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Orders that do not cross (A19)
/// @notice **Sees** Alice's order, 100 of A for at least 50 of B, and has its auth key. **Does** a ring with an order of its own that
/// gives 1 of B for 100 of A: both filled at their own rate, without any discount. **Gets** nothing: fills are compared with
/// both limits, and no fills keep both. (Loopring 1.x let Alice go with one unit.)
contract NonCrossingTest is AttackTest {
    function ring(uint256 aliceFill, uint256 ownFill) private returns (Submission memory plan) {
        plan = ringOf(two(aliceOrder(), orderOf(thief, tokenB, 1, tokenA, 100)), fills(aliceFill, ownFill));
        plan.miner = thief;
        sign(plan);
    }

    function testAtTheThiefsPrice() external {
        Submission memory plan = ring(100, 1);
        refuse(plan, errorOf(IRingSettlement.LimitPrice.selector, plan.orders[0]));
    }

    function testAtAlicesPrice() external {
        Submission memory plan = ring(2, 1);
        refuse(plan, errorOf(IRingSettlement.LimitPrice.selector, plan.orders[1]));
    }

    /// No fills at all settle it.
    function testAtAnyPrice(uint8 aliceFill, uint8 ownFill) external {
        (bool accepted,) = trySubmit(relay, pack(ring(aliceFill, ownFill)));
        vm.assertFalse(accepted, "orders that do not cross");
    }

    /// The control: an order that does cross.
    function testCrossing() external {
        Submission memory plan = ringOf(two(aliceOrder(), orderOf(thief, tokenB, 50, tokenA, 100)), fills(100, 50));
        sign(plan);
        submit(plan);
    }
}
