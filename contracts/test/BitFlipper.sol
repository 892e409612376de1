// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Tries a call with one bit flipped, for many bits: which of them are still accepted? Nothing takes effect.
contract BitFlipper {
    error Tried(bool accepted);
    error TooLittleGas();

    uint256 private constant GAS_ENOUGH = 2_000_000;

    /// @notice The bits of `data` from `first` on, at most `count`, whose flip `target` accepts.
    function accepted(address target, bytes memory data, uint256 first, uint256 count)
        external
        returns (uint256[] memory bits)
    {
        uint256 found = 0;
        bits = new uint256[](count);
        for (uint256 bit = first; bit < first + count && bit < data.length * 8; bit++) {
            // A call that ends for want of gas would pass for one that was refused.
            if (gasleft() < GAS_ENOUGH) revert TooLittleGas();
            data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
            try this.attempt(target, data) {}
            catch (bytes memory answer) {
                if (keccak256(answer) == keccak256(abi.encodeWithSelector(Tried.selector, true))) bits[found++] = bit;
            }
            data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        }
        assembly {
            mstore(bits, found)
        }
    }

    /// @notice Always reverts, and so undoes what the call did.
    function attempt(address target, bytes calldata data) external {
        (bool done,) = target.call(data);
        revert Tried(done);
    }
}
