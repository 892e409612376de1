/**
 * Big-endian fields of the journal's and the said records: a writer, and a reader that never
 * throws. A reader that ran out of bytes stays `failed`; whoever decodes looks before it believes
 * anything it read.
 */
import { assert } from "../codec/assert.ts";
import { fromHex, fromLatin1, toHex, toLatin1 } from "../codec/bytes.ts";

const highest = 2 ** 32;

export class FieldWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value < 256, "the field has 1 byte");
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
    return this;
  }

  u32(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0 && value < highest, "the field has 4 bytes");
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
    return this;
  }

  u64(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, "the field is a safe whole number");
    this.#view.setUint32(this.#at, Math.floor(value / highest));
    this.#view.setUint32(this.#at + 4, value % highest);
    this.#at += 8;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  hex(value: string): this {
    const bytes = fromHex(value);
    assert(bytes !== undefined, "the field is hex");
    return this.bytes(bytes);
  }

  /** One byte a character. */
  latin1(value: string): this {
    return this.bytes(fromLatin1(value));
  }

  done(): Uint8Array {
    assert(this.#at === this.#bytes.length, "the record is as long as was computed");
    return this.#bytes;
  }
}

export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get failed(): boolean {
    return this.#failed;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#take(1) ? this.#view.getUint8(this.#at - 1) : 0;
  }

  u32(): number {
    return this.#take(4) ? this.#view.getUint32(this.#at - 4) : 0;
  }

  /** Infinity stands for every number above the safe ones: it fails each check of a range. */
  u64(): number {
    if (!this.#take(8)) return 0;
    const value = this.#view.getUint32(this.#at - 8) * highest + this.#view.getUint32(this.#at - 4);
    return Number.isSafeInteger(value) ? value : Infinity;
  }

  bytes(length: number): Uint8Array {
    return this.#take(length)
      ? this.#bytes.subarray(this.#at - length, this.#at)
      : new Uint8Array(0);
  }

  /** Lower-case hex; of zeros if there are not so many bytes, so that names can be made of it. */
  hex(length: number): string {
    return this.#take(length)
      ? toHex(this.#bytes.subarray(this.#at - length, this.#at))
      : "00".repeat(length);
  }

  latin1(length: number): string {
    return toLatin1(this.bytes(length));
  }

  #take(length: number): boolean {
    if (this.#failed || length > this.left) {
      this.#failed = true;
      return false;
    }
    this.#at += length;
    return true;
  }
}
