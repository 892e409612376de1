// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Submission} from "../RingTest.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Miner swap
/// @notice **Sees** a ring by a miner that is credited with it. **Does** the same with itself as miner, the fee recipient left as it
/// was, so as to have found what it did not find. **Gets** nothing: auth keys sign for one miner. (In Loopring 1.5 the
/// miner was in no signature at all.)
contract MinerSwapTest is AttackTest {
    function testSignedByTheThief() external {
        Submission memory seen = pendingRing();
        Submission memory plan = copyOf(seen);
        plan.miner = thief;
        signAsMiner(plan);
        refuseBy(relay, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    function testSentByTheThief() external {
        Submission memory seen = pendingRing();
        Submission memory plan = copyOf(seen);
        plan.miner = thief;
        plan.rings[0].minerSignature = "";
        refuseBy(thief, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    /// Auth keys that consented to a miner do not make somebody else that miner.
    function testTheMinersOwnSignatureIsNeeded() external {
        Submission memory seen = pendingRing();
        Submission memory plan = copyOf(seen);
        bytes32 hash = ringHash(plan, plan.rings[0]);
        plan.rings[0].minerSignature = signatureOf(thief, hash);
        refuseBy(thief, plan, abi.encodeWithSelector(IRingSettlement.BadMinerSignature.selector, hash));
        settlesHonestly(seen);
    }

    /// Sent without it, the bytes end too early or are read as something else; only the miner's own sending replaces it.
    function testWithoutMinersSignatureOnlyTheMinerSends() external {
        Submission memory seen = pendingRing();
        Submission memory plan = copyOf(seen);
        plan.rings[0].minerSignature = "";
        bytes memory cut = pack(plan);
        (bool accepted,) = trySubmit(thief, cut);
        assert(!accepted);
        submitBytes(miner, cut);
    }
}
