// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cursor} from "../../src/types/Cursor.sol";
import {Nonce} from "../../src/types/Nonce.sol";
import {vm} from "../Vm.sol";

/// @dev Reads one of each, from calldata.
contract CursorHarness {
    struct Everything {
        uint256 u8;
        uint256 u16;
        uint8 percent;
        uint40 u40;
        uint128 u128;
        Nonce nonce;
        address account;
        uint256 bytesRead;
        bool passed;
        bool passedOneEarlier;
    }

    function readAll(bytes calldata packed) external pure returns (Everything memory all) {
        Cursor start;
        assembly {
            start := packed.offset
        }
        Cursor cursor = start;
        (all.u8, cursor) = cursor.u8();
        (all.u16, cursor) = cursor.u16();
        (all.percent, cursor) = cursor.percent();
        (all.u40, cursor) = cursor.u40();
        (all.u128, cursor) = cursor.u128();
        (all.nonce, cursor) = cursor.nonce96();
        (all.account, cursor) = cursor.account();
        cursor = cursor.skip(3);
        uint256 end = Cursor.unwrap(start) + packed.length;
        all.bytesRead = Cursor.unwrap(cursor) - Cursor.unwrap(start);
        all.passed = cursor.passed(end);
        all.passedOneEarlier = cursor.passed(end - 1);
    }
}

contract CursorTest {
    CursorHarness private harness = new CursorHarness();

    function testFuzzReadsWhatWasPacked(
        uint8 a,
        uint16 b,
        uint8 c,
        uint40 d,
        uint128 e,
        uint96 f,
        address g
    ) external view {
        bytes memory packed = abi.encodePacked(a, b, c, d, e, f, g, bytes3(0xffffff));
        CursorHarness.Everything memory all = harness.readAll(packed);
        vm.assertEq(all.u8, a, "u8");
        vm.assertEq(all.u16, b, "u16");
        vm.assertEq(all.percent, c, "percent");
        vm.assertEq(all.u40, d, "u40");
        vm.assertEq(all.u128, e, "u128");
        vm.assertEq(Nonce.unwrap(all.nonce), f, "nonce");
        vm.assertEq(all.account, g, "account");
        vm.assertEq(all.bytesRead, packed.length, "bytes read");
        vm.assertFalse(all.passed, "at the end is not passed");
        vm.assertTrue(all.passedOneEarlier, "one further is");
    }

    /// Behind the end of calldata there are zeros; whoever reads them has passed the end.
    function testReadsZerosBehindTheEnd() external view {
        CursorHarness.Everything memory all = harness.readAll(hex"ff");
        vm.assertEq(all.u8, 255, "what there is");
        vm.assertEq(all.u128, 0, "zeros");
        vm.assertTrue(all.passed, "passed");
    }
}
