/**
 * What is due when: a binary heap of slots by a time and, at one time, a number. An order knows its
 * place in the heap, so that one that leaves early leaves at once and the heap is exactly the open
 * orders that expire. The same heap, over accounts, keeps the dead man's switches.
 */

/** What the heap is told of its members. */
export type Dated = {
  /** Whether `a` is due before `b`. */
  readonly before: (a: number, b: number) => boolean;
  readonly timeOf: (member: number) => number;
  /** Where a member stands, kept with the member. */
  readonly setPlace: (member: number, place: number) => void;
  readonly placeOf: (member: number) => number;
};

/** Members by the time they are due. */
export class Expiries {
  declare private readonly dated: Dated;
  private heap: Int32Array = new Int32Array(64);
  private count = 0;

  constructor(dated: Dated) {
    this.dated = dated;
  }

  /** How many there are. */
  get size(): number {
    return this.count;
  }

  /** When the next one is due; never, if there is none. */
  get due(): number {
    return this.count === 0 ? Infinity : this.dated.timeOf(this.heap[0] ?? 0);
  }

  /** The next one due, or 0. */
  get first(): number {
    return this.count === 0 ? 0 : (this.heap[0] ?? 0);
  }

  add(member: number): void {
    if (this.count === this.heap.length) {
      const longer = new Int32Array(this.count * 2);
      longer.set(this.heap);
      this.heap = longer;
    }
    this.count += 1;
    this.put(this.count - 1, member);
    this.rise(this.count - 1);
  }

  remove(member: number): void {
    const place = this.dated.placeOf(member);
    this.count -= 1;
    if (place === this.count) return;
    this.put(place, this.heap[this.count] ?? 0);
    this.rise(place);
    this.sink(place);
  }

  private put(place: number, member: number): void {
    this.heap[place] = member;
    this.dated.setPlace(member, place);
  }

  private rise(place: number): void {
    const member = this.heap[place] ?? 0;
    let child = place;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = this.heap[parent] ?? 0;
      if (!this.dated.before(member, above)) break;
      this.put(child, above);
      child = parent;
    }
    this.put(child, member);
  }

  private sink(place: number): void {
    const member = this.heap[place] ?? 0;
    let parent = place;
    for (;;) {
      const left = 2 * parent + 1;
      if (left >= this.count) break;
      const right = left + 1;
      const rightFirst =
        right < this.count && this.dated.before(this.heap[right] ?? 0, this.heap[left] ?? 0);
      const child = rightFirst ? right : left;
      const below = this.heap[child] ?? 0;
      if (!this.dated.before(below, member)) break;
      this.put(parent, below);
      parent = child;
    }
    this.put(parent, member);
  }
}
