/** vectors/log.json: notes, publications and receipts, accepted and refused by name. */
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { assert, constantFrom, nat, property, uint8Array } from "fast-check";
import { fromHex, toHex } from "../codec/bytes.ts";
import { verifyEd25519 } from "../testing/publisher.ts";
import { runs } from "../testing/runs.ts";
import { openNote, parseVerifierKey, type Verifier } from "./note.ts";
import {
  checkPublication,
  decodePublication,
  encodePublication,
  publicationRefusals,
} from "./publication.ts";
import { openReceipt, openRefusal } from "./receipt.ts";
import { parseFrontier, printFrontier, emptyFrontier } from "./tree.ts";

type Told = { about: string; note: string; key?: string; text?: string; refused?: string };
type Batch = {
  about: string;
  number: number;
  before: string;
  publication: string;
  after?: string;
  refused?: string;
};
type Vectors = {
  log: string;
  notes: { accepted: Told[]; refused: Told[] };
  publications: { accepted: Batch[]; refused: Batch[] };
  receipts: { key: string; accepted: string[]; refused: Told[]; refusals: string[] };
};
const file = new URL("../../vectors/log.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;

function verifier(text: string | undefined): Verifier {
  const parsed = parseVerifierKey(text ?? "");
  if (parsed === undefined) throw new Error("couldn't read a key in the vectors");
  return parsed;
}

function judge(bytes: Uint8Array, batch: Batch): string {
  const decoded = decodePublication(bytes);
  if (!decoded.ok) return decoded.name;
  deepEqual(encodePublication(decoded.value), bytes, "one publication, one encoding");
  const checked = checkPublication(decoded.value, {
    number: batch.number,
    before: parseFrontier(batch.before) ?? emptyFrontier(),
    log: verifier(vectors.log),
    verify: verifyEd25519,
  });
  return checked.ok ? printFrontier(checked.value) : checked.name;
}

test("notes", () => {
  const { accepted, refused } = vectors.notes;
  for (const { about, note, key, text, refused: name } of [...accepted, ...refused]) {
    const opened = openNote(note, verifier(key), verifyEd25519);
    equal(opened.ok ? opened.value : opened.name, text ?? name, about);
  }
  const long = openNote(`${"a".repeat(1_048_576)}\n`, verifier(vectors.log), verifyEd25519);
  equal(long.ok || long.name, "note_too_long");
});

test("publications", () => {
  const { accepted, refused } = vectors.publications;
  for (const batch of [...accepted, ...refused]) {
    const bytes = fromHex(batch.publication) ?? Uint8Array.of(9);
    equal(judge(bytes, batch), batch.after ?? batch.refused, batch.about);
  }
  equal(decodePublication(new Uint8Array(3_145_729)).ok, false);
});

test("a submission has at most 65,536 bytes of calldata", () => {
  const [whole] = vectors.publications.accepted;
  const decoded = decodePublication(fromHex(whole?.publication ?? "") ?? new Uint8Array(0));
  if (!decoded.ok) throw new Error("couldn't read the first publication");
  for (const [length, answer] of [
    [65_536, "accepted"],
    [65_537, "publication_malformed"],
  ] as const) {
    const submissions = [{ number: 1, calldata: new Uint8Array(length) }];
    const read = decodePublication(encodePublication({ ...decoded.value, submissions }));
    equal(read.ok ? "accepted" : read.name, answer);
  }
});

test("every refusal of a publication has a vector", () => {
  const named = new Set(vectors.publications.refused.map((batch) => batch.refused));
  named.add("publication_too_long");
  deepEqual([...named].toSorted(), [...publicationRefusals].toSorted());
});

test("receipts and refusals", () => {
  const relay = verifier(vectors.receipts.key);
  const [receipt] = vectors.receipts.accepted;
  const opened = openReceipt(receipt ?? "", relay, verifyEd25519);
  equal(opened.ok && opened.value.number, 88_213);
  for (const { about, note, refused } of vectors.receipts.refused) {
    const verdict = openReceipt(note, relay, verifyEd25519);
    equal(verdict.ok || verdict.name, refused, about);
  }
  const [refusal] = vectors.receipts.refusals;
  const reason = openRefusal(refusal ?? "", relay, verifyEd25519);
  equal(reason.ok && reason.value.reason, "letter_malformed");
  equal(openRefusal(receipt ?? "", relay, verifyEd25519).ok, false);
});

test("a publication with any one byte changed is not applied, or says the same log", () => {
  const [whole] = vectors.publications.accepted;
  if (whole === undefined) throw new Error("couldn't find the first publication");
  const bytes = fromHex(whole.publication) ?? new Uint8Array(0);
  const flip = nat(bytes.length - 1);
  assert(
    property(flip, constantFrom(1, 2, 4, 8, 16, 32, 64, 128), (at, bit) => {
      const bent = bytes.map((byte, index) => (index === at ? byte ^ bit : byte));
      const judged = judge(bent, whole);
      // Only where a reply goes, its ref or tag, and the card are not under the log's signature.
      const decoded = decodePublication(bent);
      if (judged !== whole.after) return;
      equal(decoded.ok && decoded.value.leaves.join(), leavesOf(bytes));
    }),
    { numRuns: runs(200) },
  );
});

function leavesOf(bytes: Uint8Array): string {
  const decoded = decodePublication(bytes);
  return decoded.ok ? decoded.value.leaves.join() : "";
}

test("garbage is no publication", () => {
  assert(
    property(uint8Array({ maxLength: 200 }), (bytes) => {
      const decoded = decodePublication(bytes);
      if (decoded.ok) equal(toHex(encodePublication(decoded.value)), toHex(bytes));
    }),
    { numRuns: runs(300) },
  );
});
