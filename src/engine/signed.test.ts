/** What customers sign is counted by verb, told once an hour, and survives a snapshot. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Floor } from "../testing/floor.ts";
import type { Output } from "./input.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";

function signedIn({ leaves }: Output): readonly string[] {
  return leaves.filter((line) => line.startsWith("SIGNED|"));
}

test("letters and well-formed commands are told by verb at the hour, where they changed", () => {
  const floor = new Floor();
  floor.register("Alice");
  const tick = (): Output => floor.give({ kind: "tick", at: floor.now, commits: true });
  tick();
  floor.pass(3_600_000);
  assert.deepEqual(signedIn(tick()), [], "before the first block nothing is counted");
  floor.post("Alice", floor.write("Alice", ["NOOP", "NOOP", "CANCEL|nobody-1", "BUY|nonsense"]));
  floor.pass(1_800_000);
  assert.deepEqual(signedIn(tick()), [], "half an hour tells nothing");
  floor.pass(1_800_000);
  assert.deepEqual(signedIn(tick()), ["SIGNED|CANCEL|1", "SIGNED|LETTER|1", "SIGNED|NOOP|2"]);
  floor.pass(3_600_000);
  assert.deepEqual(signedIn(tick()), [], "nothing new, nothing told");
  const text = printSnapshot(floor.state);
  assert.match(text, /^signed.NOOP.2.2$/m);
  assert.equal(printSnapshot(parseSnapshot(text)), text);
});
