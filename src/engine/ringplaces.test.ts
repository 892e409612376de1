/**
 * Places at the ring venue: who may hand in an order that was taken back, how many orders that were
 * never live one account may have, and who makes room when all places are taken.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { toLatin1 } from "../codec/bytes.ts";
import { hashOf } from "../codec/ethereum.ts";
import { fingerprintOf } from "../testing/floor.ts";
import { RingFloor, ringMiner, ringTokens } from "../testing/ringfloor.ts";
import { type Offer, person } from "../testing/ringminer.ts";
import { author, gold, opened, shown, silver, told } from "../testing/ringpair.ts";
import { sums } from "./audit.ts";
import { apply } from "./apply.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";

/** Alice's gold, in an order without an auth key of its own. */
function shared(rings: RingFloor, nonce = 0n, validUntil?: bigint): Offer {
  const fields = { nonce, authAddress: ringMiner.address };
  const offer = gold(rings, validUntil === undefined ? fields : { ...fields, validUntil });
  return { ...offer, auth: ringMiner };
}

/** The names of refusals, or how the orders stand. */
function outcomes(rings: RingFloor, name: string, ...lines: readonly string[]): readonly string[] {
  rings.floor.register(name);
  return rings.floor.say(name, ...lines).flatMap((entry) => {
    if (entry.kind === "reject") return [entry.name];
    return entry.kind === "offer" ? [entry.status] : [];
  });
}

/** The state read from its own text is the same. */
function checkSnapshot({ floor }: RingFloor): Uint8Array {
  const text = printSnapshot(floor.state);
  const again = parseSnapshot(text);
  sums(floor.state);
  sums(again);
  assert.deepEqual(printSnapshot(again), text);
  return text;
}

test("what shares the miner's key and was taken back is nobody's but its account's", () => {
  const rings = new RingFloor();
  const offer = shared(rings);
  const line = rings.ringLine(offer);
  rings.mint("Alice", "GOLD", 400n);
  assert.doesNotMatch(toLatin1(checkSnapshot(rings)), /takenback/);
  assert.deepEqual(outcomes(rings, "Alice", `${line}|id=a`), ["waiting"]);
  rings.tell();
  assert.deepEqual(outcomes(rings, "Alice", "UNRING|a"), ["taken_back"]);
  assert.match(toLatin1(checkSnapshot(rings)), /\ntakenback\|0x/);

  const [refused] = rings.ring("a stranger", offer);
  assert.ok(refused?.kind === "reject" && refused.name === "ring_order_repeated");
  assert.match(refused.sentence, /was taken back by the account that had offered it/);
  assert.equal(rings.shown().size, 0);
  rings.tell();
  assert.deepEqual(outcomes(rings, "Alice", line), ["waiting"]);
  assert.doesNotMatch(toLatin1(checkSnapshot(rings)), /takenback/, "it is an offer like any other");
  assert.deepEqual(outcomes(rings, "a stranger", line), ["ring_order_repeated"]);
  assert.deepEqual(outcomes(rings, "Alice", `UNRING|${rings.hashOf(offer)}`), ["taken_back"]);
  assert.deepEqual(outcomes(rings, "a stranger", line), ["ring_order_repeated"]);
  sums(rings.floor.state);
});

test("so is what was taken back while a ring with it was on its way", () => {
  const rings = new RingFloor();
  const offer = shared(rings);
  rings.mint("Alice", "GOLD", 400n);
  rings.mint("Bob", "SILVER", 300n);
  rings.ring("Alice", offer, "|id=a");
  rings.ring("Bob", silver(rings));
  rings.tell();
  const ring = [[offer, 400n] as const, [silver(rings), 300n] as const];
  assert.equal(rings.author(ring, rings.now + 5n).submissions.length, 1);
  assert.deepEqual(outcomes(rings, "Alice", "UNRING|a"), ["taken_back"]);
  checkSnapshot(rings);
  const line = rings.ringLine(offer);
  assert.deepEqual(outcomes(rings, "Alice", line), ["ring_order_repeated"]);
  rings.floor.pass(6000);
  rings.tell();
  assert.equal(rings.floor.state.rings.pool.submissions.size, 0);
  assert.deepEqual(outcomes(rings, "a stranger", line), ["ring_order_repeated"]);
  assert.deepEqual(outcomes(rings, "Alice", line), ["waiting"]);
  sums(rings.floor.state);
});

