// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Order} from "../../src/types/Order.sol";
import {Ring, Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title One ring sent out of a transaction of two
/// @notice **Sees** a pending transaction of two rings over the same orders. **Does** send the first ring by itself: its signatures stand
/// alone. **Gets** nothing; everybody is paid exactly as that ring says. The miner's own transaction then reverts, since what
/// was filled before is no longer what it signed: it signs the second ring anew. A miner must not put a ring into a
/// transaction that it would not want by itself (docs/guide/ring.md).
contract UnbundlingTest is AttackTest {
    function testOneRingByItself() external {
        Order memory hers = orderOf(alice, tokenA, 200, tokenB, 100);
        Order memory his = orderOf(bob, tokenB, 120, tokenA, 200);
        Submission memory plan = tableOf(two(hers, his), 2);
        plan.rings[0] = ringOf(two(hers, his), fills(100, 60)).rings[0];
        plan.rings[1] = ringOf(two(hers, his), fills(100, 50)).rings[0];
        sign(plan);
        Submission memory part = abi.decode(abi.encode(plan), (Submission));
        Ring[] memory only = new Ring[](1);
        only[0] = plan.rings[0];
        part.rings = only;
        uint256 held = tokenA.balanceOf(thief) + tokenB.balanceOf(thief);
        (bool lifted,) = trySubmit(thief, pack(part));
        vm.assertTrue(lifted, "the first ring alone");
        vm.assertEq(tokenB.balanceOf(alice), 60, "Alice is paid as that ring says");
        vm.assertEq(tokenA.balanceOf(bob), 100, "and so is Bob");
        vm.assertEq(tokenA.balanceOf(thief) + tokenB.balanceOf(thief), held, "the sender gets nothing");
        (bool honest,) = trySubmit(relay, pack(plan));
        vm.assertFalse(honest, "the two together no longer");
        sign(plan);
        Submission memory rest = abi.decode(abi.encode(plan), (Submission));
        only[0] = plan.rings[1];
        rest.rings = only;
        sign(rest);
        (bool signedAnew,) = trySubmit(relay, pack(rest));
        vm.assertTrue(signedAnew, "the second, signed anew");
    }
}
