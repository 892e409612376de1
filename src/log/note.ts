/**
 * C2SP signed notes (docs/spec/log.md §2): a text ending in LF, an empty line, then signature lines
 * `— NAME BASE64(keyid, signature)`. Checkpoints, receipts and notices are notes.
 *
 * Ed25519 is handed in: this folder knows formats, not keys. Signatures by keys we do not know are
 * ignored; the signature of the key we ask for must be there and hold. What kind of signature a key
 * makes is a byte in its key id: plain Ed25519 here, a witness's in cosignature.ts.
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

/** The four bytes by which a signature line names its key; `type` is the kind of signature. */
export function keyId(verifier: Verifier, type: number): Uint8Array {
  assert(isName(verifier.name), "a key's name is ASCII without blanks and plus signs");
  assert(verifier.publicKey.length === 32, "a raw Ed25519 public key is 32 bytes");
  const named = fromAscii(`${verifier.name}\n`);
  return sha256(concat([named, Uint8Array.of(type), verifier.publicKey])).subarray(0, 4);
}

/** One signature line, with its LF. */
export function printSignature(name: string, id: Uint8Array, signature: Uint8Array): string {
  return `${dash} ${name} ${toBase64(concat([id, signature]))}\n`;
}

/** The note over `text` (ASCII, ending in LF), signed. */
export function printNote(text: string, signer: Signer): string {
  assert(text.endsWith("\n"), "a note's text ends in LF");
  const signature = signer.sign(fromAscii(text));
  assert(signature.length === 64, "an Ed25519 signature is 64 bytes");
  return `${text}\n${printSignature(signer.name, keyId(signer, ed25519), signature)}`;
}

/** A signature line that was read; nothing about it was checked. */
export type NoteSignature = {
  readonly name: string;
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
};

/** A note's text and signature lines, none of them checked. */
export function splitNote(
  note: string,
): Verdict<
  { readonly text: string; readonly signatures: readonly NoteSignature[] },
  "note_too_long" | "note_malformed"
> {
  if (note.length > noteBytesMax) return refuse("note_too_long", `more than ${noteBytesMax} bytes`);
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n")) {
    return refuse("note_malformed", "no empty line before the signatures, or no LF at the end");
  }
  const text = note.slice(0, split + 1);
  if (!/^[\x20-\x7e\n]+$/.test(text)) return refuse("note_malformed", "the text is not ASCII");
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > signaturesMax) return refuse("note_malformed", "too many signatures");
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const match = /^\u2014 ([!-*,-~]{1,200}) ([A-Za-z0-9+/=]{8,20000})$/.exec(line);
    const blob = fromBase64(match?.[2] ?? "");
    if (match?.[1] === undefined || blob === undefined || blob.length < 5) {
      return refuse("note_malformed", "a signature line is malformed");
    }
    signatures.push({ name: match[1], id: blob.subarray(0, 4), signature: blob.subarray(4) });
  }
  return accept({ text, signatures });
}

/** The first signature by the key with this name and id: a second one by it adds nothing. */
export function signatureBy(
  signatures: readonly NoteSignature[],
  name: string,
  id: Uint8Array,
): Uint8Array | undefined {
  return signatures.find((line) => line.name === name && equalBytes(line.id, id))?.signature;
}

/** The text of a note that `verifier` signed. */
export function openNote(
  note: string,
  verifier: Verifier,
  verify: Verify,
): Verdict<string, NoteRefusal> {
  const parts = splitNote(note);
  if (!parts.ok) return parts;
  const { text, signatures } = parts.value;
  const id = keyId(verifier, ed25519);
  const signature = signatureBy(signatures, verifier.name, id);
  if (signature === undefined) {
    return refuse("note_unsigned", `no signature by ${verifier.name}+${toHex(id)}`);
  }
  if (signature.length !== 64 || !verify(verifier.publicKey, fromAscii(text), signature)) {
    return refuse("note_signature_wrong", `the signature by ${verifier.name} does not hold`);
  }
  return accept(text);
}

/** How a key is handed to others: `NAME+hex(keyid)+base64(0x01, public key)`. */
export function verifierKey(name: string, publicKey: Uint8Array): string {
  return printKey({ name, publicKey }, ed25519);
}

/** Reads a verifier key; `undefined` for anything but the one text of an Ed25519 key. */
export function parseVerifierKey(text: string): Verifier | undefined {
  return parseKey(text, ed25519);
}

/** `verifierKey` for a kind of signature. */
export function printKey(verifier: Verifier, type: number): string {
  const key = toBase64(concat([Uint8Array.of(type), verifier.publicKey]));
  return `${verifier.name}+${toHex(keyId(verifier, type))}+${key}`;
}

/** `parseVerifierKey` for a kind of signature. */
export function parseKey(text: string, type: number): Verifier | undefined {
  const match = /^([!-*,-~]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{44})$/.exec(text);
  const name = match?.[1];
  const key = fromBase64(match?.[3] ?? "");
  if (name === undefined || key?.length !== 33 || key[0] !== type) return undefined;
  const verifier = { name, publicKey: key.slice(1) };
  return printKey(verifier, type) === text ? verifier : undefined;
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
