/** The exact amounts of one ring: within caps and limits, as much as goes, shared fairly. */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";

import * as fc from "fast-check";

import { at } from "../codec/assert.ts";
import { runs } from "../testing/runs.ts";
import { amountsOf, type Place } from "./amounts.ts";

const place = (sellAmount: bigint, buyAmount: bigint, cap: bigint): Place => ({
  sellAmount,
  buyAmount,
  cap,
});

const keeps = (places: readonly Place[], sold: readonly bigint[]): boolean =>
  places.every(
    ({ sellAmount, buyAmount, cap }, i) =>
      at(sold, i) >= 1n &&
      at(sold, i) <= cap &&
      at(sold, (i + 1) % sold.length) * sellAmount >= at(sold, i) * buyAmount,
  );

test("two who each ask a tenth less than fair are both better off by a tenth", () => {
  const found = amountsOf([place(1000n, 900n, 1000n), place(1000n, 900n, 1000n)]);
  deepEqual(found?.fair, [1000n, 1000n]);
});

test("limits that leave nothing over make no ring", () => {
  equal(amountsOf([place(1000n, 1001n, 1000n), place(1000n, 1000n, 1000n)]), undefined);
});

test("limits that meet exactly make a ring in which nobody gains", () => {
  deepEqual(amountsOf([place(7n, 3n, 7n), place(3n, 7n, 3n)])?.fair, [7n, 3n]);
});

test("amounts of 128 bits are exact", () => {
  const most = 2n ** 128n - 1n;
  const found = amountsOf([place(most, most - 1n, most), place(most, most - 1n, most)]);
  ok(found && keeps([place(most, most - 1n, most), place(most, most - 1n, most)], found.fair));
});

const small = fc.bigInt({ min: 1n, max: 12n });
const smallRings = fc.array(fc.record({ sellAmount: small, buyAmount: small, cap: small }), {
  minLength: 2,
  maxLength: 3,
});

test("every vector that fits is at most the one found, and there is one exactly if one is found", () => {
  fc.assert(
    fc.property(smallRings, (places) => {
      const found = amountsOf(places);
      const vectors = places.reduce<bigint[][]>(
        (lists, { cap }) =>
          lists.flatMap((list) =>
            Array.from({ length: Number(cap) }, (_, amount) => [...list, BigInt(amount + 1)]),
          ),
        [[]],
      );
      const fitting = vectors.filter((vector) => keeps(places, vector));
      equal(found !== undefined, fitting.length > 0);
      for (const vector of fitting) {
        ok(found && vector.every((amount, i) => amount <= at(found.most, i)));
      }
      if (found) ok(keeps(places, found.most) && keeps(places, found.fair));
    }),
    { numRuns: runs(300) },
  );
});

const large = fc.bigInt({ min: 10n ** 12n, max: 10n ** 18n });

test("in large amounts everybody is better off by the same factor", () => {
  const asks = fc.array(fc.record({ sellAmount: large, cut: fc.nat(50) }), {
    minLength: 2,
    maxLength: 10,
  });
  fc.assert(
    fc.property(asks, (drawn) => {
      const places = drawn.map(({ sellAmount, cut }, i) => {
        const next = at(drawn, (i + 1) % drawn.length).sellAmount;
        const buyAmount = (next * BigInt(1000 - cut)) / 1000n;
        return { sellAmount, buyAmount, cap: sellAmount };
      });
      const found = amountsOf(places);
      if (found === undefined) return;
      ok(keeps(places, found.fair));
      const gains = found.fair.map((sold, i) => {
        const { sellAmount, buyAmount } = at(places, i);
        const received = at(found.fair, (i + 1) % places.length);
        return (Number(received) * Number(sellAmount)) / (Number(sold) * Number(buyAmount));
      });
      ok(Math.max(...gains) - Math.min(...gains) < 1e-9);
    }),
    { numRuns: runs(100) },
  );
});
