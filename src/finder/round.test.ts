/**
 * Rounds without a guide: every ring passes the checker, no order of arrival matters, nothing is
 * left to the slow finder, and the pitfalls of ring finding one by one. Rounds with the solver are
 * in miner/highs.test.ts.
 */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";

import * as fc from "fast-check";

import { ringBooks } from "../testing/ringbooks.ts";
import { ringMarket } from "../testing/ringorders.ts";
import { runs } from "../testing/runs.ts";
import { checkRings, surplusOf } from "./checker.ts";
import { naiveRings } from "./naive.ts";
import type { FoundRing, Offer } from "./offer.ts";
import { findRings } from "./round.ts";

const offer = (
  id: string,
  [sell, sellAmount]: readonly [string, bigint],
  [buy, buyAmount]: readonly [string, bigint],
  more: Partial<Offer> = {},
): Offer => ({ id, sell, buy, sellAmount, buyAmount, sellMax: sellAmount, ...more });

const tokens = ["W", "X", "Y", "Z"].map((id) => ({ id, price: 1 }));

const sizes = (rings: readonly FoundRing[]): readonly number[] =>
  rings.map(({ orders }) => orders.length);

/** What is left of offers after rings. */
function rest(offers: readonly Offer[], rings: readonly FoundRing[]): readonly Offer[] {
  const left = new Map(offers.map(({ id, sellMax }) => [id, sellMax]));
  for (const { orders } of rings) {
    for (const { id, sold } of orders) left.set(id, (left.get(id) ?? 0n) - sold);
  }
  return offers.map((one) => ({ ...one, sellMax: left.get(one.id) ?? 0n }));
}

test("random books of every kind of order: every ring passes the checker", () => {
  fc.assert(
    fc.property(
      ringBooks({ all: true, offersMax: 30 }),
      fc.constantFrom(0, 0.5, 100),
      (book, gasPerOrder) => {
        const rings = findRings(book.tokens, book.offers, { gasPerOrder });
        deepEqual(checkRings(book.offers, rings), { ok: true, value: undefined });
      },
    ),
    { numRuns: runs(300) },
  );
});

test("books of a few units, where every rounding shows, pass the checker", () => {
  fc.assert(
    fc.property(ringBooks({ all: true, offersMax: 20, units: 9 }), (book) => {
      const rings = findRings(book.tokens, book.offers);
      deepEqual(checkRings(book.offers, rings), { ok: true, value: undefined });
    }),
    { numRuns: runs(200) },
  );
});

