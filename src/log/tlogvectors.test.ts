/** vectors/tlog.json: tile paths, bundles, proofs, cosignatures, witness requests and forks. */
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { assert, constantFrom, nat, property, string } from "fast-check";
import { fromBase64, fromHex } from "../codec/bytes.ts";
import { testKey, testSigner, verifyEd25519 } from "../testing/publisher.ts";
import { runs } from "../testing/runs.ts";
import {
  judgeCheckpoint,
  parseAddCheckpoint,
  printAddCheckpoint,
  witnessRefusals,
} from "./addcheckpoint.ts";
import { openCosignature, parseWitnessKey, printCosignature, witnessKey } from "./cosignature.ts";
import { openFork, printFork } from "./fork.ts";
import { parseVerifierKey, type Verifier } from "./note.ts";
import { decodeEntries, encodeEntries, parseTilePath, tilePath } from "./tiles.ts";
import { openTlogProof, parseTlogProof, printTlogProof } from "./tlogproof.ts";

/** A text, or one that is filled up with the letter x to a length. */
type Text = string | { readonly text: string; readonly pad: number };
type Refused = { about: string; text: Text; refused: string };
type Request = {
  about: string;
  text: Text;
  last?: { size: number; root: string };
  refused?: string;
};
type Vectors = {
  log: string;
  witness: string;
  paths: {
    accepted: { path: string; level: number | "entries"; index: number; width: number }[];
    refused: string[];
  };
  entries: {
    accepted: { about: string; bytes: string; lines: string[] }[];
    refused: { about: string; bytes: string; width: number }[];
  };
  proofs: {
    leaf: string;
    accepted: { about: string; text: Text; index: number }[];
    refused: Refused[];
  };
  cosignatures: {
    accepted: { about: string; note: string; at: number }[];
    refused: { about: string; note: string; refused: string }[];
  };
  requests: { accepted: Request[]; refused: Request[] };
  forks: { accepted: { about: string; text: Text; sizes: number[] }[]; refused: Refused[] };
};
const file = new URL("../../vectors/tlog.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;

function known(key: Verifier | undefined): Verifier {
  if (key === undefined) throw new Error("couldn't read a key in the vectors");
  return key;
}

const log = known(parseVerifierKey(vectors.log));
const witness = known(parseWitnessKey(vectors.witness));

function textOf(text: Text): string {
  return typeof text === "string" ? text : text.text.padEnd(text.pad, "x");
}

function prove(text: string): string | number {
  const opened = openTlogProof(text, vectors.proofs.leaf, { key: log, verify: verifyEd25519 });
  return opened.ok ? opened.value.index : opened.name;
}

function judge(text: string, last: Request["last"]): string {
  const request = parseAddCheckpoint(text);
  if (!request.ok) return request.name;
  equal(printAddCheckpoint(request.value), text, "one request, one text");
  const root = fromBase64(last?.root ?? "") ?? new Uint8Array(0);
  const judged = judgeCheckpoint(request.value, {
    log,
    verify: verifyEd25519,
    last: last && { size: last.size, root },
  });
  return judged.ok ? "accepted" : judged.name;
}

function fork(text: string): string | readonly number[] {
  const opened = openFork(text, log, verifyEd25519);
  return opened.ok ? opened.value.map(({ size }) => size) : opened.name;
}

test("tile paths", () => {
  for (const { path, ...tile } of vectors.paths.accepted) {
    deepEqual(parseTilePath(path), tile);
    equal(tilePath(tile), path);
  }
  for (const path of vectors.paths.refused) equal(parseTilePath(path), undefined, path);
});

test("bundles of entries", () => {
  for (const { about, bytes, lines } of vectors.entries.accepted) {
    const read = decodeEntries(fromHex(bytes) ?? Uint8Array.of(9), lines.length);
    deepEqual(read.ok && read.value, lines, about);
    deepEqual(encodeEntries(lines), fromHex(bytes), about);
  }
  for (const { about, bytes, width } of vectors.entries.refused) {
    equal(decodeEntries(fromHex(bytes) ?? Uint8Array.of(9), width).ok, false, about);
  }
});

test("proofs of leaves", () => {
  for (const { about, text, index } of vectors.proofs.accepted) {
    equal(prove(textOf(text)), index, about);
    const parsed = parseTlogProof(textOf(text));
    equal(parsed.ok && printTlogProof(parsed.value), text, "one proof, one text");
  }
  for (const { about, text, refused } of vectors.proofs.refused) {
    equal(prove(textOf(text)), refused, about);
  }
});

test("cosignatures", () => {
  equal(witnessKey(witness.name, witness.publicKey), vectors.witness);
  equal(parseVerifierKey(vectors.witness), undefined, "a witness's key is no log's");
  equal(parseWitnessKey(vectors.log), undefined, "a log's key is no witness's");
  for (const { about, note, at } of vectors.cosignatures.accepted) {
    const opened = openCosignature(note, witness, verifyEd25519);
    equal(opened.ok && opened.value, at, about);
  }
  const [first] = vectors.cosignatures.accepted;
  const [text = "", lines = ""] = (first?.note ?? "").split("\n\n");
  const printed = printCosignature(
    `${text}\n`,
    first?.at ?? 0,
    testSigner(witness.name, testKey(5)),
  );
  equal(lines.endsWith(printed), true, "a cosignature has one text");
  for (const { about, note, refused } of vectors.cosignatures.refused) {
    const opened = openCosignature(note, witness, verifyEd25519);
    equal(opened.ok || opened.name, refused, about);
  }
});

test("what a witness is asked", () => {
  for (const { about, text, last } of vectors.requests.accepted) {
    equal(judge(textOf(text), last), "accepted", about);
  }
  for (const { about, text, last, refused } of vectors.requests.refused) {
    equal(judge(textOf(text), last), refused, about);
  }
  const named = new Set(vectors.requests.refused.map(({ refused }) => refused));
  deepEqual([...named].toSorted(), [...witnessRefusals].toSorted(), "every refusal has a vector");
});

test("forks", () => {
  for (const { about, text, sizes } of vectors.forks.accepted) {
    deepEqual(fork(textOf(text)), sizes, about);
  }
  const [same] = vectors.forks.accepted;
  const [first = "", second = ""] = textOf(same?.text ?? "").split(/(?<=\u2014.*\n)\n/);
  equal(printFork({ first: first.replace("signet-fork/1\n\n", ""), second }), same?.text);
  for (const { about, text, refused } of vectors.forks.refused) {
    equal(fork(textOf(text)), refused, about);
  }
});

test("a proof, request or fork with one character changed proves nothing else", () => {
  const { proofs, requests, forks } = vectors;
  const [proof, request, forked] = [
    textOf(proofs.accepted[0]?.text ?? ""),
    textOf(requests.accepted[2]?.text ?? ""),
    textOf(forks.accepted[1]?.text ?? ""),
  ];
  const last = requests.accepted[2]?.last;
  const signs = constantFrom(..."\n =+/x0\u2014");
  assert(
    property(nat(), signs, (at, sign) => {
      const bend = (text: string): string =>
        text.slice(0, at % text.length) + sign + text.slice((at % text.length) + 1);
      const [bentProof, bentRequest, bentFork] = [bend(proof), bend(request), bend(forked)];
      if (bentProof !== proof) equal(typeof prove(bentProof), "string");
      if (bentRequest !== request) equal(judge(bentRequest, last) === "accepted", false);
      if (bentFork !== forked) equal(typeof fork(bentFork), "string");
    }),
    { numRuns: runs(400) },
  );
});

test("garbage is nothing", () => {
  const heads = constantFrom("", "c2sp.org/tlog-proof@v1\n", "old 0\n", "signet-fork/1\n");
  assert(
    property(
      heads,
      string({ unit: "binary" }),
      string({ unit: "grapheme-ascii" }),
      (head, a, b) => {
        for (const text of [head + a, head + b, `${head}\n${a}`, `${head}\n${b}`]) {
          equal(typeof prove(text), "string");
          equal(judge(text, undefined) === "accepted", false);
          equal(typeof fork(text), "string");
          equal(openCosignature(text, witness, verifyEd25519).ok, false);
        }
      },
    ),
    { numRuns: runs(200) },
  );
});
