/**
 * The append-only store of the island, `journal/` and `said/` (docs/spec/journal.md §1–2): records
 * numbered from 1, in preallocated segment files, one frame and one fdatasync for each append.
 *
 * When append() returns, its records are on disk and stay there. If we die before, the next opening
 * finds the frame whole (then its records count, though nobody was told) or not at all. After a
 * failed write or sync nobody knows what the disk holds, so the store is dead: every later append
 * throws, and only a new opening, which reads everything again, can say.
 */
import { join } from "node:path";
import { assert, at } from "../codec/assert.ts";
import { type Files, nodeFiles, readFully, type WritableFile, writeFully } from "./files.ts";
import { encodeFrame, frameBytes, readFrame, recordsOf } from "./frame.ts";
import type { Places } from "./places.ts";
import {
  type NumberedRecord,
  recover,
  type Recovered,
  segmentPath,
  StoreDamaged,
} from "./recover.ts";

export { StoreDamaged } from "./recover.ts";

const segmentBytesDefault = 64 * 1024 * 1024;
const zeros = Buffer.alloc(1024 * 1024);
/** How much a reader fetches at once. */
const chunkBytes = 1024 * 1024;

export type SegmentsOptions = {
  /** Size of new segments, a multiple of 8; 64 MiB. No frame is larger. */
  readonly segmentBytes?: number;
  /**
   * Looks only: no lock, no repair, a torn tail is passed over. For tools beside a running island.
   */
  readonly readOnly?: boolean;
  readonly files?: Files;
  /**
   * Shown every record, in order, as the opening checks it, so that the store need not be read a
   * second time. The bytes are the opening's own: they hold during the call only.
   */
  readonly onRecord?: (record: NumberedRecord) => void;
};

/** Opens, checks and if need be repairs the store in `dir`, making it if it is not there. */
export async function openSegments(dir: string, options: SegmentsOptions = {}): Promise<Segments> {
  const {
    segmentBytes = segmentBytesDefault,
    readOnly = false,
    files = nodeFiles,
    onRecord,
  } = options;
  assert(segmentBytes % 8 === 0 && segmentBytes >= 64, "a segment holds at least one frame");
  if (!readOnly) files.makeDirectory(dir);
  const unlock = readOnly ? () => undefined : files.lock(dir);
  try {
    const found = recover(files, dir, onRecord);
    if (!readOnly) await repair(files, dir, found);
    return new Segments({ dir, files, segmentBytes, readOnly, unlock }, found);
  } catch (cause) {
    unlock();
    if (cause instanceof StoreDamaged) throw cause;
    throw new Error(`couldn't open the store ${dir}`, { cause });
  }
}

/**
 * Makes the disk hold what recover() saw, no more and no less. If we die in here, the next opening
 * finds the same: the last frame is written over itself, and half a torn tail is still a torn tail.
 */
