// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Two amounts in one word, for the log: the first in the upper 128 bits, the second in the lower.
type Amounts is uint256;

/// @notice What one order did in a settled ring, as `RingSettled` tells it. What else there is to know follows from the order, which
/// stands in the transaction's calldata: who brought it, its fee.
struct Fill {
    bytes32 orderHash;
    TokenTake sellTokenTake;
    /// What the owner gave of `sellToken`, then what the recipient got of the buy token.
    Amounts soldReceived;
}

/// @notice A token in the lower 160 bits, and above it what was taken for the order: 0 nothing, 1 fee, 2 margin.
type TokenTake is uint256;

function pack(uint256 first, uint256 second) pure returns (Amounts) {
    return Amounts.wrap((first << 128) | second);
}

function packToken(address token, uint256 take) pure returns (TokenTake) {
    return TokenTake.wrap((take << 160) | uint160(token));
}
