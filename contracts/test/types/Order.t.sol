// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Nonce} from "../../src/types/Nonce.sol";
import {Order} from "../../src/types/Order.sol";
import {vm} from "../Vm.sol";

/// @notice That the settlement hashes what it reads from calldata alike: Domain.t.sol.
contract OrderTest {
    /// Every field counts: another value, another hash.
    function testFuzzEveryFieldIsHashed(Order memory order, uint256 field, uint256 bit) external pure {
        bytes32 before = order.hash();
        field %= 18;
        if (field == 0) order.owner = flip(order.owner, bit);
        else if (field == 1) order.sellToken = flip(order.sellToken, bit);
        else if (field == 2) order.buyToken = flip(order.buyToken, bit);
        else if (field == 3) order.sellAmount ^= uint128(1 << (bit % 128));
        else if (field == 4) order.buyAmount ^= uint128(1 << (bit % 128));
        else if (field == 5) order.validSince ^= uint40(1 << (bit % 40));
        else if (field == 6) order.validUntil ^= uint40(1 << (bit % 40));
        else if (field == 7) order.nonce = Nonce.wrap(Nonce.unwrap(order.nonce) ^ uint96(1 << (bit % 96)));
        else if (field == 8) order.authAddress = flip(order.authAddress, bit);
        else if (field == 9) order.feeToken = flip(order.feeToken, bit);
        else if (field == 10) order.feeAmount ^= uint128(1 << (bit % 128));
        else if (field == 11) order.marginSplit ^= uint8(1 << (bit % 8));
        else if (field == 12) order.wallet = flip(order.wallet, bit);
        else if (field == 13) order.walletSplit ^= uint8(1 << (bit % 8));
        else if (field == 14) order.allOrNone = !order.allOrNone;
        else if (field == 15) order.buyDriven = !order.buyDriven;
        else if (field == 16) order.minimumFill ^= uint128(1 << (bit % 128));
        else order.recipient = flip(order.recipient, bit);
        vm.assertTrue(order.hash() != before, "another order, the same hash");
    }

    /// The type string by which wallets show the order to its owner, hashed elsewhere (viem) once and written here.
    function testKnownHash() external pure {
        Order memory order;
        vm.assertEq(order.hash(), KNOWN, "an order of zeros");
    }

    bytes32 private constant KNOWN = 0x673e2b93230c0e09fb5644015c6c7c9ef9580f7d95593ea916b97920f74849cf;

    function flip(address account, uint256 bit) private pure returns (address) {
        return address(uint160(account) ^ uint160(1 << (bit % 160)));
    }
}
