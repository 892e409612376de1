// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cursor} from "./Cursor.sol";
import {Entry} from "./Entry.sol";

/// @notice One order's part in a ring while that is being settled, in memory: a pointer to 8 words. The parts of
/// a ring stand one behind the other.
///
///     0x00  entry of its order         0x80  sold: what leaves the owner in the sell token, the fee apart
///     0x20  author                     0xa0  received: what arrives at the recipient, in the buy token
///     0x40  take                       0xc0  margin: margin for fee recipient and wallet (take 2)
///     0x60  fill: what it passes on to    0xe0  fee for this fill (take 1: paid by the owner, take 2: to the owner)
///           the order before it
type Part is uint256;

using {plus, read, entry, author, take, fill, sold, received, margin, fee, setSold, setReceived, setMargin, setFee} for Part global;

uint256 constant PART_BYTES = 0x100;
// How many bytes a participation is in calldata.
uint256 constant PARTICIPATION_BYTES = 18;

// What the miner takes for an order's place in the ring. Part of what is signed.
uint256 constant TAKE_NONE = 0;
// The order's fee, for the part that is filled.
uint256 constant TAKE_FEE = 1;
// The order's margin split of what the ring saves it. The miner then pays the fee to the owner.
uint256 constant TAKE_MARGIN = 2;

// Authors that are not positions in the ring.
uint256 constant AUTHORED_BY_SENDER = 15;
uint256 constant NOT_AUTHORED = 14;

/// @notice Memory for `size` parts, not zeroed; the first of them.
function newParts(uint256 size) pure returns (Part first) {
    assembly ("memory-safe") {
        first := mload(0x40)
        mstore(0x40, add(first, mul(size, PART_BYTES)))
    }
}

/// @notice The part `count` further on.
function plus(Part part, uint256 count) pure returns (Part) {
    unchecked {
        return Part.wrap(Part.unwrap(part) + count * PART_BYTES);
    }
}

/// @notice Reads a participation; its order is entry `index` behind `table`, if there are that many.
function read(Part part, Cursor cursor, Entry table) pure returns (uint256 index, uint256 taken) {
    uint256 word;
    assembly ("memory-safe") {
        word := calldataload(cursor)
        index := byte(0, word)
        taken := and(byte(1, word), 15)
        mstore(add(part, 0x20), shr(4, byte(1, word)))
        mstore(add(part, 0x40), taken)
        mstore(add(part, 0x60), shr(128, shl(16, word)))
    }
    Entry its = table.plus(index);
    assembly ("memory-safe") {
        mstore(part, its)
    }
}

function entry(Part part) pure returns (Entry value) {
    assembly ("memory-safe") {
        value := mload(part)
    }
}

function author(Part part) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mload(add(part, 0x20))
    }
}

function take(Part part) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mload(add(part, 0x40))
    }
}

function fill(Part part) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mload(add(part, 0x60))
    }
}

function sold(Part part) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mload(add(part, 0x80))
    }
}

function setSold(Part part, uint256 value) pure {
    assembly ("memory-safe") {
        mstore(add(part, 0x80), value)
    }
}

function received(Part part) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mload(add(part, 0xa0))
    }
}

function setReceived(Part part, uint256 value) pure {
    assembly ("memory-safe") {
        mstore(add(part, 0xa0), value)
    }
}

function margin(Part part) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mload(add(part, 0xc0))
    }
}

function fee(Part part) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mload(add(part, 0xe0))
    }
}

function setMargin(Part part, uint256 value) pure {
    assembly ("memory-safe") {
        mstore(add(part, 0xc0), value)
    }
}

function setFee(Part part, uint256 value) pure {
    assembly ("memory-safe") {
        mstore(add(part, 0xe0), value)
    }
}
