/** The arithmetic of docs/spec/ring.md §5: exact limits, and every rounding for the owner. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { runs } from "../testing/runs.ts";
import { amountMax } from "./order.ts";
import { keepsLimit, leastReceived, mostSold, proportion, share } from "./price.ts";

const amount = fc
  .tuple(fc.bigInt(1n, amountMax), fc.integer({ min: 0, max: 127 }))
  .map(([n, bits]) => (n >> BigInt(bits)) + (n >> BigInt(bits) === 0n ? 1n : 0n));
const limit = fc.record({ sellAmount: amount, buyAmount: amount });

test("7 for 3", () => {
  const seven = { sellAmount: 7n, buyAmount: 3n };
  deepEqual(
    [0n, 1n, 2n, 3n, 6n, 7n].map((sold) => leastReceived(seven, sold)),
    [0n, 1n, 1n, 2n, 3n, 3n],
  );
  deepEqual(
    [0n, 1n, 2n, 3n].map((received) => mostSold(seven, received)),
    [0n, 2n, 4n, 7n],
  );
  deepEqual(
    [2n, 3n].map((sold) => keepsLimit(seven, sold, 1n)),
    [true, false],
  );
  deepEqual([share(199n, 50n), share(1n, 99n), share(7n, 100n), share(7n, 0n)], [99n, 0n, 7n, 0n]);
  deepEqual(
    [proportion(10n, 1n, 3n), proportion(10n, 3n, 3n), proportion(2n, 1n, 3n)],
    [3n, 10n, 0n],
  );
});

test("the least received keeps the limit, and one less does not", () => {
  fc.assert(
    fc.property(limit, amount, (limit, sold) => {
      const least = leastReceived(limit, sold);
      ok(keepsLimit(limit, sold, least));
      ok(!keepsLimit(limit, sold, least - 1n));
    }),
    { numRuns: runs(300) },
  );
});

test("the most sold keeps the limit, and one more does not", () => {
  fc.assert(
    fc.property(limit, amount, (limit, received) => {
      const most = mostSold(limit, received);
      ok(keepsLimit(limit, most, received));
      ok(!keepsLimit(limit, most + 1n, received));
    }),
    { numRuns: runs(300) },
  );
});

test("a share is never more than its percentage, nor a whole unit less", () => {
  fc.assert(
    fc.property(amount, fc.bigInt(0n, 100n), (amount, percent) => {
      const part = share(amount, percent);
      ok(part * 100n <= amount * percent && (part + 1n) * 100n > amount * percent);
    }),
    { numRuns: runs(300) },
  );
});

test("the fees of all fills together are at most the order's fee, however it is filled", () => {
  const fills = fc.array(amount, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(amount, fills, fc.bigInt(0n, 5n), (feeAmount, fills, left) => {
      const total = fills.reduce((sum, fill) => sum + fill, left);
      const fees = fills.map((fill) => proportion(feeAmount, fill, total));
      ok(fees.reduce((sum, fee) => sum + fee, 0n) <= feeAmount);
    }),
    { numRuns: runs(300) },
  );
  equal(proportion(50n, 1000n, 1000n), 50n);
});
