// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Order} from "./Order.sol";

/// @notice What the miner takes for one order's place in the ring. Part of what the auth keys sign.
library Take {
    uint256 internal constant NONE = 0;
    /// The order's fee, for the part that is filled.
    uint256 internal constant FEE = 1;
    /// The order's margin split of what the ring saves it. The miner then pays the fee to the owner.
    uint256 internal constant MARGIN = 2;
}

/// @notice One order's part in a ring, while it is being settled. Not what is signed: see `PARTICIPATION_TYPEHASH`.
struct Participation {
    Order order;
    bytes32 orderHash;
    /// What the order passes on to the order before it in the ring, in its sell token.
    uint256 fill;
    uint256 take;
    /// Whose authoring covers it: a position in the ring, or `AUTHORED_BY_SENDER`.
    uint256 author;
    /// What arrives at the recipient.
    uint256 received;
    /// The miner's and wallet's part of the saving, in the buy token (sell-driven) or the sell token (buy-driven).
    uint256 margin;
    /// The fee for this fill: paid to miner and wallet with `FEE`, by the miner to the owner with `MARGIN`.
    uint256 fee;
}

// What each auth key and the miner sign. The list is ordered and binds what was filled before: no ring
// can be rotated, cut, joined or submitted a second time.
bytes32 constant PARTICIPATION_TYPEHASH =
    keccak256("Participation(bytes32 orderHash,uint128 fill,uint128 filledBefore,uint8 take)");
bytes32 constant RING_TYPEHASH = keccak256(
    "Ring(Participation[] participations,address miner,address feeRecipient,uint40 deadline)"
    "Participation(bytes32 orderHash,uint128 fill,uint128 filledBefore,uint8 take)"
);

uint256 constant RING_SIZE_MIN = 2;
uint256 constant RING_SIZE_MAX = 10;
uint256 constant AUTHORED_BY_SENDER = 15;
