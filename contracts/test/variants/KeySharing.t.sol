// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Order} from "../../src/types/Order.sol";
import {RingTest, Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";

/// @title Key sharing: one auth address for all orders of a relay
/// @notice A variant that needs no other contract. The wallet writes the relay's auth address into the order and sends no key along, for it
/// has none; the relay shares its key with the miners it works with, or sends its transactions from it. However many of the relay's
/// orders stand in a ring, it signs once. What it costs: who has the key has all of the relay's orders, not one.
contract KeySharingTest is RingTest {
    address private relaysAuth;

    function setUp() public override {
        super.setUp();
        relaysAuth = person("the relay's one auth key");
    }

    function ringOfThree(address firstAuth) private returns (Submission memory plan) {
        Order memory first = aliceOrder();
        Order memory second = orderOf(bob, tokenB, 60, tokenC, 40);
        Order memory last = orderOf(third, tokenC, 40, tokenA, 100);
        (first.authAddress, second.authAddress, last.authAddress) = (firstAuth, relaysAuth, relaysAuth);
        plan = ringOf(three(first, second, last), fills(100, 60, 40));
    }

    function settled() private view {
        vm.assertEq(tokenB.balanceOf(alice), 60, "Alice bought");
        vm.assertEq(tokenC.balanceOf(bob), 40, "Bob bought");
        vm.assertEq(tokenA.balanceOf(third), 100, "the third bought");
    }

    function testOneSignatureForAll() external {
        Submission memory plan = ringOfThree(relaysAuth);
        sign(plan);
        vm.assertEq(plan.rings[0].authSignatures.length, 1, "signatures of auth keys");
        submit(plan);
        settled();
    }

    /// With another relay's order in the ring, one of each.
    function testOneSignatureForEachRelay() external {
        Submission memory plan = ringOfThree(authOf(alice));
        sign(plan);
        vm.assertEq(plan.rings[0].authSignatures.length, 2, "signatures of auth keys");
        submit(plan);
        settled();
    }

    /// Sent from the auth address itself, as miner too: no signature but the owners'.
    function testNoSignatureWhenTheRelaySends() external {
        Submission memory plan = ringOfThree(relaysAuth);
        plan.miner = relaysAuth;
        signFor(plan, relaysAuth);
        vm.assertEq(plan.rings[0].authSignatures.length, 0, "signatures of auth keys");
        vm.assertEq(plan.rings[0].minerSignature.length, 0, "signature of the miner");
        bytes memory packed = pack(plan);
        refuseBytes(relay, packed, errorOf(IRingSettlement.BadAuthSignature.selector, plan.orders[0]));
        submitBytes(relaysAuth, packed);
        settled();
    }

    /// The one signature is needed, and is over this ring.
    function testTheOneSignatureMustBeTheRelays() external {
        Submission memory plan = ringOfThree(relaysAuth);
        sign(plan);
        plan.rings[0].authSignatures[0] = signatureOf(thief, ringHash(plan, plan.rings[0]));
        refuse(plan, errorOf(IRingSettlement.BadAuthSignature.selector, plan.orders[0]));
    }
}
