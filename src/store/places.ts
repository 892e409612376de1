/**
 * Where each frame of a store lies: record number → segment and offset, found by bisection. Twenty
 * bytes a frame in three growing arrays, so that a year of one-record frames still fits into
 * memory.
 */
import { assert, at } from "../codec/assert.ts";

export type Place = {
  readonly first: number;
  readonly segment: number;
  readonly offset: number;
  readonly end: number;
};

export class Places {
  #size = 0;
  #first = new Float64Array(1024);
  #segment = new Uint32Array(1024);
  #offset = new Uint32Array(1024);
  #end = new Uint32Array(1024);

  /** Frames. */
  get size(): number {
    return this.#size;
  }

  add({ first, segment, offset, end }: Place): void {
    assert(this.#size === 0 || first > at(this.#first, this.#size - 1), "frames come in order");
    if (this.#size === this.#first.length) this.#grow();
    this.#first[this.#size] = first;
    this.#segment[this.#size] = segment;
    this.#offset[this.#size] = offset;
    this.#end[this.#size] = end;
    this.#size += 1;
  }

  /** The frame at this index, counted from 0. */
  place(index: number): Place {
    assert(index < this.#size, "the frame must exist");
    return {
      first: at(this.#first, index),
      segment: at(this.#segment, index),
      offset: at(this.#offset, index),
      end: at(this.#end, index),
    };
  }

  /** The index of the frame that holds this record, if the last frame reaches so far. */
  indexOf(number: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at(this.#first, middle) <= number) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #grow(): void {
    const size = this.#first.length * 2;
    const first = new Float64Array(size);
    first.set(this.#first);
    this.#first = first;
    this.#segment = grown(this.#segment, size);
    this.#offset = grown(this.#offset, size);
    this.#end = grown(this.#end, size);
  }
}

function grown(list: Uint32Array<ArrayBuffer>, size: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(size);
  wider.set(list);
  return wider;
}
