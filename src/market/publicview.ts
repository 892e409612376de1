/**
 * All that is public, as one fold over the log's leaves: markets with their phases, books, last
 * trades and candles, what issuers did, the ring venue, how many leaves of each kind there were,
 * and when the next snapshot is due. Island, relays and browsers fold with it and come to the same
 * (docs/spec/log.md §12).
 *
 * Invariants: it is a function of the leaves and of nothing else, and everything in it is bounded
 * but what rests on the books. What it is made of can be printed and read back (snapshot.ts), and
 * goes on from there as if it had seen every leaf.
 */
import type { Time } from "../codec/time.ts";
import type { Leaf, MarketLeaf } from "../log/leaf.ts";
import { Board, type BoardState } from "./board.ts";
import type { Candle, Interval } from "./candle.ts";
import { RingBoard } from "./ringboard.ts";
import { CandleShelf, type CandleAt, type Shelves } from "./shelf.ts";
import { windowOf, windowsOf, type Windows } from "./window.ts";

/** A snapshot is due after so many leaves … */
export const snapshotLeaves = 4096;
/** … or so long after the last one, milliseconds of the exchange's clock, if there was news. */
const snapshotMs = 900_000;
/**
 * Of a view with more levels in one market, or more markets, there is no snapshot: its texts could
 * be longer than readers take (snapshot.ts). A bound on the state, and not on the texts, so that
 * nothing has to be printed to know it.
 */
export const snapshotBounds = { levels: 375_000, markets: 500 } as const;

/** What every second has, whether or not anything happened. */
const idleKinds: ReadonlySet<Leaf["kind"]> = new Set(["tick", "reads", "snapshot"]);

/** The last SNAPSHOT leaf, and what came since. */
export type LastSnapshot = {
  /** 0: there was none. */
  readonly size: number;
  /** The exchange's clock then; at the first leaf that told it, if there was none. */
  readonly at: Time | undefined;
  /** Whether anything but the clock came since. */
  readonly news: boolean;
};

/** All that a view holds, so that one can be made of it. */
export type ViewState = {
  readonly size: number;
  readonly board: BoardState;
  readonly candles: ReadonlyMap<string, Shelves>;
  readonly rings: RingBoard;
  /** How many leaves of each kind, by name. */
  readonly counts: ReadonlyMap<string, number>;
  /** How many commands of each verb were signed, and letters, as the log said last. */
  readonly signed: ReadonlyMap<string, number>;
  readonly last: LastSnapshot;
};

const emptyLast: LastSnapshot = { size: 0, at: undefined, news: false };

