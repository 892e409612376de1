/**
 * The laws of the one rounding: never below the exact fee, never a unit too many, however it is
 * split.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { runs } from "../testing/runs.ts";
import { amount, amountMax, type Amount } from "./amount.ts";
import { feeOfFill, feeOwed, rateOne } from "./fee.ts";

const rate = fc.oneof(fc.integer({ min: 0, max: rateOne }), fc.constantFrom(0, 1, 2000, rateOne));
const notional = fc.oneof(
  fc.integer({ min: 0, max: amountMax }),
  fc.integer({ min: 0, max: 5_000_000 }),
);
const options = { numRuns: runs(2000) };

function exact(value: number, parts: number): bigint {
  const million = BigInt(rateOne);
  return (BigInt(value) * BigInt(parts) + million - 1n) / million;
}

test("the fee is the exact one, rounded up: by BigInt", () => {
  fc.assert(
    fc.property(notional, rate, (value, parts) => {
      const fee = BigInt(feeOwed(amount(value), parts));
      assert.equal(fee, exact(value, parts));
      assert.ok(fee * BigInt(rateOne) >= BigInt(value) * BigInt(parts), "never below exact");
      assert.ok(fee <= BigInt(value), "never more than the whole");
    }),
    options,
  );
});

test("fills pay, in all, what one fill would have paid; none pays less than nothing", () => {
  const fills = fc.array(fc.integer({ min: 0, max: 90_000_000_000_000 }), { maxLength: 40 });
  fc.assert(
    fc.property(fills, rate, (parts, millionths) => {
      let before: Amount = amount(0);
      let paid = 0;
      for (const part of parts) {
        const fee = feeOfFill(before, amount(part), millionths);
        assert.ok(fee >= 0);
        paid += fee;
        before = amount(before + part);
      }
      assert.equal(paid, feeOwed(before, millionths));
    }),
    options,
  );
});

test("no fee at rate zero, everything at one million, and no other rates", () => {
  assert.equal(feeOwed(amount(amountMax), 0), 0);
  assert.equal(feeOwed(amount(amountMax), rateOne), amountMax);
  assert.equal(feeOwed(amount(168_400_000), 2000), 336_800);
  assert.equal(feeOwed(amount(1), 1), 1);
  for (const bad of [-1, rateOne + 1, 0.5, Number.NaN]) {
    assert.throws(() => feeOwed(amount(1), bad), { name: "AssertionFailed" });
  }
});
