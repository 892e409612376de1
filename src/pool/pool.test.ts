/** Which orders are live, how much of each is offered, and what a submission keeps back. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";

import { assert } from "../codec/assert.ts";
import { addressOf, type Address, hashOf, keccak } from "../codec/ethereum.ts";
import { fromAscii } from "../codec/bytes.ts";
import { encodeSubmission, take } from "../ring/calldata.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import { cancelled, type RingOrder } from "../ring/order.ts";
import { signDigest } from "../ring/signature.ts";
import { compose, type Offer, offerOf, person } from "../testing/ringminer.ts";
import { newPool, offersOf, type Pool, type Pooled, standingOf } from "./pool.ts";
import { fateOf, noteFate, refusalOfPool, simulate } from "./submission.ts";
import type { View } from "./view.ts";

const tokenA = addressOf(keccak(fromAscii("A")).subarray(12));
const tokenB = addressOf(keccak(fromAscii("B")).subarray(12));
const domain: Domain = { chainId: 31337n, contract: addressOf(new Uint8Array(20).fill(7)) };
const [alice, bob, miner] = [person("Alice"), person("Bob"), person("miner")];
const now = 1000n;

type Known = { -readonly [Name in keyof View]?: View[Name] };

function viewWith(known: Known): View {
  return {
    counter: () => 0n,
    epoch: () => 0n,
    funds: () => 1_000_000n,
    accepts: () => undefined,
    clock: () => now,
    settled: () => undefined,
    fails: () => undefined,
    ...known,
  };
}

function sells(fields: Partial<RingOrder> = {}): Offer {
  const order = { sellToken: tokenA, buyToken: tokenB, sellAmount: 400n, buyAmount: 200n };
  return offerOf(alice, person("auth of Alice"), { ...order, ...fields });
}

function buys(fields: Partial<RingOrder> = {}): Offer {
  const order = { sellToken: tokenB, buyToken: tokenA, sellAmount: 300n, buyAmount: 300n };
  return offerOf(bob, person("auth of Bob"), { ...order, ...fields });
}

function pooledOf({ order, owner }: Offer, byWallet = false): Pooled {
  const hash = orderHash(domain, order);
  const signature = signDigest(hash, owner.key);
  return { hash, order, signature, byWallet, failures: 0, restsUntil: 0n };
}

function poolOf(...offers: readonly Offer[]): Pool {
  const pool = newPool();
  for (const offer of offers) {
    const pooled = pooledOf(offer);
    pool.orders.set(pooled.hash, pooled);
  }
  return pool;
}

test("how an order stands", () => {
  const cases: readonly [string, Partial<RingOrder>, Known][] = [
    ["live", {}, {}],
    ["waiting", {}, { counter: () => undefined }],
    ["waiting", {}, { funds: () => undefined }],
    ["waiting", {}, { epoch: () => undefined }],
    ["waiting", { validSince: 1001n }, {}],
    ["unfunded", {}, { funds: () => 0n }],
    ["unfunded", { allOrNone: true }, { funds: () => 399n }],
    ["live", { allOrNone: true }, { funds: () => 400n }],
    ["unfunded", { feeToken: tokenB, feeAmount: 5n }, { funds: feesOf(4n) }],
    ["live", { feeToken: tokenB, feeAmount: 5n }, { funds: feesOf(5n) }],
    ["filled", {}, { counter: () => 400n }],
    ["filled", { buyDriven: true }, { counter: () => 200n }],
    ["cancelled", {}, { counter: () => cancelled }],
    ["cancelled", {}, { epoch: () => 1n }],
    ["expired", { validUntil: 999n }, {}],
    ["live", { validUntil: 1000n }, {}],
  ];
  for (const [i, [standing, fields, known]] of cases.entries()) {
    const pooled = pooledOf(sells(fields));
    equal(standingOf(pooled, viewWith(known), now), standing, `case ${i}`);
  }
});

function feesOf(amount: bigint): View["funds"] {
  return (_owner: Address, token: Address) => (token === tokenB ? amount : 1_000_000n);
}

test("an order with less than a millionth left is done", () => {
  const pooled = pooledOf(sells({ sellAmount: 4_000_000n, buyAmount: 2_000_000n }));
  const counted = (value: bigint): string =>
    standingOf(pooled, viewWith({ counter: () => value }), now);
  equal(counted(3_999_995n), "live");
  equal(counted(3_999_996n), "filled");
});

test("a contract wallet's order waits for the contract's word", () => {
  const pooled = pooledOf(sells(), true);
  equal(standingOf(pooled, viewWith({}), now), "waiting");
  equal(standingOf(pooled, viewWith({ accepts: () => true }), now), "live");
  equal(standingOf(pooled, viewWith({ accepts: () => false }), now), "refused");
});

test("an order offers its rest, what its owner has, and room for the fee", () => {
  const offered = (fields: Partial<RingOrder>, known: Known): unknown => {
    const [offer] = offersOf(poolOf(sells(fields)), viewWith(known), now);
    return offer && [offer.sellMax, offer.buyMax, offer.sellMin];
  };
  deepEqual(offered({}, {}), [400n, undefined, 0n]);
  deepEqual(offered({}, { counter: () => 150n }), [250n, undefined, 0n]);
  deepEqual(offered({}, { funds: () => 100n }), [100n, undefined, 0n]);
  deepEqual(offered({ feeToken: tokenA, feeAmount: 100n }, { funds: () => 100n }), [
    80n,
    undefined,
    0n,
  ]);
  deepEqual(offered({ buyDriven: true }, { counter: () => 50n }), [300n, 150n, 0n]);
  deepEqual(offered({ allOrNone: true }, {}), [400n, undefined, 400n]);
  deepEqual(offered({ minimumFill: 30n }, { counter: () => 390n }), [10n, undefined, 10n]);
});

/** Alice passes on 400 A for 300 B, Bob 300 B for 400 A. */
function submission(pool: Pool, counter: View["counter"] = () => 0n): Uint8Array {
  const parts = [
    { offer: sells(), fill: 400n, take: take.none },
    { offer: buys(), fill: 300n, take: take.none },
  ];
  equal(pool.orders.size >= 2, true);
  const plan = { rings: [parts], miner, feeRecipient: miner.address, deadline: 1300n };
  const known = (owner: Address, nonce: bigint): bigint => counter(owner, nonce) ?? 0n;
  return encodeSubmission(compose(domain, known, { ...plan, sender: tokenA }));
}

