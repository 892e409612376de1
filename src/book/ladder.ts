/**
 * One side of a market's book, or its waiting stops of one direction: levels by price, each a queue
 * of orders.
 *
 *   key     the price in ticks, or minus that where lower prices are better: the best is the
 *           highest
 *   window  4,096 rows, one for each key from `base` on; a bitmap of two floors finds the next one
 *           by counting leading zeros
 *   far     every other level, sorted (far.ts); its rows lie behind the window's
 *   row     16 bytes: quantity (float64), first and last order (int32 each)
 *
 * Any price works. Those in the window are quick, and the window moves to the best price when too
 * many orders come outside of it: a tenth of a millisecond, once in thousands of orders. Where the
 * window lies is history and shows nowhere.
 *
 * Invariants: a level in the bitmap or in `far` has at least one order; its quantity is the sum of
 * what its orders have open; `bestKey` and `bestRow` are the best level's, or -Infinity and -1.
 */
import { assert } from "../codec/assert.ts";
import { Far } from "./far.ts";
import { hotColumn, linkColumn, type Orders } from "./orders.ts";
const { open: hotOpen, ticks: hotTicks } = hotColumn;
const { next: linkNext, prev: linkPrev } = linkColumn;

const width = 4096;
const words = width >> 5;
const tops = words >> 5;
const farFirst = 64;
/** So many orders outside the window, and it moves. */
const missesMax = 2 * width;

/** Where in a row of four int32 the queue's ends are. */
const first = 2;
const last = 3;

export class Ladder {
  bestKey: number = -Infinity;
  bestRow = -1;
  /** The key that `seek` found last. */
  seekKey: number = -Infinity;
  /** How many levels there are. */
  levels = 0;
  declare private readonly orders: Orders;
  /** 1 where higher prices are better, -1 where lower ones are. */
  declare private readonly sign: number;
  /**
   * The window's first key; nowhere before the first order. A field that was a small integer first
   * and a float later would make two kinds of ladder for V8, which asks at every use which it is.
   */
  private base: number = -Infinity;
  private rows: Float64Array = new Float64Array((width + farFirst) * 2);
  private ends: Int32Array = new Int32Array(this.rows.buffer);
  /** One bit for each row of the window, then one for each word of those. */
  private readonly bits: Int32Array = new Int32Array(words + 1);
  private readonly topBits: Int32Array = new Int32Array(tops + 1);
  private readonly far = new Far();
  /** Free rows behind the window, linked by `first`; 0 is none. */
  private freeRow = 0;
  private freshRow: number = width;
  private misses = 0;

  constructor(orders: Orders, sign: 1 | -1) {
    this.orders = orders;
    this.sign = sign;
  }

  /** The price of a key, in ticks. */
  ticksOf(key: number): number {
    return this.sign * key;
  }

  keyOf(ticks: number): number {
    return this.sign * ticks;
  }

  quantity(row: number): number {
    return this.rows[row << 1] ?? 0;
  }

  /** The order at the front of a level's queue. */
  front(row: number): number {
    return this.ends[(row << 2) | first] ?? 0;
  }

  /** The quantity at a price, in ticks. */
  quantityAt(ticks: number): number {
    const row = this.rowOf(this.sign * ticks);
    return row === -1 ? 0 : this.quantity(row);
  }

  /** How many orders there are, counted. */
  count(): number {
    const { links } = this.orders;
    let count = 0;
    for (let row = this.seek(Infinity); row !== -1; row = this.seek(this.seekKey)) {
      for (let slot = this.front(row); slot !== 0; slot = links[(slot << 4) | linkNext] ?? 0) {
        count += 1;
      }
    }
    return count;
  }

  /** The row of the best level below `key`, which `seekKey` then is; or -1. */
  seek(key: number): number {
    const inside = Math.min(Math.max(key - this.base, 0), width);
    const row = this.below(inside);
    const farRow = this.far.count === 0 ? -1 : this.far.below(key);
    if (farRow !== -1 && (row === -1 || this.far.foundKey > this.base + row)) {
      this.seekKey = this.far.foundKey;
      return farRow;
    }
    if (row !== -1) this.seekKey = this.base + row;
    return row;
  }

  /** Puts an order at the end of the queue at its `ticks`. */
  push(slot: number): void {
    const { hot } = this.orders;
    const key = this.sign * (hot[(slot << 3) | hotTicks] ?? 0);
    const inside = key - this.base;
    if (!(inside >= 0 && inside < width)) return this.pushOutside(slot, key);
    const row = inside | 0;
    this.levels += this.append(row, slot);
    // Set again where there was a level before: nobody foresees whether there was.
    const word = row >> 5;
    this.bits[word] = (this.bits[word] ?? 0) | (1 << (row & 31));
    this.topBits[word >> 5] = (this.topBits[word >> 5] ?? 0) | (1 << (word & 31));
    if (key > this.bestKey) {
      this.bestKey = key;
      this.bestRow = row;
    }
  }

