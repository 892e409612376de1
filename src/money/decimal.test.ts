/** Decimals at the edges are exact both ways; what would need rounding is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { runs } from "../testing/runs.ts";
import { amountMax } from "./amount.ts";
import { parseDecimal, printDecimal } from "./decimal.ts";

const units = fc.integer({ min: 0, max: amountMax });
const decimals = fc.integer({ min: 0, max: 12 });

test("print then read is the same number of units", () => {
  fc.assert(
    fc.property(units, decimals, (value, places) => {
      assert.equal(parseDecimal(printDecimal(value, places), places), value);
    }),
    { numRuns: runs(2000) },
  );
});

test("a decimal is exactly units / 10^decimals, by BigInt", () => {
  fc.assert(
    fc.property(units, decimals, (value, places) => {
      const [whole = "", fraction = ""] = printDecimal(value, places).split(".");
      const exact = BigInt(whole + fraction.padEnd(places, "0"));
      assert.equal(exact, BigInt(value));
      assert.ok(!fraction.endsWith("0"));
    }),
    { numRuns: runs(1000) },
  );
});

test("signs, points and zeros", () => {
  assert.equal(printDecimal(4215, 5), "0.04215");
  assert.equal(printDecimal(-4215, 5), "-0.04215");
  assert.equal(printDecimal(100, 2), "1");
  assert.equal(printDecimal(0, 8), "0");
  assert.equal(printDecimal(7, 0), "7");
  assert.equal(parseDecimal("1.50", 1), 15);
  assert.equal(parseDecimal("0.000", 0), 0);
  assert.equal(parseDecimal("9007199254740991", 0), amountMax);
});

test("too fine, too large or malformed is refused, never rounded", () => {
  const refused = ["", ".", ".5", "5.", "01", "-1", "+1", "1e3", "1,5", " 1", "1 ", "1.2.3", "0x1"];
  for (const text of [...refused, "0.123", "90071992547409.93", "NaN", "1\n", "1.0\n"]) {
    assert.equal(parseDecimal(text, 2), undefined, JSON.stringify(text));
  }
});
