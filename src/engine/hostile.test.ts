/**
 * Customers who mean harm by size: what they can make the engine keep, print and walk is bounded,
 * or at least never trips it.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { Floor, fingerprintOf } from "../testing/floor.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";

test("an account with two hundred thousand ids has a snapshot", () => {
  const floor = new Floor();
  floor.fund("Alice", "BTC", 1);
  const ids = floor.state.accounts.get(fingerprintOf("Alice"))?.ids;
  for (let i = 0; i < 200_000; i += 1) ids?.add(`id-${i}`);
  const text = printSnapshot(floor.state);
  assert.equal(text.split("\n").filter((line) => line.startsWith("id|")).length, 200_000);
  assert.equal(printSnapshot(parseSnapshot(text)), text);
});

test("an order that would meet too many walks no further than it may", (t) => {
  const floor = new Floor();
  floor.fund("Alice", "GLD", 3000);
  floor.fund("Bob", "BTC", 1_000_000);
  for (let i = 0; i < 3; i += 1) {
    const prices = Array.from({ length: 1000 }, (_, k) => 4000 + i * 1000 + k);
    floor.say("Alice", ...prices.map((price) => `SELL|GLD/BTC|1|${price}`));
  }
  const book = floor.state.venues.get("GLD/BTC")?.book;
  assert.ok(book);
  const quote = t.mock.method(book, "quote");
  const letter = Array.from({ length: 1000 }, () => "BUY|GLD/BTC|1000000");
  const names = floor.say("Bob", ...letter).map((entry) => entry.kind === "reject" && entry.name);
  assert.deepEqual(new Set(names), new Set(["fills_too_many"]));
  floor.say("Bob", "SELL|GLD/BTC|1");
  assert.equal(quote.mock.callCount(), 0, "the levels were not walked for a refused order");
});