function submitted(pool: Pool): void {
  const planned = simulate(domain, viewWith({}), now, submission(pool));
  assert(planned.ok, "it would settle");
  equal(refusalOfPool(pool, planned.value), undefined);
  const rings = planned.value.rings.map((ring) => ({ ...ring, number: 1 }));
  pool.submissions.set(1, { ...planned.value, number: 1, rings, settled: false });
  equal(refusalOfPool(pool, planned.value), "order_promised");
}

test("what is promised is offered to nobody else, and an owner's funds are promised once", () => {
  const sharing = sells({ buyAmount: 100n });
  const other = sells({ nonce: 1n });
  const pool = poolOf(sells(), buys(), sharing, other);
  const funds = (): bigint => 700n;
  equal(offersOf(pool, viewWith({ funds }), now).length, 4);
  submitted(pool);
  const [only, ...more] = offersOf(pool, viewWith({ funds }), now);
  ok(only);
  equal(more.length, 0, "the order that shares the counter waits as well");
  deepEqual([only.id, only.sellMax], [orderHash(domain, other.order), 300n]);
});

test("a submission is taken only if it would settle on what is known", () => {
  const pool = poolOf(sells(), buys());
  const calldata = submission(pool);
  const name = (known: Known): string => {
    const planned = simulate(domain, viewWith(known), now, calldata);
    return planned.ok ? "settles" : planned.name;
  };
  equal(name({}), "settles");
  equal(name({ counter: () => 1n }), "Overfill");
  equal(name({ counter: () => cancelled }), "OrderCancelled");
  equal(name({ funds: () => 299n }), "TransferFailed");
  equal(name({ epoch: () => 1n }), "EpochNotCurrent");
});

test("a submission's fate", () => {
  const transaction = hashOf(keccak(fromAscii("transaction")));
  const fate = (known: Known): string | undefined => {
    const pool = poolOf(sells(), buys());
    submitted(pool);
    const sent = pool.submissions.get(1);
    assert(sent !== undefined, "it is there");
    const found = fateOf(sent, viewWith(known));
    return found?.kind === "failed" ? found.reason : found?.kind;
  };
  equal(fate({}), undefined);
  equal(fate({ counter: () => 1n }), "overtaken");
  equal(fate({ counter: () => 1n, settled: () => transaction }), "settled");
  // As the submission itself would leave them: Alice sells 400, Bob 300.
  const left: View["counter"] = (owner) => (owner === alice.address ? 400n : 300n);
  equal(fate({ counter: left }), undefined);
  equal(fate({ counter: left, clock: () => 1900n }), undefined);
  equal(fate({ counter: left, clock: () => 1901n }), "overtaken");
  equal(fate({ counter: left, settled: () => transaction }), "settled");
  equal(fate({ epoch: () => 1n }), "overtaken");
  equal(fate({ clock: () => 1300n }), undefined);
  equal(fate({ clock: () => 1301n }), "deadline");
  equal(fate({ clock: () => 1301n, fails: () => "TransferFailed" }), "TransferFailed");
  equal(fate({ clock: () => 1299n, fails: () => "TransferFailed" }), undefined);
});

test("failures are laid at the door of who could not be filled, and after three he rests", () => {
  const pool = poolOf(sells(), buys());
  submitted(pool);
  const sent = pool.submissions.get(1);
  assert(sent !== undefined, "it is there");
  pool.submissions.clear();
  const live = (at: bigint): number => offersOf(pool, viewWith({}), at).length;
  const fail = (reason: string, known: Known = {}): void =>
    noteFate(pool, sent, { fate: { kind: "failed", reason }, view: viewWith(known), now });
  for (let i = 0; i < 3; i += 1) fail("overtaken");
  for (let i = 0; i < 3; i += 1) fail("deadline");
  equal(live(now), 2, "nobody is to blame that nobody brought it");
  const bobIsPoor: View["funds"] = (owner) => (owner === bob.address ? 0n : 1_000_000n);
  for (let i = 0; i < 3; i += 1) {
    equal(live(now), 2);
    fail("TransferFailed", { funds: bobIsPoor });
  }
  deepEqual(
    offersOf(pool, viewWith({}), now).map(({ sell }) => sell),
    [tokenA],
  );
  equal(live(now + 3600n), 2);
  for (const pooled of pool.orders.values()) pooled.restsUntil = 0n;
  for (let i = 0; i < 3; i += 1) fail("TransferNotExact");
  equal(live(now), 0, "a reason that fits nobody in particular is everybody's");
});

test("an order that is about to end goes into no ring", () => {
  const pool = poolOf(sells({ validUntil: 1060n }), buys());
  equal(offersOf(pool, viewWith({}), 1000n).length, 2);
  equal(offersOf(pool, viewWith({}), 1001n).length, 1);
});
