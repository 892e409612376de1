// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Order} from "../../src/types/Order.sol";
import {Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {PartialTest} from "./PartialTest.sol";

/// @title Two authors of three suffice
contract PartialAuthoringTest is PartialTest {
    function required() internal pure override returns (uint256) {
        return 2;
    }

    function settled() private view {
        vm.assertEq(tokenB.balanceOf(alice), 60, "Alice bought");
        vm.assertEq(tokenC.balanceOf(bob), 40, "Bob bought");
        vm.assertEq(tokenA.balanceOf(third), 100, "the third bought");
    }

    function testAllAuthors() external {
        submit(ringOfThree());
        settled();
    }

    /// A key that stands twice and did not sign is not made present by pointing at its own absence.
    function testPointingAtWhoDidNotSign() external {
        Order memory first = aliceOrder();
        Order memory second = orderOf(bob, tokenB, 60, tokenC, 40);
        second.authAddress = first.authAddress;
        Submission memory plan =
            ringOf(three(first, second, orderOf(third, tokenC, 40, tokenA, 100)), fills(100, 60, 40));
        sign(plan);
        plan.rings[0].places[0].author = NOT_AUTHORED;
        plan.rings[0].places[1].author = 0;
        signRing(plan, plan.rings[0], relay);
        vm.assertEq(plan.rings[0].authSignatures.length, 1, "only the third signs");
        (bool accepted,) = trySubmit(relay, pack(plan));
        vm.assertFalse(accepted, "one author of three");
    }

    function testWithoutTheFirst() external {
        withoutOne(0);
    }

    function testWithoutTheSecond() external {
        withoutOne(1);
    }

    function testWithoutTheLast() external {
        withoutOne(2);
    }

    /// Whoever it is that lacks, the two others are enough: and it settles once.
    function withoutOne(uint256 position) private {
        Submission memory plan = ringOfThree();
        leaveOut(plan, 1 << position);
        vm.assertEq(plan.rings[0].authSignatures.length, 2, "signatures");
        submit(plan);
        settled();
        (bool accepted,) = trySubmit(relay, pack(plan));
        vm.assertFalse(accepted, "twice");
    }

    function testOneIsTooFew() external {
        for (uint256 alone = 0; alone < 3; alone++) {
            Submission memory plan = ringOfThree();
            leaveOut(plan, 7 & ~(1 << alone));
            refuse(plan, errorOf(IRingSettlement.Malformed.selector));
        }
    }

    function testNoneIsTooFew() external {
        Submission memory plan = ringOfThree();
        leaveOut(plan, 7);
        refuse(plan, errorOf(IRingSettlement.Malformed.selector));
    }

    /// In a ring of two, both.
    function testASmallRingNeedsAll() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        leaveOut(plan, 1);
        refuse(plan, errorOf(IRingSettlement.Malformed.selector));
        sign(plan);
        submit(plan);
    }

    /// Those who do author sign this ring, for this miner, or it is refused as ever.
    function testTheOthersMustHaveSignedThisRing() external {
        Submission memory plan = ringOfThree();
        leaveOut(plan, 1);
        plan.miner = thief;
        plan.rings[0].minerSignature = signatureOf(thief, ringHash(plan, plan.rings[0]));
        refuseBy(relay, plan, errorOf(IRingSettlement.BadAuthSignature.selector, plan.orders[1]));
    }

    function testNobodyRequiredIsNoVariant() external {
        bytes memory code = partialCode(0);
        bytes memory answer = new bytes(4);
        address made;
        assembly {
            made := create(0, add(code, 0x20), mload(code))
            if eq(returndatasize(), 4) { returndatacopy(add(answer, 0x20), 0, 4) }
        }
        vm.assertEq(made, address(0), "made");
        vm.assertEq(answer, abi.encodeWithSignature("RequiredZero()"), "refused by name");
    }
}
