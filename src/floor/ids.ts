/**
 * Which open order has which id: open addressing, linear probing, deletion by shifting back, so
 * that nothing dead ever stands in it. An entry is 8 bytes: the id's 32-bit mix, and the slot plus
 * none (0: empty). Ids are safe integers above 0 and are the caller's; two that mix alike are told
 * apart in the order's own row.
 *
 * BUG: whoever may choose ids freely can make them collide; the letter engine numbers orders
 * itself.
 */
import { hotColumn, type Orders } from "../book/orders.ts";
const { id: hotId } = hotColumn;

const firstCapacity = 2048;
const golden = 0x9e3779b1;
const two32 = 4_294_967_296;

/** 32 bits of an id: consecutive ids lie far from each other. */
function mixOf(id: number): number {
  const low = id | 0;
  const high = id < two32 ? 0 : (id / two32) | 0;
  const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), golden);
  return mixed ^ (mixed >>> 15);
}

export class OrderIds {
  declare private readonly orders: Orders;
  private entries: Int32Array = new Int32Array(firstCapacity * 2);
  private mask: number = firstCapacity - 1;
  private count = 0;

  constructor(orders: Orders) {
    this.orders = orders;
  }

  /** The slot of the open order with that id, or 0. */
  find(id: number): number {
    const { entries, mask } = this;
    const { hot } = this.orders;
    const mix = mixOf(id);
    for (let at = mix & mask; ; at = (at + 1) & mask) {
      const slot = entries[(at << 1) | 1] ?? 0;
      if (slot === 0) return 0;
      if ((entries[at << 1] ?? 0) !== mix) continue;
      if ((hot[(slot << 3) | hotId] ?? 0) === id) return slot;
    }
  }

  /** Enters an order that is not there. */
  add(slot: number): void {
    if (this.count * 2 > this.mask) this.grow();
    this.count += 1;
    this.enter(mixOf(this.orders.hot[(slot << 3) | hotId] ?? 0), slot);
  }

  /** Forgets an order that is there. */
  remove(slot: number): void {
    const { entries, mask } = this;
    this.count -= 1;
    let hole = mixOf(this.orders.hot[(slot << 3) | hotId] ?? 0) & mask;
    while ((entries[(hole << 1) | 1] ?? 0) !== slot) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const next = entries[(at << 1) | 1] ?? 0;
      if (next === 0) break;
      const mix = entries[at << 1] ?? 0;
      // It may move into the hole unless its own place lies after the hole.
      if (((at - mix) & mask) < ((at - hole) & mask)) continue;
      entries[hole << 1] = mix;
      entries[(hole << 1) | 1] = next;
      hole = at;
    }
    entries[(hole << 1) | 1] = 0;
  }

  /** Makes room for so many orders at once. */
  reserve(orders: number): void {
    while (orders * 2 > this.mask) this.grow();
  }

  private enter(mix: number, slot: number): void {
    const { entries, mask } = this;
    let at = mix & mask;
    while ((entries[(at << 1) | 1] ?? 0) !== 0) at = (at + 1) & mask;
    entries[at << 1] = mix;
    entries[(at << 1) | 1] = slot;
  }

  private grow(): void {
    const old = this.entries;
    this.entries = new Int32Array(old.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let at = 0; at < old.length; at += 2) {
      const slot = old[at + 1] ?? 0;
      if (slot !== 0) this.enter(old[at] ?? 0, slot);
    }
  }
}
