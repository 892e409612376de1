// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../interfaces/IRingSettlement.sol";
import {Nonce} from "../types/Nonce.sol";

struct CounterOf {
    address owner;
    Nonce nonce;
}

struct FundsOf {
    address owner;
    address token;
}

/// @title Many reads in one `eth_call`; never on a chain
/// @notice A node runs this creation code and answers with what would have been the contract: one word a question, in the order
/// asked, behind a word that counts them (code may not begin with 0xef, and a count cannot).
///
/// A token is asked with bounded gas: what does not answer is nothing. Too little gas to ask honestly reverts everything, so that
/// the caller asks for less at once instead of believing a zero.
contract RingReads {
    uint256 private constant TOKEN_GAS = 200_000;

    error GasTooLittle();

    constructor(IRingSettlement settlement, CounterOf[] memory counters, address[] memory epochs, FundsOf[] memory funds) {
        uint256[] memory words = new uint256[](counters.length + epochs.length + funds.length);
        uint256 end;
        for (uint256 i = 0; i < counters.length; i++) {
            words[end++] = settlement.filled(counters[i].owner, counters[i].nonce);
        }
        for (uint256 i = 0; i < epochs.length; i++) {
            words[end++] = settlement.epochOf(epochs[i]);
        }
        for (uint256 i = 0; i < funds.length; i++) {
            (address owner, address token) = (funds[i].owner, funds[i].token);
            uint256 balance = ask(token, abi.encodeWithSignature("balanceOf(address)", owner));
            uint256 allowed =
                balance == 0 ? 0 : ask(token, abi.encodeWithSignature("allowance(address,address)", owner, settlement));
            words[end++] = balance < allowed ? balance : allowed;
        }
        assembly ("memory-safe") {
            return(words, shl(5, add(1, end)))
        }
    }

    function ask(address token, bytes memory question) private view returns (uint256 answer) {
        if (gasleft() < TOKEN_GAS + TOKEN_GAS / 32) revert GasTooLittle();
        assembly ("memory-safe") {
            let answered := staticcall(TOKEN_GAS, token, add(question, 0x20), mload(question), 0x00, 0x20)
            if and(answered, gt(returndatasize(), 0x1f)) { answer := mload(0x00) }
        }
    }
}
