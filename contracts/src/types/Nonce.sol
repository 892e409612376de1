// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Which of an owner's orders: the owner's epoch in the upper 32 bits, the order's number in the lower 64.
/// Orders of one owner with one nonce share one counter; numbers 2k and 2k+1 share one storage word, so that
/// an owner who counts upwards pays for a new word only every second order.
type Nonce is uint96;

using {epoch, slot, shift} for Nonce global;

function epoch(Nonce nonce) pure returns (uint256) {
    return Nonce.unwrap(nonce) >> 64;
}

/// @notice Key of the storage word that holds the counter: owner (160 bits), then nonce without its last bit.
function slot(Nonce nonce, address owner) pure returns (uint256) {
    return (uint256(uint160(owner)) << 96) | (Nonce.unwrap(nonce) >> 1);
}

/// @notice Where in that word: even numbers in the lower 128 bits, odd numbers in the upper.
function shift(Nonce nonce) pure returns (uint256) {
    return (Nonce.unwrap(nonce) & 1) << 7;
}
