/**
 * Rounds guided by the real solver: their rings pass the checker, keep the contract's own price
 * rule, come near the program's optimum and never above it, whatever the order of arrival.
 */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";

import * as fc from "fast-check";

import { at } from "../codec/assert.ts";
import { checkRings, surplusOf } from "../finder/checker.ts";
import { naiveRings } from "../finder/naive.ts";
import type { FoundRing, Offer } from "../finder/offer.ts";
import { boundOf, programOf } from "../finder/program.ts";
import { findRings } from "../finder/round.ts";
import { tableOf } from "../finder/table.ts";
import { keepsLimit, leastReceived, mostSold } from "../ring/price.ts";
import { ringBooks } from "../testing/ringbooks.ts";
import { ringMarket } from "../testing/ringorders.ts";
import { runs } from "../testing/runs.ts";
import { openSolver } from "./highs.ts";

const solve = await openSolver();

test("the solver fills a crossed pair and leaves alone what does not cross", () => {
  const offer = (id: string, sell: string, buy: string, buyAmount: bigint): Offer => ({
    id,
    sell,
    buy,
    sellAmount: 100n,
    buyAmount,
    sellMax: 100n,
  });
  const tokens = ["X", "Y", "Z"].map((id) => ({ id, price: 1 }));
  const offers = [offer("a", "X", "Y", 90n), offer("b", "Y", "X", 90n), offer("c", "Z", "X", 110n)];
  const table = tableOf(tokens, offers);
  deepEqual(solve(programOf(table, 0).program), Float64Array.of(10_000, 10_000, 0));
  ok(Math.abs((boundOf(table, solve) ?? 0) - 20) < 1e-9);
});

test("an empty book has no ring", () => {
  deepEqual(findRings([], [], { solve }), []);
  deepEqual(findRings([{ id: "X", price: 1 }], [], { solve }), []);
});

function keepsContractRule(offers: readonly Offer[], rings: readonly FoundRing[]): void {
  const byId = new Map(offers.map((offer) => [offer.id, offer]));
  for (const { id, sold, received } of rings.flatMap(({ orders }) => orders)) {
    const limit = byId.get(id);
    ok(limit && keepsLimit(limit, sold, received));
    ok(received >= leastReceived(limit, sold) && sold <= mostSold(limit, received));
  }
}

test("random books of every kind of order: rings pass checker and contract, within the bound", () => {
  fc.assert(
    fc.property(
      ringBooks({ all: true, offersMax: 30 }),
      fc.constantFrom(0, 0.5, 100),
      ({ tokens, offers }, gasPerOrder) => {
        const rings = findRings(tokens, offers, { solve, gasPerOrder });
        deepEqual(checkRings(offers, rings), { ok: true, value: undefined });
        keepsContractRule(offers, rings);
      },
    ),
    { numRuns: runs(100) },
  );
});

test("no set of rings is worth more than the program; guided ones hardly less, taken together", () => {
  const sums = { guided: 0, naive: 0, bound: 0 };
  fc.assert(
    fc.property(ringBooks({ offersMax: 14, units: 1e9 }), ({ tokens, offers }) => {
      const bound = boundOf(tableOf(tokens, offers), solve);
      ok(bound !== undefined);
      const guided = surplusOf(tokens, offers, findRings(tokens, offers, { solve }));
      const naive = surplusOf(tokens, offers, naiveRings(tokens, offers));
      // The solver's tolerance is absolute: 1e-7 where a large offer is 10,000.
      ok(Math.max(guided, naive) <= bound * (1 + 1e-6) + 1000);
      sums.guided += guided;
      sums.naive += naive;
      sums.bound += bound;
    }),
    { numRuns: runs(100), seed: 1 },
  );
  ok(sums.guided >= sums.naive * 0.99, JSON.stringify(sums));
  ok(sums.guided >= sums.bound * 0.95, JSON.stringify(sums));
});

test("the order of arrival does not matter", () => {
  const { tokens, offers } = ringMarket({ tokens: 10, orders: 300, seed: 3 });
  const rings = findRings(tokens, offers, { solve });
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...tokens], { minLength: tokens.length }),
      fc.shuffledSubarray([...offers], { minLength: offers.length }),
      (otherTokens, others) => deepEqual(findRings(otherTokens, others, { solve }), rings),
    ),
    { numRuns: runs(5) },
  );
});

test("prices and amounts of any scale make the same rings", () => {
  const { tokens, offers } = ringMarket({ tokens: 10, orders: 300, seed: 4 });
  const ids = (rings: readonly FoundRing[]): readonly (readonly string[])[] =>
    rings.map(({ orders }) => orders.map(({ id }) => id));
  const rings = findRings(tokens, offers, { solve });
  for (const scale of [2 ** -80, 2 ** 80]) {
    const scaled = tokens.map(({ id, price }) => ({ id, price: price * scale }));
    deepEqual(ids(findRings(scaled, offers, { solve })), ids(rings));
  }
});

test("one mad offer spoils nothing for the others", () => {
  const { tokens, offers } = ringMarket({ tokens: 10, orders: 300, seed: 5 });
  const sane = surplusOf(tokens, offers, findRings(tokens, offers, { solve }));
  for (const [sellAmount, buyAmount] of [
    [2n ** 127n, 1n],
    [1n, 2n ** 127n],
    [2n ** 127n, 2n ** 127n],
  ] as const) {
    const mad = { id: "mad", sell: "T0", buy: "T1", sellAmount, buyAmount, sellMax: sellAmount };
    const rings = findRings(tokens, [...offers, mad], { solve });
    deepEqual(checkRings([...offers, mad], rings), { ok: true, value: undefined });
    ok(surplusOf(tokens, [...offers, mad], rings) >= 0.9 * sane);
  }
});

test("fifty tokens, a thousand orders: at least nine tenths of the optimum, rings of all lengths", () => {
  const { tokens, offers } = ringMarket({ tokens: 50, orders: 1000, seed: 1 });
  const rings = findRings(tokens, offers, { solve });
  equal(checkRings(offers, rings).ok, true);
  const bound = boundOf(tableOf(tokens, offers), solve);
  ok(bound !== undefined && surplusOf(tokens, offers, rings) > 0.9 * bound);
  ok(rings.some(({ orders }) => orders.length > 4));
  ok(at(rings, 0).orders.length === 2);
});
