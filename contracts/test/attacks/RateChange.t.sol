// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Submission} from "../RingTest.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Rate change by a member of the ring (A2)
/// @notice **Sees** a ring in which it is a member, as Bob: Alice gets 60 of B for her 100 of A. **Does** the same ring with a fill
/// of 50, Alice's limit; it has the auth key of its own order, and is its own miner if need be. **Gets** nothing: Alice's auth
/// key signed fills, not only orders. (In Loopring 1.x no signature covered the rates; the victim got a tenth of its limit.)
contract RateChangeTest is AttackTest {
    /// @dev Everything that Bob can sign is signed anew.
    function changed(Submission memory seen, uint256 aliceFill, uint256 bobFill)
        private
        returns (Submission memory plan)
    {
        plan = copyOf(seen);
        plan.rings[0].places[0].fill = aliceFill;
        plan.rings[0].places[1].fill = bobFill;
        plan.rings[0].authSignatures[1] = signatureOf(authOf(bob), ringHash(plan, plan.rings[0]));
        signAsMiner(plan);
    }

    function testBobGivesLess() external {
        Submission memory seen = pendingRing();
        Submission memory plan = changed(seen, 100, 50);
        refuseBy(bob, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    function testBobTradesLess() external {
        Submission memory seen = pendingRing();
        Submission memory plan = changed(seen, 10, 6);
        refuseBy(bob, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    /// Another order of his own in the same place, from which Alice would even gain, is not what was signed.
    function testBobsOtherOrder() external {
        Submission memory seen = pendingRing();
        Submission memory plan = changed(seen, 99, 60);
        plan.orders[1].buyAmount = 99;
        plan.ownerSignatures[1] = signatureOf(bob, orderHash(plan.orders[1]));
        plan = changed(plan, 99, 60);
        refuseBy(bob, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }
}
