/**
 * Trades as the exchange signed them: leaves come from a relay, and count only when the tree over
 * all of them is the one of a signed checkpoint. A relay can be silent or late, but it cannot make
 * a ticker say a trade that never was.
 */
import { equalBytes } from "../codec/bytes.ts";
import { openCheckpoint } from "../log/checkpoint.ts";
import { parseLeaf, type MarketLeaf, type TradeLeaf } from "../log/leaf.ts";
import type { RenamedLeaf } from "../log/leafsecurities.ts";
import type { Verifier, Verify } from "../log/note.ts";
import { appendLeaf, rootHash, type Frontier } from "../log/tree.ts";
import { renameMarket } from "../market/securities.ts";
import { ask, field } from "./ask.ts";
import type { Position } from "./cursor.ts";

/** Trades that are kept while the rest of the log is checked; more take another turn. */
const tradesMax = 10_000;

/** A trade with its market's rules at that moment. */
export type MarketTrade = { readonly market: MarketLeaf; readonly trade: TradeLeaf };

/** What is new, all of it verified. */
export type News = {
  readonly trades: readonly MarketTrade[];
  /** Where the log is verified up to, once all trades were handed on. */
  readonly position: Pick<Position, "frontier" | "markets">;
  /** The last trade in the log so far; 0: none. */
  readonly lastTrade: number;
  /** Whether there are more trades than were kept: hand these on, and ask again. */
  readonly more: boolean;
};

export type Source = {
  readonly log: Verifier;
  readonly verify: Verify;
};

/** Asks one relay for what came after `position`; throws if it lies, lags or is away. */
export async function newsFrom(
  relay: string,
  position: Position,
  source: Source,
  signal: AbortSignal,
): Promise<News | undefined> {
  const note = await ask(relay, "/v1/checkpoint", signal);
  if (note === undefined) return undefined;
  const checkpoint = openCheckpoint(note, source.log, source.verify);
  if (!checkpoint.ok) throw new Error(`couldn't believe the checkpoint: ${checkpoint.detail}`);
  const { size, root } = checkpoint.value;
  if (size < position.frontier.size) throw new Error("couldn't go on: this relay is behind");
  const reading = new Reading(position);
  while (reading.frontier.size < size) {
    const { size: before } = reading.frontier;
    const lines = await leavesAfter(relay, before, signal);
    if (lines.length === 0) throw new Error("couldn't go on: the relay left leaves out");
    for (const line of lines.slice(0, size - before)) reading.take(line);
  }
  if (!equalBytes(rootHash(reading.frontier), root)) {
    throw new Error("couldn't believe the relay: its leaves are not what the exchange signed");
  }
  return reading.news();
}

async function leavesAfter(
  relay: string,
  size: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const query = size === 0 ? "" : `?after=${size - 1}`;
  const answer = await ask(relay, `/v1/leaves${query}`, signal);
  const leaves = field(JSON.parse(answer ?? "null"), "leaves");
  if (!Array.isArray(leaves) || !leaves.every((line) => typeof line === "string")) {
    throw new Error("couldn't read the relay's leaves");
  }
  return leaves;
}

/** Leaves as they are read, before anything of them counts. */
class Reading {
  frontier: Frontier;
  readonly #markets: Map<string, MarketLeaf>;
  readonly #after: number;
  readonly #trades: MarketTrade[] = [];
  #last: number;
  #more = false;

  constructor(position: Position) {
    this.frontier = position.frontier;
    this.#markets = new Map(position.markets);
    this.#after = position.trade ?? Number.MAX_SAFE_INTEGER;
    this.#last = position.trade ?? 0;
  }

  take(line: string): void {
    this.frontier = appendLeaf(this.frontier, line);
    const leaf = parseLeaf(line);
    if (leaf?.kind === "market") this.#markets.set(leaf.name, leaf);
    if (leaf?.kind === "renamed") this.#rename(leaf);
    if (leaf?.kind !== "trade") return;
    const market = this.#markets.get(leaf.market);
    const isNew = leaf.number > Math.max(this.#last, this.#after);
    this.#last = Math.max(this.#last, leaf.number);
    if (market === undefined || !isNew) return;
    if (this.#trades.length < tradesMax) this.#trades.push({ market, trade: leaf });
    else this.#more = true;
  }

  /** A market goes on under its new name, by the rules that were told for that, or by its own. */
  #rename(leaf: RenamedLeaf): void {
    for (const [name, market] of this.#markets) {
      const now = renameMarket(name, leaf);
      if (now === name) continue;
      this.#markets.delete(name);
      if (!this.#markets.has(now)) this.#markets.set(now, { ...market, name: now });
    }
  }

  news(): News {
    const { frontier } = this;
    const position = { frontier, markets: this.#markets };
    return { trades: this.#trades, position, lastTrade: this.#last, more: this.#more };
  }
}
