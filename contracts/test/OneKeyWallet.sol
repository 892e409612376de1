// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The smallest contract wallet: what one key signed is accepted (ERC-1271), with signatures of 65 bytes (`r`, `s`, `v`)
/// as most wallets use them. For gas.
contract OneKeyWallet {
    address private immutable key;

    constructor(address of_) {
        key = of_;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        bool good = signature.length == 65 && ecrecover(digest, uint8(signature[64]), r, s) == key;
        return good ? this.isValidSignature.selector : bytes4(0);
    }
}
