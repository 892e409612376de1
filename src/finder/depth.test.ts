/** Implied order books: through chains, best first, exact, and each level a ring for its taker. */
import { test } from "node:test";
import { deepEqual, ok } from "node:assert/strict";

import * as fc from "fast-check";

import { at } from "../codec/assert.ts";
import { ringBooks } from "../testing/ringbooks.ts";
import { runs } from "../testing/runs.ts";
import { depthOf } from "./depth.ts";
import type { Offer } from "./offer.ts";

const offer = (
  id: string,
  [sell, sellAmount]: readonly [string, bigint],
  [buy, buyAmount]: readonly [string, bigint],
): Offer => ({ id, sell, buy, sellAmount, buyAmount, sellMax: sellAmount });

test("a direct offer and a chain of two are levels of one book, best first", () => {
  const offers = [
    offer("direct", ["X", 100n], ["Z", 60n]),
    offer("first", ["X", 100n], ["Y", 200n]),
    offer("second", ["Y", 100n], ["Z", 25n]),
  ];
  deepEqual(depthOf(offers, { sell: "X", buy: "Z" }), [
    { sellAmount: 50n, buyAmount: 25n, hops: 2 },
    { sellAmount: 100n, buyAmount: 60n, hops: 1 },
  ]);
  deepEqual(depthOf(offers, { sell: "X", buy: "Z", levels: 1 }).length, 1);
});

test("a chain of nine is a level, a chain of ten is none: with its taker it would be eleven", () => {
  for (const count of [9, 10]) {
    const chain = Array.from({ length: count }, (_, hop) =>
      offer(`o${hop}`, [`T${hop}`, 10n], [`T${hop + 1}`, 10n]),
    );
    const levels = depthOf(chain, { sell: "T0", buy: `T${count}` });
    deepEqual(
      levels.map(({ hops }) => hops),
      count === 9 ? [9] : [],
    );
  }
});

test("unknown tokens, and a token for itself, have no book", () => {
  const offers = [offer("direct", ["X", 100n], ["Z", 60n])];
  deepEqual(depthOf(offers, { sell: "Z", buy: "X" }), []);
  deepEqual(depthOf(offers, { sell: "X", buy: "Q" }), []);
  deepEqual(depthOf(offers, { sell: "X", buy: "X" }), []);
});

test("levels are ordered, within the number asked for, and no more than all that is sold", () => {
  fc.assert(
    fc.property(ringBooks({ all: true, offersMax: 25 }), ({ offers }) => {
      const levels = depthOf(offers, { sell: "T0", buy: "T1", levels: 5 });
      ok(levels.length <= 5);
      for (const [i, level] of levels.entries()) {
        ok(level.sellAmount >= 1n && level.buyAmount >= 1n && level.hops <= 9);
        if (i === 0) continue;
        const better = at(levels, i - 1);
        ok(better.buyAmount * level.sellAmount <= level.buyAmount * better.sellAmount);
      }
      const sum = levels.reduce((all, { sellAmount }) => all + sellAmount, 0n);
      const most = offers.reduce((all, one) => (one.sell === "T0" ? all + one.sellMax : all), 0n);
      ok(sum <= most);
    }),
    { numRuns: runs(200) },
  );
});
