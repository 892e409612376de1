/**
 * The newest candles of one market, in memory: as many of each interval as every window of
 * window.ts needs, and a chart shows. Older ones are in a relay's database.
 *
 * Invariant: the candles of an interval ascend by when they begin, and there are at most
 * `candlesKept` of them. Trades come in the order of their numbers; one whose time goes back counts
 * in the newest candle.
 */
import type { Time } from "../codec/time.ts";
import type { TradeLeaf } from "../log/leaf.ts";
import {
  beginOf,
  candleOf,
  intervalNames,
  join,
  type Candle,
  type Interval,
  type Stretch,
} from "./candle.ts";

/**
 * How many candles of each interval are kept. A window of a day begins at a minute, of seven days
 * at five minutes, of thirty at an hour: 1,441, 2,017 and 721 candles at most.
 */
export const candlesKept: { readonly [Name in Interval]: number } = {
  "1m": 1500,
  "5m": 2100,
  "1h": 800,
  "1d": 1000,
};

/** A candle and when it begins. */
export type CandleAt = { readonly from: Time; readonly candle: Candle };

/** Candles of every interval, oldest first. */
export type Shelves = { readonly [Name in Interval]: readonly CandleAt[] };

const noCandles: Shelves = { "1m": [], "5m": [], "1h": [], "1d": [] };

export class CandleShelf {
  readonly #kept: { readonly [Name in Interval]: CandleAt[] };

  constructor(kept: Shelves = noCandles) {
    const { "1m": minutes, "5m": fives, "1h": hours, "1d": days } = kept;
    this.#kept = { "1m": [...minutes], "5m": [...fives], "1h": [...hours], "1d": [...days] };
  }

  /** Adds a trade; the caller sees to it that it comes once. */
  add(trade: TradeLeaf): void {
    const candle = candleOf(trade);
    for (const interval of intervalNames) {
      const kept = this.#kept[interval];
      const from = beginOf(interval, trade.at);
      const newest = kept.at(-1);
      if (newest !== undefined && newest.from >= from) {
        kept[kept.length - 1] = { from: newest.from, candle: join(newest.candle, candle) };
        continue;
      }
      kept.push({ from, candle });
      if (kept.length > candlesKept[interval]) kept.shift();
    }
  }

  /** Those that are kept, oldest first. */
  of(interval: Interval): readonly CandleAt[] {
    return this.#kept[interval];
  }

  /** Whether there may have been older ones. */
  isFull(interval: Interval): boolean {
    return this.#kept[interval].length >= candlesKept[interval];
  }

  /** The candles of one stretch, oldest first. */
  read({ interval, from, to }: Stretch): readonly Candle[] {
    const kept = this.#kept[interval];
    const found: Candle[] = [];
    // From the end: nearly every stretch that is asked for is a recent one.
    for (let i = kept.length - 1; i >= 0; i -= 1) {
      const each = kept[i];
      if (each === undefined || each.from < from) break;
      if (each.from < to) found.push(each.candle);
    }
    return found.reverse();
  }
}