  /** Takes an order out, wherever it stands. */
  remove(slot: number): void {
    const { hot, links } = this.orders;
    const next = links[(slot << 4) | linkNext] ?? 0;
    const prev = links[(slot << 4) | linkPrev] ?? 0;
    const key = this.sign * (hot[(slot << 3) | hotTicks] ?? 0);
    this.unlink(key, prev, next, hot[(slot << 3) | hotOpen] ?? 0);
  }

  /**
   * Takes an order to the end of the queue at other `ticks`: into that level first, then out of the
   * one in which it stood, so that what a level that is gone asks for comes last.
   */
  requeue(slot: number, ticks: number): void {
    const { hot, links } = this.orders;
    const next = links[(slot << 4) | linkNext] ?? 0;
    const prev = links[(slot << 4) | linkPrev] ?? 0;
    const key = this.sign * (hot[(slot << 3) | hotTicks] ?? 0);
    hot[(slot << 3) | hotTicks] = ticks;
    this.push(slot);
    this.unlink(key, prev, next, hot[(slot << 3) | hotOpen] ?? 0);
  }

  /** An order of the best level has `lots` less open; the caller lowers the order's own. */
  fillBest(lots: number): void {
    const at = this.bestRow << 1;
    this.rows[at] = (this.rows[at] ?? 0) - lots;
  }

  /** Any order has `lots` less open; the caller lowers the order's own. */
  lower(slot: number, lots: number): void {
    const row = this.rowOf(this.sign * (this.orders.hot[(slot << 3) | hotTicks] ?? 0));
    this.rows[row << 1] = (this.rows[row << 1] ?? 0) - lots;
  }

  private rowOf(key: number): number {
    const inside = key - this.base;
    if (!(inside >= 0 && inside < width)) return this.far.find(key);
    const row = inside | 0;
    return (this.ends[(row << 2) | first] ?? 0) === 0 ? -1 : row;
  }

  /** The highest row of the window below `row` that has a level, or -1. */
  private below(row: number): number {
    let word = row >> 5;
    let bits = (this.bits[word] ?? 0) & ((1 << (row & 31)) - 1);
    if (bits === 0) {
      let top = word >> 5;
      bits = (this.topBits[top] ?? 0) & ((1 << (word & 31)) - 1);
      while (bits === 0) {
        if (top === 0) return -1;
        top -= 1;
        bits = this.topBits[top] ?? 0;
      }
      word = (top << 5) + 31 - Math.clz32(bits);
      bits = this.bits[word] ?? 0;
    }
    return (word << 5) + 31 - Math.clz32(bits);
  }

  private pushOutside(slot: number, key: number): void {
    const row = this.outside(key);
    if (this.append(row, slot) !== 0) this.open(row, key);
  }

  /**
   * Puts an order at the end of a row's queue; 1 if the queue was empty. Half the queues are, and a
   * processor that guesses wrongly loses more than these few instructions take: what would be set
   * of the order before it is set of nobody (slot 0).
   */
  private append(row: number, slot: number): number {
    const { hot, links } = this.orders;
    const { rows, ends } = this;
    const end = (row << 2) | last;
    const tail = ends[end] ?? 0;
    // All bits if there is none, or none.
    const fresh = (tail - 1) >> 31;
    links[(tail << 4) | linkNext] = slot;
    links[(slot << 4) | linkPrev] = tail;
    links[(slot << 4) | linkNext] = 0;
    ends[end - 1] = (slot & fresh) | ((ends[end - 1] ?? 0) & ~fresh);
    ends[end] = slot;
    rows[row << 1] = (rows[row << 1] ?? 0) + (hot[(slot << 3) | hotOpen] ?? 0);
    return fresh & 1;
  }

  /** Takes an order with these neighbours, and so much open, out of the queue at a key. */
  private unlink(key: number, prev: number, next: number, open: number): void {
    const { links } = this.orders;
    const { rows, ends } = this;
    const inside = key - this.base;
    const near = inside >= 0 && inside < width;
    const row = near ? inside | 0 : this.far.find(key);
    const at = row << 2;
    // All bits if it is the first, the last; otherwise none: as in `append`.
    const front = (prev - 1) >> 31;
    const back = (next - 1) >> 31;
    const gone = front & back & 1;
    links[(prev << 4) | linkNext] = next;
    links[(next << 4) | linkPrev] = prev;
    ends[at | first] = (next & front) | ((ends[at | first] ?? 0) & ~front);
    ends[at | last] = (prev & back) | ((ends[at | last] ?? 0) & ~back);
    rows[row << 1] = (rows[row << 1] ?? 0) - open;
    this.levels -= gone;
    if (near) {
      const word = row >> 5;
      const bits = (this.bits[word] ?? 0) & ~(gone << (row & 31));
      this.bits[word] = bits;
      if (bits === 0) {
        this.topBits[word >> 5] = (this.topBits[word >> 5] ?? 0) & ~(1 << (word & 31));
      }
    } else if (gone !== 0) {
      this.far.remove(key);
      ends[at | first] = this.freeRow;
      this.freeRow = row;
    }
    if (row === this.bestRow && gone !== 0) this.lookForBest(row, key);
  }

