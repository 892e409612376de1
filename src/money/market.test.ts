/** Products of lots, prices and units: exact by BigInt, or refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { gold } from "../testing/gold.ts";
import { runs } from "../testing/runs.ts";
import { amount, amountMax, price, quantity } from "./amount.ts";
import { baseUnits, notional } from "./market.ts";

const any = fc.oneof(
  fc.integer({ min: 0, max: amountMax }),
  fc.integer({ min: 0, max: 10_000_000 }),
  fc.integer({ min: 0, max: 1000 }),
);

test("the example of the specification: 120.0 GLD at 0.04215 BTC", () => {
  assert.equal(notional(gold, quantity(1200), price(4215)), 505_800_000);
  assert.equal(baseUnits(gold, quantity(1200)), 1200);
});

test("notional and base units are exact, or undefined above 2^53 - 1", () => {
  fc.assert(
    fc.property(any, any, any, any, (lots, at, unit, lot) => {
      const market = { ...gold, unit: amount(unit), lot: amount(lot) };
      const quote = BigInt(lots) * BigInt(at) * BigInt(unit);
      const base = BigInt(lots) * BigInt(lot);
      const expected = (exact: bigint): number | undefined =>
        exact <= BigInt(amountMax) ? Number(exact) : undefined;
      assert.equal(notional(market, quantity(lots), price(at)), expected(quote));
      assert.equal(baseUnits(market, quantity(lots)), expected(base));
    }),
    { numRuns: runs(2000) },
  );
});
