// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ERC-20 transfers that arrive whole or not at all
/// @notice Tokens without return value are accepted, since the receiver's balance decides: a transfer counts only if that
/// grew by exactly the amount. A token that keeps a fee, lies or does nothing is refused, not settled short.
library Token {
    /// The token refused or failed the transfer: no allowance, no balance, no such contract, `false`.
    error TransferFailed(address token, address from, address to, uint256 amount);
    /// The receiver's balance did not grow by exactly the amount.
    error TransferNotExact(address token, address from, address to, uint256 amount);

    /// @notice Moves `amount` of `token`. Nothing moves, and nothing is asked, if there is nothing to move or `from` is `to`.
    function transferExact(address token, address from, address to, uint256 amount) internal {
        if (amount == 0 || from == to) return;
        (bool knownBefore, uint256 before) = balanceOf(token, to);
        if (!knownBefore || !transferFrom(token, from, to, amount)) revert TransferFailed(token, from, to, amount);
        (bool knownAfter, uint256 afterwards) = balanceOf(token, to);
        unchecked {
            if (!knownAfter || afterwards - before != amount) revert TransferNotExact(token, from, to, amount);
        }
    }

    /// @dev Assembly, because the compiler would build each call in fresh memory and check twice that there is code: an
    /// address without code returns no balance and is refused by that.
    function balanceOf(address token, address account) private view returns (bool known, uint256 held) {
        assembly ("memory-safe") {
            mstore(0x00, 0x70a0823100000000000000000000000000000000000000000000000000000000)
            mstore(0x04, account)
            known := staticcall(gas(), token, 0x00, 0x24, 0x00, 0x20)
            known := and(known, gt(returndatasize(), 0x1f))
            held := mload(0x00)
        }
    }

    /// @dev True if the call succeeded and returned nothing, or a word that is 1.
    function transferFrom(address token, address from, address to, uint256 amount) private returns (bool moved) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, 0x23b872dd00000000000000000000000000000000000000000000000000000000)
            mstore(add(free, 0x04), from)
            mstore(add(free, 0x24), to)
            mstore(add(free, 0x44), amount)
            moved := call(gas(), token, 0, free, 0x64, 0x00, 0x20)
            if returndatasize() { moved := and(moved, and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1))) }
        }
    }
}
