/**
 * How much may come from each: a token bucket a name. What a name may do at once and how fast it
 * may do more are bounds; names come from a list that is bounded itself, never from the network.
 */
export type Rate = { readonly perSecond: number; readonly burst: number };

export class Buckets {
  readonly #rate: Rate;
  readonly #full = new Map<string, number>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes one for the name, and 0; or takes none, and milliseconds until there is one. */
  take(name: string, now: number): number {
    const cost = 1000 / this.#rate.perSecond;
    // The bucket is full again at that time; an empty one needs `burst` times the cost.
    const full = Math.max(this.#full.get(name) ?? 0, now) + cost;
    const wait = full - now - this.#rate.burst * cost;
    if (wait > 0) return Math.ceil(wait);
    this.#full.set(name, full);
    return 0;
  }
}
