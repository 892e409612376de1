/**
 * All open orders of all markets, in one pool of typed columns. An order is a slot; slot 0 is
 * nobody. A slot has a hot row and a cold row of 64 bytes each, one cache line: what matching and
 * cancelling touch is in the hot one. The cold row is written and read only of orders that their
 * flags say have something in it, so that most orders come and go without one.
 *
 *   hot   8 × float64, of which the last four are 8 × int32
 *         ticks open held id | next prev | mineNext minePrev | account balance | flags makerRate
 *   cold  8 × float64, of which the last is 2 × int32
 *         expiry (GTD) trigger (stops) taken made (traded) cap (capped) – – | after before
 *   origins  2 × float64: number requested
 *
 * Quantities, amounts and ids are float64 that hold safe integers: up to 2^53 - 1, exactly. `next`
 * and `prev` are the queue of a level (ladder.ts), `mineNext` and `minePrev` the orders of one
 * account, `after` and `before` the DAY orders of one market, or `after` the place in the heap of
 * expiries. A waiting stop has its trigger in `ticks`, by which it waits, and its limit in
 * `trigger`.
 *
 * Columns are read as `column[index] ?? 0`: an index outside is our mistake and audits find it; a
 * reader that asserts costs a tenth of everything. Constants of other modules are taken into local
 * ones first: an import is read anew at every use, a local constant is part of the machine code
 * (both measured: together a third). What is asserted for every command is tested in place, and
 * `assert` is called to fail: the import is not read then.
 *
 * A free slot's `next` is the next free one; the pool doubles when none is left. Which slot an
 * order has is history and never reaches an output.
 */
import { assert } from "../codec/assert.ts";

/** The columns of `hot`: `hot[(slot << 3) | hotColumn.open]`. */
export const hotColumn = { ticks: 0, open: 1, held: 2, id: 3 } as const;

/** The columns of `links`, the same bytes: `links[(slot << 4) | linkColumn.next]`. */
export const linkColumn = {
  next: 8,
  prev: 9,
  mineNext: 10,
  minePrev: 11,
  account: 12,
  balance: 13,
  flags: 14,
  makerRate: 15,
} as const;

/** The columns of `cold`. */
export const coldColumn = {
  expiry: 0,
  trigger: 1,
  taken: 2,
  made: 3,
  cap: 4,
} as const;

/** The columns of `origins`: `origins[(slot << 1) | originColumn.number]`. */
export const originColumn = { number: 0, requested: 1 } as const;

/** The columns of `chains`, the same bytes as `cold`: `chains[(slot << 4) | chainColumn.after]`. */
export const chainColumn = { after: 14, before: 15 } as const;

const firstCapacity = 64;
const capacityMax = 1 << 26;

/** The pool. Its arrays are replaced when it grows: read them anew after `take`. */
export class Orders {
  hot: Float64Array = new Float64Array(0);
  links: Int32Array = new Int32Array(0);
  cold: Float64Array = new Float64Array(0);
  chains: Int32Array = new Int32Array(0);
  origins: Float64Array = new Float64Array(0);
  /** How many slots are taken. */
  count = 0;
  private capacity = 0;
  /** Slots from here on have never been taken. */
  private fresh = 1;
  private free = 0;

  constructor() {
    this.grow(firstCapacity);
  }

  /** A slot; whoever takes it writes every column it will read. */
  take(): number {
    this.count += 1;
    const slot = this.free;
    if (slot !== 0) {
      this.free = this.links[(slot << 4) | linkColumn.next] ?? 0;
      return slot;
    }
    if (this.fresh === this.capacity) this.grow(this.capacity * 2);
    this.fresh += 1;
    return this.fresh - 1;
  }

  /** Gives a slot back. Nothing may point at it any more. */
  give(slot: number): void {
    this.count -= 1;
    this.links[(slot << 4) | linkColumn.next] = this.free;
    this.free = slot;
  }

  /** Makes room for so many orders at once. */
  reserve(orders: number): void {
    let capacity = this.capacity;
    while (capacity <= orders) capacity *= 2;
    if (capacity > this.capacity) this.grow(capacity);
  }

  private grow(capacity: number): void {
    assert(capacity <= capacityMax, "there are never so many open orders");
    const hot = new Float64Array(capacity * 8);
    const cold = new Float64Array(capacity * 8);
    const origins = new Float64Array(capacity * 2);
    hot.set(this.hot);
    cold.set(this.cold);
    origins.set(this.origins);
    this.hot = hot;
    this.cold = cold;
    this.origins = origins;
    this.links = new Int32Array(hot.buffer);
    this.chains = new Int32Array(cold.buffer);
    this.capacity = capacity;
  }
}
