// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Order} from "../../src/types/Order.sol";
import {Ring, RingTest, Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";

/// @title What a thief can do with a transaction that waits in the mempool
/// @notice Everybody reads it and may send another one first. The thief has money, keys of its own, orders of its own; what it lacks
/// are the auth keys of other people's orders.
abstract contract AttackTest is RingTest {
    function setUp() public virtual override {
        super.setUp();
        fund(tokenA, thief, 1_000_000);
        fund(tokenB, thief, 1_000_000);
    }

    /// @notice What the thief read: it may change its copy.
    function copyOf(Submission memory plan) internal pure returns (Submission memory) {
        return abi.decode(abi.encode(plan), (Submission));
    }

    /// @notice Alice and Bob with a fee of 10 each in what they sell, taken. Signed by everybody.
    function pendingRing() internal returns (Submission memory plan) {
        plan = ringOf(two(withFee(aliceOrder()), withFee(bobOrder())), fills(100, 60));
        plan.rings[0].places[0].take = TAKE_FEE;
        plan.rings[0].places[1].take = TAKE_FEE;
        sign(plan);
    }

    function withFee(Order memory order) internal pure returns (Order memory) {
        order.feeToken = order.sellToken;
        order.feeAmount = 10;
        return order;
    }

    /// @notice The thief's counter-order to Bob's: it wants all of Bob's 60 B for the 100 A that Bob asks at least.
    function thiefOrder() internal returns (Order memory) {
        return orderOf(thief, tokenA, 100, tokenB, 60);
    }

    /// @notice Signs as the plan's miner what now stands in the plan.
    function signAsMiner(Submission memory plan) internal view {
        for (uint256 i = 0; i < plan.rings.length; i++) {
            Ring memory ring = plan.rings[i];
            ring.minerSignature = signatureOf(plan.miner, ringHash(plan, ring));
        }
    }

    /// @notice The refusal of the plan's order at this index of the table.
    function badAuth(Submission memory plan, uint256 index) internal view returns (bytes memory) {
        return errorOf(IRingSettlement.BadAuthSignature.selector, plan.orders[index]);
    }

    /// @notice The control: the honest transaction settles and pays whom it was to pay.
    function settlesHonestly(Submission memory plan) internal {
        submit(plan);
        vm.assertEq(tokenB.balanceOf(alice), 60, "Alice bought");
        vm.assertEq(tokenA.balanceOf(bob), 100, "Bob bought");
        vm.assertEq(tokenA.balanceOf(feeRecipient), 10, "Alice's fee");
        vm.assertEq(tokenB.balanceOf(feeRecipient), 10, "Bob's fee");
        vm.assertEq(tokenA.balanceOf(thief) + tokenB.balanceOf(thief), 2_000_000, "nothing for the thief");
    }
}
