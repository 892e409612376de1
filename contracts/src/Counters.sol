// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Domain} from "./Domain.sol";
import {IRingSettlement} from "./interfaces/IRingSettlement.sol";
import {Signature} from "./libraries/Signature.sol";
import {Entry, OWNER} from "./types/Entry.sol";
import {Nonce} from "./types/Nonce.sol";

/// @title What each order was filled, and what its owner cancelled: the whole state
/// @notice One counter of 128 bits an order, one epoch an owner. A counter only grows; cancelled is full for ever. Who may
/// cancel is the owner, as the caller or by signature; never `tx.origin`.
abstract contract Counters is IRingSettlement, Domain {
    bytes32 private constant CANCEL_TYPEHASH =
        keccak256("Cancel(address owner,uint96[] nonces,uint40 deadline)");
    bytes32 private constant CANCEL_ALL_TYPEHASH =
        keccak256("CancelAll(address owner,uint32 epoch,uint40 deadline)");

    uint256 internal constant CANCELLED = type(uint128).max;

    /// A struct, so that the mapping's key is hashed once for reading and writing.
    struct Word {
        uint256 counters;
    }

    /// Two counters a word; the key is `Nonce.slot`.
    mapping(uint256 slot => Word) private words;
    mapping(address owner => uint256) public override epochOf;

    function filled(address owner, Nonce nonce) external view override returns (uint256) {
        return uint128(words[nonce.slot(owner)].counters >> nonce.shift());
    }

    function cancel(Nonce[] calldata nonces) external override {
        fillUp(msg.sender, nonces);
    }

    function cancelAll() external override {
        startEpoch(msg.sender);
    }

    function cancelFor(address owner, Nonce[] calldata nonces, uint40 deadline, bytes calldata signature)
        external
        override
    {
        bytes32 list = keccak256(abi.encodePacked(nonces));
        bytes32 request = keccak256(abi.encode(CANCEL_TYPEHASH, owner, list, deadline));
        requireOwners(owner, request, deadline, signature);
        fillUp(owner, nonces);
    }

    function cancelAllFor(address owner, uint40 deadline, bytes calldata signature) external override {
        bytes32 request = keccak256(abi.encode(CANCEL_ALL_TYPEHASH, owner, epochOf[owner], deadline));
        requireOwners(owner, request, deadline, signature);
        startEpoch(owner);
    }

    function requireOwners(address owner, bytes32 request, uint256 deadline, bytes calldata signature) private view {
        if (block.timestamp > deadline) revert CancelExpired(deadline);
        if (!Signature.isBy(owner, digest(DOMAIN_SEPARATOR(), request), signature)) revert BadCancelSignature(owner);
    }

    function fillUp(address owner, Nonce[] calldata nonces) private {
        for (uint256 i = 0; i < nonces.length; i++) {
            words[nonces[i].slot(owner)].counters |= CANCELLED << nonces[i].shift();
            emit OrderCancelledByOwner(owner, nonces[i]);
        }
    }

    function startEpoch(address owner) private {
        emit EpochStarted(owner, ++epochOf[owner]);
    }

    /// @notice Adds `amount` to the order's counter, which is full at `most`, and returns what stood there before.
    /// @dev Read and written at once: the next order of the ring may have its counter in the same word.
    function countFill(Entry entry, uint256 amount, uint256 most) internal returns (uint256 before) {
        Nonce nonce = entry.nonce();
        Word storage stored = words[nonce.slot(entry.account(OWNER))];
        uint256 shift = nonce.shift();
        uint256 word = stored.counters;
        before = uint128(word >> shift);
        unchecked {
            if (before + amount > most) {
                if (before == CANCELLED) revert OrderCancelled(entry.orderHash());
                revert Overfill(entry.orderHash(), before, most);
            }
            stored.counters = word + (amount << shift);
        }
    }
}