test("the order of arrival does not matter: any permutation gives the same rings", () => {
  const shuffled = ringBooks({ all: true, offersMax: 20 }).chain((book) =>
    fc.record({
      book: fc.constant(book),
      tokens: fc.shuffledSubarray([...book.tokens], { minLength: book.tokens.length }),
      offers: fc.shuffledSubarray([...book.offers], { minLength: book.offers.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, (drawn) => {
      deepEqual(
        findRings(drawn.tokens, drawn.offers),
        findRings(drawn.book.tokens, drawn.book.offers),
      );
    }),
    { numRuns: runs(200) },
  );
});

test("where the slow finder finds nothing, neither does this one; and it leaves it nothing", () => {
  fc.assert(
    fc.property(ringBooks({ offersMax: 10, units: 1e9 }), (book) => {
      const rings = findRings(book.tokens, book.offers);
      const naive = naiveRings(book.tokens, book.offers);
      if (naive.length > 0) ok(rings.length > 0);
      const left = naiveRings(book.tokens, rest(book.offers, rings));
      const found = surplusOf(book.tokens, book.offers, rings);
      // Less than what whole units here and there are worth.
      ok(surplusOf(book.tokens, book.offers, left) <= found * 1e-5 + 100);
    }),
    { numRuns: runs(100) },
  );
});

test("rings are worth what the slow finder's are, taken over many books", () => {
  let fast = 0;
  let slow = 0;
  fc.assert(
    fc.property(ringBooks({ offersMax: 12, units: 1e9 }), (book) => {
      fast += surplusOf(book.tokens, book.offers, findRings(book.tokens, book.offers));
      const naive = naiveRings(book.tokens, book.offers);
      equal(checkRings(book.offers, naive).ok, true);
      slow += surplusOf(book.tokens, book.offers, naive);
    }),
    { numRuns: runs(100), seed: 1 },
  );
  ok(fast > slow * 0.95, `${fast} beside ${slow}`);
});

test("a ring of ten is found, a ring of eleven is not", () => {
  for (const count of [10, 11]) {
    const names = Array.from({ length: count }, (_, number) => `T${number}`);
    const ring = names.map((name, number) =>
      offer(name, [name, 1000n], [`T${(number + 1) % count}`, 990n]),
    );
    const rings = findRings(
      names.map((id) => ({ id, price: 1 })),
      ring,
    );
    deepEqual(sizes(rings), count === 10 ? [10] : []);
  }
});

test("pitfall: two crossed pairs that share a token are two rings, not one walk that stalls", () => {
  const offers = [
    offer("a", ["X", 1000n], ["Y", 900n]),
    offer("b", ["Y", 1000n], ["X", 900n]),
    offer("c", ["Y", 1000n], ["Z", 900n]),
    offer("d", ["Z", 1000n], ["Y", 900n]),
  ];
  deepEqual(sizes(findRings(tokens, offers)), [2, 2]);
});

test("pitfall: dust at the best price blocks nobody behind it", () => {
  const offers = [
    offer("dust", ["X", 3n], ["Y", 1n]),
    offer("a", ["X", 1000n], ["Y", 950n]),
    offer("b", ["Y", 1000n], ["X", 950n]),
  ];
  const rings = findRings(tokens, offers, { gasPerOrder: 5 });
  deepEqual(
    rings.map(({ orders }) => orders.map(({ id }) => id).sort()),
    [["a", "b"]],
  );
});

test("pitfall: an order of all or nothing at the best price uses up nobody", () => {
  const offers = [
    offer("whole", ["X", 100_000n], ["Y", 50_000n], { sellMin: 100_000n }),
    offer("a", ["X", 1000n], ["Y", 950n]),
    offer("b", ["Y", 1000n], ["X", 950n]),
  ];
  deepEqual(
    findRings(tokens, offers).map(({ orders }) => orders.map(({ id }) => id).sort()),
    [["a", "b"]],
  );
});

test("an order of all or nothing finds the partner that is large enough, behind better ones", () => {
  const offers = [
    offer("whole", ["X", 1000n], ["Y", 900n], { sellMin: 1000n }),
    offer("small", ["Y", 10n], ["X", 8n]),
    offer("large", ["Y", 1000n], ["X", 950n]),
  ];
  const rings = findRings(tokens, offers);
  ok(rings.some(({ orders }) => orders.some(({ id, sold }) => id === "whole" && sold === 1000n)));
});

test("an order that ends when it has bought is never given more", () => {
  const offers = [
    offer("buys", ["X", 1000n], ["Y", 900n], { sellMax: 1000n, buyMax: 300n }),
    offer("b", ["Y", 1000n], ["X", 900n]),
  ];
  const rings = findRings(tokens, offers);
  const bought = rings.flatMap(({ orders }) => orders.filter(({ id }) => id === "buys"));
  deepEqual(
    bought.map(({ received }) => received),
    [300n],
  );
});

test("a ring that does not pay for its places is not taken", () => {
  const offers = [offer("a", ["X", 1000n], ["Y", 995n]), offer("b", ["Y", 1000n], ["X", 995n])];
  deepEqual(sizes(findRings(tokens, offers, { gasPerOrder: 4 })), [2]);
  deepEqual(sizes(findRings(tokens, offers, { gasPerOrder: 6 })), []);
});

test("offers in tokens without a price, or for themselves, find nothing and harm nobody", () => {
  const offers = [
    offer("a", ["X", 1000n], ["Y", 900n]),
    offer("b", ["Y", 1000n], ["X", 900n]),
    offer("lost", ["Q", 1000n], ["X", 1n]),
    offer("self", ["X", 1000n], ["X", 1n]),
    offer("empty", ["X", 1000n], ["Y", 1n], { sellMax: 0n }),
  ];
  deepEqual(sizes(findRings([...tokens, { id: "Q", price: 0 }], offers)), [2]);
});

test("a thousand synthetic orders: rings pass the checker, longer ones find more", () => {
  const { tokens: priced, offers } = ringMarket({ tokens: 10, orders: 1000, seed: 1 });
  const worth = [2, 3, 10].map((sizeMax) => {
    const rings = findRings(priced, offers, { sizeMax });
    equal(checkRings(offers, rings).ok, true);
    ok(rings.every(({ orders }) => orders.length <= sizeMax));
    return surplusOf(priced, offers, rings);
  });
  deepEqual(
    worth.map((value) => Math.round(value)),
    worth.map((value) => Math.round(value)).sort((a, b) => a - b),
  );
});

test("orders that just meet are settled where places cost nothing, and after better rings", () => {
  const meets = [
    { id: "x", sell: "T0", buy: "T1", sellAmount: 100n, buyAmount: 100n, sellMax: 100n },
    { id: "y", sell: "T1", buy: "T0", sellAmount: 100n, buyAmount: 100n, sellMax: 100n },
  ];
  const tokens = ["T0", "T1"].map((id) => ({ id, price: 1 }));
  equal(findRings(tokens, meets).length, 1);
  equal(findRings(tokens, meets, { gasPerOrder: 0.1 }).length, 0);
  const better = { ...meets[1], id: "z", sell: "T1", buy: "T0", sellAmount: 100n, buyAmount: 90n };
  const [ring] = findRings(tokens, [...meets, { ...better, sellMax: 100n }]);
  deepEqual(ring?.orders.map(({ id }) => id).sort(), ["x", "z"]);
});

test("a round that has taken too long ends with what it has", () => {
  const meets = [
    { id: "x", sell: "T0", buy: "T1", sellAmount: 100n, buyAmount: 90n, sellMax: 100n },
    { id: "y", sell: "T1", buy: "T0", sellAmount: 100n, buyAmount: 90n, sellMax: 100n },
  ];
  const tokens = ["T0", "T1"].map((id) => ({ id, price: 1 }));
  equal(findRings(tokens, meets, { isOver: () => true }).length, 0);
  equal(findRings(tokens, meets, { isOver: () => false }).length, 1);
});

test("the same orders make one ring, however often they were put together", () => {
  const tokens = ["GOLD", "OIL", "WHEAT"].map((id) => ({ id, price: 1 }));
  const terms = [
    ["a", "GOLD", "OIL", 2n, 1n],
    ["b", "OIL", "WHEAT", 1n, 2n],
    ["c", "WHEAT", "GOLD", 20n, 18n],
    // Matches nothing, and makes the books look otherwise.
    ["d", "WHEAT", "GOLD", 1n, 900n],
  ] as const;
  const offers = terms.map(([id, sell, buy, sells, buys]): Offer => {
    const scale = 10n ** 18n;
    const [sellAmount, buyAmount] = [sells * scale, buys * scale];
    return { id, sell, buy, sellAmount, buyAmount, sellMax: sellAmount };
  });
  const rings = findRings(tokens, offers);
  const sets = rings.map(({ orders }) => orders.map(({ id }) => id).join(" "));
  equal(new Set(sets).size, sets.length);
  ok(checkRings(offers, rings).ok);
});

test("no round tells one set of orders twice", () => {
  const { tokens, offers } = ringMarket({ tokens: 20, orders: 3000, seed: 7 });
  const sets = findRings(tokens, offers).map(({ orders }) => orders.map(({ id }) => id).join(" "));
  equal(new Set(sets).size, sets.length);
});
