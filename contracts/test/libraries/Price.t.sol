// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Price} from "../../src/libraries/Price.sol";
import {vm} from "../Vm.sol";

/// @notice Each rounding is the best that keeps the limit: one unit more for the miner would break it.
contract PriceTest {
    uint256 private constant MAX = type(uint128).max;

    function testKeepsLimitAtTheLimitAndOneUnitBelow() external pure {
        vm.assertTrue(Price.keepsLimit(100, 50, 100, 50), "exactly the limit");
        vm.assertTrue(Price.keepsLimit(99, 50, 100, 50), "better");
        vm.assertFalse(Price.keepsLimit(100, 49, 100, 50), "one unit too little");
        vm.assertFalse(Price.keepsLimit(101, 50, 100, 50), "one unit too much");
        vm.assertFalse(Price.keepsLimit(1, 0, MAX, 1), "something for nothing");
        vm.assertTrue(Price.keepsLimit(0, 0, 1, 1), "nothing for nothing");
    }

    function testLargestAmountsDoNotWrap() external pure {
        vm.assertTrue(Price.keepsLimit(MAX, MAX, MAX, MAX), "equal");
        vm.assertFalse(Price.keepsLimit(MAX, MAX - 1, MAX, MAX), "one unit less");
        vm.assertEq(Price.leastReceived(MAX, MAX, MAX), MAX, "least");
        vm.assertEq(Price.mostSold(MAX, MAX, MAX), MAX, "most");
        vm.assertEq(Price.leastReceived(MAX, 1, MAX), MAX * MAX, "least of the largest");
        vm.assertEq(Price.proportion(MAX, MAX, MAX), MAX, "proportion");
        vm.assertEq(Price.share(MAX, 100), MAX, "all of it");
    }

    function testFuzzLeastReceivedIsTheLeast(uint128 sold, uint128 sell, uint128 buy) external pure {
        vm.assume(sell > 0 && buy > 0);
        uint256 least = Price.leastReceived(sold, sell, buy);
        vm.assume(least <= MAX);
        vm.assertTrue(Price.keepsLimit(sold, least, sell, buy), "keeps the limit");
        if (least > 0) vm.assertFalse(Price.keepsLimit(sold, least - 1, sell, buy), "one less does not");
    }

    function testFuzzMostSoldIsTheMost(uint128 received, uint128 sell, uint128 buy) external pure {
        vm.assume(sell > 0 && buy > 0);
        uint256 most = Price.mostSold(received, sell, buy);
        vm.assume(most < MAX);
        vm.assertTrue(Price.keepsLimit(most, received, sell, buy), "keeps the limit");
        vm.assertFalse(Price.keepsLimit(most + 1, received, sell, buy), "one more does not");
    }

    /// What is above the limit is never negative, whichever side it is counted on, and taking all of it still keeps the limit.
    function testFuzzMarginNeverBreaksTheLimit(uint128 sold, uint128 received, uint128 sell, uint128 buy, uint8 split)
        external
        pure
    {
        vm.assume(sell > 0 && buy > 0 && Price.keepsLimit(sold, received, sell, buy));
        uint256 percent = split % 101;
        uint256 saved = received - Price.leastReceived(sold, sell, buy);
        vm.assertTrue(Price.keepsLimit(sold, received - Price.share(saved, percent), sell, buy), "of what is bought");
        // A buy-driven order never sells more than sellAmount, since it never buys more than buyAmount.
        vm.assume(received <= buy);
        uint256 spared = Price.mostSold(received, sell, buy) - sold;
        vm.assertTrue(Price.keepsLimit(sold + Price.share(spared, percent), received, sell, buy), "of what is sold");
        vm.assertLe(sold + spared, sell, "sold in all");
    }

    /// Fees of the parts never add up to more than the fee of the whole.
    function testFuzzFeesOfPartsAddUpToAtMostTheFee(uint128 fee, uint128 total, uint128 first, uint128 second) external pure {
        vm.assume(total > 0);
        uint256 part = uint256(first) % (uint256(total) + 1);
        uint256 rest = uint256(second) % (total - part + 1);
        vm.assertLe(Price.proportion(fee, part, total) + Price.proportion(fee, rest, total), fee, "fees");
        vm.assertEq(Price.proportion(fee, total, total), fee, "the whole");
    }

    function testFuzzShareLeavesTheRest(uint128 amount, uint8 percent) external pure {
        uint256 split = percent % 101;
        uint256 part = Price.share(amount, split);
        vm.assertLe(part * 100, uint256(amount) * split, "rounded down");
        vm.assertGe(part * 100 + 99, uint256(amount) * split, "by less than one unit");
    }
}
