// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fill} from "../types/Fill.sol";
import {Nonce} from "../types/Nonce.sol";
import {Order} from "../types/Order.sol";

/// @title Settles rings of 2 to 10 limit orders in one transaction, and cannot be made to settle a stolen one
/// @notice Owners approve this contract directly. It has no owner, no switch and no upgrade; it never holds a token.
///
/// Why a ring cannot be stolen. Each order names, under its owner's signature, an *auth address*. The auth key behind it is known
/// only to those the owner gave it to. A ring is settled only with a signature of every order's auth key over the whole ring:
/// chain and contract, the ordered list of orders, what each passes on, what each had been filled before, what is taken as
/// fee, the miner, who gets the fees, and a deadline. Whoever sees the transaction sees signatures for exactly this ring
/// and no other: change a miner, cut an order out, alter a fill, rotate the list or send it again, and the digest is another
/// one. Sending the very same ring first pays the same people: the sender gets nothing for it.
///
/// The layout of calldata and every refusal in order of precedence: docs/spec/ring.md.
interface IRingSettlement {
    // ── what is refused: the transaction is without effect ──────────────────────────────────────────────────────

    /// Called again from inside itself, by a token.
    error Reentrant();
    /// The bytes are not the layout of docs/spec/ring.md.
    error Malformed();
    error RingExpired(uint256 deadline);
    /// Nobody would get the fees.
    error FeeRecipientZero();

    /// An order sells or buys nothing.
    error AmountZero(bytes32 orderHash);
    /// An order sells and buys the same token.
    error SameToken(bytes32 orderHash);
    /// An order without auth address would be free for all.
    error AuthAddressZero(bytes32 orderHash);
    /// A margin or wallet split above 100 percent.
    error SplitTooLarge(bytes32 orderHash);
    error OrderNotYetValid(bytes32 orderHash, uint256 validSince);
    error OrderExpired(bytes32 orderHash, uint256 validUntil);
    /// The order's epoch is not its owner's: all orders of that epoch were cancelled, or it is not yet reached.
    error EpochNotCurrent(bytes32 orderHash, uint256 epoch);
    /// Neither the owner's key nor the owner's contract (ERC-1271) signed this order.
    error BadOwnerSignature(bytes32 orderHash);

    /// Fewer than 2 orders, or more than 10.
    error RingSize(uint256 size);
    /// A token is sold twice, hence also an order that stands twice. Submit two rings.
    error SubRing(bytes32 orderHash);
    /// The order does not buy what the next one sells.
    error RingBroken(bytes32 orderHash);
    error FillZero(bytes32 orderHash);
    error OrderCancelled(bytes32 orderHash);
    /// The fill is more than the order has left of `most`: its sell amount, or its buy amount if buy-driven.
    error Overfill(bytes32 orderHash, uint256 filledBefore, uint256 most);
    /// All-or-none, and `amount` (sold, or bought if buy-driven) is not all; or below the order's minimum and not the end of it.
    error FillTooSmall(bytes32 orderHash, uint256 amount);
    /// The ring pays the order less than its limit price.
    error LimitPrice(bytes32 orderHash);
    /// A margin is taken from an order with a fee, which the miner then owes the owner; but the fee recipient is somebody else, and
    /// nobody pays in a ring who gets nothing from it.
    error RewardNotMiners(bytes32 orderHash);

    /// The order's auth key did not sign this ring. Also: the ring was settled already, or an order in it was filled
    /// meanwhile, since what was filled before is part of what is signed.
    error BadAuthSignature(bytes32 orderHash);
    /// The miner neither signed this ring nor called.
    error BadMinerSignature(bytes32 ringHash);

    /// Tokens may not be sent to this contract: nobody could get them out again.
    error ReceiverIsSettlement();

    /// A cancellation by signature that its owner did not sign, or whose epoch was cancelled already.
    error BadCancelSignature(address owner);
    error CancelExpired(uint256 deadline);

    // ── what is told ────────────────────────────────────────────────────────────────────────────────────────────

    /// A ring was settled: its EIP-712 digest, whom it pays, and what each order did. Its transfers follow in the transaction's log.
    event RingSettled(bytes32 indexed ringHash, address indexed miner, address indexed feeRecipient, Fill[] fills);
    event OrderCancelledByOwner(address indexed owner, Nonce indexed nonce);
    /// All orders of the owner's epochs below this one are cancelled.
    event EpochStarted(address indexed owner, uint256 epoch);

    // ── submit ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Settles one or more rings over one table of orders: all of them or none. Anyone may send. Reverts with the first
    /// refusal of docs/spec/ring.md §6.
    /// @param rings Packed as docs/spec/ring.md says. Nothing in it is believed that is not signed.
    function submit(bytes calldata rings) external;

    // ── cancel ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Cancels the caller's orders with these nonces, known or not yet known, for ever. Never reverts.
    /// @param nonces Epoch in the upper 32 bits, number in the lower 64.
    function cancel(Nonce[] calldata nonces) external;

    /// @notice Cancels all orders of the caller's epoch, by starting the next.
    function cancelAll() external;

    /// @notice As `cancel`, for the owner who signed `Cancel(address owner,uint96[] nonces,uint40 deadline)`. Anyone may send.
    /// @param deadline Last second, Unix time, else `CancelExpired`.
    /// @param signature 64 bytes of the owner's key (ERC-2098), or what its contract accepts (ERC-1271), else `BadCancelSignature`.
    function cancelFor(address owner, Nonce[] calldata nonces, uint40 deadline, bytes calldata signature) external;

    /// @notice As `cancelAll`, for the owner who signed `CancelAll(address owner,uint32 epoch,uint40 deadline)` with the epoch
    /// that ends. Anyone may send, once; refusals as of `cancelFor`.
    function cancelAllFor(address owner, uint40 deadline, bytes calldata signature) external;

    // ── read ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice What the order with this nonce was filled, in units of its sell token, or of its buy token if buy-driven; 2^128 - 1 if
    /// cancelled.
    function filled(address owner, Nonce nonce) external view returns (uint256);

    /// @notice The owner's epoch, which the upper 32 bits of a nonce must equal. Starts at 0, and grows by 1.
    function epochOf(address owner) external view returns (uint256);

    /// @notice The digest that the owner signs, and by which an order is known: EIP-712.
    function hashOrder(Order calldata order) external view returns (bytes32);
}
