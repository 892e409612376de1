// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Nonce} from "./Nonce.sol";

/// @notice A limit order: `owner` gives at most `sellAmount` of `sellToken` and gets, for every part of it,
/// at least `buyAmount / sellAmount` of `buyToken`. Exactly what the owner signs as EIP-712 typed data,
/// in this order of fields. Amounts are in a token's smallest unit, times in Unix seconds.
struct Order {
    /// Whose tokens are sold, and who approved this contract to move them.
    address owner;
    address sellToken;
    address buyToken;
    /// What is sold at most, over all fills. At least 1.
    uint128 sellAmount;
    /// With `sellAmount`, the limit price. For a buy-driven order also what is bought at most. At least 1.
    uint128 buyAmount;
    /// First and last second in which the order may be filled.
    uint40 validSince;
    uint40 validUntil;
    /// Owner's epoch and the order's number in it: one fill counter each.
    Nonce nonce;
    /// Address of the auth key: whoever fills the order shows a signature of that key over the whole ring.
    address authAddress;
    /// Token and amount of the fee for the whole order; a part of the order pays its part, rounded down.
    address feeToken;
    uint128 feeAmount;
    /// Percent (0 to 100) of what the ring saves this order that a miner may take instead of the fee.
    uint8 marginSplit;
    /// Who brought the order, or zero; and its percentage (0 to 100) of fee or margin, rounded down.
    address wallet;
    uint8 walletSplit;
    /// Fill whole in one ring, or not at all.
    bool allOrNone;
    /// False: the order ends when `sellAmount` is sold. True: when `buyAmount` is bought.
    bool buyDriven;
    /// Least that one fill must count, unless it completes the order; 0 for no minimum.
    uint128 minimumFill;
    /// Who gets the bought tokens; zero means the owner.
    address recipient;
}

bytes32 constant ORDER_TYPEHASH = keccak256(
    "Order(address owner,address sellToken,address buyToken,uint128 sellAmount,uint128 buyAmount,"
    "uint40 validSince,uint40 validUntil,uint96 nonce,address authAddress,address feeToken,uint128 feeAmount,"
    "uint8 marginSplit,address wallet,uint8 walletSplit,bool allOrNone,bool buyDriven,uint128 minimumFill,"
    "address recipient)"
);

using {hash} for Order global;

/// @notice EIP-712 `hashStruct` of the order. `Entry.setHash` is the fast twin for what stands in memory.
function hash(Order memory order) pure returns (bytes32) {
    return keccak256(
        bytes.concat(
            abi.encode(
                ORDER_TYPEHASH,
                order.owner,
                order.sellToken,
                order.buyToken,
                order.sellAmount,
                order.buyAmount,
                order.validSince,
                order.validUntil,
                order.nonce,
                order.authAddress
            ),
            abi.encode(
                order.feeToken,
                order.feeAmount,
                order.marginSplit,
                order.wallet,
                order.walletSplit,
                order.allOrNone,
                order.buyDriven,
                order.minimumFill,
                order.recipient
            )
        )
    );
}
