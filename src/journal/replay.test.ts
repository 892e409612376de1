/** Replay with a small state instead of the engine: order, lanes, letters that fault, and skips. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { assert } from "../codec/assert.ts";
import { digest, fingerprint, ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { Input } from "../engine/input.ts";
import { encodeRecord, type JournalRecord } from "./record.ts";
import { fold, MarksSeen, type Numbered, RecordFaulted } from "./replay.ts";

const evidence = Uint8Array.of(1, 2);
const noEvidence = new Uint8Array(0);

function letter(text: string, at: number): JournalRecord {
  const signer = fingerprint("1".repeat(40));
  const random = "2".repeat(64);
  const input = {
    kind: "letter",
    at: time(at),
    ref: ref("3".repeat(64)),
    signer,
    text,
    random,
    vetted: [],
  } as const;
  return { kind: "input", input, evidence };
}

function tick(at: number): JournalRecord {
  return { kind: "input", input: { kind: "tick", at: time(at) }, evidence: noEvidence };
}

function lane(name: string, next: number, at: number): JournalRecord {
  const chain = digest("4".repeat(64));
  return { kind: "lane", at: time(at), lane: name, epoch: 1, next, chain };
}

function numbered(records: readonly JournalRecord[], first = 1): readonly Numbered[] {
  return records.map((record, i) => ({ number: first + i, bytes: encodeRecord(record) }));
}

const journal = numbered([
  tick(1),
  letter("a", 2),
  lane("dock-1", 2, 2),
  letter("poison", 3),
  lane("dock-2", 7, 3),
  letter("b", 3),
  lane("dock-1", 3, 3),
]);

/** A state that is what it was told, and trips over one word. */
function apply(state: string[], input: Input): string {
  if (input.kind === "letter") assert(input.text !== "poison", "no poison");
  const said = "text" in input ? `${input.kind} ${input.text}` : input.kind;
  state.push(said);
  return said.toUpperCase();
}

const skips: ReadonlySet<number> = new Set([4]);
const none: ReadonlySet<number> = new Set();

test("inputs are applied in order, lanes are remembered, a skipped letter is a fault", () => {
  const state: string[] = [];
  const outputs: [string, number][] = [];
  const onOutput = (output: string, number: number): unknown => outputs.push([output, number]);
  const folded = fold({ records: journal, state, apply, skips, onOutput });
  deepEqual(state, ["tick", "letter a", "fault poison", "letter b"]);
  deepEqual(
    outputs.map(([, number]) => number),
    [1, 2, 4, 6],
  );
  equal(folded.last, 7);
  equal(folded.applied, 4);
  deepEqual(
    [...folded.lanes].map(([name, { next }]) => [name, next]),
    [
      ["dock-1", 3],
      ["dock-2", 7],
    ],
  );
  const marks = new MarksSeen();
  for (const record of journal) marks.see(record);
  deepEqual({ ...marks }, { lanes: folded.lanes, skips: new Set() });
});

test("a prefix and then the rest give the same state as all at once", () => {
  const whole: string[] = [];
  fold({ records: journal, state: whole, apply, skips });
  for (let cut = 4; cut <= journal.length; cut += 1) {
    const state: string[] = [];
    fold({ records: journal.slice(0, cut), state, apply, skips });
    fold({ records: journal.slice(cut), state, apply, skips: none });
    deepEqual(state, whole);
  }
});

test("a letter that faults stops replay and is named", () => {
  throws(
    () => fold({ records: journal, state: [], apply, skips: none }),
    (error) => {
      ok(error instanceof RecordFaulted);
      deepEqual([error.number, error.isLetter], [4, true]);
      return true;
    },
  );
});

test("only letters of the past can be skipped, and only records replayed", () => {
  const attempt = (records: readonly Numbered[], skipped: readonly number[]) => () =>
    fold({ records, state: [], apply, skips: new Set(skipped) });
  throws(attempt(journal, [1, 4]), /couldn't skip record 1: it is no letter but a tick/);
  throws(attempt(journal, [4, 8]), /couldn't skip record 8: the journal ends at 7/);
  throws(
    attempt([{ number: 1, bytes: Uint8Array.of(9) }], []),
    /couldn't read record 1: record_short/,
  );
  throws(attempt(numbered([tick(2), tick(1)]), []), /time in the journal never decreases/);
  throws(attempt([...numbered([tick(1)]), ...numbered([tick(1)], 3)], []), /without a gap/);
});