test("an order with an auth key of its own needs no guard", () => {
  const rings = opened();
  assert.deepEqual(outcomes(rings, "Alice", "UNRING|a"), ["taken_back"]);
  assert.equal(rings.floor.state.rings.takenBack.orders.size, 0);
});

test("what was taken back is remembered until it expires, and the newest thousand of an account", () => {
  const rings = new RingFloor();
  const { takenBack } = rings.floor.state.rings;
  const until = rings.now + 100n;
  const rounds = 63;
  for (let round = 0; round < rounds; round += 1) {
    const offers = Array.from({ length: 16 }, (_, i) => {
      const nonce = BigInt(round * 16 + i);
      // The first never ends, as far as our clock goes.
      const offer = shared(rings, nonce, nonce === 0n ? 2n ** 40n - 1n : until);
      return { ...offer, signature: new Uint8Array(64) };
    });
    outcomes(rings, "Alice", ...offers.map((offer) => rings.ringLine(offer)));
    outcomes(rings, "Alice", ...offers.map((offer) => `UNRING|${rings.hashOf(offer)}`));
  }
  assert.equal(takenBack.orders.size, 1000);
  const line = rings.ringLine(shared(rings, 0n, 2n ** 40n - 1n));
  assert.deepEqual(outcomes(rings, "Bob", line), ["waiting"], "the oldest was forgotten");
  outcomes(rings, "Bob", `UNRING|${rings.hashOf(shared(rings, 0n, 2n ** 40n - 1n))}`);
  const text = checkSnapshot(rings);
  const state = parseSnapshot(text);
  rings.floor.pass(101_000);
  // So many a tick, and the same after a restart.
  for (const left of [745, 489, 233, 1, 1]) {
    apply(state, { kind: "tick", at: rings.floor.now });
    rings.floor.tick();
    assert.equal(takenBack.orders.size, left);
    assert.deepEqual(printSnapshot(state), checkSnapshot(rings));
  }
  assert.deepEqual([...takenBack.ofAccount.keys()], [fingerprintOf("Bob")]);
});

test("an account has at most fifty orders that were never live", () => {
  const rings = new RingFloor();
  const lineOf = (nonce: bigint): string => rings.ringLine(gold(rings, { nonce }));
  for (let first = 0n; first < 50n; first += 10n) {
    const nonces = Array.from({ length: 10 }, (_, i) => first + BigInt(i));
    outcomes(rings, "Alice", ...nonces.map(lineOf));
  }
  const [refused] = rings.floor.say("Alice", lineOf(50n));
  assert.ok(refused?.kind === "reject" && refused.name === "ring_orders_too_many");
  assert.match(refused.sentence, /50 ring orders of an account that were never live/);
  assert.deepEqual(outcomes(rings, "Bob", rings.ringLine(silver(rings))), ["waiting"]);
  checkSnapshot(rings);

  const hash = rings.hashOf(gold(rings, { nonce: 3n }));
  assert.deepEqual(outcomes(rings, "Alice", `UNRING|${hash}`, lineOf(50n)), [
    "taken_back",
    "waiting",
  ]);
  rings.mint("Alice", "GOLD", 400n);
  rings.tell();
  assert.deepEqual(outcomes(rings, "Alice", lineOf(51n)), ["waiting"], "the others are live");
  rings.mint("Alice", "GOLD", -400n);
  rings.tell();
  assert.deepEqual(outcomes(rings, "Alice", lineOf(52n)), ["waiting"], "and have been, for ever");
  const { counts } = rings.floor.state.rings.unproven;
  assert.deepEqual([counts.get(fingerprintOf("Alice")), counts.get(fingerprintOf("Bob"))], [2, 1]);
  rings.mint("Alice", "GOLD", 400n);
  rings.tell();
  const known = gold(rings, { nonce: 3n, buyAmount: 201n });
  rings.ring("Alice", gold(rings, { nonce: 3n }));
  rings.tell();
  assert.deepEqual(outcomes(rings, "Alice", rings.ringLine(known)), ["live"]);
  assert.deepEqual([...counts.values()], [1], "what is live when it comes never counts");
  checkSnapshot(rings);
});

test("a chain whose clock is ahead, or goes back, changes how no offer stands", () => {
  const rings = opened();
  const since = rings.now + 20n;
  rings.ring("Alice", gold(rings, { nonce: 1n, validSince: since, validUntil: since + 10n }));
  rings.tell();
  for (const value of [since, rings.now, since + 1000n, 2n ** 200n, 0n]) {
    rings.observe("the watcher", [{ kind: "clock", value }]);
    checkSnapshot(rings);
    assert.match(told(rings, "Alice").at(-1) ?? "", /\|waiting\|/);
  }
});

