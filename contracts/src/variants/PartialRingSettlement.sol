// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RingSettlement} from "../RingSettlement.sol";

/// @title Partial authoring: k of a ring's authors suffice. Not the default, because orders can be stolen
/// @notice A variant of Dual Authoring that its authors describe: of a ring's n orders, k must be authored, whichever they are; the
/// others stand in calldata with author 14. It saves a signature for each (some 4,300 gas), and it settles when a relay is away.
///
/// What is lost. A ring still cannot be stolen as long as one of those who authored it is not the thief: what was signed names the
/// miner, the fills and the fee recipient. But an *order* can: whoever sees it puts it into a ring with k orders of its own, authors
/// those, and leaves the seen one unauthored. The owner still gets the limit price and not a unit less; the saving, the fee and the
/// other orders of the ring it stood in are gone. `contracts/test/variants/PartialOrderTheft.t.sol` does it. Use it only where
/// orders are shared among people who would not.
contract PartialRingSettlement is RingSettlement {
    /// At least one author, or a ring is nobody's.
    error RequiredZero();

    /// How many of a ring's orders must be authored; all, if the ring has fewer.
    uint256 public immutable required;

    constructor(uint256 required_) {
        if (required_ == 0) revert RequiredZero();
        if (required_ > 10) required_ = 10;
        required = required_;
    }

    /// @dev At most n - required orders may lack an author.
    function mayLackAuthor(uint256 missing, uint256 size) internal view override returns (bool) {
        return missing + required <= size;
    }
}
