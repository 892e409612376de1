// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Counters} from "./Counters.sol";
import {Price} from "./libraries/Price.sol";
import {Signature} from "./libraries/Signature.sol";
import {Token} from "./libraries/Token.sol";
import {Cursor} from "./types/Cursor.sol";
import {Fill, pack} from "./types/Fill.sol";
import {Order} from "./types/Order.sol";
import {
    AUTHORED_BY_SENDER,
    PARTICIPATION_TYPEHASH,
    Participation,
    RING_SIZE_MAX,
    RING_SIZE_MIN,
    RING_TYPEHASH,
    Take
} from "./types/Ring.sol";

/// @title RingSettlement
/// @notice See IRingSettlement for what it promises, docs/spec/ring.md for the bytes.
///
/// One pass, in this order: read and verify the table of orders; then for each ring its checks, its authors' signatures, and
/// last the transfers. Counters are written before any other contract is called.
contract RingSettlement is Counters {
    using Token for address;

    uint256 private constant FLAG_ALL_OR_NONE = 1;
    uint256 private constant FLAG_BUY_DRIVEN = 2;
    uint256 private constant FLAG_FEE = 4;
    uint256 private constant FLAG_MARGIN = 8;
    uint256 private constant FLAG_WALLET = 16;
    uint256 private constant FLAG_RECIPIENT = 32;
    uint256 private constant FLAG_MINIMUM = 64;
    uint256 private constant FLAG_LONG_SIGNATURE = 128;

    bool private transient entered;

    /// What all rings of a transaction share.
    struct Batch {
        bytes32 domain;
        address miner;
        address feeRecipient;
        uint40 deadline;
        /// Where the token table starts, and how many there are.
        Cursor tokens;
        uint256 tokensCount;
        Order[] orders;
        bytes32[] hashes;
        /// First byte behind the argument.
        uint256 end;
    }

    function submit(bytes calldata rings) external override {
        if (entered) revert Reentrant();
        entered = true;
        Batch memory batch;
        Cursor cursor = readHeader(batch, rings);
        cursor = readOrders(batch, cursor);
        uint256 count;
        (count, cursor) = cursor.u8();
        if (count == 0) revert Malformed();
        for (; count > 0; count--) {
            cursor = settleRing(batch, cursor);
        }
        if (Cursor.unwrap(cursor) != batch.end) revert Malformed();
        entered = false;
    }

    function hashOrder(Order calldata order) external view override returns (bytes32) {
        Order memory copy = order;
        return digest(DOMAIN_SEPARATOR(), copy.hash());
    }

    // ── orders ──────────────────────────────────────────────────────────────────────────────────────────────────

    function readHeader(Batch memory batch, bytes calldata rings) private view returns (Cursor cursor) {
        assembly ("memory-safe") {
            cursor := rings.offset
        }
        batch.end = Cursor.unwrap(cursor) + rings.length;
        (batch.miner, cursor) = cursor.account();
        (batch.feeRecipient, cursor) = cursor.account();
        (batch.deadline, cursor) = cursor.u40();
        (batch.tokensCount, cursor) = cursor.u8();
        batch.tokens = cursor;
        cursor = cursor.skip(20 * batch.tokensCount);
        if (cursor.passed(batch.end)) revert Malformed();
        requireAscending(batch);
        if (block.timestamp > batch.deadline) revert RingExpired(batch.deadline);
        if (batch.feeRecipient == address(0)) revert FeeRecipientZero();
        batch.domain = DOMAIN_SEPARATOR();
    }

    /// @dev One index for each token, so that equal tokens are equal indices.
    function requireAscending(Batch memory batch) private pure {
        Cursor cursor = batch.tokens;
        address previous = address(0);
        for (uint256 i = 0; i < batch.tokensCount; i++) {
            address token;
            (token, cursor) = cursor.account();
            if (token <= previous) revert Malformed();
            previous = token;
        }
    }

    function readOrders(Batch memory batch, Cursor cursor) private view returns (Cursor) {
        uint256 count;
        (count, cursor) = cursor.u8();
        batch.orders = new Order[](count);
        batch.hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            Order memory order = batch.orders[i];
            uint256 flags;
            (flags, cursor) = readOrder(batch, order, cursor);
            bytes calldata signature;
            (signature, cursor) = readSignature(flags, cursor);
            if (cursor.passed(batch.end)) revert Malformed();
            bytes32 orderHash = digest(batch.domain, order.hash());
            batch.hashes[i] = orderHash;
            requireValid(order, orderHash);
            if (!Signature.isBy(order.owner, orderHash, signature)) revert BadOwnerSignature(orderHash);
        }
        return cursor;
    }

    function readOrder(Batch memory batch, Order memory order, Cursor cursor) private pure returns (uint256 flags, Cursor) {
        (flags, cursor) = cursor.u8();
        (order.sellToken, cursor) = readToken(batch, cursor);
        (order.buyToken, cursor) = readToken(batch, cursor);
        (order.owner, cursor) = cursor.account();
        (order.authAddress, cursor) = cursor.account();
        (order.sellAmount, cursor) = cursor.u128();
        (order.buyAmount, cursor) = cursor.u128();
        (order.validSince, cursor) = cursor.u40();
        (order.validUntil, cursor) = cursor.u40();
        (order.nonce, cursor) = cursor.nonce96();
        order.allOrNone = flags & FLAG_ALL_OR_NONE != 0;
        order.buyDriven = flags & FLAG_BUY_DRIVEN != 0;
        if (flags & (FLAG_FEE | FLAG_MARGIN | FLAG_WALLET | FLAG_RECIPIENT | FLAG_MINIMUM) != 0) {
            cursor = readOptions(batch, order, flags, cursor);
        }
        return (flags, cursor);
    }

    function readOptions(Batch memory batch, Order memory order, uint256 flags, Cursor cursor)
        private
        pure
        returns (Cursor)
    {
        if (flags & FLAG_FEE != 0) {
            (order.feeToken, cursor) = readToken(batch, cursor);
            (order.feeAmount, cursor) = cursor.u128();
        }
        if (flags & FLAG_MARGIN != 0) (order.marginSplit, cursor) = cursor.percent();
        if (flags & FLAG_WALLET != 0) {
            (order.wallet, cursor) = cursor.account();
            (order.walletSplit, cursor) = cursor.percent();
        }
        if (flags & FLAG_RECIPIENT != 0) (order.recipient, cursor) = cursor.account();
        if (flags & FLAG_MINIMUM != 0) (order.minimumFill, cursor) = cursor.u128();
        return cursor;
    }

    function readToken(Batch memory batch, Cursor cursor) private pure returns (address token, Cursor next) {
        uint256 index;
        (index, next) = cursor.u8();
        if (index >= batch.tokensCount) revert Malformed();
        (token,) = batch.tokens.skip(20 * index).account();
    }

    function readSignature(uint256 flags, Cursor cursor) private pure returns (bytes calldata signature, Cursor next) {
        uint256 length = Signature.COMPACT_BYTES;
        if (flags & FLAG_LONG_SIGNATURE != 0) (length, cursor) = cursor.u16();
        assembly ("memory-safe") {
            signature.offset := cursor
            signature.length := length
        }
        next = cursor.skip(length);
    }

    function requireValid(Order memory order, bytes32 orderHash) private view {
        if (order.sellAmount == 0 || order.buyAmount == 0) revert AmountZero(orderHash);
        if (order.sellToken == order.buyToken) revert SameToken(orderHash);
        if (order.authAddress == address(0)) revert AuthAddressZero(orderHash);
        if (order.marginSplit > 100 || order.walletSplit > 100) revert SplitTooLarge(orderHash);
        if (block.timestamp < order.validSince) revert OrderNotYetValid(orderHash, order.validSince);
        if (block.timestamp > order.validUntil) revert OrderExpired(orderHash, order.validUntil);
        uint256 epoch = order.nonce.epoch();
        if (epoch != epochOf[order.owner]) revert EpochNotCurrent(orderHash, epoch);
    }

    // ── rings ───────────────────────────────────────────────────────────────────────────────────────────────────

    function settleRing(Batch memory batch, Cursor cursor) private returns (Cursor) {
        Participation[] memory ring;
        (ring, cursor) = readRing(batch, cursor);
        bytes32 ringHash = fillRing(batch, ring);
        cursor = requireAuthored(batch, ring, ringHash, cursor);
        tell(batch, ring, ringHash);
        pay(batch, ring);
        return cursor;
    }

    function readRing(Batch memory batch, Cursor cursor) private pure returns (Participation[] memory ring, Cursor) {
        uint256 size;
        (size, cursor) = cursor.u8();
        if (size < RING_SIZE_MIN || size > RING_SIZE_MAX) revert RingSize(size);
        ring = new Participation[](size);
        for (uint256 i = 0; i < size; i++) {
            Participation memory part = ring[i];
            uint256 index;
            uint256 roles;
            (index, cursor) = cursor.u8();
            (roles, cursor) = cursor.u8();
            (part.fill, cursor) = cursor.u128();
            part.take = roles & 15;
            part.author = roles >> 4;
            if (index >= batch.orders.length || part.take > Take.MARGIN) revert Malformed();
            part.order = batch.orders[index];
            part.orderHash = batch.hashes[index];
        }
        if (cursor.passed(batch.end)) revert Malformed();
        return (ring, cursor);
    }

    /// @dev Checks every order's fill against its limit and its rest, counts it, and computes what it receives. Returns what the
    /// authors sign.
    function fillRing(Batch memory batch, Participation[] memory ring) private returns (bytes32 ringHash) {
        uint256 size = ring.length;
        bytes32[] memory parts = new bytes32[](size);
        for (uint256 i = 0; i < size; i++) {
            Participation memory part = ring[i];
            Participation memory next = ring[i + 1 == size ? 0 : i + 1];
            requireSimple(ring, i);
            if (part.order.buyToken != next.order.sellToken) revert RingBroken(part.orderHash);
            uint256 before = fillOrder(batch, part, next.fill);
            parts[i] = keccak256(abi.encode(PARTICIPATION_TYPEHASH, part.orderHash, part.fill, before, part.take));
        }
        bytes32 list = keccak256(abi.encodePacked(parts));
        bytes32 structHash =
            keccak256(abi.encode(RING_TYPEHASH, list, batch.miner, batch.feeRecipient, batch.deadline));
        return digest(batch.domain, structHash);
    }

    /// @dev No token is sold twice in a ring, hence no order stands twice in it.
    function requireSimple(Participation[] memory ring, uint256 i) private pure {
        address token = ring[i].order.sellToken;
        for (uint256 j = 0; j < i; j++) {
            if (ring[j].order.sellToken == token) revert SubRing(ring[i].orderHash);
        }
    }

    /// @dev `inflow` is what the next order passes on to this one.
    function fillOrder(Batch memory batch, Participation memory part, uint256 inflow)
        private
        returns (uint256 before)
    {
        Order memory order = part.order;
        bytes32 orderHash = part.orderHash;
        uint256 fill = part.fill;
        if (fill == 0) revert FillZero(orderHash);
        uint256 amount = order.buyDriven ? inflow : fill;
        uint256 most = order.counts();
        before = count(orderHash, order.owner, order.nonce, amount, most);
        bool whole = amount == most || (!order.allOrNone && before + amount == most);
        if (!whole && (order.allOrNone || amount < order.minimumFill)) revert FillTooSmall(orderHash, amount);
        if (!Price.keepsLimit(fill, inflow, order.sellAmount, order.buyAmount)) revert LimitPrice(orderHash);
        part.received = inflow;
        if (part.take != Take.NONE) takeFrom(batch, part, amount, most, inflow);
    }

    function takeFrom(Batch memory batch, Participation memory part, uint256 amount, uint256 most, uint256 inflow)
        private
        pure
    {
        Order memory order = part.order;
        part.fee = Price.proportion(order.feeAmount, amount, most);
        if (part.take == Take.FEE) return;
        if (part.fee > 0 && batch.miner != batch.feeRecipient) revert RewardNotMiners(part.orderHash);
        uint256 saving = order.buyDriven
            ? Price.mostSold(inflow, order.sellAmount, order.buyAmount) - part.fill
            : inflow - Price.leastReceived(part.fill, order.sellAmount, order.buyAmount);
        part.margin = Price.share(saving, order.marginSplit);
        if (!order.buyDriven) part.received = inflow - part.margin;
    }

    /// @dev Every order's auth key signed the ring, and so did the miner. A key that stands in several orders signs once; the sender
    /// of the transaction has signed that already.
    function requireAuthored(Batch memory batch, Participation[] memory ring, bytes32 ringHash, Cursor cursor)
        private
        view
        returns (Cursor)
    {
        for (uint256 i = 0; i < ring.length; i++) {
            Participation memory part = ring[i];
            address signer;
            if (part.author == i) {
                signer = Signature.recover(ringHash, Cursor.unwrap(cursor));
                cursor = cursor.skip(Signature.COMPACT_BYTES);
            } else if (part.author < i) {
                signer = ring[part.author].order.authAddress;
            } else if (part.author == AUTHORED_BY_SENDER) {
                signer = msg.sender;
            } else {
                revert Malformed();
            }
            if (signer != part.order.authAddress) revert BadAuthSignature(part.orderHash);
        }
        if (batch.miner != msg.sender) {
            address signer = Signature.recover(ringHash, Cursor.unwrap(cursor));
            cursor = cursor.skip(Signature.COMPACT_BYTES);
            if (signer != batch.miner || signer == address(0)) revert BadMinerSignature(ringHash);
        }
        if (cursor.passed(batch.end)) revert Malformed();
        return cursor;
    }

    function tell(Batch memory batch, Participation[] memory ring, bytes32 ringHash) private {
        Fill[] memory fills = new Fill[](ring.length);
        for (uint256 i = 0; i < ring.length; i++) {
            Participation memory part = ring[i];
            fills[i] = Fill(part.orderHash, part.order.sellToken, part.order.wallet, pack(sold(part), part.received));
        }
        emit RingSettled(ringHash, batch.miner, batch.feeRecipient, fills);
    }

    /// @dev What leaves the owner in the sell token, the fee apart.
    function sold(Participation memory part) private pure returns (uint256) {
        return part.order.buyDriven ? part.fill + part.margin : part.fill;
    }

    // ── transfers ───────────────────────────────────────────────────────────────────────────────────────────────

    function pay(Batch memory batch, Participation[] memory ring) private {
        uint256 size = ring.length;
        for (uint256 i = 0; i < size; i++) {
            Participation memory part = ring[i];
            Participation memory next = ring[i + 1 == size ? 0 : i + 1];
            address recipient = part.order.recipient;
            if (recipient == address(0)) recipient = part.order.owner;
            transfer(part.order.buyToken, next.order.owner, recipient, part.received);
        }
        for (uint256 i = 0; i < size; i++) {
            if (ring[i].take != Take.NONE) payTaken(batch, ring[i], ring[i + 1 == size ? 0 : i + 1]);
        }
    }

    function payTaken(Batch memory batch, Participation memory part, Participation memory next) private {
        Order memory order = part.order;
        if (part.take == Take.FEE) {
            share(batch, part, order.feeToken, order.owner, part.fee);
        } else {
            if (order.buyDriven) share(batch, part, order.sellToken, order.owner, part.margin);
            else share(batch, part, order.buyToken, next.order.owner, part.margin);
            if (part.fee > 0) {
                emit Rewarded(part.orderHash, order.feeToken, part.fee);
                transfer(order.feeToken, batch.miner, order.owner, part.fee);
            }
        }
    }

    /// @dev Divides a fee or margin between the wallet and the fee recipient.
    function share(Batch memory batch, Participation memory part, address token, address from, uint256 amount) private {
        if (amount == 0) return;
        uint256 walletPart = Price.share(amount, part.order.walletSplit);
        emit Paid(part.orderHash, token, pack(amount - walletPart, walletPart));
        transfer(token, from, batch.feeRecipient, amount - walletPart);
        transfer(token, from, part.order.wallet, walletPart);
    }

    function transfer(address token, address from, address to, uint256 amount) private {
        if (to == address(this)) revert ReceiverIsSettlement();
        token.transferExact(from, to, amount);
    }
}
