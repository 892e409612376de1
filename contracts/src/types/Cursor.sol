// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A place in packed calldata; each read returns a value, big-endian, and the place behind it. Reads are not
/// bounded: whoever reads compares the cursor with the end of the bytes before anything takes effect.
type Cursor is uint256;

using {u8, u16, u40, u128, account, skip, passed} for Cursor global;

function u8(Cursor cursor) pure returns (uint256 value, Cursor next) {
    return read(cursor, 1);
}

function u16(Cursor cursor) pure returns (uint256 value, Cursor next) {
    return read(cursor, 2);
}

function u40(Cursor cursor) pure returns (uint256 value, Cursor next) {
    return read(cursor, 5);
}

function u128(Cursor cursor) pure returns (uint256 value, Cursor next) {
    return read(cursor, 16);
}

function account(Cursor cursor) pure returns (address value, Cursor next) {
    uint256 word;
    (word, next) = read(cursor, 20);
    value = address(uint160(word));
}

function skip(Cursor cursor, uint256 bytesCount) pure returns (Cursor) {
    unchecked {
        return Cursor.wrap(Cursor.unwrap(cursor) + bytesCount);
    }
}

function passed(Cursor cursor, uint256 end) pure returns (bool) {
    return Cursor.unwrap(cursor) > end;
}

function read(Cursor cursor, uint256 bytesCount) pure returns (uint256 value, Cursor next) {
    assembly ("memory-safe") {
        value := shr(sub(256, shl(3, bytesCount)), calldataload(cursor))
    }
    next = cursor.skip(bytesCount);
}