async function repair(files: Files, dir: string, found: Recovered): Promise<void> {
  for (const name of files.names(dir)) {
    // A segment that was being preallocated; no frame was ever in it.
    if (name.endsWith(".seg.tmp")) files.remove(join(dir, name));
  }
  await files.syncDirectory(dir);
  const path = found.segments.at(-1);
  if (path === undefined) return;
  const file = await files.openToWrite(path, "change");
  try {
    // A sync that failed before may have left the frame in memory only, and the kernel forgets that
    // it did: written again, this sync is for it.
    const frame = found.lastFrame;
    if (frame !== undefined) {
      const place = found.places.place(found.places.size - 1);
      await writeFully(file, frame, place.offset);
    }
    if (found.torn !== undefined) {
      const { from, to } = found.torn;
      await writeZeros(file, from, to);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

type Owner = {
  readonly dir: string;
  readonly files: Files;
  readonly segmentBytes: number;
  readonly readOnly: boolean;
  readonly unlock: () => void;
};

export class Segments {
  /**
   * Bytes that the opening overwrote with zeros, for the operator's log: the tail of a torn write.
   */
  readonly tornBytes: number;
  readonly #owner: Owner;
  readonly #places: Places;
  readonly #paths: string[];
  #last: number;
  #chain: Uint8Array;
  /** The last segment's size, and where its next frame goes. */
  #size: number;
  #end: number;
  #writer: WritableFile | undefined;
  #reader: { readonly segment: number; readonly fd: number } | undefined;
  #pending: Promise<unknown> = Promise.resolve();
  #dead: unknown;
  #closed = false;

  constructor(owner: Owner, found: Recovered) {
    this.#owner = owner;
    this.#places = found.places;
    this.#paths = [...found.segments];
    this.#last = found.last;
    this.#chain = found.chain;
    this.#size = found.size;
    this.#end = found.end;
    this.tornBytes = found.torn === undefined ? 0 : found.torn.to - found.torn.from;
  }

  /** The number of the last record on disk; 0 in an empty store. */
  get last(): number {
    return this.#last;
  }

  /**
   * Appends one frame and returns the number of its last record once it is on disk. Calls may
   * overlap: they take effect in order. The records must not change until it returns.
   */
  append(records: readonly Uint8Array[]): Promise<number> {
    assert(!this.#owner.readOnly, "a store opened for reading takes no records");
    assert(records.length > 0, "an append holds at least one record");
    assert(frameBytes(records) <= this.#owner.segmentBytes, "a frame must fit into one segment");
    const done = this.#pending.then(() => this.#commit(records));
    this.#pending = done.catch(() => undefined);
    return done;
  }

  /**
   * The records from number `from` on, those too that are appended while it runs. Views, not
   * copies.
   */
  *read(from: number): Iterable<NumberedRecord> {
    assert(Number.isSafeInteger(from) && from >= 1, "records count from 1");
    let number = from;
    while (number <= this.#last) {
      for (const record of this.#chunk(number, chunkBytes)) {
        if (record.number < number) continue;
        yield record;
        number = record.number + 1;
      }
    }
  }

  /** One record, which must exist. */
  get(number: number): Uint8Array {
    assert(number >= 1 && number <= this.#last, "the record must exist");
    for (const record of this.#chunk(number, 0)) if (record.number === number) return record.bytes;
    throw new Error(`couldn't find record ${number} of ${this.#owner.dir}`);
  }

  /** Waits for appends under way, then gives up files and lock. */
  async close(): Promise<void> {
    await this.#pending;
    if (this.#closed) return;
    this.#closed = true;
    this.#dead ??= new Error("the store is closed");
    await this.#writer?.close();
    if (this.#reader !== undefined) this.#owner.files.close(this.#reader.fd);
    this.#writer = undefined;
    this.#reader = undefined;
    this.#owner.unlock();
  }

  async #commit(records: readonly Uint8Array[]): Promise<number> {
    const { dir, files } = this.#owner;
    if (this.#dead !== undefined) {
      throw new Error(`couldn't append to ${dir}: it is closed or an earlier write failed`, {
        cause: this.#dead,
      });
    }
    const first = this.#last + 1;
    const frame = encodeFrame(first, this.#chain, records);
    try {
      if (this.#end + frame.bytes.length > this.#size) await this.#addSegment();
      const path = at(this.#paths, this.#paths.length - 1);
      this.#writer ??= await files.openToWrite(path, "change");
      await writeFully(this.#writer, frame.bytes, this.#end);
      // If we die here, the frame may be on disk, torn or not: recovery finds out, nobody was told.
      await this.#writer.sync();
    } catch (cause) {
      this.#dead = cause;
      throw new Error(`couldn't append to ${dir}: what the disk holds is not known`, { cause });
    }
    // From here on the records stand.
    const segment = this.#paths.length - 1;
    this.#places.add({ first, segment, offset: this.#end, end: this.#end + frame.end });
    this.#end += frame.bytes.length;
    this.#last += records.length;
    this.#chain = frame.chain;
    return this.#last;
  }

  /**
   * Zeros are really written, not only reserved, so that an append later changes no metadata and
   * its sync is one write. Under its own name the segment is there whole or not at all. If we die
   * before the rename, a `.tmp` is left that the next opening removes; after it, an empty last
   * segment.
   */
  async #addSegment(): Promise<void> {
    const { dir, files, segmentBytes } = this.#owner;
    const path = segmentPath(dir, this.#paths.length);
    const file = await files.openToWrite(`${path}.tmp`, "create");
    try {
      await writeZeros(file, 0, segmentBytes);
      await file.sync();
    } finally {
      await file.close();
    }
    files.rename(`${path}.tmp`, path);
    await files.syncDirectory(dir);
    await this.#writer?.close();
    this.#writer = undefined;
    this.#paths.push(path);
    this.#size = segmentBytes;
    this.#end = 0;
  }

  /**
   * The frames from the one with record `number` on, as far as they fit into `bytesMax`; at least
   * one.
   */
  *#chunk(number: number, bytesMax: number): Iterable<NumberedRecord> {
    const { files } = this.#owner;
    const index = this.#places.indexOf(number);
    const start = this.#places.place(index);
    let stop = index + 1;
    let end = start.end;
    while (stop < this.#places.size) {
      const next = this.#places.place(stop);
      if (next.segment !== start.segment || next.end - start.offset > bytesMax) break;
      end = next.end;
      stop += 1;
    }
    const path = at(this.#paths, start.segment);
    const bytes = Buffer.alloc(Math.ceil((end - start.offset) / 8) * 8);
    readFully(files, this.#readerOf(start.segment), bytes, start.offset);
    for (let i = index; i < stop; i += 1) {
      const place = this.#places.place(i);
      const frame = readFrame(bytes, place.offset - start.offset);
      if (frame === undefined || frame.first !== place.first) {
        throw new StoreDamaged(path, place.offset, "the frame is not what it was at the opening");
      }
      let next = frame.first;
      for (const record of recordsOf(bytes, frame)) {
        yield { number: next, bytes: record };
        next += 1;
      }
    }
  }

  #readerOf(segment: number): number {
    const { files } = this.#owner;
    if (this.#reader?.segment === segment) return this.#reader.fd;
    if (this.#reader !== undefined) files.close(this.#reader.fd);
    this.#reader = { segment, fd: files.open(at(this.#paths, segment)) };
    return this.#reader.fd;
  }
}

async function writeZeros(file: WritableFile, from: number, to: number): Promise<void> {
  for (let offset = from; offset < to; offset += zeros.length) {
    await writeFully(file, zeros.subarray(0, Math.min(zeros.length, to - offset)), offset);
  }
}
