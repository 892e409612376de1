/**
 * Books over a stream (docs/spec/api.md §3): a snapshot, then diffs. Every diff says which leaves
 * of the log it covers, first and last; quantities are absolute and 0 removes a level. The next
 * diff begins where the last one ended, so a gap shows in the numbers, and a diff that comes twice
 * changes nothing.
 *
 * The sequence is the log's own size: it needs no counter that a restart could lose, and it is the
 * same at every relay.
 */
import type { Leaf, MarketLeaf } from "../log/leaf.ts";
import type { Level, MarketView } from "./board.ts";
import { checksumText, crc32 } from "./checksum.ts";
import { levelJson, type LevelJson } from "./json.ts";

/** Levels of each side in a snapshot at most. */
export const snapshotLevels = 1000;
/** A diff with more levels than this is a snapshot instead. */
const diffLevelsMax = 1000;

/** A book from the beginning. */
export type SnapshotJson = {
  readonly channel: "book";
  readonly type: "snapshot";
  readonly market: string;
  /** Leaves of the log that the book has seen. */
  readonly sequence: number;
  readonly buys: readonly LevelJson[];
  readonly sells: readonly LevelJson[];
  /** Whether these are all levels. */
  readonly whole: boolean;
  readonly crc32: number;
};

/** What changed in a book. */
export type DiffJson = {
  readonly channel: "book";
  readonly type: "diff";
  readonly market: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly buys: readonly LevelJson[];
  readonly sells: readonly LevelJson[];
  readonly crc32: number;
};

/** What a leaf sequence left of the levels that it touches: by market, then by side. */
export type Touched = {
  readonly buys: ReadonlyMap<number, number>;
  readonly sells: ReadonlyMap<number, number>;
};

/** The levels that the leaves touch, with what rests there afterwards, by market. */
export function touchedBy(leaves: readonly Leaf[]): ReadonlyMap<string, Touched> {
  const markets = new Map<string, { buys: Map<number, number>; sells: Map<number, number> }>();
  for (const leaf of leaves) {
    if (leaf.kind !== "level") continue;
    const touched = markets.get(leaf.market) ?? { buys: new Map(), sells: new Map() };
    markets.set(leaf.market, touched);
    touched[leaf.side === "buy" ? "buys" : "sells"].set(leaf.price, leaf.quantity);
  }
  return markets;
}

/** The checksum of a view with at least ten levels of each side, or all that there are. */
export function checksumOf(view: Pick<MarketView, "market" | "buys" | "sells">): number {
  return crc32(checksumText(view.market, view));
}

/** A snapshot; the view has one level more of each side than goes into it, if there is one. */
export function snapshotJson(view: MarketView, sequence: number): SnapshotJson {
  const { market, buys, sells } = view;
  const best = (levels: readonly Level[]): readonly LevelJson[] =>
    levels.slice(0, snapshotLevels).map((level) => levelJson(market, level));
  return {
    channel: "book",
    type: "snapshot",
    market: market.name,
    sequence,
    buys: best(buys),
    sells: best(sells),
    whole: Math.max(buys.length, sells.length) <= snapshotLevels,
    crc32: checksumOf(view),
  };
}

/** A diff; `view` is the book after it. */
export function diffJson(
  view: MarketView,
  touched: Touched,
  covers: { readonly firstSequence: number; readonly lastSequence: number },
): DiffJson {
  const { market } = view;
  const changes = (side: ReadonlyMap<number, number>, direction: 1 | -1): readonly LevelJson[] =>
    [...side]
      .map(([price, quantity]) => ({ price, quantity }))
      .sort((a, b) => direction * (a.price - b.price))
      .map((level) => levelJson(market, level));
  return {
    channel: "book",
    type: "diff",
    market: market.name,
    ...covers,
    buys: changes(touched.buys, -1),
    sells: changes(touched.sells, 1),
    crc32: checksumOf(view),
  };
}

/** Whether a diff is too large to be one. */
export function isLarge({ buys, sells }: Touched): boolean {
  return buys.size + sells.size > diffLevelsMax;
}

/** The two numbers that turn the decimals of an answer into the digits of the checksum. */
export type Decimals = Pick<MarketLeaf, "priceDecimals" | "baseDecimals">;
