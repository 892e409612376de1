// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Nonce} from "../../src/types/Nonce.sol";
import {Order} from "../../src/types/Order.sol";
import {Place, Ring, RingTest, Submission} from "../RingTest.sol";
import {HookToken} from "../tokens/OddTokens.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {vm} from "../Vm.sol";

/// @notice The world of the invariants, drawn by random numbers: orders, rings, and a ledger (*ghosts*) of what each has and each order
/// was filled, kept by arithmetic of its own. The ledger is compared with the chain by Invariants.t.sol.
///
/// Ten tokens, the last of which calls back while it moves; two owners for each, who sell it; two miners; a thief, who knows
/// all that is public (orders, rings, signatures), and a rogue miner, who also has every auth key.
abstract contract Market is RingTest {
    struct Statistics {
        uint256 rings;
        uint256 fees;
        uint256 margins;
        uint256 rewards;
        uint256 completed;
        uint256 tooSmall;
        uint256 verbatim;
        uint256 stolen;
        uint256 harmless;
        uint256 rogue;
        uint256 replayed;
        uint256 cancelled;
        uint256 epochs;
        uint256 callbacks;
    }

    uint256 internal constant TOKENS = 10;
    uint256 internal constant ENDOWMENT = 1 << 120;

    /// How often each thing happened.
    Statistics internal statistics;

    PlainToken[TOKENS] internal tokens;
    address[2 * TOKENS] internal owners;
    /// Everybody whose balances are watched; nobody else has any.
    address[] internal people;

    /// Ghosts: who has what of which token; what each counter says; each order's totals.
    mapping(address who => mapping(address token => uint256)) internal held;
    mapping(address owner => mapping(uint96 nonce => uint256)) internal counted;
    mapping(bytes32 orderHash => uint256) internal soldInAll;
    mapping(bytes32 orderHash => uint256) internal receivedInAll;
    mapping(address owner => uint32) internal epoch;

    Order[] internal book;
    /// For each pair of tokens the order that is being filled: its place in the book, from 1.
    uint256[TOKENS][TOKENS] internal current;
    mapping(address owner => uint64) internal number;

    /// Bytes of rings that were settled.
    bytes[4] internal past;
    uint256 internal now_ = START;
    uint256 internal chance;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < TOKENS; i++) {
            tokens[i] = i == TOKENS - 1 ? new HookToken() : new PlainToken();
            owners[2 * i] = person(string.concat("owner ", decimal(i), "a"));
            owners[2 * i + 1] = person(string.concat("owner ", decimal(i), "b"));
        }
        for (uint256 i = 0; i < owners.length; i++) {
            people.push(owners[i]);
        }
        people.push(miner);
        people.push(person("another miner"));
        people.push(feeRecipient);
        people.push(wallet);
        people.push(thief);
        people.push(relay);
        people.push(person("recipient"));
        people.push(address(settlement));
        for (uint256 i = 0; i < people.length - 1; i++) {
            for (uint256 t = 0; t < TOKENS; t++) {
                fund(tokens[t], people[i], ENDOWMENT);
                held[people[i]][address(tokens[t])] = ENDOWMENT;
            }
        }
    }

    function counts() external view returns (Statistics memory) {
        return statistics;
    }

    // ── the ledger against the chain ────────────────────────────────────────────────────────────────────────────

    function requireLedgerAndChainAgree() external view {
        for (uint256 t = 0; t < TOKENS; t++) {
            PlainToken token = tokens[t];
            uint256 sum = 0;
            for (uint256 i = 0; i < people.length; i++) {
                uint256 balance = token.balanceOf(people[i]);
                if (balance != held[people[i]][address(token)]) revert("the chain has another balance");
                sum += balance;
            }
            vm.assertEq(sum, token.totalSupply(), "all there is");
            vm.assertEq(token.balanceOf(address(settlement)), 0, "the settlement holds nothing");
        }
        // Of the latest orders; the others' counters were looked at when they were the latest.
        uint256 count_ = book.length;
        for (uint256 i = count_ > 8 ? count_ - 8 : 0; i < count_; i++) {
            (address owner, Nonce nonce) = (book[i].owner, book[i].nonce);
            vm.assertEq(settlement.filled(owner, nonce), counted[owner][Nonce.unwrap(nonce)], "counter");
            vm.assertEq(settlement.epochOf(owner), epoch[owner], "epoch");
        }
    }

    // ── rings ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev 2 to 4 orders between as many tokens, half of them known, and fills that keep every limit.
    function drawPlan() internal returns (Submission memory plan) {
        uint256 size = 2 + draw(TOKENS - 1);
        uint256[TOKENS] memory path = drawPath();
        Order[] memory orders = new Order[](size);
        uint256[] memory amounts = new uint256[](size);
        uint256 least = type(uint128).max;
        for (uint256 i = 0; i < size; i++) {
            orders[i] = drawOrder(path[i], path[(i + 1) % size]);
            uint256 left = rest(orders[i]);
            if (left < least) least = left;
        }
        bool whole = draw(3) == 0;
        if (!whole) least = 1 + draw(least);
        drawFills(orders, amounts, least, whole);
        plan = ringOf(orders, amounts);
        plan.deadline = uint40(now_ + draw(1 hours));
        if (draw(2) == 0) plan.miner = people[owners.length + 1];
        if (draw(2) == 0) plan.feeRecipient = plan.miner;
        for (uint256 i = 0; i < size; i++) {
            plan.rings[0].places[i].take = drawTake(plan, i);
        }
    }

    /// @dev All pass on the same, which keeps every limit since nobody here asks for more than it gives; or each passes on as
    /// much more than the least as the order behind it and what is left allow.
    function drawFills(Order[] memory orders, uint256[] memory amounts, uint256 least, bool flat) internal {
        uint256 size = orders.length;
        amounts[0] = least;
        for (uint256 i = size - 1; i > 0; i--) {
            Order memory order = orders[i];
            uint256 most = amounts[(i + 1) % size] * order.sellAmount / order.buyAmount;
            if (!order.buyDriven && most > rest(order)) most = rest(order);
            if (orders[i - 1].buyDriven && most > rest(orders[i - 1])) most = rest(orders[i - 1]);
            amounts[i] = flat ? least : least + draw(most - least + 1);
        }
    }

    function drawTake(Submission memory plan, uint256 i) internal returns (uint256 take) {
        take = draw(3);
        if (take != TAKE_MARGIN || plan.feeRecipient == plan.miner) return take;
        return feeOf(plan, plan.rings[0], i) > 0 ? TAKE_FEE : TAKE_MARGIN;
    }

    function drawPath() internal returns (uint256[TOKENS] memory path) {
        for (uint256 i = 0; i < TOKENS; i++) {
            uint256 j = draw(i + 1);
            path[i] = path[j];
            path[j] = i;
        }
    }

    function drawOrder(uint256 sell, uint256 buy) internal returns (Order memory order) {
        uint256 known = current[sell][buy];
        if (known != 0 && draw(4) != 0) {
            order = book[known - 1];
            bool live = order.validUntil >= now_ && order.nonce.epoch() == epoch[order.owner];
            if (live && rest(order) > 0) return order;
        }
        order = newOrder(sell, buy);
        book.push(order);
        current[sell][buy] = book.length;
    }

    function newOrder(uint256 sell, uint256 buy) internal returns (Order memory order) {
        uint256 size = 1 + draw(1 << draw(90));
        uint256 least = size * (90 + draw(11)) / 100;
        order = orderOf(owners[2 * sell + draw(2)], tokens[sell], size, tokens[buy], least > 0 ? least : 1);
        // One time in ten the nonce of the order before: they share a counter.
        if (draw(10) != 0 || number[order.owner] == 0) number[order.owner]++;
        order.nonce = Nonce.wrap((uint96(epoch[order.owner]) << 64) | number[order.owner]);
        order.validUntil = uint40(now_ + draw(1 days));
        order.buyDriven = draw(3) == 0;
        order.allOrNone = draw(12) == 0;
        if (draw(6) == 0) order.minimumFill = uint128(size / 10);
        if (draw(2) == 0) {
            order.feeToken = address(tokens[draw(TOKENS)]);
            order.feeAmount = uint128(draw(size + 1));
        }
        order.marginSplit = uint8(draw(101));
        if (draw(2) == 0) (order.wallet, order.walletSplit) = (wallet, uint8(draw(101)));
        if (draw(4) == 0) order.recipient = people[people.length - 2];
        if (draw(4) == 0) order.authAddress = authOf(address(0));
        if (rest(order) == 0) order.nonce = Nonce.wrap((uint96(epoch[order.owner]) << 64) | ++number[order.owner]);
    }

    function rest(Order memory order) internal view returns (uint256) {
        uint256 most = order.buyDriven ? order.buyAmount : order.sellAmount;
        uint256 already = counted[order.owner][Nonce.unwrap(order.nonce)];
        return already < most ? most - already : 0;
    }

    function isTooSmall(Submission memory plan) internal view returns (bool) {
        Place[] memory places = plan.rings[0].places;
        for (uint256 i = 0; i < places.length; i++) {
            Order memory order = plan.orders[places[i].order];
            uint256 amount = order.buyDriven ? places[(i + 1) % places.length].fill : places[i].fill;
            uint256 most = order.buyDriven ? order.buyAmount : order.sellAmount;
            if (order.allOrNone ? amount != most : amount < order.minimumFill && amount != rest(order)) return true;
        }
        return false;
    }

    // ── what comes of it ────────────────────────────────────────────────────────────────────────────────────────

    /// @dev An honest ring settles, unless a fill is less than an owner wants at least.
    function settle(address sender, Submission memory plan) internal {
        bytes memory packed = pack(plan);
        bool tooSmall = isTooSmall(plan);
        (bool accepted, bytes memory answer) = trySubmit(sender, packed);
        vm.assertTrue(accepted != tooSmall, "an honest ring was refused, or a small one settled");
        if (tooSmall) {
            vm.assertEq(bytes32(bytes4(answer)), bytes32(IRingSettlement.FillTooSmall.selector), "another error");
            statistics.tooSmall++;
            forget(plan);
        } else {
            past[draw(past.length)] = packed;
            record(plan);
        }
    }

    function settleIfRight(address sender, Submission memory plan) internal {
        (bool accepted,) = trySubmit(sender, pack(plan));
        if (accepted) record(plan);
        else forget(plan);
    }

    function refusesAs(Submission memory plan, bytes memory expected) internal {
        (bool accepted, bytes memory answer) = trySubmit(relay, pack(plan));
        vm.assertFalse(accepted, "settled");
        // Another order of the ring may be too small, and stand before.
        if (bytes4(answer) == IRingSettlement.FillTooSmall.selector) return;
        vm.assertEq(answer, expected, "another error");
    }

    function forget(Submission memory plan) internal {
        for (uint256 i = 0; i < plan.orders.length; i++) {
            if (!plan.orders[i].allOrNone && plan.orders[i].minimumFill == 0) continue;
            current[tokenIndex(plan.orders[i].sellToken)][tokenIndex(plan.orders[i].buyToken)] = 0;
        }
    }

    /// @dev Writes into the ledger what docs/spec/ring.md §5 says, and holds each order's limit against it.
    function record(Submission memory plan) internal {
        for (uint256 r = 0; r < plan.rings.length; r++) {
            statistics.rings++;
            for (uint256 i = 0; i < plan.rings[r].places.length; i++) {
                recordPlace(plan, plan.rings[r], i);
            }
        }
        if (HookToken(address(tokens[TOKENS - 1])).calls() > 0) {
            statistics.callbacks = HookToken(address(tokens[TOKENS - 1])).calls();
        }
    }

    function recordPlace(Submission memory plan, Ring memory ring, uint256 i) internal {
        Order memory order = plan.orders[ring.places[i].order];
        Order memory next = plan.orders[ring.places[(i + 1) % ring.places.length].order];
        uint256 sold = ring.places[i].fill;
        uint256 received = ring.places[(i + 1) % ring.places.length].fill;
        count(order, order.buyDriven ? received : sold);
        uint256 fee = feeOf(plan, ring, i);
        uint256 take = ring.places[i].take;
        if (take == TAKE_FEE && fee > 0) {
            statistics.fees++;
            pay(plan, order, order.feeToken, order.owner, fee);
        }
        if (take == TAKE_MARGIN) {
            uint256 margin = marginOf(order, sold, received);
            if (margin > 0) statistics.margins++;
            if (order.buyDriven) pay(plan, order, order.sellToken, order.owner, margin);
            else pay(plan, order, order.buyToken, next.owner, margin);
            if (order.buyDriven) sold += margin;
            else received -= margin;
            if (fee > 0) statistics.rewards++;
            move(order.feeToken, plan.miner, order.owner, fee);
        }
        move(order.buyToken, next.owner, order.recipient == address(0) ? order.owner : order.recipient, received);
        bytes32 hash = orderHash(order);
        soldInAll[hash] += sold;
        receivedInAll[hash] += received;
        vm.assertGe(received * order.sellAmount, sold * order.buyAmount, "below the limit");
        vm.assertLe(soldInAll[hash], order.sellAmount, "sold more than the order says");
        vm.assertGe(receivedInAll[hash] * order.sellAmount, soldInAll[hash] * order.buyAmount, "below the limit in all");
    }

    function count(Order memory order, uint256 amount) internal {
        uint256 most = order.buyDriven ? order.buyAmount : order.sellAmount;
        uint256 total = counted[order.owner][Nonce.unwrap(order.nonce)] += amount;
        vm.assertLe(total, most, "filled more than the order says");
        if (total == most) statistics.completed++;
    }

    function feeOf(Submission memory plan, Ring memory ring, uint256 i) internal pure returns (uint256) {
        Order memory order = plan.orders[ring.places[i].order];
        uint256 inflow = ring.places[(i + 1) % ring.places.length].fill;
        uint256 amount = order.buyDriven ? inflow : ring.places[i].fill;
        return uint256(order.feeAmount) * amount / (order.buyDriven ? order.buyAmount : order.sellAmount);
    }

    function marginOf(Order memory order, uint256 fill, uint256 inflow) internal pure returns (uint256) {
        if (order.buyDriven) return (inflow * order.sellAmount / order.buyAmount - fill) * order.marginSplit / 100;
        uint256 least = fill * order.buyAmount / order.sellAmount;
        if (least * order.sellAmount < fill * order.buyAmount) least++;
        return (inflow - least) * order.marginSplit / 100;
    }

    function pay(Submission memory plan, Order memory order, address token, address from, uint256 amount) internal {
        uint256 part = amount * order.walletSplit / 100;
        move(token, from, order.wallet, part);
        move(token, from, plan.feeRecipient, amount - part);
    }

    function move(address token, address from, address to, uint256 amount) internal {
        held[from][token] -= amount;
        held[to][token] += amount;
    }

    // ── chance ──────────────────────────────────────────────────────────────────────────────────────────────────

    modifier begin(uint256 seed) {
        chance = seed;
        vm.warp(now_);
        _;
    }

    /// @dev Below `bound`.
    function draw(uint256 bound) internal returns (uint256) {
        chance = uint256(keccak256(abi.encode(chance)));
        return chance % bound;
    }

    function tokenIndex(address token) internal view returns (uint256 i) {
        while (address(tokens[i]) != token) i++;
    }

    function decimal(uint256 digit) internal pure returns (string memory) {
        return string(abi.encodePacked(uint8(48 + digit)));
    }
}
