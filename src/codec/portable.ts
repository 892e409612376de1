/**
 * `#bytes` (bytes.ts) where there is no Node: SHA-256 of @noble, texts by loops. It is the measure:
 * src/machine/bytes.ts does the same, and a test holds the two to each other.
 */
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

const hexDigits = "0123456789abcdef";
/** Two digits for each byte: half the time of making them one by one (measured). */
const hexPairs: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => hexDigits.charAt(byte >> 4) + hexDigits.charAt(byte & 15),
);

/** SHA-256 (FIPS 180-4), 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** SHA-256 of an ASCII text, lower-case hex; `undefined` if it is not ASCII. */
export function sha256OfAscii(text: string): string | undefined {
  const bytes = textBytes(text, 0x7f);
  return bytes && toHex(nobleSha256(bytes));
}

/** Lower-case hex of the bytes. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 1) text += hexPairs[bytes[i] ?? 0];
  return text;
}

/** One character a byte. */
export function toLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) {
    // Not spread: an iterator over each byte makes it five times slower, a third of a replay
    // (measured).
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(i, i + 4096));
  }
  return text;
}

/** One byte a character; `undefined` if a character is above `most`, which is 0x7f or 0xff. */
export function textBytes(text: string, most: number): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > most) return undefined;
    bytes[i] = code;
  }
  return bytes;
}
