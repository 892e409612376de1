/**
 * Pad lines: `pad`, or `pad`, a blank and points. They hide a text's true size from those who see
 * only the sealed bytes. A pad line has 4 bytes with its LF, or 6 and more: 5 would end with a
 * blank.
 */
import { assert } from "../codec/assert.ts";

/** The pad line of exactly `bytes`, LF included. */
export function padLine(bytes: number): string {
  assert(bytes === 4 || bytes >= 6, "no pad line has this length");
  return bytes === 4 ? "pad\n" : `pad ${".".repeat(bytes - 5)}\n`;
}

/**
 * Bytes of the one pad line that brings a text of `length` bytes to the next multiple of `step`.
 */
export function padBytes(length: number, step: number): number {
  let bytes = step - (length % step);
  while (bytes < 4 || bytes === 5) bytes += step;
  return bytes;
}
