// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signature} from "../../src/libraries/Signature.sol";
import {vm} from "../Vm.sol";
import {
    AnotherAnswerWallet,
    BurningWallet,
    DirtyAnswerWallet,
    GoodWallet,
    LongAnswerWallet,
    RefusingWallet,
    RevertingWallet,
    ShortAnswerWallet,
    WritingWallet
} from "../wallets/Wallets.sol";

/// @dev Puts the library's calldata arguments into calldata.
contract SignatureHarness {
    function recover(bytes32 digest, bytes calldata signature) external view returns (address) {
        uint256 place;
        assembly {
            place := signature.offset
        }
        return Signature.recover(digest, place);
    }

    function isBy(address owner, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return Signature.isBy(owner, digest, signature);
    }
}

contract SignatureTest {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant HALF = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    /// x of the curve's generator: an `r` that some key signs with, for any `s` and digest.
    uint256 private constant SOME_R = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;
    uint256 private constant PARITY = 1 << 255;
    bytes32 private constant DIGEST = keccak256("what is signed");

    SignatureHarness private harness = new SignatureHarness();

    function testFuzzRecoversTheSigner(uint256 key, bytes32 digest) external view {
        vm.assume(key > 0 && key < ORDER);
        bytes memory signature = compact(key, digest);
        vm.assertEq(harness.recover(digest, signature), vm.addr(key), "signer");
        vm.assertTrue(harness.isBy(vm.addr(key), digest, signature), "is by");
        vm.assertFalse(harness.isBy(vm.addr(key), keccak256(abi.encode(digest)), signature), "another digest");
    }

    /// With a digest and without parity as a 65-byte signature has them.
    function testFuzzCompactIsTheSameSignature(uint256 key, bytes32 digest) external view {
        vm.assume(key > 0 && key < ORDER);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        bytes memory signature = abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255));
        vm.assertEq(harness.recover(digest, signature), vm.addr(key), "signer");
    }

    /// The twin of a signature, `n - s`, would be one more form of it.
    function testHighSIsNobodys() external view {
        for (uint256 parity = 0; parity < 2; parity++) {
            uint8 v = uint8(27 + parity);
            address signer = ecrecover(DIGEST, v, bytes32(SOME_R), bytes32(HALF));
            vm.assertTrue(signer != address(0), "somebody");
            vm.assertEq(harness.recover(DIGEST, formed(SOME_R, HALF, parity)), signer, "the highest s");
            vm.assertTrue(ecrecover(DIGEST, v, bytes32(SOME_R), bytes32(HALF + 1)) != address(0), "somebody else");
            vm.assertEq(harness.recover(DIGEST, formed(SOME_R, HALF + 1, parity)), address(0), "one above");
            vm.assertEq(harness.recover(DIGEST, formed(SOME_R, PARITY - 1, parity)), address(0), "all bits");
        }
    }

    function testNoSignatureIsNobodys() external view {
        vm.assertEq(harness.recover(DIGEST, formed(0, 1, 0)), address(0), "r of zero");
        vm.assertEq(harness.recover(DIGEST, formed(SOME_R, 0, 0)), address(0), "s of zero");
        vm.assertEq(harness.recover(DIGEST, formed(ORDER, 1, 0)), address(0), "r of the order");
        vm.assertEq(harness.recover(DIGEST, formed(type(uint256).max, 1, 0)), address(0), "r above the field");
        vm.assertEq(harness.recover(DIGEST, new bytes(64)), address(0), "zeros");
    }

    /// What does not recover is zero, and zero owns nothing.
    function testAddressZeroSignsNothing() external view {
        vm.assertFalse(harness.isBy(address(0), DIGEST, new bytes(64)), "zeros");
        vm.assertFalse(harness.isBy(address(0), DIGEST, ""), "nothing");
    }

    /// Precompiles answer every call. The fourth returns what it is asked, which begins like a yes.
    function testPrecompilesSignNothing() external view {
        for (uint160 i = 1; i < 18; i++) {
            vm.assertFalse(harness.isBy{gas: 500_000}(address(i), DIGEST, new bytes(64)), "precompile");
            vm.assertFalse(harness.isBy{gas: 500_000}(address(i), DIGEST, ""), "precompile, nothing");
        }
    }

    function testOtherLengthsAreNoKeysSignature() external view {
        bytes memory signature = compact(7, DIGEST);
        vm.assertFalse(harness.isBy(vm.addr(7), DIGEST, bytes.concat(signature, hex"00")), "65 bytes");
        vm.assertFalse(harness.isBy(vm.addr(7), DIGEST, ""), "none");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(7, DIGEST);
        vm.assertFalse(harness.isBy(vm.addr(7), DIGEST, abi.encodePacked(r, s, v)), "the long form");
    }

    // ── contract wallets ────────────────────────────────────────────────────────────────────────────────────────

    function testWalletSignsByItsKeyWithAnyLength() external {
        GoodWallet wallet = new GoodWallet(vm.addr(7));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(7, DIGEST);
        vm.assertTrue(harness.isBy(address(wallet), DIGEST, abi.encodePacked(r, s, v)), "65 bytes");
        vm.assertTrue(harness.isBy(address(wallet), DIGEST, compact(7, DIGEST)), "64 bytes");
        bytes memory long = bytes.concat(abi.encodePacked(r, s, v), new bytes(500));
        vm.assertTrue(harness.isBy(address(wallet), DIGEST, long), "565 bytes");
        vm.assertFalse(harness.isBy(address(wallet), DIGEST, compact(8, DIGEST)), "another key");
        vm.assertFalse(harness.isBy(address(wallet), DIGEST, ""), "nothing");
    }

    function testWalletsThatDoNotSayYes() external {
        refuses(address(new RefusingWallet()));
        refuses(address(new AnotherAnswerWallet()));
        refuses(address(new DirtyAnswerWallet()));
        refuses(address(new ShortAnswerWallet()));
        refuses(address(new RevertingWallet()));
        refuses(address(new WritingWallet()));
        refuses(address(new BurningWallet()));
        refuses(address(this));
    }

    function testWalletThatSaysMoreThanYes() external {
        vm.assertTrue(harness.isBy(address(new LongAnswerWallet()), DIGEST, compact(7, DIGEST)), "yes, and more");
    }

    function refuses(address wallet) private view {
        vm.assertFalse(harness.isBy{gas: 1_000_000}(wallet, DIGEST, compact(7, DIGEST)), "64 bytes");
        vm.assertFalse(harness.isBy{gas: 1_000_000}(wallet, DIGEST, new bytes(100)), "100 bytes");
    }

    function compact(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (bytes32 r, bytes32 vs) = vm.signCompact(key, digest);
        return abi.encodePacked(r, vs);
    }

    function formed(uint256 r, uint256 s, uint256 parity) private pure returns (bytes memory) {
        return abi.encodePacked(r, s | (parity << 255));
    }
}
