// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RingTest, Submission} from "./RingTest.sol";
import {vm} from "./Vm.sol";

contract RingSettlementTest is RingTest {
    function testRingOfTwo() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        submit(plan);
        vm.assertEq(tokenB.balanceOf(alice), 60, "Alice bought");
        vm.assertEq(tokenA.balanceOf(bob), 100, "Bob bought");
        vm.assertEq(tokenA.balanceOf(alice), 1_000_000 - 100, "Alice sold");
        vm.assertEq(tokenB.balanceOf(bob), 1_000_000 - 60, "Bob sold");
    }
}
