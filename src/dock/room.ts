/**
 * How many letters of one relay may lie in the spool before the island has them. Each relay has
 * room of its own: one that floods us fills its own and waits, and the others' letters still get
 * in.
 */

/** Letters of one append: the spool's number of the last, and for how many they count. */
type Run = { readonly last: number; readonly count: number };

export class Room {
  readonly #max: number;
  /** Oldest first; at most `max` and what was taken last. */
  #runs: Run[] = [];

  /** Full from `max` letters on. */
  constructor(max: number) {
    this.#max = max;
  }

  /** `count` letters went into the spool, the last of them as number `last`. */
  add(run: Run): void {
    if (run.count > 0) this.#runs.push(run);
  }

  /** Whether to wait: the island has everything below number `acked` of the spool. */
  isFull(acked: number): boolean {
    return this.count(acked) >= this.#max;
  }

  /** How many letters the island does not have yet. */
  count(acked: number): number {
    this.#runs = this.#runs.filter(({ last }) => last >= acked);
    return this.#runs.reduce((sum, { count }) => sum + count, 0);
  }
}
