// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {creationCode, deploy} from "../Deploy.sol";
import {RingTest, Submission} from "../RingTest.sol";

/// @title A ring of three on the variant for which k authors suffice
abstract contract PartialTest is RingTest {
    uint256 internal constant NOT_AUTHORED = 14;

    function required() internal pure virtual returns (uint256);

    function deploySettlement() internal override returns (IRingSettlement) {
        return IRingSettlement(deploy(partialCode(required())));
    }

    function partialCode(uint256 authors) internal view returns (bytes memory) {
        return bytes.concat(
            creationCode("variants/PartialRingSettlement.sol", "PartialRingSettlement"), abi.encode(authors)
        );
    }

    /// @notice Alice sells 100 of A for B, the second 60 of B for C, the third 40 of C for A. Signed by everybody.
    function ringOfThree() internal returns (Submission memory plan) {
        plan = ringOf(
            three(aliceOrder(), orderOf(bob, tokenB, 60, tokenC, 40), orderOf(third, tokenC, 40, tokenA, 100)),
            fills(100, 60, 40)
        );
        sign(plan);
    }

    /// @notice Takes these orders' authors out of the first ring, bit by bit; the others sign.
    function leaveOut(Submission memory plan, uint256 positions) internal view {
        for (uint256 i = 0; i < plan.rings[0].places.length; i++) {
            if ((positions >> i) & 1 == 1) plan.rings[0].places[i].author = NOT_AUTHORED;
        }
        signRing(plan, plan.rings[0], relay);
    }
}
