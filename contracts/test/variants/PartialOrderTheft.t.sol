// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {deployRingSettlement} from "../Deploy.sol";
import {Nonce} from "../../src/types/Nonce.sol";
import {Order} from "../../src/types/Order.sol";
import {Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {PartialTest} from "./PartialTest.sol";

/// @title The order theft that partial authoring allows
/// @notice **Sees** a ring in which Alice gives 100 of A and Bob gives her 60 of B, where 50 would do for her. **Does** put Alice's
/// order into a ring with its own, at her limit, authored by itself alone. **Gets** her 100 of A for 50 of B, and the miner's
/// fee with them; Bob and the miner get nothing. This is why partial authoring is not the default: on RingSettlement the same
/// bytes are refused.
contract PartialOrderTheftTest is PartialTest {
    function required() internal pure override returns (uint256) {
        return 1;
    }

    function setUp() public override {
        super.setUp();
        fund(tokenB, thief, 1_000_000);
    }

    function pendingRing() private returns (Submission memory plan) {
        Order memory order = aliceOrder();
        order.feeToken = address(tokenA);
        order.feeAmount = 10;
        plan = ringOf(two(order, bobOrder()), fills(100, 60));
        plan.rings[0].places[0].take = TAKE_FEE;
        sign(plan);
    }

    function stolen(Submission memory seen) private returns (Submission memory plan) {
        Order memory own = orderOf(thief, tokenB, 50, tokenA, 100);
        plan = ringOf(two(seen.orders[0], own), fills(100, 50));
        plan.miner = thief;
        plan.feeRecipient = thief;
        plan.rings[0].places[0].take = TAKE_FEE;
        sign(plan);
        leaveOut(plan, 1);
    }

    function testTheftSucceeds() external {
        Submission memory seen = pendingRing();
        submitBy(relay, stolen(seen));
        vm.assertEq(tokenA.balanceOf(thief), 110, "her 100 and the fee");
        vm.assertEq(tokenB.balanceOf(alice), 50, "her limit, and not a unit more");
        vm.assertEq(tokenA.balanceOf(bob), 0, "nothing for Bob");
        (bool accepted,) = trySubmit(relay, pack(seen));
        vm.assertFalse(accepted, "what was found first comes too late");
        vm.assertEq(tokenA.balanceOf(feeRecipient), 0, "nothing for the miner");
    }

    /// What even this variant keeps: the limit price.
    function testNotBelowTheLimit() external {
        Submission memory plan = stolen(pendingRing());
        plan.rings[0].places[1].fill = 49;
        leaveOut(plan, 1);
        refuse(plan, errorOf(IRingSettlement.LimitPrice.selector, plan.orders[0]));
    }

    /// The control: where all must author, the same ring is refused, and the honest one settles.
    function testOnRingSettlementItIsRefused() external {
        settlement = IRingSettlement(deployRingSettlement());
        approve(tokenA, alice, type(uint256).max);
        approve(tokenB, bob, type(uint256).max);
        approve(tokenB, thief, type(uint256).max);
        Submission memory seen = pendingRing();
        refuse(stolen(seen), errorOf(IRingSettlement.Malformed.selector));
        submit(seen);
        vm.assertEq(tokenB.balanceOf(alice), 60, "Alice bought from Bob");
    }
}

/// @title More authors required do not help
/// @notice The thief brings as many orders of its own as are required.
contract PartialOrderTheftOfTwoTest is PartialTest {
    function required() internal pure override returns (uint256) {
        return 2;
    }

    function testTheftWithTwoOrdersOfItsOwn() external {
        fund(tokenB, thief, 50);
        fund(tokenC, thief, 1);
        Order memory first = orderOf(thief, tokenB, 50, tokenC, 1);
        Order memory second = orderOf(thief, tokenC, 1, tokenA, 100);
        second.nonce = Nonce.wrap(1);
        second.authAddress = person("another auth key of the thief");
        Submission memory plan = ringOf(three(aliceOrder(), first, second), fills(100, 50, 1));
        plan.miner = thief;
        sign(plan);
        leaveOut(plan, 1);
        submit(plan);
        vm.assertEq(tokenA.balanceOf(thief), 100, "her 100");
        vm.assertEq(tokenB.balanceOf(alice), 50, "her limit");
    }
}
