/**
 * Which orders expire next: a binary heap by expiry, then by order number.
 *
 * An order that leaves the book early stays in the heap until it comes up or until the dead
 * outnumber the living, when the heap is built anew: so that nobody fills the memory by placing and
 * cancelling orders that expire in a hundred years.
 */
import { at } from "../codec/assert.ts";
import type { Time } from "../codec/time.ts";

/** What the heap must know of an order; one without a place in the book is dead. */
export type Expiring = {
  readonly number: number;
  readonly expiry: Time | undefined;
  readonly place: object | undefined;
};

type Entry<Order> = { readonly expiry: Time; readonly order: Order };

/** Built anew only above this, so that small heaps are left alone. */
const deadMin = 64;

/** The open orders that expire, soonest first. */
export class Expiries<Order extends Expiring> {
  private heap: Entry<Order>[] = [];
  private dead = 0;

  /** How many are kept, the dead included. */
  get size(): number {
    return this.heap.length;
  }

  add(order: Order): void {
    if (order.expiry === undefined) return;
    this.heap.push({ expiry: order.expiry, order });
    this.rise(this.heap.length - 1);
  }

  /** An order in here has left the book. */
  left(order: Order): void {
    if (order.expiry === undefined) return;
    this.dead += 1;
    if (this.dead < deadMin || this.dead * 2 < this.heap.length) return;
    // A sorted list is a heap.
    this.heap = this.heap.filter((entry) => entry.order.place !== undefined);
    this.heap.sort((a, b) => a.expiry - b.expiry || a.order.number - b.order.number);
    this.dead = 0;
  }

  /** The next open order with an expiry of `now` or before. The caller takes it out of the book. */
  due(now: Time): Order | undefined {
    for (;;) {
      const first = this.heap[0];
      if (!first) return undefined;
      if (first.order.place === undefined) {
        this.pop();
        this.dead -= 1;
      } else {
        return first.expiry <= now ? first.order : undefined;
      }
    }
  }

  private before(a: number, b: number): boolean {
    const [x, y] = [at(this.heap, a), at(this.heap, b)];
    return x.expiry < y.expiry || (x.expiry === y.expiry && x.order.number < y.order.number);
  }

  private swap(a: number, b: number): void {
    const [x, y] = [at(this.heap, a), at(this.heap, b)];
    this.heap[a] = y;
    this.heap[b] = x;
  }

  private rise(index: number): void {
    let child = index;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.before(child, parent)) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  private pop(): void {
    this.swap(0, this.heap.length - 1);
    this.heap.pop();
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      if (left >= this.heap.length) return;
      const right = left + 1;
      const child = right < this.heap.length && this.before(right, left) ? right : left;
      if (!this.before(child, parent)) return;
      this.swap(child, parent);
      parent = child;
    }
  }
}