  /** A level comes to be. Its row is empty. */
  private open(row: number, key: number): void {
    this.levels += 1;
    if (row < width) {
      const word = row >> 5;
      this.bits[word] = (this.bits[word] ?? 0) | (1 << (row & 31));
      this.topBits[word >> 5] = (this.topBits[word >> 5] ?? 0) | (1 << (word & 31));
    }
    if (key > this.bestKey) {
      this.bestKey = key;
      this.bestRow = row;
    }
  }

  /** The best level, which was at a row and a key, is gone. */
  private lookForBest(row: number, key: number): void {
    if (this.levels === 0) {
      this.bestKey = -Infinity;
      this.bestRow = -1;
    } else if (this.far.count === 0) {
      this.bestRow = this.below(Math.min(row, width));
      this.bestKey = this.base + this.bestRow;
    } else {
      this.bestRow = this.seek(key);
      this.bestKey = this.seekKey;
    }
  }

  /** The row for a key outside the window: a far one, or the window comes there. */
  private outside(key: number): number {
    if (this.levels === 0) {
      this.base = key - width / 2;
      return width / 2;
    }
    this.misses += 1;
    if (this.misses > missesMax) {
      this.move(Math.max(key, this.bestKey));
      if (key >= this.base && key < this.base + width) return key - this.base;
    }
    const found = this.far.find(key);
    if (found !== -1) return found;
    const row = this.farRow();
    this.far.insert(key, row);
    return row;
  }

  /** An empty row behind the window. */
  private farRow(): number {
    const row = this.freeRow;
    if (row !== 0) {
      this.freeRow = this.ends[(row << 2) | first] ?? 0;
      this.ends[(row << 2) | first] = 0;
      return row;
    }
    if (this.freshRow << 1 === this.rows.length) {
      const rows = new Float64Array((width + (this.freshRow - width) * 2) * 2);
      rows.set(this.rows);
      this.rows = rows;
      this.ends = new Int32Array(rows.buffer);
    }
    this.freshRow += 1;
    return this.freshRow - 1;
  }

  /** Moves the window so that `key`, near the best price, lies in its upper half. */
  private move(key: number): void {
    this.misses = 0;
    const from = this.base;
    const to = key - (width * 3) / 4;
    const moved = new Map<number, { quantity: number; first: number; last: number }>();
    for (let row = this.below(width); row !== -1; row = this.below(row)) {
      moved.set(from + row, this.lift(row));
    }
    this.bits.fill(0);
    this.topBits.fill(0);
    for (;;) {
      const row = this.far.below(to + width);
      if (row === -1 || this.far.foundKey < to) break;
      const near = this.far.foundKey;
      moved.set(near, this.lift(row));
      this.far.remove(near);
      this.ends[(row << 2) | first] = this.freeRow;
      this.freeRow = row;
    }
    this.base = to;
    this.levels -= moved.size;
    this.bestKey = -Infinity;
    this.bestRow = -1;
    for (const [key, level] of moved) {
      let row = key - to;
      if (!(row >= 0 && row < width)) {
        row = this.farRow();
        this.far.insert(key, row);
      }
      this.open(row, key);
      this.rows[row << 1] = level.quantity;
      this.ends[(row << 2) | first] = level.first;
      this.ends[(row << 2) | last] = level.last;
    }
    this.bestRow = this.seek(Infinity);
    this.bestKey = this.seekKey;
  }

  /** What is in a row, which is empty then. */
  private lift(row: number): { quantity: number; first: number; last: number } {
    const at = row << 2;
    const level = {
      quantity: this.quantity(row),
      first: this.ends[at | first] ?? 0,
      last: this.ends[at | last] ?? 0,
    };
    this.rows[row << 1] = 0;
    this.ends[at | first] = 0;
    this.ends[at | last] = 0;
    return level;
  }

  /** Every invariant, by walking everything; gives the number of orders. For audits. */
  audit(): number {
    const { hot, links } = this.orders;
    let count = 0;
    let levels = 0;
    let row = this.seek(Infinity);
    assert(row === this.bestRow, "the best level is known");
    assert(row === -1 || this.seekKey === this.bestKey, "the best price is known");
    for (; row !== -1; row = this.seek(this.seekKey)) {
      levels += 1;
      let sum = 0;
      let before = 0;
      for (let slot = this.front(row); slot !== 0;) {
        const key = this.sign * (hot[(slot << 3) | hotTicks] ?? 0);
        assert(key === this.seekKey, "an order stands at its price");
        assert((links[(slot << 4) | linkPrev] ?? 0) === before, "links go both ways");
        sum += hot[(slot << 3) | hotOpen] ?? 0;
        count += 1;
        before = slot;
        slot = links[(slot << 4) | linkNext] ?? 0;
      }
      assert(before === (this.ends[(row << 2) | last] ?? 0), "a queue ends with its last order");
      assert(sum === this.quantity(row) && sum > 0, "a level has what its orders have open");
    }
    assert(levels === this.levels, "levels are counted");
    return count;
  }
}
