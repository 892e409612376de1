/**
 * Witness cosignatures (C2SP tlog-cosignature v1, docs/spec/log.md §9): one more signature line
 * under a checkpoint, by which a witness says at what time it knew of no other history.
 *
 *   — NAME BASE64(keyid, u64 seconds, Ed25519 signature)     keyid with 0x04 in place of 0x01
 *
 * signed is:   cosignature/v1  LF  time SECONDS  LF  the checkpoint's text
 */
import { assert } from "../codec/assert.ts";
import { concat, fromAscii, toHex } from "../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import {
  keyId,
  parseKey,
  printKey,
  printSignature,
  signatureBy,
  splitNote,
  type NoteRefusal,
  type Signer,
  type Verifier,
  type Verify,
} from "./note.ts";

/** The kind of key that makes timestamped cosignatures. */
const timestamped = 4;

/** How a witness's key is handed to others. */
export function witnessKey(name: string, publicKey: Uint8Array): string {
  return printKey({ name, publicKey }, timestamped);
}

/** Reads a witness's key; `undefined` for anything but the one text of one. */
export function parseWitnessKey(text: string): Verifier | undefined {
  return parseKey(text, timestamped);
}

function cosigned(text: string, seconds: number): Uint8Array {
  return fromAscii(`cosignature/v1\ntime ${seconds}\n${text}`);
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** The signature line of a witness under a checkpoint's text, with its LF. */
export function printCosignature(text: string, seconds: number, witness: Signer): string {
  assert(Number.isSafeInteger(seconds) && seconds >= 0, "a time is whole seconds");
  const signature = witness.sign(cosigned(text, seconds));
  assert(signature.length === 64, "an Ed25519 signature is 64 bytes");
  const id = keyId(witness, timestamped);
  return printSignature(witness.name, id, concat([u64(seconds), signature]));
}

/** The time, in seconds, at which `witness` cosigned the note. */
export function openCosignature(
  note: string,
  witness: Verifier,
  verify: Verify,
): Verdict<number, NoteRefusal> {
  const parts = splitNote(note);
  if (!parts.ok) return parts;
  const { text, signatures } = parts.value;
  const id = keyId(witness, timestamped);
  const signature = signatureBy(signatures, witness.name, id);
  if (signature === undefined) {
    return refuse("note_unsigned", `no cosignature by ${witness.name}+${toHex(id)}`);
  }
  const wrong = refuse("note_signature_wrong", `the cosignature by ${witness.name} does not hold`);
  if (signature.length !== 72) return wrong;
  const head = new DataView(signature.slice(0, 8).buffer);
  const seconds = Number(head.getBigUint64(0));
  if (!Number.isSafeInteger(seconds)) return wrong;
  const signed = cosigned(text, seconds);
  return verify(witness.publicKey, signed, signature.subarray(8)) ? accept(seconds) : wrong;
}
