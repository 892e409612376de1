/** The ledger keeps its invariants or stops: conservation, no negative, held within the total. */
import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { fingerprint } from "../codec/names.ts";
import { amount } from "../money/amount.ts";
import { runs } from "../testing/runs.ts";
import { Ledger, type Holder, type MoveCause } from "./ledger.ts";

const alice = fingerprint("a1".repeat(20));
const bob = fingerprint("b0".repeat(20));
const cause: MoveCause = { kind: "deposit", number: 1 };

function funded(): Ledger<string> {
  const ledger = new Ledger<string>();
  ledger.transfer({ asset: "BTC", from: "outside", to: alice, amount: amount(100), cause });
  ledger.close();
  return ledger;
}

test("a transfer posts both halves with their cause", () => {
  const ledger = funded();
  const trade: MoveCause = { kind: "trade", number: 7 };
  ledger.transfer({ asset: "BTC", from: alice, to: bob, amount: amount(30), cause: trade });
  assert.deepEqual(ledger.close().postings, [
    { holder: alice, asset: "BTC", change: -30, after: 70, cause: trade },
    { holder: bob, asset: "BTC", change: 30, after: 30, cause: trade },
  ]);
});

test("what is held is not free, and cannot leave", () => {
  const ledger = funded();
  ledger.hold(alice, "BTC", 80, "order");
  assert.equal(ledger.free(alice, "BTC"), 20);
  ledger.transfer({ asset: "BTC", from: alice, to: bob, amount: amount(21), cause });
  assert.throws(() => ledger.close(), /held is part of the total/);
});

test("nobody but the world goes below zero", () => {
  const ledger = funded();
  ledger.transfer({ asset: "BTC", from: bob, to: alice, amount: amount(1), cause });
  assert.throws(() => ledger.close(), /below zero/);
});

test("a hold is never negative, and only customers hold", () => {
  const ledger = funded();
  ledger.hold(alice, "BTC", -1, "order");
  assert.throws(() => ledger.close(), /held is part of the total/);
});

test("a holder with nothing left leaves no trace", () => {
  const ledger = funded();
  ledger.transfer({ asset: "BTC", from: alice, to: "outside", amount: amount(100), cause });
  ledger.close();
  assert.deepEqual(ledger.holders(), []);
});

test("every asset sums to zero after any transfers", () => {
  const holder = fc.constantFrom<Holder>(alice, bob, "fees", `waiting ${bob}`, "outside");
  const transfer = fc.record({
    asset: fc.constantFrom("BTC", "GLD"),
    from: holder,
    to: holder,
    units: fc.integer({ min: 0, max: 1000 }),
  });
  fc.assert(
    fc.property(fc.array(transfer, { maxLength: 60 }), (transfers) => {
      const ledger = new Ledger<string>();
      for (const { asset, from, to, units } of transfers) {
        const there = from === "outside" ? units : ledger.balance(from, asset).total;
        ledger.transfer({ asset, from, to, amount: amount(Math.min(units, there)), cause });
        ledger.close();
      }
      for (const sum of ledger.sums().values()) assert.equal(sum, 0);
    }),
    { numRuns: runs(200) },
  );
});
