// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OrderTable} from "./OrderTable.sol";
import {Price} from "./libraries/Price.sol";
import {Signature} from "./libraries/Signature.sol";
import {Token} from "./libraries/Token.sol";
import {Cursor} from "./types/Cursor.sol";
import {
    ALL_OR_NONE,
    AUTH_ADDRESS,
    BUY_AMOUNT,
    BUY_DRIVEN,
    BUY_TOKEN,
    Entry,
    FEE_AMOUNT,
    FEE_BIT,
    FEE_TOKEN,
    MARGIN_SPLIT,
    MINIMUM_FILL,
    OWNER,
    RECIPIENT,
    SELL_AMOUNT,
    SELL_BIT,
    SELL_TOKEN,
    WALLET,
    WALLET_SPLIT
} from "./types/Entry.sol";
import {pack, packToken} from "./types/Fill.sol";
import {Order} from "./types/Order.sol";
import {
    AUTHORED_BY_SENDER,
    NOT_AUTHORED,
    PARTICIPATION_BYTES,
    Part,
    TAKE_FEE,
    TAKE_MARGIN,
    TAKE_NONE,
    newParts
} from "./types/Part.sol";
import {Record, newRecord} from "./types/Record.sol";

/// @title RingSettlement
/// @notice IRingSettlement says what it promises, docs/spec/ring.md what the bytes are.
///
/// One pass: the table of orders is read and verified; then each ring is read, filled (every limit checked, every counter
/// written), its authors' signatures are asked for over exactly that, and last its tokens move. A check that fails later
/// reverts all.
contract RingSettlement is OrderTable {
    using Token for address;

    uint256 private constant RING_SIZE_MIN = 2;
    uint256 private constant RING_SIZE_MAX = 10;

    /// 1 while a call of `submit` runs. A word, since a bool would be read again for every write.
    uint256 private transient entered;

    function submit(bytes calldata rings) external override {
        if (entered != 0) revert Reentrant();
        entered = 1;
        Batch memory batch;
        Cursor cursor = readHeader(batch, rings);
        cursor = readOrders(batch, cursor);
        uint256 count;
        (count, cursor) = cursor.u8();
        if (count == 0) revert Malformed();
        for (uint256 i = 0; i < count; i++) {
            cursor = settleRing(batch, cursor, i);
        }
        if (Cursor.unwrap(cursor) != batch.end) revert Malformed();
        entered = 0;
    }

    function hashOrder(Order calldata order) external view override returns (bytes32) {
        Order memory copy = order;
        return digest(DOMAIN_SEPARATOR(), copy.hash());
    }

    function settleRing(Batch memory batch, Cursor cursor, uint256 ringsBefore) private returns (Cursor) {
        uint256 size;
        (size, cursor) = cursor.u8();
        if (size < RING_SIZE_MIN || size > RING_SIZE_MAX) revert RingSize(size);
        Part ring = newParts(size);
        uint256 taking;
        (taking, cursor) = readRing(batch, ring, size, cursor);
        if (ringsBefore != 0) requireEpochs(ring, size);
        Record record = fillRing(batch, ring, size);
        bytes32 ringHash = digest(batch.domain, record.hash(size, batch.miner, batch.feeRecipient, batch.deadline));
        cursor = requireAuthored(batch, ring, size, ringHash, cursor);
        record.emitSettled(size, RingSettled.selector, ringHash, batch.miner, batch.feeRecipient);
        uint256 provenBits = pay(ring, size);
        if (taking != 0) payTaken(batch, ring, size, taking, provenBits);
        return cursor;
    }

    function readRing(Batch memory batch, Part ring, uint256 size, Cursor cursor)
        private
        pure
        returns (uint256 taking, Cursor)
    {
        Entry table = batch.orders;
        uint256 ordersCount = batch.ordersCount;
        unchecked {
            for (uint256 i = 0; i < size; i++) {
                (uint256 index, uint256 take) = ring.read(cursor, table);
                if (index >= ordersCount || take > TAKE_MARGIN) revert Malformed();
                if (take != TAKE_NONE) taking |= 1 << i;
                cursor = cursor.skip(PARTICIPATION_BYTES);
                ring = ring.plus(1);
            }
        }
        if (cursor.passed(batch.end)) revert Malformed();
        return (taking, cursor);
    }

    /// @dev A token that the ring before moved may have called `cancelAllFor`: what was asked of the table is asked again.
    function requireEpochs(Part ring, uint256 size) private view {
        for (; size != 0; size--) {
            Entry entry = ring.entry();
            uint256 epoch = entry.nonce().epoch();
            if (epoch != epochOf[entry.account(OWNER)]) revert EpochNotCurrent(entry.orderHash(), epoch);
            ring = ring.plus(1);
        }
    }

    // ── fills ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Each order buys what the next one sells, the last what the first one sells; no token is sold twice. Counts every fill
    /// and writes down what is signed and what is told.
    function fillRing(Batch memory batch, Part ring, uint256 size) private returns (Record record) {
        record = newRecord(size);
        uint256 soldBits;
        Part part = ring;
        Entry entry = part.entry();
        unchecked {
            for (uint256 i = 0; i < size; i++) {
                Part next = i + 1 == size ? ring : part.plus(1);
                Entry nextEntry = next.entry();
                bytes32 orderHash = entry.orderHash();
                uint256 bit = entry.amount(SELL_BIT);
                if (soldBits & bit != 0) revert SubRing(orderHash);
                soldBits |= bit;
                if (entry.account(BUY_TOKEN) != nextEntry.account(SELL_TOKEN)) revert RingBroken(orderHash);
                uint256 before = fillOrder(batch, part, entry, next.fill());
                record.putParticipation(size, i, orderHash, part.fill(), before, part.take());
                record.putFill(i, orderHash, packToken(entry.account(SELL_TOKEN), part.take()), pack(part.sold(), part.received()));
                part = next;
                entry = nextEntry;
            }
        }
    }

    /// @dev `inflow` is what the next order passes on to this one. Returns what the order had been filled before.
    function fillOrder(Batch memory batch, Part part, Entry entry, uint256 inflow) private returns (uint256 before) {
        uint256 fill = part.fill();
        if (fill == 0) revert FillZero(entry.orderHash());
        uint256 sellAmount = entry.amount(SELL_AMOUNT);
        uint256 buyAmount = entry.amount(BUY_AMOUNT);
        (uint256 amount, uint256 most) = entry.flag(BUY_DRIVEN) ? (inflow, buyAmount) : (fill, sellAmount);
        // Counted first: with inflow at most buyAmount, `mostSold` is at most sellAmount, and `Price.share` cannot wrap.
        before = countFill(entry, amount, most);
        unchecked {
            bool enough = entry.flag(ALL_OR_NONE)
                ? amount == most
                : amount >= entry.amount(MINIMUM_FILL) || before + amount == most;
            if (!enough) revert FillTooSmall(entry.orderHash(), amount);
        }
        if (!Price.keepsLimit(fill, inflow, sellAmount, buyAmount)) revert LimitPrice(entry.orderHash());
        part.setSold(fill);
        part.setReceived(inflow);
        uint256 take = part.take();
        if (take != TAKE_NONE) {
            part.setFee(Price.proportion(entry.amount(FEE_AMOUNT), amount, most));
            if (take == TAKE_MARGIN) takeMargin(batch, part, entry);
        }
    }

    /// @dev A part of what the ring saves the order, instead of the fee: that the miner then owes the owner.
    function takeMargin(Batch memory batch, Part part, Entry entry) private pure {
        if (part.fee() != 0 && batch.miner != batch.feeRecipient) revert RewardNotMiners(entry.orderHash());
        uint256 sellAmount = entry.amount(SELL_AMOUNT);
        uint256 buyAmount = entry.amount(BUY_AMOUNT);
        (uint256 sold, uint256 received) = (part.sold(), part.received());
        bool buyDriven = entry.flag(BUY_DRIVEN);
        unchecked {
            uint256 saving = buyDriven
                ? Price.mostSold(received, sellAmount, buyAmount) - sold
                : received - Price.leastReceived(sold, sellAmount, buyAmount);
            uint256 margin = Price.share(saving, entry.amount(MARGIN_SPLIT));
            part.setMargin(margin);
            if (buyDriven) part.setSold(sold + margin);
            else part.setReceived(received - margin);
        }
    }

    // ── authoring ───────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Every order's auth key signed this ring, and so did its miner. A key that stands in several orders signs once; the
    /// caller of `submit` (`msg.sender`, never the origin) agrees by calling.
    function requireAuthored(Batch memory batch, Part ring, uint256 size, bytes32 ringHash, Cursor cursor)
        private
        view
        returns (Cursor)
    {
        uint256 missing;
        Part part = ring;
        unchecked {
            for (uint256 i = 0; i < size; i++) {
                uint256 author = part.author();
                Entry entry = part.entry();
                part = part.plus(1);
                address signer;
                if (author == i) {
                    (signer, cursor) = signerOf(ringHash, cursor);
                } else if (author < i) {
                    // Every earlier author was compared with its auth address. Only the variant gets here with 14.
                    Part earlier = ring.plus(author);
                    if (earlier.author() == NOT_AUTHORED) revert Malformed();
                    signer = earlier.entry().account(AUTH_ADDRESS);
                } else if (author == AUTHORED_BY_SENDER) {
                    signer = msg.sender;
                } else if (author == NOT_AUTHORED && mayLackAuthor(++missing, size)) {
                    continue;
                } else {
                    revert Malformed();
                }
                if (signer != entry.account(AUTH_ADDRESS)) revert BadAuthSignature(entry.orderHash());
            }
        }
        if (batch.miner != msg.sender) {
            address signer;
            (signer, cursor) = signerOf(ringHash, cursor);
            if (signer != batch.miner || signer == address(0)) revert BadMinerSignature(ringHash);
        }
        if (cursor.passed(batch.end)) revert Malformed();
        return cursor;
    }

    function signerOf(bytes32 ringHash, Cursor cursor) private view returns (address signer, Cursor next) {
        signer = Signature.recover(ringHash, Cursor.unwrap(cursor));
        next = cursor.skip(Signature.COMPACT_BYTES);
    }

    /// @dev Whether `missing` of `size` orders may lack an author. Never: a variant of this contract shows what it costs to say
    /// otherwise.
    function mayLackAuthor(uint256, uint256) internal view virtual returns (bool) {
        return false;
    }

    // ── transfers ───────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev What each order receives, straight from the owner of the next. Returns the bits of the tokens that have moved, and so
    /// have proved themselves exact.
    function pay(Part ring, uint256 size) private returns (uint256 provenBits) {
        Part part = ring;
        Entry entry = part.entry();
        unchecked {
            for (; size != 0; size--) {
                Part next = size == 1 ? ring : part.plus(1);
                Entry nextEntry = next.entry();
                address recipient = entry.account(RECIPIENT);
                if (recipient == address(0)) recipient = entry.account(OWNER);
                if (recipient == address(this)) revert ReceiverIsSettlement();
                address from = nextEntry.account(OWNER);
                // What is received is never 0: the limit asks at least 1.
                if (from != recipient) {
                    provenBits |= nextEntry.amount(SELL_BIT);
                    entry.account(BUY_TOKEN).moveExact(from, recipient, part.received());
                }
                part = next;
                entry = nextEntry;
            }
        }
    }

    /// @dev Fees and margins, of the positions in `taking`. `provenBits` are the tokens that have moved in this ring.
    function payTaken(Batch memory batch, Part ring, uint256 size, uint256 taking, uint256 provenBits) private {
        Part part = ring;
        unchecked {
            for (uint256 i = 0; taking != 0; i++) {
                if (taking & 1 != 0) {
                    Entry entry = part.entry();
                    if (part.take() == TAKE_FEE) {
                        bool proven = provenBits & entry.amount(FEE_BIT) != 0;
                        payShared(batch, entry, proven, entry.account(FEE_TOKEN), entry.account(OWNER), part.fee());
                    } else {
                        Part next = i + 1 == size ? ring : part.plus(1);
                        Entry payer = entry.flag(BUY_DRIVEN) ? entry : next.entry();
                        bool proven = provenBits & payer.amount(SELL_BIT) != 0;
                        payShared(batch, entry, proven, payer.account(SELL_TOKEN), payer.account(OWNER), part.margin());
                        entry.account(FEE_TOKEN).transferExact(batch.miner, entry.account(OWNER), part.fee());
                    }
                }
                part = part.plus(1);
                taking >>= 1;
            }
        }
    }

    /// @dev Divides a fee or margin between the order's wallet and the fee recipient. Only the latter's miner has signed the ring, and
    /// can look before: what the wallet gets is always asked for.
    function payShared(Batch memory batch, Entry entry, bool proven, address token, address from, uint256 amount)
        private
    {
        address wallet = entry.account(WALLET);
        if (wallet != address(0)) {
            if (wallet == address(this)) revert ReceiverIsSettlement();
            uint256 walletPart = Price.share(amount, entry.amount(WALLET_SPLIT));
            unchecked {
                amount -= walletPart;
            }
            token.transferExact(from, wallet, walletPart);
        }
        if (proven) token.transferProven(from, batch.feeRecipient, amount);
        else token.transferExact(from, batch.feeRecipient, amount);
    }
}
