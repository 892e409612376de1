/**
 * The frame: what one group commit leaves in a segment (docs/spec/journal.md §1).
 *
 *   length 4 | crc 4 | first 8 | chain 32 | count 4 | count × (length 4, bytes) | zeros to 8
 *
 * Big endian. `length` counts from `first` to the end of the records, `crc` is CRC-32 over those
 * bytes, and chain = SHA-256(chain of the frame before, first, count, records).
 *
 * A frame is sound if its length fits, its records fill it exactly and its CRC holds; it is in
 * place if besides its number follows and its chain is right. CRC tells a torn write from a whole
 * one; only the chain says that nothing before it was exchanged or lost.
 */
import { createHash, hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { assert } from "../codec/assert.ts";

const firstAt = 8;
const chainAt = 16;
const countAt = 48;
const recordsAt = 52;
const highest = 2 ** 32;
/** Up to here a copy and one call are quicker than three updates of a hash. */
const smallMax = 4096;
const small = Buffer.alloc(smallMax);

/** Frames begin at multiples of this many bytes. */
export const frameStep = 8;

/** The chain before the first frame of a store. */
export const chainStart: Uint8Array = new Uint8Array(32);

export type Frame = {
  readonly offset: number;
  readonly first: number;
  readonly count: number;
  /** Behind the last record; zeros follow up to `next`. */
  readonly end: number;
  /** Where the next frame of the segment begins. */
  readonly next: number;
};

/** The bytes that a frame with these records takes up in a segment. */
export function frameBytes(records: readonly Uint8Array[]): number {
  const sum = records.reduce((total, record) => total + 4 + record.length, recordsAt);
  return Math.ceil(sum / frameStep) * frameStep;
}

/** One frame, zeros behind its `end` included, and its chain. */
export function encodeFrame(
  first: number,
  previous: Uint8Array,
  records: readonly Uint8Array[],
): { readonly bytes: Buffer; readonly end: number; readonly chain: Uint8Array } {
  assert(records.length > 0, "a frame holds at least one record");
  const bytes = Buffer.alloc(frameBytes(records));
  let offset = recordsAt;
  for (const record of records) {
    bytes.writeUInt32BE(record.length, offset);
    bytes.set(record, offset + 4);
    offset += 4 + record.length;
  }
  bytes.writeUInt32BE(offset - firstAt, 0);
  bytes.writeUInt32BE(Math.floor(first / highest), firstAt);
  bytes.writeUInt32BE(first % highest, firstAt + 4);
  bytes.writeUInt32BE(records.length, countAt);
  const chain = chainOver(previous, bytes, { offset: 0, end: offset });
  bytes.set(chain, chainAt);
  bytes.writeUInt32BE(crc32(bytes.subarray(firstAt, offset)), 4);
  return { bytes, end: offset, chain };
}

/** The sound frame at `offset`, or `undefined`. Says nothing about its place: see `inPlace`. */
export function readFrame(bytes: Buffer, offset: number): Frame | undefined {
  if (offset + recordsAt > bytes.length) return undefined;
  const end = offset + firstAt + bytes.readUInt32BE(offset);
  const next = Math.ceil(end / frameStep) * frameStep;
  if (end < offset + recordsAt || next > bytes.length) return undefined;
  const first =
    bytes.readUInt32BE(offset + firstAt) * highest + bytes.readUInt32BE(offset + firstAt + 4);
  const count = bytes.readUInt32BE(offset + countAt);
  if (!Number.isSafeInteger(first + count) || first < 1 || count < 1) return undefined;
  let at = offset + recordsAt;
  for (let i = 0; i < count; i += 1) {
    if (at + 4 > end) return undefined;
    at += 4 + bytes.readUInt32BE(at);
  }
  if (at !== end) return undefined;
  if (crc32(bytes.subarray(offset + firstAt, end)) !== bytes.readUInt32BE(offset + 4)) {
    return undefined;
  }
  return { offset, first, count, end, next };
}

/** The chain of a sound frame that continues `previous`; `undefined` if it states another one. */
export function chainAfter(
  previous: Uint8Array,
  bytes: Buffer,
  frame: Frame,
): Uint8Array | undefined {
  const chain = chainOver(previous, bytes, frame);
  const at = frame.offset + chainAt;
  return bytes.compare(chain, 0, 32, at, at + 32) === 0 ? chain : undefined;
}

/** The records of a sound frame, as views of its bytes. */
export function* recordsOf(bytes: Buffer, frame: Frame): Iterable<Uint8Array> {
  let at = frame.offset + recordsAt;
  for (let i = 0; i < frame.count; i += 1) {
    const length = bytes.readUInt32BE(at);
    yield bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
}

function chainOver(
  previous: Uint8Array,
  bytes: Buffer,
  { offset, end }: { readonly offset: number; readonly end: number },
): Uint8Array {
  const size = 32 + 8 + (end - offset - countAt);
  if (size <= smallMax) {
    small.set(previous, 0);
    bytes.copy(small, 32, offset + firstAt, offset + chainAt);
    bytes.copy(small, 40, offset + countAt, end);
    return hash("sha256", small.subarray(0, size), "buffer");
  }
  return createHash("sha256")
    .update(previous)
    .update(bytes.subarray(offset + firstAt, offset + chainAt))
    .update(bytes.subarray(offset + countAt, end))
    .digest();
}
