/**
 * Many byte strings in one buffer, which moves between threads instead of being copied.
 *
 *   count  uint32, in the machine's own order: both ends are this process
 *   ends   count × uint32: where each string ends, counted from the first byte after this table
 *   bytes  the strings, one after the other
 */
import { assert } from "../../codec/assert.ts";

/** Puts them into one buffer. */
export function pack(strings: readonly Uint8Array[]): ArrayBuffer {
  const head = 4 * (strings.length + 1);
  const size = strings.reduce((sum, { length }) => sum + length, head);
  const buffer = new ArrayBuffer(size);
  const numbers = new Uint32Array(buffer, 0, strings.length + 1);
  const bytes = new Uint8Array(buffer, head);
  numbers[0] = strings.length;
  let end = 0;
  strings.forEach((string, i) => {
    bytes.set(string, end);
    end += string.length;
    numbers[i + 1] = end;
  });
  return buffer;
}

/** Takes them out again: views of the one buffer. */
export function unpack(buffer: ArrayBuffer): readonly Uint8Array[] {
  const count = new Uint32Array(buffer, 0, 1)[0] ?? 0;
  const ends = new Uint32Array(buffer, 4, count);
  const bytes = new Uint8Array(buffer, 4 * (count + 1));
  let from = 0;
  return Array.from(ends, (end) => {
    assert(from <= end && end <= bytes.length, "what was packed here is unpacked here");
    const string = bytes.subarray(from, end);
    from = end;
    return string;
  });
}
