// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ERC-20 transfers that arrive whole or not at all
/// @notice Tokens without return value are accepted, since the receiver's balance decides: a transfer counts only if that
/// grew by exactly the amount. A token that keeps a part, lies or does nothing is refused, not settled short; once it was
/// exact in a ring, `transferProven` does not ask again (docs/spec/ring.md §5.7).
library Token {
    /// The token refused or failed the transfer: no allowance, no balance, no such contract, `false`.
    error TransferFailed(address token, address from, address to, uint256 amount);
    /// The receiver's balance did not grow by exactly the amount.
    error TransferNotExact(address token, address from, address to, uint256 amount);

    /// @notice Moves `amount` of `token`. Nothing moves, and nothing is asked, if there is nothing to move or `from` is `to`.
    function transferExact(address token, address from, address to, uint256 amount) internal {
        if (!nothingMoves(from, to, amount)) moveExact(token, from, to, amount);
    }

    /// @notice Moves `amount`, which is not zero, from `from` to somebody else.
    function moveExact(address token, address from, address to, uint256 amount) internal {
        (bool moved, bool exact) = tryTransfer(token, from, to, amount);
        if (!exact) {
            if (!moved) revert TransferFailed(token, from, to, amount);
            revert TransferNotExact(token, from, to, amount);
        }
    }

    /// @dev `amount == 0 || from == to`, without a jump between.
    function nothingMoves(address from, address to, uint256 amount) private pure returns (bool nothing) {
        assembly ("memory-safe") {
            nothing := or(iszero(amount), eq(from, to))
        }
    }

    /// @notice Moves `amount` of a `token` that has been exact in this ring already: nobody's balance is asked.
    function transferProven(address token, address from, address to, uint256 amount) internal {
        if (nothingMoves(from, to, amount)) return;
        bool moved;
        // As in `tryTransfer`.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, 0x23b872dd00000000000000000000000000000000000000000000000000000000)
            mstore(add(free, 0x04), from)
            mstore(add(free, 0x24), to)
            mstore(add(free, 0x44), amount)
            mstore(0x00, 1)
            moved := call(gas(), token, 0, free, 0x64, 0x00, 0x20)
            moved := and(moved, and(eq(mload(0x00), 1), iszero(and(gt(returndatasize(), 0), lt(returndatasize(), 0x20)))))
        }
        if (!moved) revert TransferFailed(token, from, to, amount);
    }

    /// @dev Asks the balance, transfers, asks again. Assembly, because the compiler would build each call in fresh memory and ask
    /// twice whether there is code: an address without code returns no balance. Arguments of `and` are evaluated from
    /// right to left: the call comes first, then what it returned is looked at.
    /// @return moved The balance was told before, and the transfer succeeded and returned nothing or 1.
    /// @return exact Moreover the balance is told, and grew by the amount.
    function tryTransfer(address token, address from, address to, uint256 amount)
        private
        returns (bool moved, bool exact)
    {
        assembly ("memory-safe") {
            let free := mload(0x40)
            // balanceOf(to), kept behind the transfer's words
            let question := add(free, 0x80)
            mstore(question, 0x70a0823100000000000000000000000000000000000000000000000000000000)
            mstore(add(question, 0x04), to)
            moved := and(gt(returndatasize(), 0x1f), staticcall(gas(), token, question, 0x24, 0x00, 0x20))
            let before := mload(0x00)
            // transferFrom(from, to, amount)
            mstore(free, 0x23b872dd00000000000000000000000000000000000000000000000000000000)
            mstore(add(free, 0x04), from)
            mstore(add(free, 0x24), to)
            mstore(add(free, 0x44), amount)
            mstore(0x00, 1)
            moved := and(moved, call(gas(), token, 0, free, 0x64, 0x00, 0x20))
            // With fewer than 32 bytes returned, but some, what stands there is no answer.
            moved := and(moved, and(eq(mload(0x00), 1), iszero(and(gt(returndatasize(), 0), lt(returndatasize(), 0x20)))))
            let known := and(gt(returndatasize(), 0x1f), staticcall(gas(), token, question, 0x24, 0x00, 0x20))
            exact := and(and(moved, known), eq(sub(mload(0x00), before), amount))
        }
    }
}
