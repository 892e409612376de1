// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "../tokens/PlainToken.sol";

/// @notice Reads many balances in one call.
contract Balances {
    function read(PlainToken[] calldata tokens, address[] calldata accounts)
        external
        view
        returns (uint256[] memory amounts)
    {
        amounts = new uint256[](tokens.length * accounts.length);
        for (uint256 i = 0; i < amounts.length; i++) {
            amounts[i] = tokens[i / accounts.length].balanceOf(accounts[i % accounts.length]);
        }
    }
}
