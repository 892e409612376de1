/** Statistics of members: the sums of random rings, and an example. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { at } from "../codec/assert.ts";
import { type Address, addressOf, hashOf, noAddress } from "../codec/ethereum.ts";
import { runs } from "../testing/runs.ts";
import { balancesOf, debtsOf, netted, shareOfEarnings } from "./netting.ts";
import type { RingFill, SettledRing } from "./settledring.ts";
import {
  consumerOf,
  type ByToken,
  type Members,
  type Statistics,
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

const amount = fc.bigInt({ min: 1n, max: 2n ** 100n });
const paid = fc.record({
  kind: fc.constantFrom("fee" as const, "margin" as const),
  token: fc.constantFrom(...tokens),
  toFeeRecipient: fc.bigInt({ min: 0n, max: 2n ** 60n }),
  toWallet: fc.bigInt({ min: 0n, max: 2n ** 60n }),
});
const reward = fc.record({ token: fc.constantFrom(...tokens), amount });
const fill = fc.record({
  orderHash: fc.constant(hashOf(new Uint8Array(32))),
  sellToken: fc.constantFrom(...tokens),
  buyToken: fc.constantFrom(...tokens),
  wallet: fc.constantFrom(...wallets, noAddress),
  sold: amount,
  received: amount,
  paid: fc.option(paid, { nil: undefined }),
  reward: fc.option(reward, { nil: undefined }),
});
const manyRings: fc.Arbitrary<readonly SettledRing[]> = fc.array(
  fc
    .record({ miner: fc.constantFrom(...miners), fills: fc.array(fill, { maxLength: 4 }) })
    .map(({ miner, fills }) => {
      return { ringHash: hashOf(new Uint8Array(32)), miner, feeRecipient: miner, fills };
    }),
  { maxLength: 6 },
);

function sum(maps: readonly ByToken[]): Readonly<Record<string, bigint>> {
  const sums: Record<string, bigint> = {};
  for (const [token, value] of maps.flatMap((map) => [...map])) {
    if (value !== 0n) sums[token] = (sums[token] ?? 0n) + value;
  }
  return sums;
}

test("what all produced and consumed is what was settled, paid and rewarded", () => {
  fc.assert(
    fc.property(manyRings, (rings) => {
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
      const total = (count: (of: Statistics) => number): number =>
        all.reduce((soFar, of) => soFar + count(of), 0);
      equal(
        total(({ produced }) => produced.fillsShared),
        total(({ consumed }) => consumed.fillsShared),
      );
      equal(
        total((of) => of.rings),
        rings.length,
      );
      for (const kind of ["fee", "margin"] as const) {
        const of = fills.flatMap(({ paid: pay }) => (pay?.kind === kind ? [pay] : []));
        const earned = all.map(({ consumed }) => consumed[`${kind}s`]);
        deepEqual(sum(earned), sum(of.map((pay) => new Map([[pay.token, pay.toFeeRecipient]]))));
      }
      const rewards = fills.flatMap(({ reward: one }) => one ?? []);
      deepEqual(
        sum(all.map((one) => one.rewards)),
        sum(rewards.map((one) => new Map([[one.token, one.amount]]))),
      );
    }),
    { numRuns: runs(100) },
  );
});

test("neither statistics nor payments depend on the order of the rings", () => {
  fc.assert(
    fc.property(
      manyRings.chain((rings) =>
        fc.tuple(
          fc.constant(rings),
          fc.shuffledSubarray([...rings], { minLength: rings.length }),
          fc.bigInt({ min: 0n, max: 100n }),
        ),
      ),
      ([rings, other, percent]) => {
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
const example: SettledRing = {
  ringHash: hashOf(new Uint8Array(32)),
  miner: at(miners, 1),
  feeRecipient: at(miners, 1),
  fills: [
    {
      orderHash: hashOf(new Uint8Array(32).fill(1)),
      sellToken: tokenA,
      buyToken: tokenB,
      wallet: alices,
      sold: 100n,
      received: 90n,
      paid: { kind: "margin", token: tokenB, toFeeRecipient: 8n, toWallet: 2n },
      reward: { token: tokenC, amount: 3n },
    },
    {
      orderHash: hashOf(new Uint8Array(32).fill(2)),
      sellToken: tokenB,
      buyToken: tokenA,
      wallet: bobs,
      sold: 100n,
      received: 100n,
      paid: { kind: "fee", token: tokenC, toFeeRecipient: 15n, toWallet: 5n },
      reward: undefined,
    },
  ],
};

test("an example: Bob mines Alice's order with his own", () => {
  const rings = [example];
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
  ]);
});

test("only the member who mined, and signed that, ever owes", () => {
  fc.assert(
    fc.property(manyRings, fc.bigInt({ min: 0n, max: 100n }), (rings, percent) => {
      for (const ring of rings) {
        const consumer = consumerOf(ring, members);
        for (const { from } of debtsOf([ring], members, shareOfEarnings(percent))) {
          equal(from, consumer);
        }
      }
    }),
    { numRuns: runs(60) },
  );
});

test("the miner's member mined; else the fee recipient's; else a stranger", () => {
  const minedBy = (miner: Address, feeRecipient: Address): readonly string[] => {
    const all = [...statisticsOf([{ ...example, miner, feeRecipient }], members)];
    return all.filter(([, { rings }]) => rings > 0).map(([name]) => name);
  };
  const [alice, bob, stranger] = [at(miners, 0), at(miners, 1), at(miners, 3)];
  deepEqual(minedBy(alice, bob), ["Alice"]);
  deepEqual(minedBy(stranger, bob), ["Bob"]);
  deepEqual(minedBy(stranger, at(wallets, 3)), [stranger]);
});

test("strangers owe nothing and are owed nothing", () => {
  const stranger = at(miners, 3);
  const mined = { ...example, miner: stranger, feeRecipient: stranger };
  deepEqual(debtsOf([mined], members, shareOfEarnings(50n)), []);
  const [first] = example.fills;
  if (first === undefined) throw new Error("there is an order");
  const brought = { ...example, fills: [{ ...first, wallet: at(wallets, 3) }] };
  deepEqual(debtsOf([brought], members, shareOfEarnings(50n)), []);
  equal(debtsOf([example], members, shareOfEarnings(50n)).length, 1);
});
