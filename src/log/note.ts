/**
 * C2SP signed notes (docs/spec/log.md §2): a text ending in LF, an empty line, then signature lines
 * `— NAME BASE64(keyid, signature)`. Checkpoints, receipts and notices are notes.
 *
 * Ed25519 is handed in: this folder knows formats, not keys. Signatures by keys we do not know are
 * ignored; the signature of the key we ask for must be there and hold.
 *
 * Our texts are ASCII; the dash that begins a signature line is the only other character. A text
 * may itself hold empty lines: the signatures begin after the last one.
 */
import { assert } from "../codec/assert.ts";
import {
  concat,
  equalBytes,
  fromAscii,
  fromBase64,
  sha256,
  toBase64,
  toHex,
  toLatin1,
} from "../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";

/** Ed25519 by the holder of a key: 64 bytes over `message`. */
export type Sign = (message: Uint8Array) => Uint8Array;
/** Whether `signature` is an Ed25519 signature over `message` by `publicKey` (32 bytes, raw). */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** A key as others know it: its name and the raw Ed25519 public key. */
export type Verifier = { readonly name: string; readonly publicKey: Uint8Array };
/** A key as its holder uses it. */
export type Signer = Verifier & { readonly sign: Sign };

/** Why a note is not taken, in order of precedence. */
export const noteRefusals = [
  "note_too_long",
  "note_malformed",
  "note_unsigned",
  "note_signature_wrong",
] as const;
/** One of `noteRefusals`. */
export type NoteRefusal = (typeof noteRefusals)[number];

/** The longest note, bytes. */
const noteBytesMax = 1_048_576;
const signaturesMax = 100;
const ed25519 = 1;
const dash = "\u2014";
/** The dash in UTF-8. */
const dashBytes = Uint8Array.of(0xe2, 0x80, 0x94);
const dashLatin1 = "\xe2\x80\x94";

function isName(name: string): boolean {
  return /^[!-*,-~]{1,200}$/.test(name);
}

function keyId(verifier: Verifier): Uint8Array {
  assert(isName(verifier.name), "a key's name is ASCII without blanks and plus signs");
  assert(verifier.publicKey.length === 32, "a raw Ed25519 public key is 32 bytes");
  const named = fromAscii(`${verifier.name}\n`);
  return sha256(concat([named, Uint8Array.of(ed25519), verifier.publicKey])).subarray(0, 4);
}

/** The note over `text` (ASCII, ending in LF), signed. */
export function printNote(text: string, signer: Signer): string {
  assert(text.endsWith("\n"), "a note's text ends in LF");
  const signature = signer.sign(fromAscii(text));
  assert(signature.length === 64, "an Ed25519 signature is 64 bytes");
  return `${text}\n${dash} ${signer.name} ${toBase64(concat([keyId(signer), signature]))}\n`;
}

/** The text of a note that `verifier` signed. */
export function openNote(
  note: string,
  verifier: Verifier,
  verify: Verify,
): Verdict<string, NoteRefusal> {
  if (note.length > noteBytesMax) return refuse("note_too_long", `more than ${noteBytesMax} bytes`);
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n")) {
    return refuse("note_malformed", "no empty line before the signatures, or no LF at the end");
  }
  const text = note.slice(0, split + 1);
  if (!/^[\x20-\x7e\n]+$/.test(text)) return refuse("note_malformed", "the text is not ASCII");
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > signaturesMax) return refuse("note_malformed", "too many signatures");
  const wanted = keyId(verifier);
  let signature: Uint8Array | undefined;
  for (const line of lines) {
    const match = /^\u2014 ([!-*,-~]{1,200}) ([A-Za-z0-9+/=]{8,20000})$/.exec(line);
    const blob = fromBase64(match?.[2] ?? "");
    if (match === null || blob === undefined || blob.length < 5) {
      return refuse("note_malformed", "a signature line is malformed");
    }
    if (match[1] !== verifier.name || !equalBytes(blob.subarray(0, 4), wanted)) continue;
    // The first line of the key decides; a second one by the same key adds nothing.
    signature ??= blob.subarray(4);
  }
  if (signature === undefined) {
    return refuse("note_unsigned", `no signature by ${verifier.name}+${toHex(wanted)}`);
  }
  if (signature.length !== 64 || !verify(verifier.publicKey, fromAscii(text), signature)) {
    return refuse("note_signature_wrong", `the signature by ${verifier.name} does not hold`);
  }
  return accept(text);
}

/** How a key is handed to others: `NAME+hex(keyid)+base64(0x01, public key)`. */
export function verifierKey(name: string, publicKey: Uint8Array): string {
  const id = toHex(keyId({ name, publicKey }));
  return `${name}+${id}+${toBase64(concat([Uint8Array.of(ed25519), publicKey]))}`;
}

/** Reads a verifier key; `undefined` for anything but the one text of an Ed25519 key. */
export function parseVerifierKey(text: string): Verifier | undefined {
  const match = /^([!-*,-~]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{44})$/.exec(text);
  const name = match?.[1];
  const key = fromBase64(match?.[3] ?? "");
  if (name === undefined || key?.length !== 33 || key[0] !== ed25519) return undefined;
  const verifier = { name, publicKey: key.slice(1) };
  return verifierKey(name, verifier.publicKey) === text ? verifier : undefined;
}

/** A note's bytes: ASCII but for the dashes. */
export function encodeNote(note: string): Uint8Array {
  const parts = note.split(dash).map((part) => fromAscii(part));
  return concat(parts.flatMap((part, index) => (index === 0 ? [part] : [dashBytes, part])));
}

/** The note that bytes say; `undefined` if anything in it is neither ASCII nor a dash. */
export function decodeNote(bytes: Uint8Array): string | undefined {
  if (bytes.length > noteBytesMax) return undefined;
  const rest = toLatin1(bytes).replaceAll(dashLatin1, dash);
  return /^[\x20-\x7e\n\u2014]*$/.test(rest) ? rest : undefined;
}
