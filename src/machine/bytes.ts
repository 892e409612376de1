/**
 * `#bytes` (codec/bytes.ts) where Node runs: the same as codec/portable.ts by OpenSSL and by V8's
 * own conversions, five to ten times as quick (docs/decisions/0024-bytes-of-the-machine.md). What
 * comes of it is a plain `Uint8Array` with a buffer of its own, never a view of a pool.
 */
import { hash } from "node:crypto";

/** Below this a loop is quicker than a call out of V8 (measured). */
const shortMax = 64;
const encoder = new TextEncoder();

/** SHA-256 (FIPS 180-4), 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  // As a text: a Buffer, which is what it gives otherwise, costs more than the hash.
  const text = hash("sha256", bytes, "binary");
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i += 1) digest[i] = text.charCodeAt(i);
  return digest;
}

/** SHA-256 of an ASCII text, lower-case hex; `undefined` if it is not ASCII. */
export function sha256OfAscii(text: string): string | undefined {
  // As UTF-8 only ASCII is as long as it has characters.
  return Buffer.byteLength(text) === text.length ? hash("sha256", text) : undefined;
}

/** Lower-case hex of the bytes. */
export function toHex(bytes: Uint8Array): string {
  return viewOf(bytes).toString("hex");
}

/** One character a byte. */
export function toLatin1(bytes: Uint8Array): string {
  return viewOf(bytes).toString("latin1");
}

/** One byte a character; `undefined` if a character is above `most`, which is 0x7f or 0xff. */
export function textBytes(text: string, most: number): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  if (text.length > shortMax && encoder.encodeInto(text, bytes).read === text.length) return bytes;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > most) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
