// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Submission} from "../RingTest.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Signature malleability (A15)
/// @notice **Sees** signatures. **Does** write them in another form that some verifiers take for the same: `s` and its negative, another
/// parity, `r` and `s` changed over, 65 bytes with `v`. **Gets** nothing: a signature has one form here. And were there two, no
/// digest covers a signature, so nothing would change by it. (In Loopring 1.0 the ring hash was made of signatures: one
/// written in its other form was a fresh hash, which nobody had reserved.)
contract SignatureMalleabilityTest is AttackTest {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant PARITY = 1 << 255;
    uint256 private constant FORMS = 6;

    /// @dev Other spellings of the 64 bytes `r`, `s` with parity.
    function spelt(bytes memory compact, uint256 form) private pure returns (bytes memory) {
        (uint256 r, uint256 vs) = abi.decode(compact, (uint256, uint256));
        uint256 s = vs & ~PARITY;
        uint256 other = ORDER - s;
        if (form == 0) return abi.encode(r, vs ^ PARITY);
        if (form == 1) return abi.encode(s, r);
        if (form == 2) return abi.encode(r, other);
        if (form == 3) return abi.encode(r, (other & ~PARITY) | (~vs & PARITY));
        if (form == 4) return abi.encode(ORDER - r, vs);
        return abi.encode(r, 0);
    }

    function testOfAnOwner() external {
        Submission memory seen = pendingRing();
        for (uint256 form = 0; form < FORMS; form++) {
            Submission memory plan = copyOf(seen);
            plan.ownerSignatures[0] = spelt(plan.ownerSignatures[0], form);
            refuseBy(thief, plan, errorOf(IRingSettlement.BadOwnerSignature.selector, plan.orders[0]));
        }
        settlesHonestly(seen);
    }

    function testOfAnAuthor() external {
        Submission memory seen = pendingRing();
        for (uint256 form = 0; form < FORMS; form++) {
            Submission memory plan = copyOf(seen);
            plan.rings[0].authSignatures[1] = spelt(plan.rings[0].authSignatures[1], form);
            refuseBy(thief, plan, badAuth(plan, 1));
        }
        settlesHonestly(seen);
    }

    function testOfTheMiner() external {
        Submission memory seen = pendingRing();
        bytes32 hash = ringHash(seen, seen.rings[0]);
        for (uint256 form = 0; form < FORMS; form++) {
            Submission memory plan = copyOf(seen);
            plan.rings[0].minerSignature = spelt(plan.rings[0].minerSignature, form);
            refuseBy(thief, plan, abi.encodeWithSelector(IRingSettlement.BadMinerSignature.selector, hash));
        }
        settlesHonestly(seen);
    }

    /// 65 bytes are a matter between the owner's contract and itself; an owner with a key alone has no contract.
    function testSixtyFiveBytes() external {
        Submission memory seen = pendingRing();
        (uint256 r, uint256 vs) = abi.decode(seen.ownerSignatures[0], (uint256, uint256));
        uint8 v = vs & PARITY == 0 ? 27 : 28;
        uint256 s = vs & ~PARITY;
        for (uint256 high = 0; high < 2; high++) {
            Submission memory plan = copyOf(seen);
            plan.ownerSignatures[0] =
                high == 0 ? abi.encodePacked(r, s, v) : abi.encodePacked(r, ORDER - s, 55 - v);
            refuseBy(thief, plan, errorOf(IRingSettlement.BadOwnerSignature.selector, plan.orders[0]));
        }
        settlesHonestly(seen);
    }

    /// The highest low `s`, and the lowest high one, with any `r`: the first is somebody's signature, the second nobody's. Neither
    /// is one of ours; that the second is refused before the precompile is asked, only the mirror can tell apart.
    function testAtTheBoundary() external {
        Submission memory seen = pendingRing();
        for (uint256 step = 0; step < 2; step++) {
            Submission memory plan = copyOf(seen);
            plan.rings[0].authSignatures[0] = abi.encode(uint256(1), ORDER / 2 + step);
            refuseBy(thief, plan, badAuth(plan, 0));
        }
        settlesHonestly(seen);
    }
}
