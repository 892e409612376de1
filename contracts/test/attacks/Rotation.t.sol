// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ring, Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Rotation (A16)
/// @notice **Sees** a ring in which Alice pays the fee and Bob does not. **Does** the same ring begun with Bob's order: the bits that say
/// who pays stay in place, so that now Bob pays. **Gets** nothing: what is signed is a list, and says for each order what is taken.
/// (In Loopring a ring was the XOR of its orders, the same from wherever it was begun.)
contract RotationTest is AttackTest {
    function feeFromAlice() private returns (Submission memory plan) {
        plan = ringOf(two(withFee(aliceOrder()), withFee(bobOrder())), fills(100, 60));
        plan.rings[0].places[0].take = TAKE_FEE;
        sign(plan);
    }

    function rotated(Submission memory seen) private pure returns (Submission memory plan) {
        plan = copyOf(seen);
        Ring memory ring = plan.rings[0];
        (ring.places[0], ring.places[1]) = (ring.places[1], ring.places[0]);
        (ring.places[0].author, ring.places[1].author) = (0, 1);
        (ring.authSignatures[0], ring.authSignatures[1]) = (ring.authSignatures[1], ring.authSignatures[0]);
    }

    function testTheFeeMovesToBob() external {
        Submission memory seen = feeFromAlice();
        Submission memory plan = rotated(seen);
        (plan.rings[0].places[0].take, plan.rings[0].places[1].take) = (TAKE_FEE, TAKE_NONE);
        refuseBy(thief, plan, badAuth(plan, 1));
        submit(seen);
        vm.assertEq(tokenA.balanceOf(feeRecipient), 10, "Alice pays");
        vm.assertEq(tokenB.balanceOf(feeRecipient), 0, "Bob does not");
    }

    /// Not even the rotation that would move the same amounts.
    function testTheSameAmounts() external {
        Submission memory seen = feeFromAlice();
        Submission memory plan = rotated(seen);
        refuseBy(thief, plan, badAuth(plan, 1));
        submit(seen);
    }

    /// The table of orders is not signed, only packed: its order makes no difference.
    function testTheTableMayBeRotated() external {
        Submission memory plan = feeFromAlice();
        (plan.orders[0], plan.orders[1]) = (plan.orders[1], plan.orders[0]);
        (plan.ownerSignatures[0], plan.ownerSignatures[1]) = (plan.ownerSignatures[1], plan.ownerSignatures[0]);
        (plan.rings[0].places[0].order, plan.rings[0].places[1].order) = (1, 0);
        submitBy(thief, plan);
        vm.assertEq(tokenA.balanceOf(feeRecipient), 10, "Alice pays");
        vm.assertEq(tokenB.balanceOf(feeRecipient), 0, "Bob does not");
    }
}
