// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Token} from "../../src/libraries/Token.sol";
import {Order} from "../../src/types/Order.sol";
import {Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Replay by a sender without fee tokens (A6)
/// @notice **Sees** a ring in which the miner takes Alice's margin and rewards her with her fee. **Does** send it first, having none of
/// the fee token. **Gets** nothing, and harms nobody: the miner who signed pays the reward, whoever sends. (In Loopring the
/// sender paid it; one without made the margin vanish: nobody gained, the miner lost.)
contract SenderWithoutFeeTokenTest is AttackTest {
    /// @dev Alice is paid 60 for what she would give for 50; her fee of 10 C is the reward.
    function marginRing() private returns (Submission memory plan) {
        Order memory order = aliceOrder();
        order.marginSplit = 50;
        order.feeToken = address(tokenC);
        order.feeAmount = 10;
        plan = ringOf(two(order, bobOrder()), fills(100, 60));
        plan.feeRecipient = miner;
        plan.rings[0].places[0].take = TAKE_MARGIN;
        sign(plan);
    }

    function testWhoeverSends() external {
        fund(tokenC, miner, 10);
        submitBy(thief, marginRing());
        vm.assertEq(tokenB.balanceOf(miner), 5, "half of the margin");
        vm.assertEq(tokenB.balanceOf(alice), 55, "the other half stays hers");
        vm.assertEq(tokenC.balanceOf(alice), 10, "the reward");
        vm.assertEq(tokenC.balanceOf(miner), 0, "paid by the miner");
        vm.assertEq(tokenA.balanceOf(thief) + tokenB.balanceOf(thief), 2_000_000, "nothing for the thief");
    }

    /// A miner that cannot pay takes no margin: it is refused, not settled without.
    function testAMinerWithoutFeeToken() external {
        Submission memory plan = marginRing();
        bytes memory failed = abi.encodeWithSelector(
            Token.TransferFailed.selector, address(tokenC), miner, alice, uint256(10)
        );
        refuseBy(thief, plan, failed);
    }

    /// Nor can anybody else be made to pay: the fees go to the miner who owes the reward, or the ring is refused.
    function testSomebodyElsesFeeRecipient() external {
        fund(tokenC, miner, 10);
        Submission memory plan = marginRing();
        plan.feeRecipient = thief;
        sign(plan);
        refuse(plan, errorOf(IRingSettlement.RewardNotMiners.selector, plan.orders[0]));
    }
}
