// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Submission} from "../RingTest.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Ring theft
/// @notice **Sees** a ring that somebody else found, with both fees. **Does** the same ring with itself as miner and fee recipient.
/// **Gets** nothing: every auth key signed for the finder. There are four ways to fill the place of a signature; none is a key.
contract RingTheftTest is AttackTest {
    function stolenRing(Submission memory seen) private view returns (Submission memory plan) {
        plan = copyOf(seen);
        plan.miner = thief;
        plan.feeRecipient = thief;
        signAsMiner(plan);
    }

    function testWithTheSignaturesOfTheFinder() external {
        Submission memory seen = pendingRing();
        Submission memory plan = stolenRing(seen);
        refuseBy(thief, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    function testWithItsOwnSignatures() external {
        Submission memory seen = pendingRing();
        Submission memory plan = stolenRing(seen);
        bytes memory own = signatureOf(thief, ringHash(plan, plan.rings[0]));
        plan.rings[0].authSignatures[0] = own;
        plan.rings[0].authSignatures[1] = own;
        refuseBy(thief, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    function testAsIfTheSenderWereTheAuthor() external {
        Submission memory seen = pendingRing();
        Submission memory plan = stolenRing(seen);
        plan.rings[0].places[0].author = BY_SENDER;
        plan.rings[0].places[1].author = BY_SENDER;
        plan.rings[0].authSignatures = new bytes[](0);
        refuseBy(thief, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    function testAsIfOneSignatureCoveredBoth() external {
        Submission memory seen = pendingRing();
        Submission memory plan = copyOf(seen);
        plan.rings[0].places[1].author = 0;
        bytes[] memory one = new bytes[](1);
        one[0] = seen.rings[0].authSignatures[0];
        plan.rings[0].authSignatures = one;
        refuseBy(thief, plan, badAuth(plan, 1));
        settlesHonestly(seen);
    }
}
