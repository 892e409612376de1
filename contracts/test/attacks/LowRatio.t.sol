// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Order} from "../../src/types/Order.sol";
import {Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Low ratio by a relay that has the victim's auth key (A1)
/// @notice **Sees** Alice's order, whose auth key it was given to do business with. **Does** a ring with an order of its own at
/// Alice's headline price, but passes on only a part: a half, a tenth, a hundredth. Everybody who must sign has signed.
/// **Gets** nothing: the contract compares what moves with the limit, not what the orders say. (Loopring 1.x checked only that all
/// ratios of a ring were alike.)
contract LowRatioTest is AttackTest {
    function ringThatPays(uint256 received) private returns (Submission memory plan) {
        Order memory own = orderOf(thief, tokenB, 50, tokenA, 100);
        own.buyAmount = 1;
        plan = ringOf(two(aliceOrder(), own), fills(100, received));
        plan.miner = thief;
        sign(plan);
    }

    function testHalfTenthHundredth() external {
        for (uint256 received = 25; received > 0; received /= 5) {
            Submission memory plan = ringThatPays(received);
            refuse(plan, errorOf(IRingSettlement.LimitPrice.selector, plan.orders[0]));
        }
    }

    function testOneUnitBelow() external {
        Submission memory plan = ringThatPays(49);
        refuse(plan, errorOf(IRingSettlement.LimitPrice.selector, plan.orders[0]));
    }

    /// The control, and what a relay with the key can do: the limit, and no better.
    function testAtTheLimit() external {
        submit(ringThatPays(50));
        vm.assertEq(tokenB.balanceOf(alice), 50, "what Alice asked for");
    }
}
