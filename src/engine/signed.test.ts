/** What customers sign is counted by verb, told once an hour, and survives a snapshot. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toLatin1 } from "../codec/bytes.ts";
import { Floor } from "../testing/floor.ts";
import type { Output } from "./input.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";

function signedIn({ leaves }: Output): readonly string[] {
  return leaves.filter((line) => line.startsWith("SIGNED|"));
}

const ticket = `2026-12-05.${"A".repeat(16)}.${"A".repeat(86)}`;

test("letters and well-formed commands are told by verb at the hour, twenty or more at once", () => {
  const floor = new Floor();
  floor.register("Alice");
  const tick = (): Output => floor.give({ kind: "tick", at: floor.now, commits: true });
  const post = (commands: readonly string[], tickets: readonly string[] = []): Output =>
    floor.give({ ...floor.letter("Alice", floor.write("Alice", commands)), tickets });
  const hours = (count: number): readonly string[] => {
    floor.pass(count * 3_600_000);
    return signedIn(tick());
  };
  tick();
  for (let n = 0; n < 30; n += 1) post(["NOOP"]);
  assert.deepEqual(hours(1), [], "before letters were given tickets nothing is counted");
  post(["NOOP", "NOOP", "CANCEL|nobody-1", "BUY|nonsense"], [ticket]);
  for (let n = 0; n < 18; n += 1) post(["STAT"]);
  assert.deepEqual(hours(1), [], "nineteen letters could be told from one another");
  post(["NOOP"]);
  assert.deepEqual(hours(0.5), [], "half an hour tells nothing");
  assert.deepEqual(hours(0.5), [
    "SIGNED|CANCEL|1",
    "SIGNED|LETTER|20",
    "SIGNED|NOOP|3",
    "SIGNED|STAT|18",
  ]);
  assert.deepEqual(hours(1), [], "nothing new, nothing told");
  const text = printSnapshot(floor.state);
  assert.match(toLatin1(text), /^signed.NOOP.3.3$/m);
  assert.deepEqual(printSnapshot(parseSnapshot(text)), text);
});
