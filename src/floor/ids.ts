/**
 * Which open order has which id: open addressing, linear probing, deletion by shifting back, so
 * that nothing dead ever stands in it. An entry is 8 bytes: the id's 32-bit mix, and the slot plus
 * none (0: empty). Ids are safe integers above 0 and are the caller's; two that mix alike are told
 * apart in the order's own row.
 *
 * Callers count up. Until an id has to go far from its place an id's mix is the id itself: what
 * comes next is entered beside what came last, in a cache line that is at hand, and hardly two ids
 * want one place. When one goes far, the table is laid out anew with mixes that scatter, for good.
 *
 * BUG: whoever may choose ids freely can make them collide; the letter engine numbers orders
 * itself.
 */
import { hotColumn, type Orders } from "../book/orders.ts";
const { id: hotId } = hotColumn;

const firstCapacity = 2048;
/**
 * Entries for each order, at least. Of random ids a search looks at 1.5 entries in a table that is
 * half full and at 1.17 in one a quarter full, and no processor foresees how many it will be. A
 * table that does not fit into the nearer caches is half full all the same: there a smaller one
 * gains more.
 */
const [room, roomOfLarge] = [4, 2];
const largeMask = 65_535;
const golden = 0x9e3779b1;
const two32 = 4_294_967_296;

/** An entry so far from its own place is one too many for ids that are not scattered. */
const farMax = 32;

/** 32 bits of an id: as they are, or consecutive ids far from each other. */
function mixOf(id: number, scattered: boolean): number {
  const low = id | 0;
  const high = id < two32 ? 0 : (id / two32) | 0;
  const whole = low ^ Math.imul(high, 0x85ebca6b);
  if (!scattered) return whole;
  const mixed = Math.imul(whole, golden);
  return mixed ^ (mixed >>> 15);
}

export class OrderIds {
  declare private readonly orders: Orders;
  private entries: Int32Array = new Int32Array(firstCapacity * 2);
  private mask: number = firstCapacity - 1;
  private count = 0;
  private scattered = false;

  constructor(orders: Orders) {
    this.orders = orders;
  }

  /** The slot of the open order with that id, or 0. */
  find(id: number): number {
    const { entries, mask } = this;
    const { hot } = this.orders;
    const mix = mixOf(id, this.scattered);
    // Unscattered, nothing stands farther from its place.
    let left = this.scattered ? mask : farMax;
    for (let at = mix & mask; left >= 0; at = (at + 1) & mask) {
      const slot = entries[(at << 1) | 1] ?? 0;
      if (slot === 0) return 0;
      if ((entries[at << 1] ?? 0) === mix && (hot[(slot << 3) | hotId] ?? 0) === id) return slot;
      left -= 1;
    }
    return 0;
  }

  /** Enters an order that is not there. */
  add(slot: number): void {
    if (this.count * (this.mask < largeMask ? room : roomOfLarge) > this.mask) this.grow();
    this.count += 1;
    this.enter(this.mixAt(slot), slot);
  }

  /** Forgets an order that is there. */
  remove(slot: number): void {
    const { entries, mask } = this;
    this.count -= 1;
    let hole = this.mixAt(slot) & mask;
    while ((entries[(hole << 1) | 1] ?? 0) !== slot) hole = (hole + 1) & mask;
    let left = this.scattered ? mask : farMax;
    for (let at = (hole + 1) & mask; left > 0; at = (at + 1) & mask) {
      const next = entries[(at << 1) | 1] ?? 0;
      if (next === 0) break;
      left -= 1;
      const mix = entries[at << 1] ?? 0;
      // It may move into the hole unless its own place lies after the hole.
      if (((at - mix) & mask) < ((at - hole) & mask)) continue;
      entries[hole << 1] = mix;
      entries[(hole << 1) | 1] = next;
      hole = at;
      if (!this.scattered) left = farMax;
    }
    entries[(hole << 1) | 1] = 0;
  }

  /** Makes room for so many orders at once. */
  reserve(orders: number): void {
    while (orders * (this.mask < largeMask ? room : roomOfLarge) > this.mask) this.grow();
  }

  private enter(mix: number, slot: number): void {
    const { entries, mask } = this;
    let left = this.scattered ? mask : farMax;
    let at = mix & mask;
    while ((entries[(at << 1) | 1] ?? 0) !== 0) {
      if (left === 0) return this.scatter(slot);
      left -= 1;
      at = (at + 1) & mask;
    }
    entries[at << 1] = mix;
    entries[(at << 1) | 1] = slot;
  }

  /** Lays the table out anew, scattered, and enters the order that went too far. */
  private scatter(slot: number): void {
    this.scattered = true;
    this.layOut(this.entries.length);
    this.enter(this.mixAt(slot), slot);
  }

  private grow(): void {
    this.mask = this.mask * 2 + 1;
    this.layOut(this.entries.length * 2);
  }

  private layOut(length: number): void {
    const old = this.entries;
    this.entries = new Int32Array(length);
    for (let at = 0; at < old.length; at += 2) {
      const slot = old[at + 1] ?? 0;
      if (slot !== 0) this.enter(this.mixAt(slot), slot);
    }
  }

  private mixAt(slot: number): number {
    return mixOf(this.orders.hot[(slot << 3) | hotId] ?? 0, this.scattered);
  }
}
