// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Amounts, TokenTake} from "./Fill.sol";

// What every auth key and the miner sign. The list is ordered and binds what was filled before: no ring can be rotated,
// cut, joined with another, or settled a second time.
bytes32 constant PARTICIPATION_TYPEHASH =
    keccak256("Participation(bytes32 orderHash,uint128 fill,uint128 filledBefore,uint8 take)");
bytes32 constant RING_TYPEHASH = keccak256(
    "Ring(Participation[] participations,address miner,address feeRecipient,uint40 deadline)"
    "Participation(bytes32 orderHash,uint128 fill,uint128 filledBefore,uint8 take)"
);

/// @title What a ring is signed as, and what it is told as, written in one pass
/// @notice A record is memory of two parts: the data of the `RingSettled` event as the ABI encodes `Fill[]`, then one EIP-712 hash for
/// each participation.
///
///     0x00  0x20                         where the array starts
///     0x20  n
///     0x40  n × 3 words: order hash, take ‖ sell token, sold ‖ received
///      …    n × 1 word: hashStruct(Participation)
type Record is uint256;

using {putParticipation, putFill, hash, emitSettled} for Record global;

/// @notice A record for `size` orders; every word is written here, by `putParticipation` and by `putFill`.
function newRecord(uint256 size) pure returns (Record record) {
    assembly ("memory-safe") {
        record := mload(0x40)
        mstore(record, 0x20)
        mstore(add(record, 0x20), size)
        mstore(0x40, add(record, add(0x40, shl(7, size))))
    }
}

/// @notice EIP-712 hash of the participation, kept at position `i`.
function putParticipation(Record record, uint256 size, uint256 i, bytes32 orderHash, uint256 fill, uint256 before, uint256 take)
    pure
{
    bytes32 typeHash = PARTICIPATION_TYPEHASH;
    assembly ("memory-safe") {
        let free := mload(0x40)
        mstore(free, typeHash)
        mstore(add(free, 0x20), orderHash)
        mstore(add(free, 0x40), fill)
        mstore(add(free, 0x60), before)
        mstore(add(free, 0x80), take)
        mstore(add(add(record, 0x40), add(mul(0x60, size), shl(5, i))), keccak256(free, 0xa0))
    }
}

/// @notice What the event says of position `i`.
function putFill(Record record, uint256 i, bytes32 orderHash, TokenTake sellTokenTake, Amounts soldReceived) pure {
    assembly ("memory-safe") {
        let fill := add(add(record, 0x40), mul(0x60, i))
        mstore(fill, orderHash)
        mstore(add(fill, 0x20), sellTokenTake)
        mstore(add(fill, 0x40), soldReceived)
    }
}

/// @notice EIP-712 `hashStruct(Ring)` over the participations signed into the record.
function hash(Record record, uint256 size, address miner, address feeRecipient, uint256 deadline)
    pure
    returns (bytes32 value)
{
    bytes32 typeHash = RING_TYPEHASH;
    assembly ("memory-safe") {
        let free := mload(0x40)
        mstore(free, typeHash)
        mstore(add(free, 0x20), keccak256(add(add(record, 0x40), mul(0x60, size)), shl(5, size)))
        mstore(add(free, 0x40), miner)
        mstore(add(free, 0x60), feeRecipient)
        mstore(add(free, 0x80), deadline)
        value := keccak256(free, 0xa0)
    }
}

/// @notice `emit RingSettled(ringHash, miner, feeRecipient, fills)`; `topic` is its selector.
function emitSettled(Record record, uint256 size, bytes32 topic, bytes32 ringHash, address miner, address feeRecipient) {
    assembly ("memory-safe") {
        log4(record, add(0x40, mul(0x60, size)), topic, ringHash, miner, feeRecipient)
    }
}