/** Fills the pool with what is no order of the book: nobody has time for so many letters. */
function crowd({ floor: { state } }: RingFloor): void {
  const { orders } = state.rings.pool;
  const [some] = orders.values();
  assert.ok(some);
  for (let i = 1; orders.size < 20_000; i += 1) {
    orders.set(hashOf(new Uint8Array(32).fill(i & 255).fill(i >> 8, 16)), some);
  }
}

/** Takes out again what `crowd` filled in, so that the audit may be called. */
function uncrowd({ floor: { state } }: RingFloor): void {
  const { offers, pool } = state.rings;
  for (const hash of pool.orders.keys()) if (!offers.has(hash)) pool.orders.delete(hash);
}

test("where all places are taken the oldest that was never live makes room", () => {
  const rings = opened();
  const unfunded = rings.offer("Bob", { sell: [5n, "TIN"], buy: [5n, "GOLD"], nonce: 7n });
  const waiting = gold(rings, { nonce: 7n });
  rings.ring("Bob", unfunded, "|id=c|tag=t");
  rings.tell();
  assert.match(told(rings, "Bob").at(-1) ?? "", /\|unfunded\|/);
  rings.ring("Alice", waiting);
  author(rings);
  crowd(rings);

  assert.equal(rings.floor.state.rings.pool.orders.size, 20_000);
  const later = rings.offer("a stranger", { sell: [9n, "TIN"], buy: [9n, "GOLD"] });
  assert.deepEqual(outcomes(rings, "a stranger", rings.ringLine(later)), ["waiting"]);
  assert.equal(
    told(rings, "Bob").at(-1),
    `OFFER|0|0x~|crowded_out|TIN|5|GOLD|5|0|0|${unfunded.order.validUntil}|id=c|tag=t`,
  );
  assert.equal(rings.floor.state.rings.pool.orders.size, 20_000);
  assert.ok(rings.floor.state.rings.offers.has(rings.hashOf(waiting)), "it came later");
  const untold = rings.floor.state.rings.untold.get(`order ${rings.hashOf(unfunded)}`);
  assert.equal(untold, "unwatch");
  assert.deepEqual(outcomes(rings, "Bob", "UNRING|c"), ["ring_order_unknown"]);

  const more = [1n, 2n].map((nonce) => {
    const order = { sell: [9n, "TIN"], buy: [9n, "GOLD"], nonce } as const;
    return rings.ringLine(rings.offer("a stranger", order));
  });
  const answer = rings.floor.say("a stranger", ...more).map(shown);
  assert.equal(answer.length, 3, "one made room for Alice's, one for the other's");
  assert.match(answer.join(), /OFFER\|0\|0x~\|crowded_out\|TIN\|9/);
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|crowded_out\|GOLD\|400/);
  assert.match(answer.at(-1) ?? "", /^OFFER\|2\|0x~\|waiting/);
  uncrowd(rings);
  checkSnapshot(rings);
  rings.send(1);
  rings.tell();
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|filled\|/);
  checkSnapshot(rings);
});

test("where every order was live there is no room", () => {
  const rings = opened();
  crowd(rings);
  const offer = rings.offer("a stranger", { sell: [9n, "TIN"], buy: [9n, "GOLD"] });
  const [refused] = rings.ring("a stranger", offer);
  assert.ok(refused?.kind === "reject" && refused.name === "ring_orders_too_many");
  assert.match(refused.sentence, /20000 ring orders of all accounts/);
  uncrowd(rings);
  assert.equal(rings.floor.state.rings.offers.size, 2);
  checkSnapshot(rings);
});

test("a watcher's word and more orders in one letter: who is crowded out is not told as live", () => {
  const rings = new RingFloor();
  const offer = gold(rings);
  rings.ring("Alice", offer);
  crowd(rings);
  const { address } = person("Alice");
  const later = rings.offer("a stranger", { sell: [9n, "TIN"], buy: [9n, "GOLD"] });
  rings.floor.say(
    "the watcher",
    `OBSERVE|1|counter|${address} 0|0`,
    `OBSERVE|1|epoch|${address}|0`,
    `OBSERVE|1|funds|${address} ${ringTokens.GOLD}|400`,
    rings.ringLine(later),
  );
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|crowded_out\|/);
  assert.equal(rings.shown().size, 0);
  uncrowd(rings);
  checkSnapshot(rings);
});
