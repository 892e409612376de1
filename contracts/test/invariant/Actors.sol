// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Nonce} from "../../src/types/Nonce.sol";
import {Order} from "../../src/types/Order.sol";
import {Place, Ring, Submission} from "../RingTest.sol";
import {HookToken} from "../tokens/OddTokens.sol";
import {vm} from "../Vm.sol";
import {Market} from "./Market.sol";

/// @notice Everybody who uses a settlement, honestly or not. Honest rings must settle; everything else must be refused.
abstract contract Actors is Market {
    // ── the honest ──────────────────────────────────────────────────────────────────────────────────────────────

    function trade(uint256 seed) external begin(seed) {
        Submission memory plan = drawPlan();
        sign(plan);
        settle(relay, plan);
    }

    /// The miner sends, or a relay that all orders name as their auth address.
    function tradeInPerson(uint256 seed) external begin(seed) {
        Submission memory plan = drawPlan();
        signFor(plan, plan.miner);
        settle(plan.miner, plan);
    }

    /// One table of orders, filled twice in one transaction.
    function tradeTwice(uint256 seed) external begin(seed) {
        Submission memory plan = drawPlan();
        Place[] memory places = plan.rings[0].places;
        plan.rings = new Ring[](2);
        for (uint256 r = 0; r < 2; r++) {
            plan.rings[r].places = new Place[](places.length);
            for (uint256 i = 0; i < places.length; i++) {
                uint256 fill = r == 0 ? places[i].fill - places[i].fill / 3 : places[i].fill / 3;
                plan.rings[r].places[i] = Place(i, fill, TAKE_NONE, i, 0);
            }
        }
        sign(plan);
        // Thirds, rounded, may break a limit: then all is refused. Otherwise all is settled.
        settleIfRight(relay, plan);
    }

    function pass(uint256 seed) external begin(seed) {
        now_ += draw(2 hours);
    }

    // ── the thief ───────────────────────────────────────────────────────────────────────────────────────────────

    /// Everything is seen before it is mined, and sent by the thief first: as it is, or changed, with the thief's own signature
    /// where that is of use.
    function steal(uint256 seed) external begin(seed) {
        Submission memory plan = drawPlan();
        sign(plan);
        if (isTooSmall(plan)) return;
        uint256 kind = draw(9);
        if (kind == 0) {
            statistics.verbatim++;
            return settle(thief, plan);
        }
        Submission memory stolen = abi.decode(abi.encode(plan), (Submission));
        Place[] memory places = stolen.rings[0].places;
        uint256 i = draw(places.length);
        if (kind == 1) stolen.miner = thief;
        else if (kind == 2) stolen.feeRecipient = thief;
        else if (kind == 3) stolen.deadline++;
        else if (kind == 4) places[i].fill -= 1;
        else if (kind == 5) places[i].take = (places[i].take + 1 + draw(2)) % 3;
        else if (kind == 6) places[i].author = draw(4) == 0 ? draw(16) : draw(i + 1);
        else if (kind == 7) replaceOrder(stolen, i);
        if (stolen.miner == thief) stolen.rings[0].minerSignature = "";
        bytes memory packed = pack(stolen);
        if (kind == 8) packed[draw(packed.length)] ^= bytes1(uint8(1 << draw(8)));
        (bool accepted,) = trySubmit(thief, packed);
        if (!accepted) {
            statistics.stolen++;
        } else {
            // Only what is another form of the very same: an author by another way.
            vm.assertTrue(kind == 6 || kind == 8, "a theft succeeded");
            statistics.harmless++;
            record(plan);
        }
    }

    /// @dev In the place of one order, the thief's own, on the same terms.
    function replaceOrder(Submission memory plan, uint256 i) private {
        Order memory order = plan.orders[i];
        order.owner = thief;
        order.authAddress = authOf(thief);
        order.nonce = Nonce.wrap(++number[thief]);
        plan.ownerSignatures[i] = signatureOf(thief, orderHash(order));
        findFilledBefore(plan);
        Ring memory ring = plan.rings[0];
        Ring memory own = abi.decode(abi.encode(ring), (Ring));
        own.places[i].author = i;
        bytes memory signature = signatureOf(order.authAddress, ringHash(plan, own));
        // The others' signatures are those of the ring that was seen.
        bytes[] memory seen = ring.authSignatures;
        uint256 turn = 0;
        for (uint256 j = 0; j < i; j++) {
            if (ring.places[j].author == j) turn++;
        }
        bool replaced = ring.places[i].author == i;
        ring.authSignatures = new bytes[](replaced ? seen.length : seen.length + 1);
        for (uint256 j = 0; j < ring.authSignatures.length; j++) {
            ring.authSignatures[j] = j == turn ? signature : seen[replaced || j < turn ? j : j - 1];
        }
        ring.places[i].author = i;
    }

    function replay(uint256 seed) external begin(seed) {
        bytes memory packed = past[draw(past.length)];
        if (packed.length == 0) return;
        (bool accepted,) = trySubmit(draw(2) == 0 ? thief : relay, packed);
        vm.assertFalse(accepted, "settled a second time");
        statistics.replayed++;
    }

    // ── the rogue miner ─────────────────────────────────────────────────────────────────────────────────────────

    /// Has every auth key, and signs a ring that breaks what an owner signed.
    function collude(uint256 seed) external begin(seed) {
        Submission memory plan = drawPlan();
        signOrders(plan);
        uint256 i = draw(plan.orders.length);
        Order memory order = plan.orders[i];
        Place[] memory places = plan.rings[0].places;
        uint256 inflow = places[(i + 1) % places.length].fill;
        uint256 kind = draw(9);
        if (kind == 0) places[i].fill = inflow * order.sellAmount / order.buyAmount + 1;
        else if (kind == 1) order.buyAmount = order.buyAmount > 1 ? order.buyAmount - 1 : 2;
        else if (kind == 2) order.recipient = thief;
        else if (kind == 3) order.authAddress = thief;
        else if (kind == 4) order.sellAmount++;
        else if (kind == 5) plan.deadline = uint40(now_ - 1);
        else if (kind == 6) places[(i + 1) % places.length].order = i;
        else if (kind == 7) places[i].fill = 0;
        else places[i].fill = rest(order) + 1;
        bytes[] memory signatures = plan.ownerSignatures;
        // A buy-driven order may sell one more than it has left to buy.
        if (kind == 8 && order.buyDriven) places[(i + 1) % places.length].fill = rest(order) + 1;
        sign(plan);
        plan.ownerSignatures = signatures;
        (bool accepted,) = trySubmit(relay, pack(plan));
        vm.assertFalse(accepted, "an owner's word was broken");
        statistics.rogue++;
    }

    // ── owners change their minds ───────────────────────────────────────────────────────────────────────────────

    function cancel(uint256 seed) external begin(seed) {
        Submission memory plan = drawPlan();
        Order memory order = plan.orders[draw(plan.orders.length)];
        Nonce[] memory nonces = new Nonce[](1);
        nonces[0] = order.nonce;
        if (draw(2) == 0) {
            vm.prank(order.owner, order.owner);
            settlement.cancel(nonces);
        } else {
            bytes32 typeHash = keccak256("Cancel(address owner,uint96[] nonces,uint40 deadline)");
            bytes32 list = keccak256(abi.encode(order.nonce));
            bytes32 digest = typedDigest(keccak256(abi.encode(typeHash, order.owner, list, FAR)));
            vm.prank(thief, thief);
            settlement.cancelFor(order.owner, nonces, FAR, signatureOf(order.owner, digest));
        }
        counted[order.owner][Nonce.unwrap(order.nonce)] = CANCELLED;
        statistics.cancelled++;
        sign(plan);
        // What was cancelled after it was planned, and what was signed after it was cancelled.
        refusesAs(plan, errorOf(IRingSettlement.OrderCancelled.selector, order));
    }

    function cancelAll(uint256 seed) external begin(seed) {
        Submission memory plan = drawPlan();
        Order memory order = plan.orders[draw(plan.orders.length)];
        address owner = order.owner;
        sign(plan);
        if (draw(2) == 0) {
            vm.prank(owner, owner);
            settlement.cancelAll();
        } else {
            bytes32 typeHash = keccak256("CancelAll(address owner,uint32 epoch,uint40 deadline)");
            bytes32 digest = typedDigest(keccak256(abi.encode(typeHash, owner, epoch[owner], FAR)));
            bytes memory signature = signatureOf(owner, digest);
            vm.prank(thief, thief);
            settlement.cancelAllFor(owner, FAR, signature);
            bytes memory again = abi.encodeCall(IRingSettlement.cancelAllFor, (owner, FAR, signature));
            (bool accepted,) = address(settlement).call(again);
            vm.assertFalse(accepted, "an epoch was ended twice by one word");
        }
        uint256 ended = epoch[owner]++;
        number[owner] = 0;
        statistics.epochs++;
        bytes4 selector = IRingSettlement.EpochNotCurrent.selector;
        refusesAs(plan, abi.encodeWithSelector(selector, orderHash(order), ended));
    }

    /// The last token calls back while it moves: into the settlement, with a ring, a cancellation, or nothing.
    function arm(uint256 seed) external begin(seed) {
        HookToken hook = HookToken(address(tokens[TOKENS - 1]));
        uint256 kind = draw(3);
        bytes memory data = abi.encodeCall(IRingSettlement.submit, (past[draw(past.length)]));
        if (kind == 1) data = abi.encodeCall(IRingSettlement.cancel, (new Nonce[](1)));
        hook.arm(kind == 2 ? address(0) : address(settlement), data);
    }
}
