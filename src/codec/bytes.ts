/**
 * Bytes and the strict texts that stand for them: lower-case hex, canonical base64, printable
 * ASCII.
 *
 * Strict means one text for one value: upper-case hex, unpadded base64 or a stray blank is not read
 * as something nearby but refused (`undefined`), so that two implementations never disagree on what
 * was said.
 */
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { base64 } from "@scure/base";
import * as machine from "#bytes";
import { assert } from "./assert.ts";

/** Lower-case hex of the bytes. */
export function toHex(bytes: Uint8Array): string {
  return machine.toHex(bytes);
}

/** The value of a hex digit's character; 16 and more for anything else. */
function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 102 ? code - 87 : 16;
}

/** The bytes of a lower-case hex text; `undefined` for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    const high = digitOf(text.charCodeAt(2 * i));
    const low = digitOf(text.charCodeAt(2 * i + 1));
    if (high > 15 || low > 15) return undefined;
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

/** Canonical, padded base64 (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

/** The bytes of a canonical base64 text; `undefined` for anything else. */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    return base64.decode(text);
  } catch {
    return undefined;
  }
}

/** The bytes of a text that must be ASCII (our own texts always are). */
export function fromAscii(text: string): Uint8Array {
  const bytes = machine.textBytes(text, 0x7f);
  assert(bytes !== undefined, "our own texts are ASCII");
  return bytes;
}

/**
 * One character a byte (Latin-1): loses nothing, so that a refusal can still look at what was sent.
 */
export function toLatin1(bytes: Uint8Array): string {
  return machine.toLatin1(bytes);
}

/** The bytes of a text of one character a byte, as `toLatin1` made it. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = machine.textBytes(text, 0xff);
  assert(bytes !== undefined, "a Latin-1 text has one character a byte");
  return bytes;
}

/** The parts, one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Whether two byte strings are equal. Not for secrets: it stops at the first difference. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** SHA-256 (FIPS 180-4), 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return machine.sha256(bytes);
}

/** SHA-256 of what begins alike and ends differently: the beginning is hashed once. */
export function sha256Behind(head: Uint8Array): (tail: Uint8Array) => Uint8Array {
  const begun = nobleSha256.create().update(head);
  return (tail) => begun.clone().update(tail).digest();
}

/** SHA-256 of an ASCII text as 64 hex digits: what `printf '%s' TEXT | sha256sum` prints. */
export function sha256Hex(text: string): string {
  const hex = machine.sha256OfAscii(text);
  assert(hex !== undefined, "our own texts are ASCII");
  return hex;
}
