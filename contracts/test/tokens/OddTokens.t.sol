// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Token} from "../../src/libraries/Token.sol";
import {Nonce} from "../../src/types/Nonce.sol";
import {Order} from "../../src/types/Order.sol";
import {RingTest, Submission} from "../RingTest.sol";
import {vm} from "../Vm.sol";
import {
    AllOnesToken,
    BlindToken,
    BlindedToken,
    BurningToken,
    FalseToken,
    FavouringToken,
    FeeOnTopToken,
    FeeOnTransferToken,
    GenerousToken,
    LongAnswerToken,
    LyingToken,
    NoReturnToken,
    PausableToken,
    RebasingToken,
    RevertingToken,
    RobbingToken,
    ShortAnswerToken,
    TwoToken
} from "./OddTokens.sol";
import {PlainToken} from "./PlainToken.sol";

/// @notice Whole rings with one odd token in them: settled exactly, or refused by name and nobody has lost anything. Alice
/// sells the odd token, so that the ring's first transfer is a good one.
contract OddTokensTest is RingTest {
    /// Exact for those who trade, and so proven in the ring; short for the wallet, which nobody asked to sign.
    function testWalletIsNotPaidShort() external {
        FavouringToken token = new FavouringToken();
        token.favour(alice);
        token.favour(bob);
        fund(token, alice, 1000);
        Order memory hers = orderOf(alice, token, 100, tokenB, 50);
        hers.feeToken = address(token);
        hers.feeAmount = 40;
        hers.wallet = wallet;
        hers.walletSplit = 50;
        Submission memory plan = ringOf(two(hers, orderOf(bob, tokenB, 60, token, 100)), fills(100, 60));
        plan.rings[0].places[0].take = TAKE_FEE;
        sign(plan);
        (bool accepted, bytes memory answer) = trySubmit(relay, pack(plan));
        vm.assertFalse(accepted, "settled short");
        vm.assertEq(bytes32(bytes4(answer)), bytes32(Token.TransferNotExact.selector), "refused by name");
        token.favour(wallet);
        submit(plan);
        vm.assertEq(token.balanceOf(wallet), 20, "the wallet's share");
    }

    function testMovesAndSaysSo() external {
        settles(new NoReturnToken());
        settles(new LongAnswerToken());
        settles(new PausableToken());
        settles(new FeeOnTopToken());
    }

    function testDoesNotSaySo() external {
        refuses(new FalseToken(), Token.TransferFailed.selector);
        refuses(new TwoToken(), Token.TransferFailed.selector);
        refuses(new AllOnesToken(), Token.TransferFailed.selector);
        refuses(new ShortAnswerToken(), Token.TransferFailed.selector);
        refuses(new RevertingToken(), Token.TransferFailed.selector);
        refuses(new BurningToken(), Token.TransferFailed.selector);
    }

    function testIsNotExact() external {
        refuses(new FeeOnTransferToken(), Token.TransferNotExact.selector);
        refuses(new LyingToken(), Token.TransferNotExact.selector);
        refuses(new GenerousToken(), Token.TransferNotExact.selector);
        refuses(new RobbingToken(), Token.TransferNotExact.selector);
    }

    function testTellsNoBalances() external {
        refusesRaw(address(new BlindToken(0)), Token.TransferFailed.selector);
        refusesRaw(address(new BlindToken(31)), Token.TransferFailed.selector);
        refusesRaw(address(new BlindToken(33)), Token.TransferFailed.selector);
        refusesRaw(address(new BlindToken(32)), Token.TransferNotExact.selector);
        refusesRaw(address(new BlindedToken()), Token.TransferNotExact.selector);
    }

    function testHasNoCode() external {
        refusesRaw(address(0xdead), Token.TransferFailed.selector);
        refusesRaw(alice, Token.TransferFailed.selector);
    }

    /// Paid as a fee, an odd token is looked at as closely.
    function testOddFee() external {
        Submission memory plan = ringOfTwo();
        FeeOnTransferToken odd = new FeeOnTransferToken();
        fund(odd, alice, 1000);
        (plan.orders[0].feeToken, plan.orders[0].feeAmount) = (address(odd), 500);
        plan.rings[0].places[0].take = TAKE_FEE;
        plan.tokens = tokensOf(plan.orders);
        sign(plan);
        refuse(plan, transferError(Token.TransferNotExact.selector, address(odd), alice, feeRecipient, 500));
    }

    /// Alice trades with herself: the token that her orders sell does not move, hence has not proved itself, and is looked
    /// at when a fee or margin of it is paid.
    function testUnmovedTokenIsNotTrusted() external {
        FeeOnTransferToken odd = new FeeOnTransferToken();
        fund(odd, alice, 1000);
        for (uint256 take = TAKE_FEE; take <= TAKE_MARGIN; take++) {
            Submission memory plan = ringWithHerself(address(odd), take);
            refuse(plan, transferError(Token.TransferNotExact.selector, address(odd), alice, feeRecipient, 30));
            plan = ringWithHerself(address(0xdead), take);
            refuse(plan, transferError(Token.TransferFailed.selector, address(0xdead), alice, feeRecipient, 30));
        }
    }

    /// The token stops in the midst of a ring: what was already moved in it is moved back.
    function testPausedMidRing() external {
        PausableToken odd = new PausableToken();
        Submission memory plan = planOf(address(odd));
        fund(odd, alice, 100);
        plan.orders[0].feeToken = address(odd);
        plan.orders[0].feeAmount = 10;
        plan.rings[0].places[0].fill = 90;
        plan.orders[1].buyAmount = 90;
        plan.rings[0].places[0].take = TAKE_FEE;
        sign(plan);
        odd.setMovesLeft(1);
        refuse(plan, transferError(Token.TransferFailed.selector, address(odd), alice, feeRecipient, 9));
        untouched(odd);
        odd.setMovesLeft(2);
        submit(plan);
        vm.assertEq(odd.balanceOf(bob), 90, "Bob bought");
    }

    /// One ring of a transaction fails on its token: the other ring is not settled either.
    function testOddTokenInTheSecondRing() external {
        LyingToken odd = new LyingToken();
        fund(odd, alice, 100);
        Order memory again = orderOf(bob, tokenB, 60, odd, 100);
        again.nonce = Nonce.wrap(1);
        Order[] memory orders = new Order[](4);
        (orders[0], orders[1], orders[2], orders[3]) = (aliceOrder(), bobOrder(), oddOrder(address(odd)), again);
        Submission memory plan = tableOf(orders, 2);
        plan.rings[0] = ringOf(two(orders[0], orders[1]), fills(100, 60)).rings[0];
        plan.rings[1] = ringOf(two(orders[0], orders[1]), fills(100, 60)).rings[0];
        (plan.rings[1].places[0].order, plan.rings[1].places[1].order) = (2, 3);
        sign(plan);
        refuse(plan, transferError(Token.TransferNotExact.selector, address(odd), alice, bob, 100));
        untouched(odd);
        vm.assertEq(tokenA.balanceOf(bob), 0, "the good ring");
    }

    // ── balances that move by themselves ────────────────────────────────────────────────────────────────────────

    /// Between transactions it may do what it wants.
    function testRebasedBetweenFills() external {
        RebasingToken odd = new RebasingToken();
        odd.mint(alice, 100);
        for (uint256 i = 0; i < 2; i++) {
            Submission memory plan = planOf(address(odd));
            (plan.rings[0].places[0].fill, plan.rings[0].places[1].fill) = (20, 12);
            sign(plan);
            submit(plan);
            vm.assertEq(odd.balanceOf(bob), i == 0 ? 20 : 60, "Bob bought");
            odd.grow(odd.pool());
        }
    }

    /// While it moves, its receiver must get what the ring says.
    function testRebasedMidTransfer() external {
        RebasingToken odd = new RebasingToken();
        odd.mint(alice, 100);
        odd.mint(bob, 100);
        odd.setGrowthOnMove(201);
        Submission memory plan = planOf(address(odd));
        sign(plan);
        refuse(plan, transferError(Token.TransferNotExact.selector, address(odd), alice, bob, 100));
    }

    /// It moves whole shares, which may be a unit less than asked: refused, not settled short.
    function testSharesThatRoundDown() external {
        RebasingToken odd = new RebasingToken();
        odd.mint(alice, 1000);
        odd.grow(500);
        Submission memory plan = planOf(address(odd));
        sign(plan);
        refuse(plan, transferError(Token.TransferNotExact.selector, address(odd), alice, bob, 100));
    }

    // ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function settles(PlainToken odd) private {
        fund(odd, alice, 1000);
        uint256 held = tokenB.balanceOf(alice);
        Submission memory plan = planOf(address(odd));
        sign(plan);
        submit(plan);
        vm.assertEq(odd.balanceOf(bob), 100, "Bob bought");
        vm.assertEq(tokenB.balanceOf(alice), held + 60, "Alice bought");
    }

    function refuses(PlainToken odd, bytes4 selector) private {
        fund(odd, alice, 100);
        refusesRaw(address(odd), selector);
        untouched(odd);
    }

    function refusesRaw(address odd, bytes4 selector) private {
        Submission memory plan = planOf(odd);
        sign(plan);
        // What a token burns is not all: the rest suffices to refuse by name.
        bytes memory packed = pack(plan);
        vm.prank(relay, relay);
        (bool done, bytes memory answer) =
            address(settlement).call{gas: 5_000_000}(abi.encodeCall(settlement.submit, (packed)));
        vm.assertFalse(done, "settled");
        vm.assertEq(answer, transferError(selector, odd, alice, bob, 100), "another error");
        vm.assertEq(tokenB.balanceOf(bob), 1_000_000, "Bob's");
        vm.assertEq(settlement.filled(alice, plan.orders[0].nonce), 0, "counter");
    }

    function untouched(PlainToken odd) private view {
        vm.assertEq(odd.balanceOf(alice), 100, "Alice's odd tokens");
        vm.assertEq(odd.balanceOf(bob), 0, "Bob's odd tokens");
        vm.assertEq(tokenB.balanceOf(alice), 0, "Alice's");
        vm.assertEq(tokenB.balanceOf(bob), 1_000_000, "Bob's");
    }

    /// @dev A new order of Alice each time, and of Bob.
    function planOf(address odd) private returns (Submission memory plan) {
        Order memory his = orderOf(bob, tokenB, 60, PlainToken(odd), 100);
        his.nonce = Nonce.wrap(uint64(uint160(odd)));
        plan = ringOf(two(oddOrder(odd), his), fills(100, 60));
    }

    /// @dev She sells A for the odd token and back. Fee and margin, whichever is taken, are 30 of it.
    function ringWithHerself(address odd, uint256 take) private returns (Submission memory plan) {
        Order memory there = orderOf(alice, tokenA, 100, PlainToken(odd), 40);
        Order memory back = orderOf(alice, PlainToken(odd), 100, tokenA, 100);
        back.nonce = Nonce.wrap(1);
        if (take == TAKE_FEE) (there.feeToken, there.feeAmount) = (odd, 30);
        there.marginSplit = 50;
        plan = ringOf(two(there, back), fills(100, 100));
        plan.rings[0].places[0].take = take;
        sign(plan);
    }

    function oddOrder(address odd) private returns (Order memory hers) {
        hers = orderOf(alice, PlainToken(odd), 100, tokenB, 50);
        hers.nonce = Nonce.wrap(uint64(uint160(odd)));
    }

    function transferError(bytes4 selector, address token, address from, address to, uint256 amount)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(selector, token, from, to, amount);
    }
}
