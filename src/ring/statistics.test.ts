/** Statistics of members: random honest rings, told as the contract tells them, and their sums. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { at } from "../codec/assert.ts";
import { type Address, addressOf, type Hash, hashOf, noAddress } from "../codec/ethereum.ts";
import { runs } from "../testing/runs.ts";
import type { RingEvent } from "./chain.ts";
import { balancesOf, debtsOf, netted, shareOfEarnings } from "./netting.ts";
import {
  type ByToken,
  type Members,
  type RingFill,
  ringsOf,
  type SettledRing,
  statisticsOf,
} from "./statistics.ts";

const addressOfNumber = (n: number): Address => addressOf(new Uint8Array(20).fill(n));
const tokens = [1, 2, 3, 4, 5].map(addressOfNumber);
const wallets = [11, 12, 13, 14].map(addressOfNumber);
const miners = [21, 22, 23, 24].map(addressOfNumber);
/** Alice and Bob run two relays of the group; of the fourth nobody knows anything. */
const members: Members = new Map(
  ["Alice", "Bob", "a third"].flatMap((name, i) => [
    [at(wallets, i), name],
    [at(miners, i), name],
  ]),
);

/** A ring as it was meant, and as the contract tells it. */
type Meant = { readonly events: readonly RingEvent[]; readonly kinds: readonly string[] };

const amount = fc.bigInt({ min: 1n, max: 2n ** 100n });
const place = fc.record({
  fill: amount,
  isBuyDriven: fc.boolean(),
  wallet: fc.constantFrom(...wallets, noAddress),
  take: fc.constantFrom("none", "fee", "margin"),
  toFeeRecipient: fc.bigInt({ min: 0n, max: 2n ** 60n }),
  toWallet: fc.bigInt({ min: 0n, max: 2n ** 60n }),
  feeToken: fc.constantFrom(...tokens.slice(0, 3)),
  reward: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 2n ** 60n })),
});

let counted = 0;
function freshHash(): Hash {
  counted += 1;
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, counted);
  return hashOf(bytes);
}

const meantRing: fc.Arbitrary<Meant> = fc
  .record({
    miner: fc.constantFrom(...miners),
    places: fc.array(place, { minLength: 2, maxLength: tokens.length }),
    first: fc.shuffledSubarray(tokens, { minLength: tokens.length }),
  })
  .map(({ miner, places, first }) => {
    const n = places.length;
    const hashes = places.map(freshHash);
    const margin = (i: number, isBuyDriven: boolean): bigint => {
      const of = at(places, i);
      const takes = of.take === "margin" && of.isBuyDriven === isBuyDriven;
      return takes ? of.toFeeRecipient + of.toWallet : 0n;
    };
    // What the next order passes on covers the margin: the amounts are raised until they do.
    const fillOf = (i: number): bigint => at(places, i % n).fill + 2n ** 62n;
    const fills = places.map(({ wallet }, i) => {
      return {
        orderHash: at(hashes, i),
        sellToken: at(first, i),
        wallet,
        sold: fillOf(i) + margin(i, true),
        received: fillOf(i + 1) - margin(i, false),
      };
    });
    const events: RingEvent[] = [
      { kind: "settled", ringHash: freshHash(), miner, feeRecipient: miner, fills },
    ];
    for (const [i, of] of places.entries()) {
      const { take, toFeeRecipient, toWallet, feeToken, reward, isBuyDriven } = of;
      const orderHash = at(hashes, i);
      const marginToken = at(first, isBuyDriven ? i : (i + 1) % n);
      const token = take === "fee" ? feeToken : marginToken;
      if (take !== "none" && toFeeRecipient + toWallet > 0n) {
        events.push({ kind: "paid", orderHash, token, toFeeRecipient, toWallet });
      }
      if (take === "margin" && reward > 0n) {
        events.push({ kind: "rewarded", orderHash, token: feeToken, amount: reward });
      }
    }
    return { events, kinds: places.map(({ take }) => take) };
  });

const meantRings = fc.array(meantRing, { maxLength: 6 });

function read(events: readonly RingEvent[]): readonly SettledRing[] {
  const rings = ringsOf(events);
  if (!rings.ok) throw new Error(`${rings.name}: ${rings.detail}`);
  return rings.value;
}

function sum(maps: readonly ByToken[]): Readonly<Record<string, bigint>> {
  const sums: Record<string, bigint> = {};
  for (const [token, value] of maps.flatMap((map) => [...map])) {
    sums[token] = (sums[token] ?? 0n) + value;
  }
  return sums;
}

