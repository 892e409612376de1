// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The cheatcodes of Hardhat's EVM that our tests use, and no others
/// @notice They are Foundry's: an address with no code that the machine answers for.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    // ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────

    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    /// ERC-2098: `s` with y's parity as its top bit.
    function signCompact(uint256 key, bytes32 digest) external pure returns (bytes32 r, bytes32 vs);

    // ── who calls, and when ─────────────────────────────────────────────────────────────────────────────────────

    /// The next call comes from this address, in a transaction that `origin` sent.
    function prank(address sender, address origin) external;
    function warp(uint256 time) external;
    /// The compiler takes `block.timestamp` for the same all along; this is read anew.
    function getBlockTimestamp() external view returns (uint256);
    function chainId(uint256 id) external;
    function etch(address account, bytes calldata code) external;
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function label(address account, string calldata name) external;

    // ── what happened ───────────────────────────────────────────────────────────────────────────────────────────

    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool);
    function load(address account, bytes32 slot) external view returns (bytes32);

    // ── files ───────────────────────────────────────────────────────────────────────────────────────────────────

    function readFile(string calldata path) external view returns (string memory);
    function projectRoot() external view returns (string memory);

    // ── tests ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// A fuzzed case that does not fit is another case, not a failure.
    function assume(bool condition) external pure;
    function assertTrue(bool condition, string calldata what) external pure;
    function assertFalse(bool condition, string calldata what) external pure;
    function assertEq(uint256 left, uint256 right, string calldata what) external pure;
    function assertEq(address left, address right, string calldata what) external pure;
    function assertEq(bytes32 left, bytes32 right, string calldata what) external pure;
    function assertEq(bytes calldata left, bytes calldata right, string calldata what) external pure;
    function assertLe(uint256 left, uint256 right, string calldata what) external pure;
    function assertGe(uint256 left, uint256 right, string calldata what) external pure;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
