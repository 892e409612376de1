/**
 * Journal and said records: one encoding each, garbage refused by name, and the published vectors.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { digest, fingerprint, orderId, ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { vettings } from "../engine/input.ts";
import { runs } from "../testing/runs.ts";
import { decodeRecord, encodeRecord, type JournalRecord, recordRefusals } from "./record.ts";
import {
  type Archived,
  decodeSaid,
  decodeSaidNames,
  encodeSaid,
  type Said,
  saidRefusals,
} from "./said.ts";

type Vectors = {
  readonly records: {
    readonly accepted: readonly { readonly bytes: string; readonly record: JournalRecord }[];
    readonly refused: readonly { readonly bytes: string; readonly refusal: string }[];
  };
};

const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../../vectors/journal.json", import.meta.url), "utf8"),
);

const hexes = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((value) => Buffer.from(value).toString("hex"));
const times = fc.nat().map((n) => time(n * 1000));
const counts = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(Number.MAX_SAFE_INTEGER));
const latin1 = fc
  .uint8Array({ maxLength: 60 })
  .map((value) => Buffer.from(value).toString("latin1"));
const blobs = fc.uint8Array({ maxLength: 40 });
const letters = fc.record({
  at: times,
  ref: hexes(32).map(ref),
  signer: hexes(20).map(fingerprint),
  text: latin1,
});
const empty = new Uint8Array(0);

const names = fc.stringMatching(/^[a-z_]{1,40}$/);
const tickets = fc.array(fc.stringMatching(/^[!-{}~]{1,60}$/), { minLength: 1, maxLength: 3 });

const records: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.tuple(times, latin1).map(([at, text]): JournalRecord => ({
    kind: "input",
    input: { kind: "configure", at, text },
    evidence: empty,
  })),
  times.map((at): JournalRecord => ({
    kind: "input",
    input: { kind: "tick", at },
    evidence: empty,
  })),
  times.map((at): JournalRecord => ({
    kind: "input",
    input: { kind: "tick", at, commits: true },
    evidence: empty,
  })),
  fc.tuple(letters, hexes(32), blobs).map(([letter, random, evidence]): JournalRecord => ({
    kind: "input",
    input: { kind: "letter", ...letter, random, vetted: [] },
    evidence,
  })),
  fc
    .tuple(letters, hexes(32), blobs, fc.array(fc.constantFrom(...vettings), { minLength: 1 }))
    .map(([letter, random, evidence, vetted]): JournalRecord => ({
      kind: "input",
      input: { kind: "letter", ...letter, random, vetted },
      evidence,
    })),
  fc
    .tuple(letters, hexes(32), blobs, fc.array(fc.constantFrom(...vettings)), tickets)
    .map(([letter, random, evidence, vetted, given]): JournalRecord => ({
      kind: "input",
      input: { kind: "letter", ...letter, random, vetted, tickets: given },
      evidence,
    })),
  fc
    .tuple(letters, hexes(32), blobs, fc.array(fc.constantFrom(...vettings)), fc.option(tickets))
    .map(([letter, random, evidence, vetted, given]): JournalRecord => ({
      kind: "input",
      input: {
        kind: "letter",
        ...letter,
        random,
        vetted,
        ...(given === null ? {} : { tickets: given }),
        more: true,
      },
      evidence,
    })),
  fc
    .tuple(times, fc.integer({ min: 1, max: 90 }).chain(hexes))
    .map(([at, calldata]): JournalRecord => ({
      kind: "input",
      input: { kind: "submission", at, calldata },
      evidence: empty,
    })),
  fc.tuple(letters, names, latin1).map(([letter, name, detail]): JournalRecord => ({
    kind: "input",
    input: { kind: "refused", ...letter, name, detail },
    evidence: empty,
  })),
  fc.tuple(letters, blobs).map(([letter, evidence]): JournalRecord => ({
    kind: "input",
    input: { kind: "fault", ...letter },
    evidence,
  })),
  fc.record({
    kind: fc.constant("lane" as const),
    at: times,
    lane: fc.stringMatching(/^[a-z0-9-]{1,32}$/),
    epoch: counts,
    next: counts,
    chain: hexes(32).map(digest),
  }),
);

const optional = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const archived: fc.Arbitrary<Archived> = fc.record({
  to: hexes(20).map(fingerprint),
  report: optional(counts),
  orderId: optional(hexes(32).map(orderId)),
  ref: optional(hexes(32).map(ref)),
  text: latin1,
});
const saids: fc.Arbitrary<Said> = fc
  .tuple(fc.nat(), fc.nat(), blobs, fc.array(archived, { maxLength: 4 }))
  .map(([upTo, size, publication, archive]) => ({
    upTo,
    frontier: { size, hashes: [...size.toString(2)].filter((b) => b === "1").map(() => hash) },
    publication,
    archive,
  }));
const hash = new Uint8Array(32).fill(7);

function plain<Value>(value: Value): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      part instanceof Uint8Array ? Buffer.from(part).toString("hex") : part,
    ),
  );
}

test("a record comes back as it was, from one encoding", () => {
  fc.assert(
    fc.property(records, (record) => {
      const bytes = encodeRecord(record);
      const decoded = decodeRecord(bytes);
      ok(decoded.ok);
      deepEqual(plain(decoded.value), plain(record));
      deepEqual(encodeRecord(decoded.value), bytes);
    }),
    { numRuns: runs(500) },
  );
});

test("what is no record is refused by name; what is accepted encodes to the same bytes", () => {
  const damaged = fc
    .tuple(records, fc.nat(), fc.nat({ max: 255 }), fc.nat({ max: 60 }))
    .map(([record, at, value, cut]) => {
      const bytes = encodeRecord(record);
      bytes[at % bytes.length] = value;
      return bytes.subarray(0, Math.max(0, bytes.length - cut));
    });
  const headed = fc
    .tuple(fc.nat({ max: 10 }), fc.uint8Array({ maxLength: 160 }))
    .map(([kind, rest]) => Uint8Array.of(kind, 0, 0, ...rest));
  fc.assert(
    fc.property(fc.oneof(damaged, headed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const decoded = decodeRecord(bytes);
      if (decoded.ok) deepEqual(encodeRecord(decoded.value), Uint8Array.from(bytes));
      else ok(recordRefusals.includes(decoded.name));
    }),
    { numRuns: runs(3000) },
  );
});

test("a said record comes back as it was; anything else is refused by name", () => {
  fc.assert(
    fc.property(
      saids,
      fc.nat(),
      fc.nat({ max: 255 }),
      fc.nat({ max: 40 }),
      (said, at, value, cut) => {
        const bytes = encodeSaid(said);
        const decoded = decodeSaid(bytes);
        ok(decoded.ok);
        deepEqual(plain(decoded.value), plain(said));
        const names = decodeSaidNames(bytes);
        ok(names.ok);
        const archive = said.archive.map(({ to, report, orderId, ref }) => ({
          to,
          report,
          orderId,
          ref,
        }));
        deepEqual(plain(names.value), plain({ ...said, archive }));
        bytes[at % bytes.length] = value;
        const harmed = bytes.subarray(0, bytes.length - Math.min(cut, bytes.length));
        const again = decodeSaid(harmed);
        equal(decodeSaidNames(harmed).ok, again.ok);
        if (again.ok) deepEqual(encodeSaid(again.value), Uint8Array.from(harmed));
        else ok(saidRefusals.includes(again.name));
      },
    ),
    { numRuns: runs(1000) },
  );
});

test("the published records decode to what is said there, and every refusal is shown", () => {
  for (const { bytes, record } of vectors.records.accepted) {
    const decoded = decodeRecord(Uint8Array.from(Buffer.from(bytes, "hex")));
    ok(decoded.ok);
    deepEqual(plain(decoded.value), record);
    equal(Buffer.from(encodeRecord(decoded.value)).toString("hex"), bytes);
  }
  const shown = new Set<string>();
  for (const { bytes, refusal } of vectors.records.refused) {
    const decoded = decodeRecord(Uint8Array.from(Buffer.from(bytes, "hex")));
    ok(!decoded.ok);
    equal(decoded.name, refusal);
    shown.add(refusal);
  }
  deepEqual([...shown].sort(), [...recordRefusals].sort());
});
