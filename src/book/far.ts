/**
 * The levels of a ladder that lie outside its window, sorted by key: a list of chunks of at most
 * 512 entries, so that one of a million levels is found by two binary searches and entered by
 * moving at most 4 KiB and one line of the list of chunks.
 *
 * Invariants: keys rise, over chunks too; no chunk is empty.
 */
import { assert } from "../codec/assert.ts";

const chunkMax = 512;

type Chunk = { readonly keys: Float64Array; readonly rows: Int32Array; count: number };

function newChunk(): Chunk {
  return { keys: new Float64Array(chunkMax), rows: new Int32Array(chunkMax), count: 0 };
}

/** The index of the first key of a chunk that is not below `key`. */
function lowerBound(chunk: Chunk, key: number): number {
  let low = 0;
  let high = chunk.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunk.keys[middle] ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lastKey(chunk: Chunk): number {
  return chunk.keys[chunk.count - 1] ?? 0;
}

/** Keys and the rows of their levels, lowest key first. */
export class Far {
  count = 0;
  /** The key that `below` found last. */
  foundKey = 0;
  private readonly chunks: Chunk[] = [];

  /** The row of that key, or -1. */
  find(key: number): number {
    const chunk = this.chunks[this.chunkOf(key)];
    if (chunk === undefined) return -1;
    const index = lowerBound(chunk, key);
    if (index === chunk.count || (chunk.keys[index] ?? 0) !== key) return -1;
    return chunk.rows[index] ?? 0;
  }

  insert(key: number, row: number): void {
    this.count += 1;
    let place = this.chunkOf(key);
    if (place === this.chunks.length && place > 0) place -= 1;
    let chunk = this.chunks[place];
    if (chunk === undefined) this.chunks.push((chunk = newChunk()));
    if (chunk.count === chunkMax) {
      const upper = this.split(chunk, place);
      if (key > lastKey(chunk)) chunk = upper;
    }
    const index = lowerBound(chunk, key);
    chunk.keys.copyWithin(index + 1, index, chunk.count);
    chunk.rows.copyWithin(index + 1, index, chunk.count);
    chunk.keys[index] = key;
    chunk.rows[index] = row;
    chunk.count += 1;
  }

  remove(key: number): void {
    this.count -= 1;
    const place = this.chunkOf(key);
    const chunk = this.chunks[place];
    assert(chunk !== undefined, "only a key that is there is removed");
    const index = lowerBound(chunk, key);
    assert((chunk.keys[index] ?? 0) === key, "only a key that is there is removed");
    chunk.keys.copyWithin(index, index + 1, chunk.count);
    chunk.rows.copyWithin(index, index + 1, chunk.count);
    chunk.count -= 1;
    if (chunk.count === 0) this.chunks.splice(place, 1);
  }

  /** The row of the highest key below `key`, which `foundKey` then is; or -1. */
  below(key: number): number {
    let place = this.chunkOf(key);
    let chunk = this.chunks[place];
    let index = chunk === undefined ? 0 : lowerBound(chunk, key);
    if (index === 0) {
      place -= 1;
      chunk = this.chunks[place];
      index = chunk?.count ?? 0;
    }
    if (chunk === undefined) return -1;
    this.foundKey = chunk.keys[index - 1] ?? 0;
    return chunk.rows[index - 1] ?? 0;
  }

  /** The first chunk whose last key is not below `key`; the number of chunks if none. */
  private chunkOf(key: number): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = this.chunks[middle];
      assert(chunk !== undefined, "the middle lies inside the list");
      if (lastKey(chunk) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private split(chunk: Chunk, place: number): Chunk {
    const upper = newChunk();
    const half = chunkMax / 2;
    upper.keys.set(chunk.keys.subarray(half));
    upper.rows.set(chunk.rows.subarray(half));
    upper.count = chunkMax - half;
    chunk.count = half;
    this.chunks.splice(place + 1, 0, upper);
    return upper;
  }
}
