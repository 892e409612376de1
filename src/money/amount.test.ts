/** Amounts are safe integers, never negative; a wire number has one spelling. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { runs } from "../testing/runs.ts";
import { amount, amountMax, minus, parseWhole, plus, price, quantity } from "./amount.ts";

test("constructors stop at anything that is not a safe integer from zero", () => {
  for (const make of [amount, price, quantity]) {
    assert.equal(make(0), 0);
    assert.equal(make(amountMax), amountMax);
    for (const bad of [-1, 0.5, Number.NaN, Infinity, amountMax + 1]) {
      assert.throws(() => make(bad), { name: "AssertionFailed" });
    }
  }
});

test("sums and differences stay inside or stop", () => {
  assert.equal(plus(amount(2), amount(3)), 5);
  assert.equal(minus(amount(3), amount(3)), 0);
  assert.throws(() => plus(amount(amountMax), amount(1)), { name: "AssertionFailed" });
  assert.throws(() => minus(amount(0), amount(1)), { name: "AssertionFailed" });
});

test("a whole number has one spelling", () => {
  const refused = ["", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "1e3", "0x10", "NaN", "Infinity"];
  for (const text of [...refused, "1\n", "1_000", "٣", "9007199254740992", "99999999999999999"]) {
    assert.equal(parseWhole(text), undefined, JSON.stringify(text));
  }
  assert.equal(parseWhole("9007199254740991"), amountMax);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: amountMax }), (value) => {
      assert.equal(parseWhole(String(value)), value);
    }),
    { numRuns: runs(500) },
  );
});

test("whatever is read prints as it was written", () => {
  const almost = fc.stringMatching(/^[0-9+\-.e ]{0,18}$/);
  fc.assert(
    fc.property(almost, (text) => {
      const value = parseWhole(text);
      if (value !== undefined) assert.equal(String(value), text);
    }),
    { numRuns: runs(2000) },
  );
});
