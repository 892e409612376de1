// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The price rule and the shares: all arithmetic on amounts
/// @notice Every amount is below 2^128 and every limit amount at least 1, so that each product fits a word: nothing here can
/// wrap. Every rounding favours the owner. `contracts/test/proof/` has the price rule proved, not only tested.
library Price {
    /// @notice Whether giving `sold` for `received` keeps the limit `sellAmount : buyAmount`.
    function keepsLimit(uint256 sold, uint256 received, uint256 sellAmount, uint256 buyAmount)
        internal
        pure
        returns (bool)
    {
        unchecked {
            return received * sellAmount >= sold * buyAmount;
        }
    }

    /// @notice The least that must be received for `sold`: rounded up.
    function leastReceived(uint256 sold, uint256 sellAmount, uint256 buyAmount) internal pure returns (uint256) {
        unchecked {
            return (sold * buyAmount + sellAmount - 1) / sellAmount;
        }
    }

    /// @notice The most that may be sold for `received`: rounded down.
    function mostSold(uint256 received, uint256 sellAmount, uint256 buyAmount) internal pure returns (uint256) {
        unchecked {
            return received * sellAmount / buyAmount;
        }
    }

    /// @notice `percent` of `amount`, rounded down. `percent` is at most 100.
    function share(uint256 amount, uint256 percent) internal pure returns (uint256) {
        unchecked {
            return amount * percent / 100;
        }
    }

    /// @notice `whole * part / total`, rounded down: the fee for a part of an order.
    function proportion(uint256 whole, uint256 part, uint256 total) internal pure returns (uint256) {
        unchecked {
            return whole * part / total;
        }
    }
}
