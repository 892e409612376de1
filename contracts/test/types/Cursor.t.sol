// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cursor} from "../../src/types/Cursor.sol";
import {vm} from "../Vm.sol";

/// @dev Reads one of each, from calldata.
contract CursorHarness {
    struct Everything {
        uint256 u8;
        uint256 u16;
        uint256 u40;
        uint256 u128;
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
        (all.u40, cursor) = cursor.u40();
        (all.u128, cursor) = cursor.u128();
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

    function testFuzzReadsWhatWasPacked(uint8 a, uint16 b, uint40 c, uint128 d, address e) external view {
        bytes memory packed = abi.encodePacked(a, b, c, d, e, bytes3(0xffffff));
        CursorHarness.Everything memory all = harness.readAll(packed);
        vm.assertEq(all.u8, a, "u8");
        vm.assertEq(all.u16, b, "u16");
        vm.assertEq(all.u40, c, "u40");
        vm.assertEq(all.u128, d, "u128");
        vm.assertEq(all.account, e, "account");
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
