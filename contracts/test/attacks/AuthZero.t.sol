// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Order} from "../../src/types/Order.sol";
import {Submission} from "../RingTest.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title The address zero as author (A5)
/// @notice **Sees** an order whose auth address was left at zero. **Does** author it with bytes that are no signature: the precompile
/// answers nothing, which read as an address is zero. **Gets** nothing: such an order is refused by name, and bytes that are no
/// signature are nobody's, be it an author's, an owner's or a miner's. (Loopring 1.2 to 1.5 took them.)
contract AuthZeroTest is AttackTest {
    function garbage() private pure returns (bytes memory) {
        return abi.encodePacked(uint256(1), uint256(0));
    }

    function testOrderWithoutAuthAddress() external {
        Order memory order = aliceOrder();
        order.authAddress = address(0);
        Submission memory plan = ringOf(two(order, bobOrder()), fills(100, 60));
        sign(plan);
        plan.rings[0].authSignatures[0] = garbage();
        refuseBy(thief, plan, errorOf(IRingSettlement.AuthAddressZero.selector, order));
    }

    function testGarbageForAnAuthor() external {
        Submission memory plan = pendingRing();
        plan.rings[0].authSignatures[0] = garbage();
        refuseBy(thief, plan, badAuth(plan, 0));
    }

    /// Nobody's order: the owner is the address zero, where many tokens lie.
    function testGarbageForAnOwner() external {
        Order memory order = aliceOrder();
        order.owner = address(0);
        Submission memory plan = ringOf(two(order, thiefOrder()), fills(100, 60));
        plan.orders[1].sellToken = address(tokenB);
        plan.orders[1].buyToken = address(tokenA);
        sign(plan);
        plan.ownerSignatures[0] = garbage();
        refuseBy(thief, plan, errorOf(IRingSettlement.BadOwnerSignature.selector, order));
    }

    function testGarbageForTheMiner() external {
        Submission memory plan = ringOfTwo();
        plan.miner = address(0);
        sign(plan);
        plan.rings[0].minerSignature = garbage();
        bytes32 hash = ringHash(plan, plan.rings[0]);
        refuseBy(thief, plan, abi.encodeWithSelector(IRingSettlement.BadMinerSignature.selector, hash));
    }

    /// The control: with real addresses it settles.
    function testHonest() external {
        settlesHonestly(pendingRing());
    }
}
