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
