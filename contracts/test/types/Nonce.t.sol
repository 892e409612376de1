// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Nonce} from "../../src/types/Nonce.sol";
import {vm} from "../Vm.sol";

contract NonceTest {
    function testEpochIsTheUpperHalf() external pure {
        vm.assertEq(nonceOf(0).epoch(), 0, "first");
        vm.assertEq(nonceOf(type(uint64).max).epoch(), 0, "last number of the first epoch");
        vm.assertEq(nonceOf(uint96(1) << 64).epoch(), 1, "second epoch");
        vm.assertEq(nonceOf(type(uint96).max).epoch(), type(uint32).max, "last");
    }

    /// No two counters overlap: of different owners, or of one owner with different nonces.
    function testFuzzCountersAreApart(address owner, uint96 nonce, address other, uint96 another) external pure {
        bool sameSlot = nonceOf(nonce).slot(owner) == nonceOf(another).slot(other);
        bool sameShift = nonceOf(nonce).shift() == nonceOf(another).shift();
        vm.assertTrue((sameSlot && sameShift) == (owner == other && nonce == another), "one counter, two orders");
    }

    function testFuzzNeighboursShareAWord(address owner, uint96 nonce) external pure {
        Nonce even = nonceOf(nonce & ~uint96(1));
        Nonce odd = nonceOf(nonce | 1);
        vm.assertEq(even.slot(owner), odd.slot(owner), "word");
        vm.assertEq(even.shift(), 0, "lower half");
        vm.assertEq(odd.shift(), 128, "upper half");
    }

    /// One bit is another counter, in the owner as in the nonce.
    function testFuzzOneBitIsAnotherCounter(address owner, uint96 nonce, uint8 bit) external pure {
        if (bit < 96) {
            uint96 another = nonce ^ (uint96(1) << bit);
            vm.assertFalse(same(owner, nonce, owner, another), "nonce");
        } else {
            address other = address(uint160(owner) ^ (uint160(1) << (bit - 96)));
            vm.assertFalse(same(owner, nonce, other, nonce), "owner");
        }
    }

    function same(address owner, uint96 nonce, address other, uint96 another) private pure returns (bool) {
        return nonceOf(nonce).slot(owner) == nonceOf(another).slot(other) && nonceOf(nonce).shift() == nonceOf(another).shift();
    }

    function nonceOf(uint96 nonce) private pure returns (Nonce) {
        return Nonce.wrap(nonce);
    }
}