test("fees and margins are told apart, by the sums of the ring", () => {
  fc.assert(
    fc.property(meantRing, ({ events, kinds }) => {
      const [ring] = read(events);
      for (const [i, fill] of ring?.fills.entries() ?? []) {
        if (fill.paid !== undefined) equal(fill.paid.kind, kinds[i]);
      }
    }),
    { numRuns: runs(300) },
  );
});

test("what all produced and consumed is what was settled, paid and rewarded", () => {
  fc.assert(
    fc.property(meantRings, (meant) => {
      const rings = read(meant.flatMap(({ events }) => events));
      const all = [...statisticsOf(rings, members).values()];
      const fills = rings.flatMap((ring) => ring.fills);
      const volume = (of: readonly RingFill[]) =>
        sum(of.map(({ sellToken, sold }) => new Map([[sellToken, sold]])));
      const brought = fills.filter(({ wallet }) => wallet !== noAddress);
      deepEqual(sum(all.map(({ consumed }) => consumed.volume)), volume(fills));
      deepEqual(sum(all.map(({ produced }) => produced.volume)), volume(brought));
      deepEqual(
        sum(all.map(({ produced }) => produced.volumeShared)),
        sum(all.map(({ consumed }) => consumed.volumeShared)),
      );
      const shared = (side: "produced" | "consumed"): number =>
        all.reduce((count, one) => count + one[side].fillsShared, 0);
      equal(shared("produced"), shared("consumed"));
      equal(
        all.reduce((count, one) => count + one.rings, 0),
        rings.length,
      );
      const paid = meant.flatMap(({ events }) =>
        events.flatMap((event) =>
          event.kind === "paid" ? [new Map([[event.token, event.toFeeRecipient]])] : [],
        ),
      );
      const earned = all.flatMap(({ consumed }) => [consumed.fees, consumed.margins]);
      deepEqual(sum(earned), withoutZero(sum(paid)));
      const rewards = fills.flatMap(({ reward }) =>
        reward === undefined ? [] : [new Map([[reward.token, reward.amount]])],
      );
      deepEqual(sum(all.map((one) => one.rewards)), sum(rewards));
    }),
    { numRuns: runs(100) },
  );
});

function withoutZero(sums: Readonly<Record<string, bigint>>): Readonly<Record<string, bigint>> {
  return Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0n));
}

test("neither statistics nor payments depend on the order of the rings", () => {
  fc.assert(
    fc.property(
      meantRings.chain((meant) =>
        fc.tuple(
          fc.constant(meant),
          fc.shuffledSubarray([...meant.keys()], { minLength: meant.length }),
          fc.bigInt({ min: 0n, max: 100n }),
        ),
      ),
      ([meant, order, percent]) => {
        const rings = read(meant.flatMap(({ events }) => events));
        const other = read(order.flatMap((i) => at(meant, i).events));
        deepEqual(statisticsOf(other, members), statisticsOf(rings, members));
        const rule = shareOfEarnings(percent);
        const debts = debtsOf(rings, members, rule);
        deepEqual(netted(debtsOf(other, members, rule)), netted(debts));
        deepEqual(balancesOf(netted(debts)), balancesOf(debts));
      },
    ),
    { numRuns: runs(60) },
  );
});

const [alices, bobs] = [at(wallets, 0), at(wallets, 1)];
const [tokenA, tokenB, tokenC] = [at(tokens, 0), at(tokens, 1), at(tokens, 2)];

/** Alice's order pays a margin of 10 B and gets 3 C for it, Bob's a fee of 20 C; Bob mines. */
function example(): { readonly events: RingEvent[]; readonly hashes: readonly Hash[] } {
  const hashes = [freshHash(), freshHash()];
  const [first, second] = [at(hashes, 0), at(hashes, 1)];
  const bob = at(miners, 1);
  const events: RingEvent[] = [
    {
      kind: "settled",
      ringHash: freshHash(),
      miner: bob,
      feeRecipient: bob,
      fills: [
        { orderHash: first, sellToken: tokenA, wallet: alices, sold: 100n, received: 90n },
        { orderHash: second, sellToken: tokenB, wallet: bobs, sold: 100n, received: 100n },
      ],
    },
    { kind: "paid", orderHash: first, token: tokenB, toFeeRecipient: 8n, toWallet: 2n },
    { kind: "rewarded", orderHash: first, token: tokenC, amount: 3n },
    { kind: "paid", orderHash: second, token: tokenC, toFeeRecipient: 15n, toWallet: 5n },
  ];
  return { events, hashes };
}

