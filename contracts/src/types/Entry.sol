// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cursor} from "./Cursor.sol";
import {Nonce} from "./Nonce.sol";
import {ORDER_TYPEHASH, Order} from "./Order.sol";

/// @notice An order of the submitted table, in memory: a pointer to its order hash, its `Order`, and its sell token's bit.
///
///     0x000  order hash; while it is computed the type hash, so that one keccak covers type and fields
///     0x020  the 18 words of `Order`
///     0x260  1 << index of the sell token in the token table
///     0x280  1 << index of the fee token, if there is a fee
///
/// A pointer and not a struct, because the compiler fills every struct with zeroes before it is written and checks
/// every index again (docs/decisions/0009-ring-gas.md). `fields` gives the struct, for where that does not matter.
type Entry is uint256;

using {plus, orderHash, setHash, account, amount, nonce, flag, set, setAccount, fields, readFixed, inForce} for Entry global;

uint256 constant ENTRY_BYTES = 0x2a0;

// Where the fields stand: the word before the struct is the hash.
uint256 constant OWNER = 0x20;
uint256 constant SELL_TOKEN = 0x40;
uint256 constant BUY_TOKEN = 0x60;
uint256 constant SELL_AMOUNT = 0x80;
uint256 constant BUY_AMOUNT = 0xa0;
uint256 constant VALID_SINCE = 0xc0;
uint256 constant VALID_UNTIL = 0xe0;
uint256 constant NONCE = 0x100;
uint256 constant AUTH_ADDRESS = 0x120;
uint256 constant FEE_TOKEN = 0x140;
uint256 constant FEE_AMOUNT = 0x160;
uint256 constant MARGIN_SPLIT = 0x180;
uint256 constant WALLET = 0x1a0;
uint256 constant WALLET_SPLIT = 0x1c0;
uint256 constant ALL_OR_NONE = 0x1e0;
uint256 constant BUY_DRIVEN = 0x200;
uint256 constant MINIMUM_FILL = 0x220;
uint256 constant RECIPIENT = 0x240;
uint256 constant SELL_BIT = 0x260;
uint256 constant FEE_BIT = 0x280;

/// @notice Memory for `count` entries, not zeroed; the first of them.
function newEntries(uint256 count) pure returns (Entry first) {
    assembly ("memory-safe") {
        first := mload(0x40)
        mstore(0x40, add(first, mul(count, ENTRY_BYTES)))
    }
}

/// @notice The entry `count` further on.
function plus(Entry entry, uint256 count) pure returns (Entry) {
    unchecked {
        return Entry.wrap(Entry.unwrap(entry) + count * ENTRY_BYTES);
    }
}

function orderHash(Entry entry) pure returns (bytes32 value) {
    assembly ("memory-safe") {
        value := mload(entry)
    }
}

function account(Entry entry, uint256 field) pure returns (address value) {
    assembly ("memory-safe") {
        value := mload(add(entry, field))
    }
}

function amount(Entry entry, uint256 field) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mload(add(entry, field))
    }
}

function flag(Entry entry, uint256 field) pure returns (bool value) {
    assembly ("memory-safe") {
        value := mload(add(entry, field))
    }
}

function nonce(Entry entry) pure returns (Nonce value) {
    assembly ("memory-safe") {
        value := mload(add(entry, NONCE))
    }
}

function set(Entry entry, uint256 field, uint256 value) pure {
    assembly ("memory-safe") {
        mstore(add(entry, field), value)
    }
}

function setAccount(Entry entry, uint256 field, address value) pure {
    assembly ("memory-safe") {
        mstore(add(entry, field), value)
    }
}

/// @notice The order as a struct, in place.
function fields(Entry entry) pure returns (Order memory order) {
    assembly ("memory-safe") {
        order := add(entry, 0x20)
    }
}

