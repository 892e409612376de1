// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Submission} from "../RingTest.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Fee-recipient swap (A3)
/// @notice **Sees** a ring whose fees go to the miner's fee recipient. **Does** the same transaction with its own address in that
/// place, all signatures as they were. **Gets** nothing: the fee recipient is in what all of them signed. (Loopring 1.0 signed
/// only the ring hash; an audit called it high, and it stayed.)
contract FeeRecipientSwapTest is AttackTest {
    function testCopied() external {
        Submission memory seen = pendingRing();
        Submission memory plan = copyOf(seen);
        plan.feeRecipient = thief;
        refuseBy(thief, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    /// Nor may the miner itself be talked into it after the auth keys signed: they did not consent.
    function testSignedAnewByTheMinerAlone() external {
        Submission memory seen = pendingRing();
        Submission memory plan = copyOf(seen);
        plan.feeRecipient = thief;
        signAsMiner(plan);
        refuseBy(thief, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    function testNobodyAsFeeRecipient() external {
        Submission memory plan = pendingRing();
        plan.feeRecipient = address(0);
        refuseBy(thief, plan, errorOf(IRingSettlement.FeeRecipientZero.selector));
    }
}
