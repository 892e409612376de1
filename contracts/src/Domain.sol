// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title EIP-712 domain: binds every signature to this chain and this contract
/// @dev The separator is computed once and again whenever the chain id is another one: after a fork of the chain,
/// signatures of one side mean nothing on the other.
abstract contract Domain {
    string private constant NAME = "Signet Ring";
    string private constant VERSION = "1";

    uint256 private immutable chainIdAtDeploy = block.chainid;
    bytes32 private immutable separatorAtDeploy = separator();

    /// @notice EIP-712 domain separator of this contract on this chain, by ERC-2612's name.
    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return block.chainid == chainIdAtDeploy ? separatorAtDeploy : separator();
    }

    /// @notice The parts of the domain (ERC-5267).
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (0x0f, NAME, VERSION, block.chainid, address(this), 0, new uint256[](0));
    }

    /// @dev keccak256(0x19 0x01 ‖ domain separator ‖ hashStruct), behind the free memory pointer, which is not moved.
    function digest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, hex"1901")
            mstore(add(free, 0x02), domain)
            mstore(add(free, 0x22), structHash)
            result := keccak256(free, 0x42)
        }
    }

    function separator() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(NAME)),
                keccak256(bytes(VERSION)),
                block.chainid,
                address(this)
            )
        );
    }
}
