// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Order} from "../../src/types/Order.sol";
import {Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Overfill by a buy-driven order (A18)
/// @notice **Sees** Alice's order to buy 50 of B for at most 100 of A, of which she has 1,000,000; it is her own relay, with her auth key.
/// **Does** ring after ring in which she gives 100 of A and gets 1 of B, since what is counted is what she bought. **Gets** nothing:
/// what she sells is bounded by what she buys, at her limit, in every fill; so it never sums up to more than 100. (Loopring
/// 1.x counted what was bought and did not look at the price: five times the order was sold.)
contract BuyDrivenOverfillTest is AttackTest {
    function ring(Order memory order, uint256 fill, uint256 bought) private returns (Submission memory plan) {
        Order memory own = orderOf(thief, tokenB, 1000, tokenA, 1);
        plan = ringOf(two(order, own), fills(fill, bought));
        plan.miner = thief;
        sign(plan);
    }

    function buyer(uint256 sellAmount, uint256 buyAmount) private returns (Order memory order) {
        order = orderOf(alice, tokenA, sellAmount, tokenB, buyAmount);
        order.buyDriven = true;
    }

    function sold() private view returns (uint256) {
        return 1_000_000 - tokenA.balanceOf(alice);
    }

    function testAllForOne() external {
        Submission memory plan = ring(buyer(100, 50), 100, 1);
        refuse(plan, errorOf(IRingSettlement.LimitPrice.selector, plan.orders[0]));
    }

    /// One unit of B at a time, each time for as much of A as the limit allows: rounded against whoever wants more.
    function testUnitByUnit() external {
        Order memory order = buyer(100, 7);
        for (uint256 i = 0; i < 7; i++) {
            Submission memory more = ring(order, 15, 1);
            refuse(more, errorOf(IRingSettlement.LimitPrice.selector, order));
            submit(ring(order, 14, 1));
        }
        vm.assertEq(sold(), 98, "7 times 14 is below 100");
        Submission memory plan = ring(order, 1, 1);
        bytes memory full =
            abi.encodeWithSelector(IRingSettlement.Overfill.selector, orderHash(order), uint256(7), uint256(7));
        refuse(plan, full);
    }

    /// With a margin on top, which a buy-driven order pays in what it sells.
    function testWithMargin() external {
        Order memory order = buyer(100, 50);
        order.marginSplit = 100;
        Submission memory plan = ring(order, 40, 50);
        plan.rings[0].places[0].take = TAKE_MARGIN;
        sign(plan);
        submit(plan);
        vm.assertEq(sold(), 100, "40 to the thief's order, 60 as margin");
        vm.assertEq(settlement.filled(alice, order.nonce), 50, "full");
    }

    /// The control: the whole order at once, at its limit.
    function testWhole() external {
        submit(ring(buyer(100, 50), 100, 50));
        vm.assertEq(sold(), 100, "sold");
        vm.assertEq(tokenB.balanceOf(alice), 50, "bought");
    }

    /// However it is cut, the sum stays below what was signed.
    function testSumOfAnyFills(uint8[8] calldata bought, uint8[8] calldata more) external {
        Order memory order = buyer(100, 37);
        for (uint256 i = 0; i < bought.length; i++) {
            uint256 inflow = uint256(bought[i]) % 16 + 1;
            trySubmit(relay, pack(ring(order, inflow * 100 / 37 + more[i] % 2, inflow)));
        }
        vm.assertLe(sold(), 100, "never more than the order sells");
        vm.assertLe(settlement.filled(alice, order.nonce), 37, "never more than the order buys");
        vm.assertGe(tokenB.balanceOf(alice) * 100, sold() * 37, "at her price");
    }
}
