/** Numbers one after the other, as a snapshot has them: float64, little endian. */
import { assert } from "../codec/assert.ts";

/** Numbers being written. */
export class Writer {
  private words: Float64Array = new Float64Array(1024);
  private count = 0;

  /** Makes sure that `more` numbers fit. */
  room(more: number): void {
    if (this.count + more <= this.words.length) return;
    const longer = new Float64Array(Math.max(this.words.length * 2, this.count + more));
    longer.set(this.words);
    this.words = longer;
  }

  /** Writes a number; there is room. */
  put(value: number): void {
    this.words[this.count] = value;
    this.count += 1;
  }

  /** Writes some numbers. */
  add(...values: readonly number[]): void {
    this.room(values.length);
    for (const value of values) this.put(value);
  }

  bytes(): Uint8Array {
    assert(littleEndian(), "numbers are little endian here");
    return new Uint8Array(this.words.buffer, 0, this.count * 8);
  }
}

/** Numbers being read. */
export class Reader {
  private readonly words: Float64Array;
  private count = 0;

  constructor(bytes: Uint8Array) {
    assert(littleEndian() && bytes.length % 8 === 0, "numbers are of 8 bytes, little endian");
    const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
    this.words = new Float64Array(aligned.buffer, aligned.byteOffset, bytes.length / 8);
  }

  next(): number {
    const value = this.words[this.count];
    assert(value !== undefined, "the numbers end where they should");
    this.count += 1;
    return value;
  }

  get done(): boolean {
    return this.count === this.words.length;
  }
}

function littleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}
