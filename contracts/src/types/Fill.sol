// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Two amounts in one word, for the log: the first in the upper 128 bits, the second in the lower.
type Amounts is uint256;

/// @notice What one order did in a settled ring, as `RingSettled` tells it.
struct Fill {
    bytes32 orderHash;
    address sellToken;
    /// Who brought the order, or zero.
    address wallet;
    /// What the owner gave of `sellToken`, then what the recipient got of the buy token.
    Amounts soldReceived;
}

function pack(uint256 first, uint256 second) pure returns (Amounts) {
    return Amounts.wrap((first << 128) | second);
}
