// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ring, Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Verbatim replay (A17)
/// @notice **Sees** a ring that fills a quarter of two orders. **Does** send the very same bytes: before the miner, or after it
/// as long as the orders have something left. **Gets** nothing before (the same people are paid), and is refused after: what
/// was filled before is part of what is signed. (A literal reading of the 2018 article settles one such ring four times.)
contract VerbatimReplayTest is AttackTest {
    function quarter() private returns (Submission memory plan) {
        plan = ringOf(two(withFee(aliceOrder()), withFee(bobOrder())), fills(25, 15));
        plan.rings[0].places[0].take = TAKE_FEE;
        sign(plan);
    }

    function testAgain() external {
        Submission memory plan = quarter();
        submit(plan);
        refuseBy(thief, plan, badAuth(plan, 0));
        refuseBy(miner, plan, badAuth(plan, 0));
        vm.assertEq(tokenB.balanceOf(alice), 15, "bought once");
    }

    function testTwiceInOneTransaction() external {
        Submission memory plan = quarter();
        Ring memory ring = plan.rings[0];
        plan.rings = new Ring[](2);
        (plan.rings[0], plan.rings[1]) = (ring, ring);
        refuseBy(thief, plan, badAuth(plan, 0));
    }

    /// Sending it first: the thief pays the gas, and the same people are paid.
    function testBeforeTheMiner() external {
        Submission memory plan = quarter();
        submitBy(thief, plan);
        vm.assertEq(tokenA.balanceOf(feeRecipient), 2, "a quarter of the fee, rounded down");
        vm.assertEq(tokenA.balanceOf(thief) + tokenB.balanceOf(thief), 2_000_000, "nothing for the thief");
        refuseBy(miner, plan, badAuth(plan, 0));
    }

    /// The control: the next quarter, signed for the orders as they now are, settles.
    function testTheNextQuarterSettles() external {
        submit(quarter());
        submit(quarter());
        vm.assertEq(tokenB.balanceOf(alice), 30, "bought twice");
    }
}
