// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who signed a digest
/// @notice Compact signatures (ERC-2098: `r`, then `s` with y's parity in its top bit), low `s` only (EIP-2), so that
/// a signature has exactly one form.
library Signature {
    uint256 internal constant COMPACT_BYTES = 64;
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    bytes4 private constant ERC1271_MAGIC = 0x1626ba7e;

    /// @notice Whether `owner` signed: with its key, or else, if it is a contract wallet, by its own word (ERC-1271). The key first,
    /// whether or not there is code, because an account with code may still have its key (EIP-7702).
    function isBy(address owner, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signature.length == COMPACT_BYTES) {
            uint256 place;
            assembly ("memory-safe") {
                place := signature.offset
            }
            address signer = recover(digest, place);
            if (signer == owner && signer != address(0)) return true;
        }
        return acceptedBy(owner, digest, signature);
    }

    /// @notice The signer, or zero if this is no signature. Zero never signs anything: compare with an address known not to be
    /// zero. `place` is where the 64 bytes stand in calldata.
    function recover(bytes32 digest, uint256 place) internal view returns (address signer) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            let vs := calldataload(add(place, 0x20))
            let s := shr(1, shl(1, vs))
            mstore(free, digest)
            mstore(add(free, 0x20), add(27, shr(255, vs)))
            mstore(add(free, 0x40), calldataload(place))
            mstore(add(free, 0x60), s)
            mstore(0x00, 0)
            if iszero(gt(s, HALF_ORDER)) { pop(staticcall(gas(), 1, free, 0x80, 0x00, 0x20)) }
            signer := mload(0x00)
        }
    }

    /// @dev The call cannot change state.
    function acceptedBy(address owner, bytes32 digest, bytes calldata signature) private view returns (bool accepted) {
        bytes memory question = abi.encodeWithSelector(ERC1271_MAGIC, digest, signature);
        bytes32 yes = ERC1271_MAGIC;
        assembly ("memory-safe") {
            mstore(0x00, 0)
            let answered := staticcall(gas(), owner, add(question, 0x20), mload(question), 0x00, 0x20)
            accepted := and(answered, and(gt(returndatasize(), 0x1f), eq(mload(0x00), yes)))
        }
    }
}
