// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "../Vm.sol";
import {Actors} from "./Actors.sol";

/// @dev The machine calls only contracts that are made in a test's own file.
contract Everybody is Actors {}

/// @notice What holds whatever anybody does, in whatever order:
///  1. an order's counter never exceeds what the order says, and never decreases;
///  2. each fill, and each order in all, keeps the owner's limit exactly;
///  3. of every token there is as much as there was, and the settlement has none;
///  4. everybody has exactly what the rings say: nobody but owner, recipient, miner, fee recipient and wallet gains or loses;
///  5. a ring settles only as it was signed: changed by a thief, it is refused, or is the very same ring in another form;
///  6. settled once, it is refused;
///  7. cancelled, expired, of a past epoch: never filled;
///  8. an order twice, fills of zero, rings of one: refused, even if all sign;
///  9. a token that calls back changes nothing of this.
/// The tenth (Solidity and TypeScript agree) and the eleventh (gas) of that list are tested in TypeScript.
/// Actors.sol holds 2, 5, 6, 7 and 8 at the very call; here the ledger is compared with the chain.
contract InvariantsTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Everybody private actors;

    function setUp() external {
        actors = new Everybody();
        actors.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actors);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(actors), selectors());
    }

    /// hardhat-config: invariant.failOnRevert = true
    function invariantLedgerAndChainAgree() external view {
        actors.requireLedgerAndChainAgree();
    }

    /// The actors do what they are there for: settle, steal in vain, cancel, ... Without this, all could be refused
    /// and every invariant hold.
    function testActorsAct() external {
        bytes4[] memory all = selectors();
        for (uint256 i = 0; i < 60; i++) {
            for (uint256 s = 0; s < all.length; s++) {
                (bool done, bytes memory answer) = address(actors).call(abi.encodeWithSelector(all[s], i * 1000 + s));
                if (!done) {
                    assembly {
                        revert(add(answer, 0x20), mload(answer))
                    }
                }
            }
        }
        actors.requireLedgerAndChainAgree();
        uint256[14] memory counts = abi.decode(abi.encode(actors.counts()), (uint256[14]));
        for (uint256 i = 0; i < counts.length; i++) {
            string memory which = string(abi.encodePacked("statistic ", uint8(97 + i), " never happens"));
            vm.assertGe(counts[i], 1, which);
        }
        vm.assertGe(counts[0], 90, "rings");
    }

    function selectors() private pure returns (bytes4[] memory all) {
        all = new bytes4[](10);
        all[0] = Actors.trade.selector;
        all[1] = Actors.tradeInPerson.selector;
        all[2] = Actors.tradeTwice.selector;
        all[3] = Actors.pass.selector;
        all[4] = Actors.steal.selector;
        all[5] = Actors.replay.selector;
        all[6] = Actors.collude.selector;
        all[7] = Actors.cancel.selector;
        all[8] = Actors.cancelAll.selector;
        all[9] = Actors.arm.selector;
    }
}
