// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Token} from "../../src/libraries/Token.sol";
import {Nonce} from "../../src/types/Nonce.sol";
import {Order} from "../../src/types/Order.sol";
import {Place, Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title One owner twice, with one balance
/// @notice **Sees** that what an order promises is looked up order by order. **Does** give two orders for one balance, or two fees for
/// one, so that each alone is covered and both are not. **Gets** nothing but a refusal: what is owed is transferred or all of it is
/// undone. (Loopring counted the balance twice and reverted late; its miner had to leave out such pairs.)
contract SameOwnerTwiceTest is AttackTest {
    function feeInC(Order memory order) private view returns (Order memory) {
        order.feeToken = address(tokenC);
        order.feeAmount = 10;
        return order;
    }

    /// @dev Alice sells A for B and B for C; a third owner sells C for A. Alice owes two fees of 10 of C.
    function ring() private returns (Submission memory plan) {
        Order memory second = orderOf(alice, tokenB, 50, tokenC, 50);
        second.nonce = Nonce.wrap(1);
        fund(tokenB, alice, 50);
        approve(tokenC, alice, type(uint256).max);
        Order memory last = orderOf(third, tokenC, 50, tokenA, 100);
        plan = ringOf(three(feeInC(aliceOrder()), feeInC(second), last), fills(100, 50, 50));
        plan.rings[0].places[0].take = TAKE_FEE;
        plan.rings[0].places[1].take = TAKE_FEE;
    }

    /// She gets 50 of C and owes 20: covered by the ring itself, since fees come last.
    function testFeesOutOfWhatTheRingBrings() external {
        Submission memory plan = ring();
        sign(plan);
        submit(plan);
        vm.assertEq(tokenC.balanceOf(alice), 30, "bought 50, two fees of 10");
        vm.assertEq(tokenC.balanceOf(feeRecipient), 20, "two fees");
    }

    /// With the bought C going elsewhere she has 15 for two fees of 10.
    function testTwoFeesOfOneBalance() external {
        Submission memory plan = ring();
        plan.orders[1].recipient = wallet;
        tokenC.mint(alice, 15);
        sign(plan);
        bytes memory failed = abi.encodeWithSelector(
            Token.TransferFailed.selector, address(tokenC), alice, feeRecipient, uint256(10)
        );
        refuse(plan, failed);
        vm.assertEq(tokenC.balanceOf(alice), 15, "nothing moved");
        plan.rings[0].places[1].take = TAKE_NONE;
        sign(plan);
        submit(plan);
        vm.assertEq(tokenC.balanceOf(alice), 5, "the control: one fee");
    }

    /// Two orders of 100 of A, in two rings of one transaction, with 150 of A.
    function testTwoOrdersOfOneBalance() external {
        vm.prank(alice, alice);
        tokenA.transfer(wallet, 1_000_000 - 150);
        Order memory second = aliceOrder();
        second.nonce = Nonce.wrap(1);
        Submission memory plan =
            tableOf(three(aliceOrder(), second, orderOf(bob, tokenB, 120, tokenA, 200)), 2);
        for (uint256 i = 0; i < 2; i++) {
            plan.rings[i].places = new Place[](2);
            plan.rings[i].places[0] = Place(i, 100, TAKE_NONE, 0, 0);
            plan.rings[i].places[1] = Place(2, 60, TAKE_NONE, 1, 0);
        }
        sign(plan);
        bytes memory failed =
            abi.encodeWithSelector(Token.TransferFailed.selector, address(tokenA), alice, bob, uint256(100));
        refuse(plan, failed);
        vm.assertEq(tokenB.balanceOf(alice), 0, "not even the first ring");
        plan.rings[1].places[0].fill = 50;
        plan.rings[1].places[1].fill = 30;
        sign(plan);
        submit(plan);
        vm.assertEq(tokenB.balanceOf(alice), 90, "the control: what the balance covers");
    }
}
