// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {deployRingSettlement} from "../Deploy.sol";
import {Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Replay on another chain, on another contract, after a fork
/// @notice **Sees** a settled ring. **Does** send its bytes where the same people have approved the same contract's code: on another chain,
/// on a second deployment, on the other branch after the chain forked. **Gets** nothing: every signature is over a domain of chain
/// id and contract, and the domain is made anew when the chain id is no longer the one of deployment. (No Loopring
/// version signed a chain id.)
/// @dev The compiler takes the chain id for the same all along and reads it where it likes: so it is a constant here, and whatever
/// must see the new one is called from outside.
contract OtherChainTest is AttackTest {
    uint256 private constant HERE = 1000;
    uint256 private constant ELSEWHERE = 1001;

    function setUp() public override {
        vm.chainId(HERE);
        super.setUp();
    }

    function signedHere() external returns (Submission memory plan) {
        return pendingRing();
    }

    function refusesAll(Submission memory plan) external {
        refuseBy(thief, plan, errorOf(IRingSettlement.BadOwnerSignature.selector, plan.orders[0]));
    }

    function refusesAuthors(Submission memory plan) external {
        refuseBy(thief, plan, badAuth(plan, 0));
    }

    function settles(Submission memory plan) external {
        settlesHonestly(plan);
    }

    function testOtherChainId() external {
        Submission memory plan = this.signedHere();
        vm.chainId(ELSEWHERE);
        this.refusesAll(plan);
        vm.chainId(HERE);
        this.settles(plan);
    }

    /// After a fork what was signed before is worth nothing on the branch with the new id, what is signed there nothing on the old.
    function testAfterAFork() external {
        Submission memory before = this.signedHere();
        vm.chainId(ELSEWHERE);
        Submission memory behind = this.signedHere();
        vm.chainId(HERE);
        this.refusesAll(behind);
        vm.chainId(ELSEWHERE);
        this.refusesAll(before);
        this.settles(behind);
    }

    /// The auth keys' signatures alone from elsewhere are no better.
    function testAuthorsOfAnotherChain() external {
        vm.chainId(ELSEWHERE);
        Submission memory elsewhere = this.signedHere();
        vm.chainId(HERE);
        Submission memory plan = this.signedHere();
        Submission memory mixed = copyOf(plan);
        mixed.rings[0].authSignatures = elsewhere.rings[0].authSignatures;
        this.refusesAuthors(mixed);
        this.settles(plan);
    }

    function testOtherContract() external {
        Submission memory plan = this.signedHere();
        IRingSettlement first = settlement;
        settlement = IRingSettlement(deployRingSettlement());
        approve(tokenA, alice, type(uint256).max);
        approve(tokenB, bob, type(uint256).max);
        this.refusesAll(plan);
        settlement = first;
        this.settles(plan);
    }
}
