/** What QR codes carry: one text for one part, bounded, whole or refused by name. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { encode } from "uqr";
import { fromHex } from "../../codec/bytes.ts";
import {
  partBytesMax,
  partRefusals,
  partsMax,
  partsOf,
  partTextMax,
  readPart,
  takePart,
  type Carries,
  type Gathered,
  type Gathering,
} from "./qrframe.ts";

const kinds = fc.constantFrom<Carries>("letter", "reply");

function gather(texts: readonly string[]): Gathering | string {
  let gathered: Gathered | undefined;
  let last: Gathering | undefined;
  for (const text of texts) {
    const part = readPart(text);
    if (!part.ok) return part.name;
    const taken = takePart(gathered, part.value);
    if (!taken.ok) return taken.name;
    last = taken.value;
    if (last.kind === "more") gathered = last.gathered;
  }
  return last ?? "nothing";
}

test("parts make the message again, in any order, twice read", () => {
  fc.assert(
    fc.property(kinds, fc.uint8Array({ maxLength: 9000 }), fc.boolean(), (carries, bytes, turn) => {
      const texts = partsOf(carries, bytes) ?? [];
      const shown = turn ? texts.toReversed() : texts;
      const first = shown.slice(0, 1);
      const whole = gather(texts.length > 1 ? [...first, ...shown] : shown);
      assert.deepEqual(whole, { kind: "whole", carries, bytes: Uint8Array.from(bytes) });
      for (const text of texts) assert.ok(text.length <= partTextMax);
    }),
    { numRuns: 60 },
  );
});

type Vector = {
  readonly name: string;
  readonly parts: readonly string[];
  readonly expect: string;
  readonly carries?: Carries;
  readonly hex?: string;
};

test("the vectors", () => {
  const url = new URL("../../../vectors/codes.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(url, "utf8")) as readonly Vector[];
  for (const { name, parts, expect, carries, hex = "" } of vectors) {
    const found = gather(parts);
    if (expect !== "accepted") assert.equal(found, expect, name);
    else assert.deepEqual(found, { kind: "whole", carries, bytes: fromHex(hex) }, name);
  }
  const reached = new Set(vectors.map((vector) => vector.expect));
  for (const refusal of partRefusals) assert.ok(reached.has(refusal), refusal);
});

test("one code holds what it should, and more is told to be a file", () => {
  assert.equal(partsOf("letter", new Uint8Array(partBytesMax))?.length, 1);
  assert.equal(partsOf("letter", new Uint8Array(partBytesMax + 1))?.length, 2);
  assert.equal(partsOf("letter", new Uint8Array(partBytesMax * partsMax))?.length, partsMax);
  assert.equal(partsOf("letter", new Uint8Array(partBytesMax * partsMax + 1)), undefined);
  const [largest = ""] = partsOf("reply", new Uint8Array(partBytesMax).fill(0xff)) ?? [];
  assert.ok(encode(largest, { ecc: "L" }).version <= 40);
});

test("every refusal is reached, and anything else is refused", () => {
  const [one = ""] = partsOf("letter", Uint8Array.of(1, 2, 3)) ?? [];
  const two = partsOf("letter", new Uint8Array(partBytesMax + 10).fill(7)) ?? [];
  const other = partsOf("letter", new Uint8Array(partBytesMax + 10).fill(8)) ?? [];
  const changed = [two[0] ?? "", (two[1] ?? "").replace(/:[A-Z2-7]{8}/, ":AAAAAAAA")];
  const found = [
    gather(["x".repeat(partTextMax + 1)]),
    gather(["https://example.com"]),
    gather([one.replace("SIGNET1", "SIGNET2")]),
    gather([one.toLowerCase().replace("signet1", "SIGNET1")]),
    gather([one.replace(":1:1:", ":2:1:")]),
    gather([`${one}B`]),
    gather([two[0] ?? "", other[1] ?? ""]),
    gather(changed),
  ];
  assert.deepEqual(found, [...partRefusals]);
});

test("no text breaks the reader, and what it reads prints the same", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 300 }),
        fc.stringMatching(/^SIGNET1:[LR]:[0-9]{1,2}:[0-9]{1,2}:[0-9A-F]{8}:[A-Z2-7]{0,40}$/),
      ),
      (text) => {
        const part = readPart(text);
        if (!part.ok) return partRefusals.includes(part.name);
        const { carries, number, of, sum, bytes } = part.value;
        const again = partsOf(carries, bytes)?.[0]?.split(":").at(-1) ?? "";
        const letter = carries === "letter" ? "L" : "R";
        return text === `SIGNET1:${letter}:${number}:${of}:${sum}:${again}`;
      },
    ),
    { numRuns: 500 },
  );
});
