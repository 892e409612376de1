// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A contract wallet (ERC-1271) that accepts exactly what it was told to, whatever the bytes mean.
contract AnsweringWallet {
    mapping(bytes32 question => bool) private accepted;

    function accept(bytes32 digest, bytes calldata signature) external {
        accepted[keccak256(abi.encode(digest, signature))] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        return accepted[keccak256(abi.encode(digest, signature))] ? this.isValidSignature.selector : bytes4(0);
    }
}
