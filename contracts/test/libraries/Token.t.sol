// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Token} from "../../src/libraries/Token.sol";
import {
    AllOnesToken,
    BlindToken,
    BlindedToken,
    BurningToken,
    FalseToken,
    FeeOnTopToken,
    FeeOnTransferToken,
    GenerousToken,
    LongAnswerToken,
    LyingToken,
    NoReturnToken,
    RevertingToken,
    RobbingToken,
    ShortAnswerToken,
    TwoToken
} from "../tokens/OddTokens.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {vm} from "../Vm.sol";

/// @dev Stands where the settlement stands: tokens are approved to it.
contract TokenHarness {
    using Token for address;

    function transferExact(address token, address from, address to, uint256 amount) external {
        token.transferExact(from, to, amount);
    }

    function transferProven(address token, address from, address to, uint256 amount) external {
        token.transferProven(from, to, amount);
    }
}

contract TokenTest {
    TokenHarness private harness = new TokenHarness();
    address private constant ALICE = address(0xa11ce);
    address private constant BOB = address(0xb0b);

    function testPlainTokenMoves() external {
        moves(new PlainToken());
    }

    function testNoReturnValueMoves() external {
        moves(new NoReturnToken());
    }

    function testLongTrueMoves() external {
        moves(new LongAnswerToken());
    }

    /// What the giver pays on top to the token is between the two.
    function testFeeOnTopMoves() external {
        moves(new FeeOnTopToken());
    }

    function testAnswersThatAreNotTrue() external {
        fails(new FalseToken());
        fails(new TwoToken());
        fails(new AllOnesToken());
        fails(new ShortAnswerToken());
        fails(new RevertingToken());
        fails(new BurningToken());
    }

    function testTransfersThatDoNotArriveWhole() external {
        notExact(new FeeOnTransferToken());
        notExact(new LyingToken());
        notExact(new GenerousToken());
        notExact(new RobbingToken());
    }

    function testNoContractIsNoToken() external {
        fails(PlainToken(address(0xdead)), 5);
        fails(PlainToken(address(0)), 5);
    }

    /// A precompile answers every call: with something that is not a balance that grew.
    function testPrecompilesAreNoTokens() external {
        for (uint160 i = 1; i < 18; i++) {
            (bool done,) = attempt(address(i), 5);
            vm.assertFalse(done, "moved a precompile");
        }
    }

    function testUnknownBalances() external {
        fails(PlainToken(address(new BlindToken(0))), 5);
        fails(PlainToken(address(new BlindToken(31))), 5);
        fails(PlainToken(address(new BlindToken(33))), 5);
        notExact(PlainToken(address(new BlindToken(32))), 5);
        notExact(PlainToken(address(new BlindedToken())), 5);
    }

    function testNoAllowanceAndNoBalance() external {
        PlainToken token = new PlainToken();
        token.mint(ALICE, 4);
        fails(token, 4);
        vm.prank(ALICE, ALICE);
        token.approve(address(harness), 4);
        fails(token, 5);
        harness.transferExact(address(token), ALICE, BOB, 4);
        vm.assertEq(token.allowance(ALICE, address(harness)), 0, "allowance used up");
    }

    /// Nothing is asked: not even whether there is such a token.
    function testNothingToMove() external {
        harness.transferExact(address(0xdead), ALICE, BOB, 0);
        harness.transferExact(address(0xdead), ALICE, ALICE, 5);
    }

    // ── of tokens that have been exact already ──────────────────────────────────────────────────────────────────

    function testProvenMoves() external {
        PlainToken[4] memory good = [new PlainToken(), new NoReturnToken(), new LongAnswerToken(), new FeeOnTopToken()];
        for (uint256 i = 0; i < good.length; i++) {
            endow(good[i]);
            harness.transferProven(address(good[i]), ALICE, BOB, 50);
            vm.assertEq(good[i].balanceOf(BOB), 70, "receiver");
        }
    }

    /// Whether it moved is still asked; whether exactly, no more.
    function testProvenStillAsksWhetherItMoved() external {
        PlainToken[6] memory bad = [
            PlainToken(new FalseToken()),
            new TwoToken(),
            new AllOnesToken(),
            new ShortAnswerToken(),
            new RevertingToken(),
            new BurningToken()
        ];
        for (uint256 i = 0; i < bad.length; i++) {
            endow(bad[i]);
            bytes memory call = abi.encodeCall(TokenHarness.transferProven, (address(bad[i]), ALICE, BOB, 50));
            (bool done, bytes memory answer) = address(harness).call{gas: 2_000_000}(call);
            vm.assertFalse(done, "moved");
            bytes4 selector = Token.TransferFailed.selector;
            vm.assertEq(answer, abi.encodeWithSelector(selector, bad[i], ALICE, BOB, 50), "another error");
        }
    }

    function testProvenNothingToMove() external {
        RevertingToken token = new RevertingToken();
        harness.transferProven(address(token), ALICE, BOB, 0);
        harness.transferProven(address(token), ALICE, ALICE, 5);
    }

    // ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function testFuzzMovesExactly(uint256 amount, uint256 held, uint256 holds) external {
        PlainToken token = new PlainToken();
        vm.assume(held <= type(uint256).max - holds);
        token.mint(ALICE, held);
        token.mint(BOB, holds);
        vm.prank(ALICE, ALICE);
        token.approve(address(harness), type(uint256).max);
        (bool done,) = attempt(address(token), amount);
        vm.assertTrue(done == (amount <= held), "moves what there is");
        vm.assertEq(token.balanceOf(BOB), holds + (done ? amount : 0), "receiver");
        vm.assertEq(token.balanceOf(ALICE), held - (done ? amount : 0), "giver");
    }

    // ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function moves(PlainToken token) private {
        endow(token);
        harness.transferExact(address(token), ALICE, BOB, 50);
        vm.assertEq(token.balanceOf(BOB), 70, "receiver");
    }

    function fails(PlainToken token) private {
        endow(token);
        fails(token, 50);
        vm.assertEq(token.balanceOf(BOB), 20, "receiver");
        vm.assertEq(token.balanceOf(ALICE), 100, "giver");
    }

    function fails(PlainToken token, uint256 amount) private {
        refused(token, amount, Token.TransferFailed.selector);
    }

    function notExact(PlainToken token) private {
        endow(token);
        notExact(token, 50);
        vm.assertEq(token.balanceOf(BOB), 20, "receiver");
    }

    function notExact(PlainToken token, uint256 amount) private {
        refused(token, amount, Token.TransferNotExact.selector);
    }

    function refused(PlainToken token, uint256 amount, bytes4 selector) private {
        (bool done, bytes memory answer) = attempt(address(token), amount);
        vm.assertFalse(done, "moved");
        vm.assertEq(answer, abi.encodeWithSelector(selector, token, ALICE, BOB, amount), "another error");
    }

    function attempt(address token, uint256 amount) private returns (bool done, bytes memory answer) {
        bytes memory call = abi.encodeCall(TokenHarness.transferExact, (token, ALICE, BOB, amount));
        return address(harness).call{gas: 2_000_000}(call);
    }

    function endow(PlainToken token) private {
        token.mint(ALICE, 100);
        token.mint(BOB, 20);
        vm.prank(ALICE, ALICE);
        token.approve(address(harness), type(uint256).max);
    }
}
