/** The window of sequence numbers, and letters without one (docs/spec/letter.md §2). */
import assert from "node:assert/strict";
import test from "node:test";
import { time } from "../codec/time.ts";
import { Floor, fingerprintOf } from "../testing/floor.ts";
import { apply } from "./apply.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";

function registered(): Floor {
  const floor = new Floor();
  floor.register("Alice");
  return floor;
}

/** How the letter `seq N` stands: done, repeated, or refused by name. */
function outcome(floor: Floor, seq: number, command = "NOOP", thread = 0): string {
  const output = floor.post("Alice", floor.write("Alice", [command], { seq, thread }));
  if (output.archive[0]?.kind === "repeat") return "repeat";
  const [entry] = floor.records(output);
  return entry?.kind === "refused" ? entry.name : (entry?.kind ?? "nothing");
}

test("numbers are taken once, in any order inside the window", () => {
  const floor = registered();
  const cases: readonly (readonly [number, string, string])[] = [
    [1, "NOOP|tag=other", "seq_reused"],
    [1025, "NOOP", "done"],
    [2, "NOOP", "done"],
    [1, "NOOP", "seq_passed"],
    [2, "NOOP", "repeat"],
    [2, "NOOP|tag=other", "seq_reused"],
    [2050, "NOOP", "seq_jumped"],
    [2049, "NOOP", "done"],
    [1025, "NOOP", "seq_passed"],
    [1026, "NOOP", "done"],
  ];
  for (const [seq, command, expected] of cases) {
    assert.equal(outcome(floor, seq, command), expected, `${seq} ${command}`);
  }
  assert.equal(outcome(floor, 1, "NOOP", 255), "done", "each thread counts for itself");
});

test("what falls out of the window is forgotten", () => {
  const floor = registered();
  for (let seq = 2; seq <= 1100; seq += 1) outcome(floor, seq);
  const thread = floor.state.accounts.get(fingerprintOf("Alice"))?.threads.get(0);
  assert.equal(thread?.taken.size, 1024);
  assert.equal(Math.min(...(thread?.taken.keys() ?? [])), 1100 - 1023);
  outcome(floor, 1100 + 1024);
  assert.equal(thread?.taken.size, 1);
});

test("a letter is repeated after its `by` too, and a new one is late", () => {
  const floor = registered();
  const text = floor.write("Alice", ["NOOP"], { seq: 2 });
  const late = floor.write("Alice", ["NOOP"], { seq: 3 });
  floor.post("Alice", text);
  floor.pass(3_600_001);
  assert.equal(floor.post("Alice", text).archive[0]?.kind, "repeat");
  const [entry] = floor.records(floor.post("Alice", late));
  assert.equal(entry?.kind === "refused" && entry.name, "late");
});

test("`by` itself is in time; more than seven days ahead is not", () => {
  const floor = registered();
  const by = time(floor.now + 1000);
  const exact = floor.write("Alice", ["NOOP"], { seq: 2, by });
  floor.pass(1000);
  assert.equal(floor.records(floor.post("Alice", exact))[0]?.kind, "done");
  const week = 7 * 86_400_000;
  const far = floor.write("Alice", ["NOOP"], { seq: 3, by: time(floor.now + week + 1000) });
  const [entry] = floor.records(floor.post("Alice", far));
  assert.equal(entry?.kind === "refused" && entry.name, "by_too_far");
  const near = floor.write("Alice", ["NOOP"], { seq: 3, by: time(floor.now + week) });
  assert.equal(floor.records(floor.post("Alice", near))[0]?.kind, "done");
});

test("a letter without a number is remembered until its `by`, and not longer", () => {
  const floor = registered();
  const text = floor.write("Alice", ["STAT"], { seq: undefined });
  assert.equal(floor.post("Alice", text).documents.length, 1);
  assert.equal(floor.post("Alice", text).archive[0]?.kind, "repeat");
  assert.equal(parseSnapshot(printSnapshot(floor.state)).accounts.size, 1);
  floor.pass(3_600_001);
  const [entry] = floor.records(floor.post("Alice", text));
  assert.equal(entry?.kind === "refused" && entry.name, "late");
  floor.post("Alice", floor.write("Alice", ["STAT"], { seq: undefined }));
  assert.equal(floor.state.accounts.get(fingerprintOf("Alice"))?.reads.size, 1);
});

test("of letters without a number the newest 1,024 are remembered, after a restart too", () => {
  const floor = registered();
  const ask = (seconds: number): string => {
    const by = time(floor.now + 3_600_000 + seconds * 1000);
    return floor.write("Alice", ["STAT"], { seq: undefined, by });
  };
  // The first to come has the latest `by`: what counts is who came first.
  const first = ask(2000);
  floor.post("Alice", first);
  for (let i = 0; i < 1023; i += 1) floor.post("Alice", ask(i));
  const reads = () => floor.state.accounts.get(fingerprintOf("Alice"))?.reads;
  assert.equal(reads()?.size, 1024);
  assert.equal(floor.post("Alice", first).archive[0]?.kind, "repeat");
  const restored = parseSnapshot(printSnapshot(floor.state));
  const input = floor.letter("Alice", ask(1023));
  apply(restored, input);
  floor.give(input);
  assert.equal(reads()?.size, 1024);
  assert.deepEqual(printSnapshot(restored), printSnapshot(floor.state));
  // Forgotten, and harmless: it is answered again.
  assert.equal(floor.post("Alice", first).documents.length, 1);
});
