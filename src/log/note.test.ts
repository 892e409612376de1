/** Signed notes, verifier keys and checkpoints beyond the cases of vectors/log.json. */
import { test } from "node:test";
import { equal } from "node:assert/strict";
import { array, assert, nat, property, string } from "fast-check";
import { toBase64 } from "../codec/bytes.ts";
import { testKey, testSigner, verifyEd25519 } from "../testing/publisher.ts";
import { runs } from "../testing/runs.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import {
  decodeNote,
  encodeNote,
  openNote,
  parseVerifierKey,
  printNote,
  verifierKey,
} from "./note.ts";

const peter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const text = "Two lines,\nand a third.\n";

function open(note: string, key: string): string {
  const verifier = parseVerifierKey(key);
  if (verifier === undefined) return "no key";
  const opened = openNote(note, verifier, verifyEd25519);
  return opened.ok ? opened.value : opened.name;
}

test("a verifier key has one text", () => {
  const verifier = parseVerifierKey(peter);
  equal(verifier && verifierKey(verifier.name, verifier.publicKey), peter);
  for (const bad of ["", "a+b", peter.replace("c74f", "c74e"), `${peter} `, `+${peter}`]) {
    equal(parseVerifierKey(bad), undefined, bad);
  }
});

test("a second signature of our key adds nothing, a stranger's is ignored", () => {
  const alder = testSigner("alder", testKey(3));
  const key = verifierKey(alder.name, alder.publicKey);
  const note = printNote(text, alder);
  const line = printNote(text, testSigner("stranger", testKey(7))).slice(text.length + 1);
  equal(open(note + line, key), text);
  equal(open(`${text}\n${line}${note.slice(text.length + 1)}`, key), text);
  const wrong = printNote("another text\n", alder).slice("another text\n".length + 1);
  equal(open(note + wrong, key), text);
  equal(open(`${text}\n${wrong}${note.slice(text.length + 1)}`, key), "note_signature_wrong");
});

test("what is printed opens, also with empty lines in it; bytes and text are one", () => {
  const signer = testSigner("alder", testKey(3));
  const key = verifierKey(signer.name, signer.publicKey);
  const texts = array(string({ unit: "grapheme-ascii", maxLength: 30 }), { maxLength: 6 });
  assert(
    property(texts, nat(3), (lines, blank) => {
      const text = `${[...lines, ..."\n".repeat(blank)].join("\n")}\n`;
      const note = printNote(text, signer);
      equal(open(note, key), text);
      equal(decodeNote(encodeNote(note)), note);
    }),
    { numRuns: runs(100) },
  );
});

test("garbage is no note and no checkpoint", () => {
  assert(
    property(string(), (text) => {
      equal(open(text, peter).startsWith("note_"), true);
      equal(parseCheckpoint(text), undefined);
    }),
    { numRuns: runs(200) },
  );
  equal(decodeNote(Uint8Array.of(0xe2, 0x80)), undefined);
  equal(decodeNote(Uint8Array.of(0xff)), undefined);
});

test("a checkpoint has one text", () => {
  const root = toBase64(new Uint8Array(32));
  equal(parseCheckpoint(`a\n7\n${root}\n`)?.size, 7);
  for (const bad of [
    `a\n07\n${root}\n`,
    `a\n-7\n${root}\n`,
    `a\n9007199254740992\n${root}\n`,
    `a\n7\n${root}`,
    `a\n7\n${root}\nextension\n`,
    `a b\n7\n${root}\n`,
    `a\n7\n${root.slice(4)}\n`,
  ]) {
    equal(parseCheckpoint(bad), undefined, bad);
  }
});
