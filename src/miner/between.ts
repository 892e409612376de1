/**
 * Between two rounds: the rings through orders that have just come, or can sell more than before.
 * The finder's standing books follow the pool by what has changed; a round sees everything anew and
 * needs none of this.
 */
import type { Hash } from "../codec/ethereum.ts";
import type { FoundRing, Offer, Token } from "../finder/offer.ts";
import { Standing } from "../finder/standing.ts";

/** A live order and what it can sell. */
export type Live = { readonly hash: Hash; readonly sells: bigint };

/** No order sells so much: it is put into the books again. */
const taken = -1n;

/** More than so many at once are left to the next round: one search is up to two milliseconds. */
const freshMax = 64;

export class Between {
  readonly #standing: Standing;
  /** What each order in the books could sell when it was put there. */
  readonly #known = new Map<string, bigint>();

  constructor(tokens: readonly Token[], gasPerOrder: number) {
    this.#standing = new Standing(tokens, { gasPerOrder });
  }

  /** Takes out what is no longer live; gives the orders that are new, or sell another amount. */
  changes(live: readonly Live[]): readonly Hash[] {
    const now = new Map<string, bigint>(live.map(({ hash, sells }) => [hash, sells]));
    for (const hash of this.#known.keys()) {
      if (now.has(hash)) continue;
      this.#known.delete(hash);
      this.#standing.remove(hash);
    }
    return live.flatMap(({ hash, sells }) => (this.#known.get(hash) === sells ? [] : [hash]));
  }

  /** The rings through these offers of changed orders. */
  through(offers: readonly Offer[], live: readonly Live[]): readonly FoundRing[] {
    const sells = new Map<string, bigint>(live.map((one) => [one.hash, one.sells]));
    for (const offer of offers) {
      this.#standing.set(offer);
      this.#known.set(offer.id, sells.get(offer.id) ?? offer.sellMax);
    }
    if (offers.length > freshMax) return [];
    const rings = offers.flatMap(({ id }) => this.#standing.takeThrough(id));
    // What was taken from the books is put there again unless a submission takes it.
    for (const { id } of rings.flatMap(({ orders }) => orders)) this.#known.set(id, taken);
    return rings;
  }
}
