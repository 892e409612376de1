/**
 * The candles of every market since the first trade, in the relay's database. They are kept in the
 * transaction that stores the leaves, so that they are never ahead or behind; a database from
 * before they existed is read once from the beginning. Leaves come in order, each once.
 *
 * The newest are in memory too (market/shelf.ts); everything older is here alone, one row for each
 * interval in which something was traded. A market that is renamed takes its candles along.
 */
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../codec/assert.ts";
import { time, type Time } from "../codec/time.ts";
import { parseLeaf, type Leaf, type TradeLeaf } from "../log/leaf.ts";
import type { RenamedLeaf } from "../log/leafsecurities.ts";
import {
  beginOf,
  candleOf,
  intervalNames,
  join,
  type Candle,
  type Interval,
} from "../market/candle.ts";
import { renameMarket } from "../market/securities.ts";
import type { CandleAt } from "../market/shelf.ts";
import { numberIn, readFact, textIn, transaction, writeFact, type Row } from "./database.ts";

const schema = `
CREATE TABLE IF NOT EXISTS candles (
  market TEXT NOT NULL,
  interval TEXT NOT NULL,
  at INTEGER NOT NULL,
  open INTEGER NOT NULL,
  high INTEGER NOT NULL,
  low INTEGER NOT NULL,
  close INTEGER NOT NULL,
  quantity TEXT NOT NULL,              -- whole lots: more than 64 bits may hold
  turnover TEXT NOT NULL,
  trades INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (market, interval, at)
) STRICT, WITHOUT ROWID;
`;

/** Leaves of one transaction while an older database is read. */
const catchUpLeaves = 10_000;

export class History {
  readonly #database: DatabaseSync;

  /** `size` is the number of leaves in the database. */
  constructor(database: DatabaseSync, size: number) {
    this.#database = database;
    transaction(database, () => database.exec(schema));
    for (let from = this.#size(); from < size; from = this.#size()) {
      const sql = "SELECT line FROM leaves WHERE number >= ? ORDER BY number LIMIT ?";
      const lines = database.prepare(sql).all(from, catchUpLeaves);
      const leaves = lines.map((row) => {
        const leaf = parseLeaf(textIn(row, "line"));
        assert(leaf !== undefined, "a stored leaf is one");
        return leaf;
      });
      assert(leaves.length > 0, "the leaves are as many as the frontier says");
      transaction(database, () => this.store(leaves, from + leaves.length));
    }
  }

  /** Leaves that are in it. */
  #size(): number {
    return Number(readFact(this.#database, "historySize") ?? "0");
  }

  /** Takes the next leaves, after which there are `size`; part of the transaction that is open. */
  store(leaves: readonly Leaf[], size: number): void {
    const last = Number(readFact(this.#database, "historyTrade") ?? "0");
    let fresh: TradeLeaf[] = [];
    for (const leaf of leaves) {
      if (leaf.kind === "trade" && leaf.number > last) fresh.push(leaf);
      if (leaf.kind !== "renamed") continue;
      this.#storeTrades(fresh);
      this.#rename(leaf);
      fresh = [];
    }
    this.#storeTrades(fresh);
    writeFact(this.#database, "historySize", String(size));
  }

  /** As the fold of the newest does it (market/board.ts). */
  #rename(leaf: RenamedLeaf): void {
    const rows = this.#database.prepare("SELECT DISTINCT market FROM candles").all();
    const moved = rows
      .map((row) => textIn(row, "market"))
      .map((name) => [name, renameMarket(name, leaf)] as const)
      .filter(([before, now]) => before !== now);
    const drop = this.#database.prepare("DELETE FROM candles WHERE market = ?");
    for (const [, now] of moved) drop.run(now);
    const move = this.#database.prepare(
      "UPDATE OR REPLACE candles SET market = ? WHERE market = ?",
    );
    for (const [before, now] of moved) move.run(now, before);
  }

  #storeTrades(trades: readonly TradeLeaf[]): void {
    const newest = trades.at(-1);
    if (newest === undefined) return;
    const touched = new Map<string, CandleAt & { market: string; interval: Interval }>();
    for (const trade of trades) {
      for (const interval of intervalNames) {
        const { market } = trade;
        const from = beginOf(interval, trade.at);
        const key = `${market} ${interval} ${from}`;
        const before = touched.get(key)?.candle ?? this.#candle(market, interval, from);
        touched.set(key, { market, interval, from, candle: join(before, candleOf(trade)) });
      }
    }
    const insert = this.#database.prepare(
      "INSERT OR REPLACE INTO candles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    for (const { market, interval, from, candle } of touched.values()) {
      const { open, high, low, close, quantity, turnover } = candle;
      const { trades, firstTrade, lastTrade } = candle;
      const sums = [quantity.toString(), turnover.toString()];
      const prices = [open, high, low, close];
      insert.run(market, interval, from, ...prices, ...sums, trades, firstTrade, lastTrade);
    }
    writeFact(this.#database, "historyTrade", String(newest.number));
  }

  #candle(market: string, interval: Interval, from: Time): Candle | undefined {
    const sql = "SELECT * FROM candles WHERE market = ? AND interval = ? AND at = ?";
    const row = this.#database.prepare(sql).get(market, interval, from);
    return row === undefined ? undefined : candleIn(row).candle;
  }

  /** Candles in ascending order: those that begin above `after`, or without it the last ones. */
  candles(query: {
    readonly market: string;
    readonly interval: Interval;
    readonly after: Time | undefined;
    readonly countMax: number;
  }): readonly CandleAt[] {
    const { market, interval, after, countMax } = query;
    const order = after === undefined ? "DESC" : "ASC";
    const sql = `SELECT * FROM candles WHERE market = ? AND interval = ? AND at > ?
      ORDER BY at ${order} LIMIT ?`;
    const rows = this.#database.prepare(sql).all(market, interval, after ?? -1, countMax);
    const found = rows.map(candleIn);
    return order === "DESC" ? found.toReversed() : found;
  }
}

function candleIn(row: Row): CandleAt {
  const candle = {
    open: numberIn(row, "open"),
    high: numberIn(row, "high"),
    low: numberIn(row, "low"),
    close: numberIn(row, "close"),
    quantity: BigInt(textIn(row, "quantity")),
    turnover: BigInt(textIn(row, "turnover")),
    trades: numberIn(row, "trades"),
    firstTrade: numberIn(row, "first"),
    lastTrade: numberIn(row, "last"),
  };
  return { from: time(numberIn(row, "at")), candle };
}