function sorted(counts: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The state of the fold. */
export class PublicView {
  readonly board: Board;
  readonly rings: RingBoard;
  readonly #shelves: Map<string, CandleShelf> = new Map();
  readonly #counts: Map<string, number>;
  readonly #signed: Map<string, number>;
  #size: number;
  #last: LastSnapshot;
  /** Another number whenever a market's book, trades or candles changed. */
  readonly #versions: Map<string, number> = new Map();

  /** Before the first leaf, or where another view stood. */
  constructor(from?: ViewState) {
    this.board = new Board(from?.board);
    this.rings = from?.rings ?? new RingBoard();
    this.#counts = new Map(from?.counts);
    this.#signed = new Map(from?.signed);
    this.#size = from?.size ?? 0;
    this.#last = from?.last ?? emptyLast;
    for (const [name, kept] of from?.candles ?? []) {
      this.#shelves.set(name, new CandleShelf(kept));
    }
  }

  /** How many leaves it has seen. */
  get size(): number {
    return this.#size;
  }

  /** How many of each kind, by the names of the log, in alphabetical order. */
  get counts(): ReadonlyMap<string, number> {
    return sorted(this.#counts);
  }

  /** How many commands of each verb customers signed, and letters, in alphabetical order. */
  get signed(): ReadonlyMap<string, number> {
    return sorted(this.#signed);
  }

  /** How many leaves the engine said: all but those of snapshots. */
  get engineLeaves(): number {
    return this.#size - (this.#counts.get("SNAPSHOT") ?? 0);
  }

  get lastSnapshot(): LastSnapshot {
    return this.#last;
  }

  /** Takes the log's next leaf. */
  apply(leaf: Leaf): void {
    this.#count(leaf);
    if (leaf.kind === "trade") {
      // A number that was there is the same trade again.
      const shelf = leaf.number > this.board.lastTrade ? this.#shelf(leaf.market) : undefined;
      shelf?.add(leaf);
    }
    if (leaf.kind === "trade" || leaf.kind === "level") this.#touch(leaf.market);
    if (leaf.kind === "market") this.#touch(leaf.name);
    if (leaf.kind === "phase") this.#touch(leaf.market);
    if (leaf.kind === "signed") this.#signed.set(leaf.verb, leaf.total);
    if (leaf.kind === "renamed") this.#rename(this.board.namesWith(leaf));
    this.board.apply(leaf);
    this.rings.apply(leaf);
    this.#size += 1;
  }

  #count(leaf: Leaf): void {
    const name = leaf.kind.toUpperCase();
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (leaf.kind === "tick" && this.#last.at === undefined) {
      this.#last = { ...this.#last, at: leaf.at };
    }
    if (!idleKinds.has(leaf.kind) && !this.#last.news) this.#last = { ...this.#last, news: true };
    // One that is not about the leaves before it says nothing.
    if (leaf.kind === "snapshot" && leaf.size === this.#size) {
      this.#last = { size: leaf.size, at: this.board.tick, news: false };
    }
  }

  /** Candles go on under the new name; what stood under it gives way. */
  #rename(names: ReadonlyMap<string, string>): void {
    const moved = [...names].map(([before, now]) => [now, this.#shelves.get(before)] as const);
    for (const [before, now] of names) {
      this.#shelves.delete(before);
      this.#shelves.delete(now);
      this.#versions.set(now, Math.max(this.version(before), this.version(now)) + 1);
    }
    for (const [now, shelf] of moved) if (shelf !== undefined) this.#shelves.set(now, shelf);
  }

  #shelf(market: string): CandleShelf | undefined {
    if (this.board.market(market) === undefined) return undefined;
    const shelf = this.#shelves.get(market) ?? new CandleShelf();
    this.#shelves.set(market, shelf);
    return shelf;
  }

  #touch(market: string): void {
    this.#versions.set(market, this.version(market) + 1);
  }

  /** Another number whenever the market's book, trades or candles changed. */
  version(market: string): number {
    return this.#versions.get(market) ?? 0;
  }

  /** Whether the next publication begins with a SNAPSHOT leaf. */
  get isSnapshotDue(): boolean {
    const { size, at, news } = this.#last;
    const { tick } = this.board;
    const isLate = at !== undefined && tick !== undefined && tick - at >= snapshotMs;
    return (this.#size - size >= snapshotLeaves || (news && isLate)) && this.fitsSnapshot;
  }

  /** Whether a snapshot of it is one that readers take. */
  get fitsSnapshot(): boolean {
    const { names, deepest } = this.board;
    return names.length <= snapshotBounds.markets && deepest <= snapshotBounds.levels;
  }

  /** The market's newest candles, oldest first, as many as are kept. */
  candles(market: string, interval: Interval): readonly CandleAt[] {
    return this.#shelves.get(market)?.of(interval) ?? [];
  }

  /** Whether the market may have had older candles than those. */
  hasOlderCandles(market: string, interval: Interval): boolean {
    return this.#shelves.get(market)?.isFull(interval) ?? false;
  }

  /** What was traded in the market up to the clock, in all windows. */
  windows({ name }: MarketLeaf, clock: Time): Windows {
    return windowsOf(clock, (stretch) => this.#shelves.get(name)?.read(stretch) ?? []);
  }

  /** The same of the last day alone. */
  lastDay({ name }: MarketLeaf, clock: Time): Candle | undefined {
    return windowOf("1d", clock, (stretch) => this.#shelves.get(name)?.read(stretch) ?? []);
  }
}