test("an example: Bob mines Alice's order with his own", () => {
  const rings = read(example().events);
  const statistics = statisticsOf(rings, members);
  const none = new Map();
  deepEqual(statistics.get("Alice"), {
    produced: {
      fills: 1,
      volume: new Map([[tokenA, 100n]]),
      fillsShared: 1,
      volumeShared: new Map([[tokenA, 100n]]),
      fees: none,
      margins: new Map([[tokenB, 2n]]),
    },
    consumed: {
      fills: 0,
      volume: none,
      fillsShared: 0,
      volumeShared: none,
      fees: none,
      margins: none,
    },
    rings: 0,
    ringsShared: 0,
    rewards: none,
  });
  deepEqual(statistics.get("Bob"), {
    produced: {
      fills: 1,
      volume: new Map([[tokenB, 100n]]),
      fillsShared: 0,
      volumeShared: none,
      fees: new Map([[tokenC, 5n]]),
      margins: none,
    },
    consumed: {
      fills: 2,
      volume: new Map([
        [tokenA, 100n],
        [tokenB, 100n],
      ]),
      fillsShared: 1,
      volumeShared: new Map([[tokenA, 100n]]),
      fees: new Map([[tokenC, 15n]]),
      margins: new Map([[tokenB, 8n]]),
    },
    rings: 1,
    ringsShared: 1,
    rewards: new Map([[tokenC, 3n]]),
  });
  deepEqual(netted(debtsOf(rings, members, shareOfEarnings(50n))), [
    { from: "Bob", to: "Alice", token: tokenB, amount: 4n },
    { from: "Alice", to: "Bob", token: tokenC, amount: 1n },
  ]);
});

test("the miner's member mined; else the fee recipient's; else a stranger", () => {
  const [settled] = example().events;
  if (settled?.kind !== "settled") throw new Error("the first event is the ring");
  const fills = settled.fills.map((fill) => ({ ...fill, received: 100n }));
  const minedBy = (miner: Address, feeRecipient: Address): readonly string[] => {
    const rings = read([{ ...settled, fills, miner, feeRecipient }]);
    const all = [...statisticsOf(rings, members)];
    return all.filter(([, { rings: mined }]) => mined > 0).map(([name]) => name);
  };
  const [alice, bob, stranger] = [at(miners, 0), at(miners, 1), at(miners, 3)];
  deepEqual(minedBy(alice, bob), ["Alice"]);
  deepEqual(minedBy(stranger, bob), ["Bob"]);
  deepEqual(minedBy(stranger, at(wallets, 3)), [stranger]);
});

test("events that cannot follow each other are refused by name", () => {
  const { events, hashes } = example();
  const [settled, ...rest] = events;
  if (settled?.kind !== "settled") throw new Error("the first event is the ring");
  const name = (told: readonly RingEvent[]): string => {
    const rings = ringsOf(told);
    return rings.ok ? "read" : rings.name;
  };
  equal(name(events), "read");
  equal(name(rest), "stray_event");
  equal(name([...events, ...rest]), "stray_event");
  const [paid, rewarded] = rest;
  if (paid?.kind !== "paid" || rewarded === undefined) throw new Error("then what was paid");
  equal(name([...events, rewarded]), "stray_event");
  equal(name([settled, paid, paid]), "stray_event");
  equal(name([settled, { ...paid, orderHash: freshHash() }]), "stray_event");
  equal(name([settled]), "sums_differ");
  equal(name([settled, { ...paid, toWallet: 3n }]), "sums_differ");
  equal(name([settled, { ...paid, token: tokenC }]), "sums_differ");
  equal(name([settled, { ...paid, orderHash: at(hashes, 1) }]), "read");
});

test("of two equal payments in the ring's token, the rewarded one is the margin", () => {
  const { events, hashes } = example();
  const [settled, paid, rewarded] = events;
  if (settled?.kind !== "settled" || paid?.kind !== "paid" || rewarded?.kind !== "rewarded") {
    throw new Error("the ring, what was paid, what was rewarded");
  }
  const [first, second] = [at(hashes, 0), at(hashes, 1)];
  const told = (rewardedOrder: Hash): RingEvent[] => [
    settled,
    { ...paid, orderHash: first },
    { ...paid, orderHash: second },
    { ...rewarded, orderHash: rewardedOrder },
  ];
  const kinds = (rewardedOrder: Hash) =>
    read(told(rewardedOrder)).flatMap(({ fills }) => fills.map((fill) => fill.paid?.kind));
  deepEqual(kinds(first), ["margin", "fee"]);
  deepEqual(kinds(second), ["fee", "margin"]);
});
