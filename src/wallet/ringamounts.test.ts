/** Token amounts are exact both ways, for any decimals, and nothing is rounded. */
import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { parseAddress } from "../codec/ethereum.ts";
import { amountMax } from "../ring/order.ts";
import { runs } from "../testing/runs.ts";
import { parseUnits, printUnits, readTokenAmount } from "./ringamounts.ts";

const units = fc.bigInt({ min: 0n, max: amountMax });
const decimals = fc.integer({ min: 0, max: 77 });

test("what is printed is read back as the same units", () => {
  const property = fc.property(units, decimals, (value, places) => {
    const text = printUnits(value, places);
    assert.equal(parseUnits(text, places), value);
    assert.doesNotMatch(text, /\.\d*0$|\.$|^0\d/);
  });
  fc.assert(property, { numRuns: runs(500) });
});

test("a decimal finer than the token is never rounded", () => {
  const property = fc.property(units, decimals, (value, places) => {
    const whole = printUnits(value, places);
    const fraction = whole.split(".")[1] ?? "";
    const finer = `${whole}${whole.includes(".") ? "" : "."}${"0".repeat(places - fraction.length)}1`;
    assert.equal(parseUnits(finer, places), undefined);
  });
  fc.assert(property, { numRuns: runs(200) });
});

test("any text is read as exactly what it says, or not at all", () => {
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.]{0,60}$/));
  const property = fc.property(texts, decimals, (text, places) => {
    const read = parseUnits(text, places);
    if (read === undefined) return;
    assert.ok(read >= 0n && read <= amountMax);
    const [whole = "", fraction = ""] = text.split(".");
    assert.equal(
      read * 10n ** BigInt(fraction.length),
      BigInt(whole + fraction) * 10n ** BigInt(places),
    );
  });
  fc.assert(property, { numRuns: runs(500) });
});

test("what is no amount is refused by name, repeated printable and short", () => {
  const address = parseAddress(`0x${"1".repeat(40)}`) ?? assert.fail();
  const gold = { name: "GOLD", address, decimals: 18 };
  for (const text of ["0", "0.0", "-1", "1e3", "01", ".5", "1.", "1.0000000000000000001", "ü"]) {
    const read = readTokenAmount(gold, text);
    assert.equal(read.ok ? "read" : read.code, "E104", text);
    assert.match(read.ok ? "" : read.what, /^[ -~]{1,200}$/);
  }
  const most = readTokenAmount(gold, printUnits(amountMax, 18));
  assert.ok(most.ok && most.value === amountMax);
  assert.ok(!readTokenAmount(gold, printUnits(amountMax + 1n, 18)).ok);
});
