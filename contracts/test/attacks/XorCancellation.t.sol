// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Place, Ring, Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title XOR cancellation: the rings {X, X, R} (X1)
/// @notice **Sees** a transaction with the honest ring R of Alice and Bob. **Does** one with three rings over the same table: X, X and R,
/// X being Bob's order against its own. Were rings joined by XOR, the two X would cancel out of what is signed, and R's signatures
/// would cover all three. **Gets** nothing: each ring has a digest and signatures of its own. (Against Loopring 2.1 this
/// worked: the thief got the order, Alice and the miner nothing.)
contract XorCancellationTest is AttackTest {
    /// @dev Table: Alice, Bob, thief. X is (Bob, thief).
    function rings(Submission memory seen, uint256 count) private returns (Submission memory plan) {
        plan = tableOf(three(seen.orders[0], seen.orders[1], thiefOrder()), count);
        signOrders(plan);
        for (uint256 i = 0; i + 1 < count; i++) {
            Ring memory ring = plan.rings[i];
            ring.places = new Place[](2);
            ring.places[0] = Place(1, 6, TAKE_NONE, 0, 0);
            ring.places[1] = Place(2, 10, TAKE_NONE, 1, 0);
            ring.authSignatures = new bytes[](2);
            ring.authSignatures[0] = seen.rings[0].authSignatures[1];
            ring.authSignatures[1] = signatureOf(plan.orders[2].authAddress, ringHash(plan, ring));
            ring.minerSignature = seen.rings[0].minerSignature;
        }
        plan.rings[count - 1] = seen.rings[0];
    }

    function testTwice() external {
        Submission memory seen = pendingRing();
        Submission memory plan = rings(seen, 3);
        refuseBy(thief, plan, badAuth(plan, 1));
        settlesHonestly(seen);
    }

    function testOnce() external {
        Submission memory seen = pendingRing();
        Submission memory plan = rings(seen, 2);
        refuseBy(thief, plan, badAuth(plan, 1));
        settlesHonestly(seen);
    }

    /// X behind R, where Bob's order is full already.
    function testBehind() external {
        Submission memory seen = pendingRing();
        Submission memory plan = rings(seen, 3);
        (plan.rings[0], plan.rings[2]) = (plan.rings[2], plan.rings[0]);
        (bool accepted,) = trySubmit(thief, pack(plan));
        vm.assertFalse(accepted, "a ring that nobody signed");
        settlesHonestly(seen);
    }

    /// The control: R alone over the larger table, for the table is not what is signed.
    function testTheHonestRingOverTheThiefsTable() external {
        Submission memory plan = rings(pendingRing(), 1);
        submitBy(thief, plan);
        vm.assertEq(tokenB.balanceOf(alice), 60, "Alice bought");
    }
}
