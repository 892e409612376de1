/**
 * Sealed bytes as text that a QR code carries from a device without a network to one with it, and
 * back (docs/spec/codes.md). The text says what it is, and is made of the characters that QR codes
 * hold most tightly; any phone's scanner shows it as text, which can be pasted as well.
 *
 *   SIGNET1:L:1:3:9F86D081:BASE32      part 1 of 3 of a letter; R: of a reply
 *
 *   9F86D081   the first eight hex digits of SHA-256 over all the bytes: parts of one message
 *   BASE32     RFC 4648 without padding
 *
 * A message of at most `partBytesMax` bytes is one code that stands still. Strict: one text for one
 * part. Everything is sealed and signed inside; the eight digits catch a mix of parts, no attack.
 */
import { concat, sha256, toHex } from "../../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../../codec/verdict.ts";

/** What a code carries. */
export type Carries = "letter" | "reply";

/** One part of a message. */
export type Part = {
  readonly carries: Carries;
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly sum: string;
  readonly bytes: Uint8Array;
};

/** Why a text is no part, in order of precedence. */
export const partRefusals = [
  "part_too_long",
  "part_not_signet",
  "part_version_unknown",
  "part_malformed",
  "part_number_wrong",
  "part_payload_malformed",
  "part_of_another",
  "parts_differ_from_sum",
] as const;
/** One of `partRefusals`. */
export type PartRefusal = (typeof partRefusals)[number];

/** Bytes in one code: what version 40, the largest, holds at the lowest error correction. */
export const partBytesMax = 2600;
/** The most parts of one message; a longer one goes as a file. */
export const partsMax = 64;
/** The longest text of a part: the payload in base32, and what stands before it. */
export const partTextMax = 4200;

const letters = { letter: "L", reply: "R" } as const;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function toBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += alphabet.charAt((held >> (bits - 5)) & 31);
  }
  return bits === 0 ? text : text + alphabet.charAt((held << (5 - bits)) & 31);
}

/** The bytes of a text as `toBase32` makes it; `undefined` for anything else. */
function fromBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 255;
    at += 1;
  }
  return toBase32(bytes) === text ? bytes : undefined;
}

function sumOf(bytes: Uint8Array): string {
  return toHex(sha256(bytes)).slice(0, 8).toUpperCase();
}

/** A message as the texts of its parts; `undefined`: too long for codes. */
export function partsOf(carries: Carries, bytes: Uint8Array): readonly string[] | undefined {
  const count = Math.max(1, Math.ceil(bytes.length / partBytesMax));
  if (count > partsMax) return undefined;
  const size = Math.ceil(bytes.length / count);
  const sum = sumOf(bytes);
  return Array.from({ length: count }, (_, index) => {
    const payload = toBase32(bytes.subarray(index * size, (index + 1) * size));
    return `SIGNET1:${letters[carries]}:${index + 1}:${count}:${sum}:${payload}`;
  });
}

/** Reads a part's text. */
export function readPart(text: string): Verdict<Part, PartRefusal> {
  if (text.length > partTextMax) return refuse("part_too_long", "No code of ours is that long.");
  const version = /^SIGNET([0-9]{1,4}):/.exec(text)?.[1];
  if (version === undefined)
    return refuse("part_not_signet", "This code is not one of a wallet's.");
  if (version !== "1") {
    return refuse("part_version_unknown", "This code is of a wallet newer than this one.");
  }
  const fields = /^SIGNET1:([LR]):([1-9][0-9]?):([1-9][0-9]?):([0-9A-F]{8}):([A-Z2-7]*)$/.exec(
    text,
  );
  if (fields === null) return refuse("part_malformed", "The code was not read whole.");
  const [, letter, numberText = "", ofText = "", sum = "", payload = ""] = fields;
  const [number, of] = [Number(numberText), Number(ofText)];
  if (number > of || of > partsMax) {
    return refuse("part_number_wrong", "The code says it is a part that there cannot be.");
  }
  const bytes = fromBase32(payload);
  if (bytes === undefined || bytes.length > partBytesMax || (bytes.length === 0 && of > 1)) {
    return refuse("part_payload_malformed", "What the code carries was not read whole.");
  }
  const carries = letter === "L" ? "letter" : "reply";
  return accept({ carries, number, of, sum, bytes });
}

/** Parts read so far of one message. */
export type Gathered = {
  readonly carries: Carries;
  readonly of: number;
  readonly sum: string;
  readonly parts: ReadonlyMap<number, Uint8Array>;
};

/** What is there once a part was read. */
export type Gathering =
  | { readonly kind: "more"; readonly gathered: Gathered }
  | { readonly kind: "whole"; readonly carries: Carries; readonly bytes: Uint8Array };

/** Takes a part to those read before; of another message it is refused and changes nothing. */
export function takePart(
  before: Gathered | undefined,
  part: Part,
): Verdict<Gathering, PartRefusal> {
  const { carries, of, sum } = part;
  if (
    before !== undefined &&
    (before.sum !== sum || before.of !== of || before.carries !== carries)
  ) {
    return refuse("part_of_another", "This code belongs to another message.");
  }
  const parts = new Map(before?.parts).set(part.number, part.bytes);
  if (parts.size < of) return accept({ kind: "more", gathered: { carries, of, sum, parts } });
  const numbers = [...parts.keys()].sort((a, b) => a - b);
  const bytes = concat(numbers.map((number) => parts.get(number) ?? new Uint8Array(0)));
  if (sumOf(bytes) !== sum) {
    return refuse("parts_differ_from_sum", "The parts do not make the message. Begin again.");
  }
  return accept({ kind: "whole", carries, bytes });
}
