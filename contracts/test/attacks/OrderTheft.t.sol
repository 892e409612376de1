// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Order} from "../../src/types/Order.sol";
import {Submission} from "../RingTest.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Order theft
/// @notice **Sees** a ring in which Bob sells 60 B to Alice. **Does** another ring of Bob's order and one of its own, which takes the
/// 60 B at Bob's limit; Alice is cut out. **Gets** nothing: what Bob's auth key signed is a ring with Alice.
contract OrderTheftTest is AttackTest {
    /// @dev Places: Bob, thief.
    function ringWithBob(Submission memory seen, Order memory own) private view returns (Submission memory plan) {
        plan = ringOf(two(seen.orders[1], own), fills(60, 100));
        plan.miner = thief;
        plan.feeRecipient = thief;
        sign(plan);
    }

    function testWithTheSignatureOfTheOtherRing() external {
        Submission memory seen = pendingRing();
        Submission memory plan = ringWithBob(seen, thiefOrder());
        plan.rings[0].authSignatures[0] = seen.rings[0].authSignatures[1];
        refuseBy(relay, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    function testWithItsOwnSignature() external {
        Submission memory seen = pendingRing();
        Submission memory plan = ringWithBob(seen, thiefOrder());
        plan.rings[0].authSignatures[0] = signatureOf(thief, ringHash(plan, plan.rings[0]));
        refuseBy(relay, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    /// The thief's order names Bob's auth address as its own: then nobody but Bob's relay can use either.
    function testByNamingTheSameAuthAddress() external {
        Submission memory seen = pendingRing();
        Order memory own = thiefOrder();
        own.authAddress = seen.orders[1].authAddress;
        Submission memory plan = ringWithBob(seen, own);
        plan.rings[0].authSignatures[0] = signatureOf(thief, ringHash(plan, plan.rings[0]));
        refuseBy(relay, plan, badAuth(plan, 0));
        settlesHonestly(seen);
    }

    /// The thief's order stands first, and Bob's is said to be covered by its signature.
    function testByPointingAtItsOwnSignature() external {
        Submission memory seen = pendingRing();
        Submission memory plan = ringOf(two(thiefOrder(), seen.orders[1]), fills(100, 60));
        plan.miner = thief;
        sign(plan);
        plan.rings[0].places[1].author = 0;
        bytes[] memory one = new bytes[](1);
        one[0] = plan.rings[0].authSignatures[0];
        plan.rings[0].authSignatures = one;
        refuseBy(relay, plan, badAuth(plan, 1));
        settlesHonestly(seen);
    }

    /// The control of the control: with Bob's auth key, which a relay gives to those it trusts, the very same ring settles.
    function testWithTheAuthKeyItIsNoTheft() external {
        Submission memory plan = ringWithBob(pendingRing(), thiefOrder());
        submit(plan);
    }
}