/// @notice Computes and keeps the order hash: the EIP-712 digest under `domain`.
function setHash(Entry entry, bytes32 domain) pure returns (bytes32 value) {
    bytes32 typeHash = ORDER_TYPEHASH;
    assembly ("memory-safe") {
        mstore(entry, typeHash)
        let free := mload(0x40)
        mstore(free, 0x1901000000000000000000000000000000000000000000000000000000000000)
        mstore(add(free, 0x02), domain)
        mstore(add(free, 0x22), keccak256(entry, 0x260))
        value := keccak256(free, 0x42)
        mstore(entry, value)
    }
}

uint256 constant FIXED_BYTES = 97;

/// @notice Reads the 97 bytes that every order has, and zeroes the fields that not every order has (but the fee bit,
/// which is read only where a fee moves). `tokens` is the token
/// table.
/// @return flags What else the order has.
/// @return known Whether both tokens stand in the table.
function readFixed(Entry entry, Cursor cursor, Cursor tokens, uint256 tokensCount) pure returns (uint256 flags, bool known) {
    assembly ("memory-safe") {
        // 0 flags, 1 sell token, 2 buy token, 3 owner, 23 auth address, 43 amounts, 75 times and nonce
        let head := calldataload(cursor)
        flags := byte(0, head)
        let sell := byte(1, head)
        let buy := byte(2, head)
        known := and(lt(sell, tokensCount), lt(buy, tokensCount))
        mstore(add(entry, OWNER), shr(96, shl(24, head)))
        mstore(add(entry, SELL_TOKEN), shr(96, calldataload(add(tokens, mul(20, sell)))))
        mstore(add(entry, BUY_TOKEN), shr(96, calldataload(add(tokens, mul(20, buy)))))
        let amounts := calldataload(add(cursor, 43))
        mstore(add(entry, SELL_AMOUNT), shr(128, amounts))
        mstore(add(entry, BUY_AMOUNT), shr(128, shl(128, amounts)))
        let times := calldataload(add(cursor, 75))
        mstore(add(entry, VALID_SINCE), shr(216, times))
        mstore(add(entry, VALID_UNTIL), shr(216, shl(40, times)))
        mstore(add(entry, NONCE), shr(160, shl(80, times)))
        mstore(add(entry, AUTH_ADDRESS), shr(96, calldataload(add(cursor, 23))))
        // From the fee token to the recipient, 9 words: behind the end of calldata there are only zeroes.
        calldatacopy(add(entry, FEE_TOKEN), calldatasize(), 0x120)
        mstore(add(entry, ALL_OR_NONE), and(flags, 1))
        mstore(add(entry, BUY_DRIVEN), and(shr(1, flags), 1))
        mstore(add(entry, SELL_BIT), shl(sell, 1))
    }
}

/// @notice Whether the order may be filled at all: amounts, two tokens, an auth address, splits of at most 100, its time, its
/// owner's epoch. One answer for all, because a good order is asked without a jump; `OrderTable.refuse` is the
/// readable twin, and says which.
function inForce(Entry entry, uint256 ownersEpoch) view returns (bool good) {
    assembly ("memory-safe") {
        let amounts := and(gt(mload(add(entry, SELL_AMOUNT)), 0), gt(mload(add(entry, BUY_AMOUNT)), 0))
        let apart := xor(mload(add(entry, SELL_TOKEN)), mload(add(entry, BUY_TOKEN)))
        let authored := mload(add(entry, AUTH_ADDRESS))
        let splits := or(gt(mload(add(entry, MARGIN_SPLIT)), 100), gt(mload(add(entry, WALLET_SPLIT)), 100))
        let times := or(lt(timestamp(), mload(add(entry, VALID_SINCE))), gt(timestamp(), mload(add(entry, VALID_UNTIL))))
        let epochs := xor(shr(64, mload(add(entry, NONCE))), ownersEpoch)
        good := and(and(amounts, gt(apart, 0)), and(gt(authored, 0), iszero(or(or(splits, times), epochs))))
    }
}
