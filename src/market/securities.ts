/**
 * What issuers did, as a fold over the log's leaves (docs/spec/log.md §3): listings, dividends,
 * ratios, names that changed, delistings. Each is kept with the number of its leaf and the
 * exchange's clock then, so that names can be followed through time: a market's data goes on under
 * its new name.
 *
 * Invariants: ascending by number, each line once (but for names, which may come back), and no more
 * of a kind than `toldKept`. What an asset whose name is taken over had is forgotten.
 */
import type { Time } from "../codec/time.ts";
import { printLeaf } from "../log/leaf.ts";
import type { ListingLeaf, RenamedLeaf, SecurityLeaf } from "../log/leafsecurities.ts";
import { assetsOf } from "./figures.ts";

/** A leaf, its number in the log, and what the last TICK leaf before it said. */
export type Told<Kind extends SecurityLeaf = SecurityLeaf> = {
  readonly number: number;
  readonly at: Time | undefined;
  readonly leaf: Kind;
};

/** How many of each kind are kept, the newest. */
export const toldKept: { readonly [Kind in SecurityLeaf["kind"]]: number } = {
  listing: 2000,
  delisted: 2000,
  renamed: 1000,
  dividend: 1000,
  ratio: 1000,
};

/** A name that a market had, and for which leaves: from `from`, before `upTo`. */
export type MarketName = { readonly name: string; readonly from: number; readonly upTo: number };

/** The market's name once `asset` is called `to`; the same, if it has no such asset. */
export function renameMarket(name: string, { asset, to }: Omit<RenamedLeaf, "kind">): string {
  const { base, quote } = assetsOf(name);
  return `${base === asset ? to : base}/${quote === asset ? to : quote}`;
}

/** The state of the fold. */
export class Securities {
  #told: readonly Told[] = [];

  constructor(told: readonly Told[] = []) {
    for (const each of told) this.add(each);
  }

  /** Everything that is kept, oldest first. */
  get all(): readonly Told[] {
    return this.#told;
  }

  /** Takes the next one. A name that is given to nothing is the caller's to pass over. */
  add(told: Told): void {
    const { leaf } = told;
    const line = printLeaf(leaf);
    const isKnown = this.#told.some((each) => printLeaf(each.leaf) === line);
    if (isKnown && leaf.kind !== "renamed") return;
    let kept = this.#told;
    if (leaf.kind === "renamed") {
      kept = kept.filter((each) => each.leaf.kind === "renamed" || this.#assetOf(each) !== leaf.to);
    }
    const same = kept.filter((each) => each.leaf.kind === leaf.kind);
    const oldest = same.length < toldKept[leaf.kind] ? undefined : same[0];
    this.#told = [...kept.filter((each) => each !== oldest), told];
  }

  /** The changes of names from leaf `number` on, oldest first. */
  #renamed(number: number): readonly Told<RenamedLeaf>[] {
    return this.#told.flatMap(({ leaf, ...rest }) =>
      leaf.kind === "renamed" && rest.number >= number ? [{ leaf, ...rest }] : [],
    );
  }

  /** What the asset is called now that leaf `number` calls so. */
  assetNow(asset: string, number: number): string {
    const later = this.#renamed(number);
    return later.reduce((now, { leaf }) => (now === leaf.asset ? leaf.to : now), asset);
  }

  #assetOf({ leaf, number }: Told): string {
    return this.assetNow(leaf.asset, number);
  }

  /** What the market is called now that leaf `number` calls so. */
  marketNow(name: string, number: number): string {
    return this.#renamed(number).reduce((now, { leaf }) => renameMarket(now, leaf), name);
  }

  /** What a market that once had this name is called now; the same, if none had. */
  newest(name: string): string {
    const changes = this.#renamed(0);
    const last = changes.findLastIndex(({ leaf }) => renameMarket(name, leaf) !== name);
    if (last < 0) return name;
    return changes.slice(last).reduce((now, { leaf }) => renameMarket(now, leaf), name);
  }

  /** The names that the market had, the newest first, and for which leaves. */
  names(market: string): readonly MarketName[] {
    const found: MarketName[] = [];
    let [name, upTo] = [market, Infinity];
    for (const { leaf, number } of this.#renamed(0).toReversed()) {
      const before = renameMarket(name, { asset: leaf.to, to: leaf.asset });
      if (before === name) continue;
      found.push({ name, from: number, upTo });
      [name, upTo] = [before, number];
    }
    return [...found, { name, from: 0, upTo }];
  }

  /** What concerns an asset of the market, oldest first. */
  of(market: string): readonly Told[] {
    const { base, quote } = assetsOf(market);
    return this.#told.filter((told) => {
      const asset = this.#assetOf(told);
      return asset === base || asset === quote;
    });
  }

  /** The asset's listing; `undefined`: it is no security, or not listed yet. */
  listing(asset: string): Told<ListingLeaf> | undefined {
    return this.#told
      .flatMap((told) => {
        const { leaf, number, at } = told;
        const isIts = leaf.kind === "listing" && this.#assetOf(told) === asset;
        return isIts ? [{ leaf, number, at }] : [];
      })
      .at(-1);
  }

  /** Whether one of the market's assets was delisted. */
  isDelisted(market: string): boolean {
    const { base, quote } = assetsOf(market);
    return this.#told.some((told) => {
      if (told.leaf.kind !== "delisted") return false;
      const asset = this.#assetOf(told);
      return asset === base || asset === quote;
    });
  }
}
