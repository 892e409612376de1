/**
 * What start-up makes of the segments it finds (docs/spec/journal.md §2): every frame is read and
 * its length, CRC, number and chain are checked; whatever is not a frame must be zero.
 *
 * Behind the last good frame of the last segment there may be a torn tail: bytes of the one write
 * that was under way when we died. Nothing of it was acknowledged. Every other deviation is damage,
 * and above all a sound frame behind a bad one: something acknowledged is lost in between. Then
 * nothing is changed.
 *
 * BUG: a torn write may hold, at a multiple of 8, bytes that a customer shaped into a sound frame.
 * The store then refuses to open although only the tail is torn; that errs on the safe side.
 */
import { join } from "node:path";
import { at } from "../codec/assert.ts";
import { type Files, readFully } from "./files.ts";
import { chainAfter, chainStart, type Frame, frameStep, readFrame, recordsOf } from "./frame.ts";
import { Places } from "./places.ts";

/** The store must not be opened: what was acknowledged is no longer there as it was written. */
export class StoreDamaged extends Error {
  override readonly name = "StoreDamaged";
  readonly code = "journal_damaged";
  readonly segment: string;
  readonly offset: number;

  constructor(segment: string, offset: number, why: string) {
    super(
      `journal_damaged: ${segment} is damaged at byte ${offset}: ${why}. Nothing was changed.` +
        " Set the directory aside as it is, then restore this file from a copy of the same store;" +
        " a copy that ends earlier loses what was acknowledged after it",
    );
    this.segment = segment;
    this.offset = offset;
  }
}

export type Recovered = {
  readonly places: Places;
  /** Paths of the segments, in order. */
  readonly segments: readonly string[];
  /** Number and chain of the last record's frame; 0 and zeros in an empty store. */
  readonly last: number;
  readonly chain: Uint8Array;
  /** In the last segment: its size, where the next frame goes, and its bytes before that. */
  readonly size: number;
  readonly end: number;
  /** The last frame if it lies in the last segment, to be written once more. */
  readonly lastFrame: Buffer | undefined;
  /** From where to where the last segment must be overwritten with zeros. */
  readonly torn: { readonly from: number; readonly to: number } | undefined;
};

export type NumberedRecord = { readonly number: number; readonly bytes: Uint8Array };

type OnRecord = ((record: NumberedRecord) => void) | undefined;

type Walk = {
  readonly places: Places;
  readonly onRecord: OnRecord;
  last: number;
  chain: Uint8Array;
};

/** Reads and checks the whole store; throws StoreDamaged. Changes nothing. */
export function recover(files: Files, dir: string, onRecord?: OnRecord): Recovered {
  const segments = segmentsIn(files, dir);
  const walk: Walk = { places: new Places(), onRecord, last: 0, chain: chainStart };
  let room: Buffer = Buffer.alloc(0);
  let end = 0;
  let torn: Recovered["torn"];
  for (const [index, path] of segments.entries()) {
    const isLast = index === segments.length - 1;
    room = load(files, path, room);
    const tail = walkSegment(walk, room, index);
    // The pad of the last frame belongs to the tail: the frame itself is proven by CRC and chain.
    const from = at(tail, 0);
    const to = behindLastByte(room, from);
    end = at(tail, 1);
    if (to === from) continue;
    const where = isZero(room, from, end) ? end : from;
    if (!isLast) throw new StoreDamaged(path, where, "bytes that are no frame, in a full segment");
    const sound = soundFrameBehind(room, end, walk.last);
    if (sound !== undefined) {
      const found = `a whole frame from record ${sound.first} lies at byte ${sound.offset}`;
      throw new StoreDamaged(
        path,
        where,
        `record ${walk.last} is not continued here, yet ${found}`,
      );
    }
    torn = { from, to };
  }
  const size = room.length;
  return { ...walk, segments, size, end, torn, lastFrame: lastFrameIn(walk, segments, room) };
}

/** Follows the frames of one segment; the end of the last good one, without and with its pad. */
function walkSegment(walk: Walk, bytes: Buffer, segment: number): readonly [number, number] {
  let end = 0;
  let next = 0;
  for (;;) {
    const frame = readFrame(bytes, next);
    if (frame === undefined || frame.first !== walk.last + 1) return [end, next];
    const chain = chainAfter(walk.chain, bytes, frame);
    // A pad that is not zero ends the walk before the frame that follows it: that is damage.
    if (chain === undefined || !isZero(bytes, end, next)) return [end, next];
    walk.places.add({ first: frame.first, segment, offset: next, end: frame.end });
    if (walk.onRecord !== undefined) {
      let number = frame.first;
      for (const record of recordsOf(bytes, frame)) {
        walk.onRecord({ number, bytes: record });
        number += 1;
      }
    }
    walk.last += frame.count;
    walk.chain = chain;
    end = frame.end;
    next = frame.next;
  }
}

function segmentsIn(files: Files, dir: string): readonly string[] {
  const names = files.names(dir).filter((name) => /^[0-9]{8}\.seg$/.test(name));
  const paths = names.toSorted().map((name) => join(dir, name));
  for (const [index, path] of paths.entries()) {
    const expected = segmentPath(dir, index);
    if (path !== expected) throw new StoreDamaged(expected, 0, "the file is missing");
  }
  return paths;
}

/** `00000001.seg` is the segment with index 0. */
export function segmentPath(dir: string, index: number): string {
  return join(dir, `${String(index + 1).padStart(8, "0")}.seg`);
}

function load(files: Files, path: string, room: Buffer): Buffer {
  const fd = files.open(path);
  try {
    const size = files.size(fd);
    const bytes = room.length === size ? room : Buffer.allocUnsafeSlow(size);
    if (readFully(files, fd, bytes, 0) !== size) throw new Error(`couldn't read all of ${path}`);
    return bytes;
  } finally {
    files.close(fd);
  }
}

/** A sound frame, at `from` or a later multiple of 8, that holds records we do not have. */
function soundFrameBehind(bytes: Buffer, from: number, last: number): Frame | undefined {
  const to = behindLastByte(bytes, from);
  for (let offset = from; offset < to; offset += frameStep) {
    // Cheap first: the upper half of a record's number is below 2^21.
    if (offset + 16 > bytes.length || bytes.readUInt32BE(offset + 8) >= 2 ** 21) continue;
    if (bytes.readUInt32BE(offset) === 0) continue;
    const frame = readFrame(bytes, offset);
    if (frame !== undefined && (frame.first > last || offset === from)) return frame;
  }
  return undefined;
}

function isZero(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (bytes[i] !== 0) return false;
  return true;
}

const zeros = Buffer.alloc(65_536);

/** The offset behind the last byte from `from` on that is not zero; `from` if all are. */
function behindLastByte(bytes: Buffer, from: number): number {
  let to = bytes.length;
  while (to - from >= zeros.length && bytes.subarray(to - zeros.length, to).equals(zeros)) {
    to -= zeros.length;
  }
  while (to > from && bytes[to - 1] === 0) to -= 1;
  return to;
}

function lastFrameIn(walk: Walk, segments: readonly string[], bytes: Buffer): Buffer | undefined {
  if (walk.places.size === 0) return undefined;
  const { segment, offset, end } = walk.places.place(walk.places.size - 1);
  return segment === segments.length - 1 ? bytes.subarray(offset, end) : undefined;
}
