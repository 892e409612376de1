/** The books between rounds: kept up to date they answer as books made afresh do. */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";

import * as fc from "fast-check";

import { at } from "../codec/assert.ts";
import { ringBooks } from "../testing/ringbooks.ts";
import { ringMarket } from "../testing/ringorders.ts";
import { runs } from "../testing/runs.ts";
import { checkRings } from "./checker.ts";
import type { FoundRing, Offer } from "./offer.ts";
import { Standing } from "./standing.ts";

const pair: readonly Offer[] = [
  { id: "a", sell: "X", buy: "Y", sellAmount: 1000n, buyAmount: 900n, sellMax: 1000n },
  { id: "b", sell: "Y", buy: "X", sellAmount: 1000n, buyAmount: 900n, sellMax: 1000n },
];
const tokens = [
  { id: "X", price: 1 },
  { id: "Y", price: 1 },
];

function standingOf(offers: readonly Offer[], gasPerOrder = 0): Standing {
  const standing = new Standing(tokens, { gasPerOrder });
  for (const offer of offers) standing.set(offer);
  return standing;
}

test("the ring through an offer is found once, and is then taken", () => {
  const standing = standingOf(pair);
  deepEqual(standing.takeThrough("b"), [
    {
      orders: [
        { id: "b", sold: 1000n, received: 1000n },
        { id: "a", sold: 1000n, received: 1000n },
      ],
    },
  ]);
  deepEqual(standing.takeThrough("b"), []);
});

test("an offer that was removed or never there is in no ring", () => {
  const standing = standingOf(pair);
  standing.remove("a");
  standing.remove("nobody");
  deepEqual(standing.takeThrough("b"), []);
  deepEqual(standing.takeThrough("nobody"), []);
});

test("an offer that is set again is what it is then", () => {
  const standing = standingOf(pair);
  standing.set({ ...at(pair, 0), buyAmount: 1200n });
  deepEqual(standing.takeThrough("b"), []);
  standing.set(at(pair, 0));
  equal(standing.takeThrough("b").length, 1);
});

test("a ring that does not pay for its places is not taken", () => {
  equal(standingOf(pair, 20).takeThrough("b").length, 1);
  equal(standingOf(pair, 110).takeThrough("b").length, 0);
});

test("kept up to date, it finds what a fresh one finds; rings pass the checker", () => {
  const story = ringBooks({ all: true, offersMax: 25 }).chain((book) =>
    fc.record({
      book: fc.constant(book),
      gone: fc.subarray([...book.offers]),
      changed: fc.subarray([...book.offers]),
      gasPerOrder: fc.constantFrom(0, 0.5),
    }),
  );
  fc.assert(
    fc.property(story, ({ book, gone, changed, gasPerOrder }) => {
      const kept = new Standing(book.tokens, { gasPerOrder });
      const fresh = new Standing(book.tokens, { gasPerOrder });
      for (const offer of changed) kept.set({ ...offer, sellAmount: offer.sellAmount * 2n });
      for (const offer of book.offers) kept.set(offer);
      for (const { id } of gone) kept.remove(id);
      const live = book.offers.filter((offer) => !gone.includes(offer));
      for (const offer of live.toReversed()) fresh.set(offer);
      for (const { id } of live) {
        const rings = kept.takeThrough(id);
        deepEqual(rings, fresh.takeThrough(id));
        ok(rings.every(({ orders }) => at(orders, 0).id === id));
      }
    }),
    { numRuns: runs(200) },
  );
});

test("a stream of a thousand orders: all its rings together pass the checker", () => {
  const market = ringMarket({ tokens: 20, orders: 1000, seed: 2 });
  const standing = new Standing(market.tokens, { gasPerOrder: 0.2 });
  const rings: FoundRing[] = [];
  for (const offer of market.offers) {
    standing.set(offer);
    rings.push(...standing.takeThrough(offer.id));
  }
  ok(rings.length > 50);
  deepEqual(checkRings(market.offers, rings), { ok: true, value: undefined });
});
