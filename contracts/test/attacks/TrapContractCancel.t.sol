// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Nonce} from "../../src/types/Nonce.sol";
import {Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @notice Gives presents to whoever asks; in passing it cancels whatever it can.
contract Trap {
    IRingSettlement private immutable settlement;

    constructor(IRingSettlement settlement_) {
        settlement = settlement_;
    }

    function claimPresent() external {
        Nonce[] memory nonces = new Nonce[](1);
        settlement.cancel(nonces);
        settlement.cancelAll();
    }
}

/// @title Cancel by a trap contract (A7)
/// @notice **Sees** that Alice calls contracts she does not know. **Does** offer her one that cancels, while it is her who started the
/// transaction. **Gets** nothing: the owner is who calls (`msg.sender`) or who signed, never who started the transaction
/// (`tx.origin`): the trap cancels orders of its own. (Loopring 1.5.1 cut off all of the user's orders.)
contract TrapContractCancelTest is AttackTest {
    function testTrap() external {
        Submission memory seen = pendingRing();
        Trap trap = new Trap(settlement);
        vm.prank(alice, alice);
        trap.claimPresent();
        vm.assertEq(settlement.epochOf(alice), 0, "Alice's epoch");
        vm.assertEq(settlement.filled(alice, seen.orders[0].nonce), 0, "Alice's order");
        vm.assertEq(settlement.epochOf(address(trap)), 1, "the trap's own epoch");
        vm.assertEq(settlement.filled(address(trap), seen.orders[0].nonce), CANCELLED, "the trap's own order");
        settlesHonestly(seen);
    }

    /// The control: when Alice herself calls, it is cancelled.
    function testAliceHerself() external {
        Submission memory seen = pendingRing();
        vm.prank(alice, alice);
        settlement.cancel(new Nonce[](1));
        refuse(seen, errorOf(IRingSettlement.OrderCancelled.selector, seen.orders[0]));
    }
}
