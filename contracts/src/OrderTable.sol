// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Counters} from "./Counters.sol";
import {Signature} from "./libraries/Signature.sol";
import {Cursor} from "./types/Cursor.sol";
import {
    Entry,
    FEE_AMOUNT,
    FEE_BIT,
    FEE_TOKEN,
    FIXED_BYTES,
    MARGIN_SPLIT,
    MINIMUM_FILL,
    OWNER,
    RECIPIENT,
    WALLET,
    WALLET_SPLIT,
    newEntries
} from "./types/Entry.sol";
import {Order} from "./types/Order.sol";

/// @title Reads the header and the table of orders, and verifies every order
/// @notice docs/spec/ring.md §4 has the bytes, §6 the precedence of refusals.
abstract contract OrderTable is Counters {
    uint256 private constant FLAG_FEE = 4;
    uint256 private constant FLAG_MARGIN = 8;
    uint256 private constant FLAG_WALLET = 16;
    uint256 private constant FLAG_RECIPIENT = 32;
    uint256 private constant FLAG_MINIMUM = 64;
    uint256 private constant FLAGS_OPTIONS = FLAG_MARGIN | FLAG_WALLET | FLAG_RECIPIENT | FLAG_MINIMUM;
    uint256 private constant FLAG_LONG_SIGNATURE = 128;
    uint256 private constant TOKEN_BYTES = 20;

    /// What all rings of a transaction share.
    struct Batch {
        bytes32 domain;
        address miner;
        address feeRecipient;
        uint256 deadline;
        /// Where the token table starts, and how many there are.
        Cursor tokens;
        uint256 tokensCount;
        /// The first order, and how many there are.
        Entry orders;
        uint256 ordersCount;
        /// First byte behind the argument.
        uint256 end;
    }

    function readHeader(Batch memory batch, bytes calldata rings) internal view returns (Cursor cursor) {
        assembly ("memory-safe") {
            cursor := rings.offset
        }
        unchecked {
            batch.end = Cursor.unwrap(cursor) + rings.length;
        }
        (batch.miner, cursor) = cursor.account();
        (batch.feeRecipient, cursor) = cursor.account();
        (batch.deadline, cursor) = cursor.u40();
        uint256 count;
        (count, cursor) = cursor.u8();
        batch.tokens = cursor;
        batch.tokensCount = count;
        cursor = requireAscending(cursor, count);
        if (cursor.passed(batch.end)) revert Malformed();
        if (block.timestamp > batch.deadline) revert RingExpired(batch.deadline);
        if (batch.feeRecipient == address(0)) revert FeeRecipientZero();
        if (batch.feeRecipient == address(this)) revert ReceiverIsSettlement();
        batch.domain = DOMAIN_SEPARATOR();
    }

    /// @dev Each token once, so that equal tokens are equal indices; and none is zero.
    function requireAscending(Cursor cursor, uint256 count) private pure returns (Cursor) {
        address previous = address(0);
        unchecked {
            for (; count != 0; count--) {
                address token;
                (token, cursor) = cursor.account();
                if (token <= previous) revert Malformed();
                previous = token;
            }
        }
        return cursor;
    }

    function readOrders(Batch memory batch, Cursor cursor) internal view returns (Cursor) {
        uint256 count;
        (count, cursor) = cursor.u8();
        Entry entry = newEntries(count);
        batch.orders = entry;
        batch.ordersCount = count;
        unchecked {
            for (; count != 0; count--) {
                (uint256 flags, bool known) = entry.readFixed(cursor, batch.tokens, batch.tokensCount);
                if (!known) revert Malformed();
                cursor = cursor.skip(FIXED_BYTES);
                if (flags & FLAG_FEE != 0) cursor = readFee(batch, entry, cursor);
                if (flags & FLAGS_OPTIONS != 0) cursor = readOptions(entry, flags, cursor);
                cursor = verify(batch, entry, flags, cursor);
                entry = entry.plus(1);
            }
        }
        return cursor;
    }

    function tokenAt(Batch memory batch, uint256 index) private pure returns (address value, Cursor next) {
        unchecked {
            return batch.tokens.skip(TOKEN_BYTES * index).account();
        }
    }

    function readFee(Batch memory batch, Entry entry, Cursor cursor) private pure returns (Cursor next) {
        (uint256 index, Cursor amountAt) = cursor.u8();
        if (index >= batch.tokensCount) revert Malformed();
        (address feeToken,) = tokenAt(batch, index);
        entry.setAccount(FEE_TOKEN, feeToken);
        entry.set(FEE_BIT, 1 << index);
        uint256 amount;
        (amount, next) = amountAt.u128();
        entry.set(FEE_AMOUNT, amount);
    }

    function readOptions(Entry entry, uint256 flags, Cursor cursor) private pure returns (Cursor) {
        uint256 value;
        if (flags & FLAG_MARGIN != 0) {
            (value, cursor) = cursor.u8();
            entry.set(MARGIN_SPLIT, value);
        }
        if (flags & FLAG_WALLET != 0) {
            address wallet;
            (wallet, cursor) = cursor.account();
            entry.setAccount(WALLET, wallet);
            (value, cursor) = cursor.u8();
            entry.set(WALLET_SPLIT, value);
        }
        if (flags & FLAG_RECIPIENT != 0) {
            address recipient;
            (recipient, cursor) = cursor.account();
            entry.setAccount(RECIPIENT, recipient);
        }
        if (flags & FLAG_MINIMUM != 0) {
            (value, cursor) = cursor.u128();
            entry.set(MINIMUM_FILL, value);
        }
        return cursor;
    }

    /// @dev The order is in force, and its owner signed it.
    function verify(Batch memory batch, Entry entry, uint256 flags, Cursor cursor) private view returns (Cursor next) {
        uint256 length = Signature.COMPACT_BYTES;
        if (flags & FLAG_LONG_SIGNATURE != 0) (length, cursor) = cursor.u16();
        next = cursor.skip(length);
        if (next.passed(batch.end)) revert Malformed();
        bytes32 orderHash = entry.setHash(batch.domain);
        address owner = entry.account(OWNER);
        uint256 ownersEpoch = epochOf[owner];
        if (!entry.inForce(ownersEpoch)) refuse(entry.fields(), orderHash);
        bytes calldata signature;
        assembly ("memory-safe") {
            signature.offset := cursor
            signature.length := length
        }
        if (!Signature.isBy(owner, orderHash, signature)) revert BadOwnerSignature(orderHash);
    }

    /// @dev What `Entry.inForce` found wrong, by name.
    function refuse(Order memory order, bytes32 orderHash) private view {
        if (order.sellAmount == 0 || order.buyAmount == 0) revert AmountZero(orderHash);
        if (order.sellToken == order.buyToken) revert SameToken(orderHash);
        if (order.authAddress == address(0)) revert AuthAddressZero(orderHash);
        if (order.marginSplit > 100 || order.walletSplit > 100) revert SplitTooLarge(orderHash);
        if (block.timestamp < order.validSince) revert OrderNotYetValid(orderHash, order.validSince);
        if (block.timestamp > order.validUntil) revert OrderExpired(orderHash, order.validUntil);
        revert EpochNotCurrent(orderHash, order.nonce.epoch());
    }
}
