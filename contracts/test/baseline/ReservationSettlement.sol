// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "../tokens/PlainToken.sol";

/// @title The reservation scheme of 2017, written anew: what Dual Authoring is measured against. Not for use
/// @notice A ring is known by its *ringhash*, the XOR of its orders' signatures. A miner first reserves the ringhash in a
/// transaction of its own, waits for that to be mined, and then submits the ring; nobody else may submit that ringhash for 100
/// blocks. The flaws are kept on purpose, and `reservation.test.ts` shows them:
///
/// * the ringhash binds neither who gets the fees, nor the fills, nor the miner's parameters;
/// * XOR of signatures is another value as soon as one signature is written in its other form (s, n - s);
/// * whoever sees a reservation in the mempool may reserve first.
///
/// What was not the reservation's fault is mended, so that the comparison of gas is fair: the limit price is kept, a
/// reservation is one storage word (it was two), and there is no list of tokens.
contract ReservationSettlement {
    struct Offer {
        address owner;
        address sellToken;
        address buyToken;
        uint128 sellAmount;
        uint128 buyAmount;
        uint256 salt;
        uint128 feeAmount;
    }

    struct Signed {
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    struct Reservation {
        address ringminer;
        uint96 minedIn;
    }

    error ReservedByAnother(address ringminer);
    error RingShape();
    error BadSignature(uint256 position);
    error LimitPrice(uint256 position);
    error Overfill(uint256 position);
    error TransferFailed();

    event RinghashSubmitted(address indexed ringminer, bytes32 indexed ringhash);
    event RingMined(bytes32 indexed ringhash, address indexed ringminer, address feeRecipient, bool isReserved);
    event OrderFilled(bytes32 indexed orderHash, uint256 sold, uint256 received);

    uint256 public constant BLOCKS_TO_LIVE = 100;

    PlainToken private immutable feeToken;

    mapping(bytes32 ringhash => Reservation) private reservations;
    mapping(bytes32 orderHash => uint256) public sold;

    constructor(address feeToken_) {
        feeToken = PlainToken(feeToken_);
    }

    /// @notice Reserves a ringhash for a ringminer. Anyone may, for anyone: nothing proves who found the ring.
    function submitRinghash(address ringminer, bytes32 ringhash) public {
        if (!canSubmit(ringminer, ringhash)) revert ReservedByAnother(reservations[ringhash].ringminer);
        reservations[ringhash] = Reservation(ringminer, uint96(block.number));
        emit RinghashSubmitted(ringminer, ringhash);
    }

    function batchSubmitRinghash(address[] calldata ringminers, bytes32[] calldata ringhashes) external {
        if (ringminers.length != ringhashes.length) revert RingShape();
        for (uint256 i = 0; i < ringhashes.length; i++) {
            submitRinghash(ringminers[i], ringhashes[i]);
        }
    }

    /// @notice Whether this ringminer may reserve or submit: nobody did, it did itself, or it is too long ago. A ring that nobody
    /// reserved may be submitted too.
    function canSubmit(address ringminer, bytes32 ringhash) public view returns (bool) {
        Reservation memory held = reservations[ringhash];
        return held.ringminer == address(0) || held.ringminer == ringminer
            || held.minedIn + BLOCKS_TO_LIVE < block.number;
    }

    /// @notice Settles a ring. Order i buys what order i + 1 sells and passes on `fills[i]` of its own token to order i - 1.
    /// @param signatures One of every owner over the order, then one of the ringminer over the ringhash.
    function submitRing(
        Offer[] calldata offers,
        uint128[] calldata fills,
        Signed[] calldata signatures,
        address ringminer,
        address feeRecipient
    ) external {
        uint256 size = offers.length;
        if (size < 2 || fills.length != size || signatures.length != size + 1) revert RingShape();
        bytes32 ringhash = ringhashOf(signatures[:size]);
        if (recover(ringhash, signatures[size]) != ringminer || ringminer == address(0)) revert BadSignature(size);
        if (!canSubmit(ringminer, ringhash)) revert ReservedByAnother(reservations[ringhash].ringminer);
        for (uint256 i = 0; i < size; i++) {
            if (offers[i].buyToken != offers[(i + 1) % size].sellToken) revert RingShape();
            fillOrder(offers[i], signatures[i], i, fills[i], fills[(i + 1) % size]);
        }
        for (uint256 i = 0; i < size; i++) {
            Offer calldata offer = offers[i];
            move(PlainToken(offer.sellToken), offer.owner, offers[(i + size - 1) % size].owner, fills[i]);
            uint256 fee = uint256(offer.feeAmount) * fills[i] / offer.sellAmount;
            if (fee > 0) move(feeToken, offer.owner, feeRecipient, fee);
        }
        emit RingMined(ringhash, ringminer, feeRecipient, reservations[ringhash].ringminer == ringminer);
    }

    /// @notice The hash that an order's owner signs, as a text message.
    function orderHashOf(Offer calldata offer) public view returns (bytes32) {
        return keccak256(abi.encode(address(this), offer));
    }

    /// @notice XOR of each part of the orders' signatures.
    function ringhashOf(Signed[] calldata signatures) public pure returns (bytes32) {
        uint8 v;
        bytes32 r;
        bytes32 s;
        for (uint256 i = 0; i < signatures.length; i++) {
            v ^= signatures[i].v;
            r ^= signatures[i].r;
            s ^= signatures[i].s;
        }
        return keccak256(abi.encodePacked(v, r, s));
    }

    function fillOrder(Offer calldata offer, Signed calldata signed, uint256 i, uint256 fill, uint256 inflow) private {
        bytes32 orderHash = orderHashOf(offer);
        if (recover(orderHash, signed) != offer.owner || offer.owner == address(0)) revert BadSignature(i);
        if (inflow * offer.sellAmount < fill * offer.buyAmount) revert LimitPrice(i);
        uint256 total = sold[orderHash] + fill;
        if (total > offer.sellAmount) revert Overfill(i);
        sold[orderHash] = total;
        emit OrderFilled(orderHash, fill, inflow);
    }

    /// @dev Both forms of a signature are taken, as everybody did in 2017.
    function recover(bytes32 hash, Signed calldata signed) private pure returns (address) {
        bytes32 message = keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", hash));
        return ecrecover(message, signed.v, signed.r, signed.s);
    }

    function move(PlainToken token, address from, address to, uint256 amount) private {
        if (!token.transferFrom(from, to, amount)) revert TransferFailed();
    }
}
