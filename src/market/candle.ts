/**
 * Candles: what the trades of one stretch of time come to, for minutes, five minutes, hours and
 * days of UTC. A candle is a fold over trades in the order of their numbers, and two candles that
 * follow one another make a longer one, so that a day can be told from its hours.
 *
 * All whole numbers: prices in price units, quantities in lots, turnover in lots times price units,
 * both as bigint because their sums may be more than a double counts exactly. A stretch without a
 * trade has no candle.
 */
import { time, type Time } from "../codec/time.ts";
import type { TradeLeaf } from "../log/leaf.ts";

const minute = 60_000;

export type Interval = "1m" | "5m" | "1h" | "1d";

/** Milliseconds of each interval; each divides the next longer one. */
export const intervals: { readonly [Name in Interval]: number } = {
  "1m": minute,
  "5m": 300_000,
  "1h": 3_600_000,
  "1d": 86_400_000,
};

/** The intervals' names, shortest first. */
export const intervalNames: readonly Interval[] = ["1m", "5m", "1h", "1d"];

/** Whether a text names an interval. */
export function isInterval(text: string): text is Interval {
  return Object.hasOwn(intervals, text);
}

export type Candle = {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Lots. */
  readonly quantity: bigint;
  /** The sum of quantity × price over the trades. */
  readonly turnover: bigint;
  /** How many. */
  readonly trades: number;
  /** Numbers of the first and the last trade in it. */
  readonly firstTrade: number;
  readonly lastTrade: number;
};

/** When the interval begins that `at` lies in. */
export function beginOf(interval: Interval, at: Time): Time {
  return time(at - (at % intervals[interval]));
}

/** The candle of one trade. */
export function candleOf({ price, quantity, number }: TradeLeaf): Candle {
  return {
    open: price,
    high: price,
    low: price,
    close: price,
    quantity: BigInt(quantity),
    turnover: BigInt(quantity) * BigInt(price),
    trades: 1,
    firstTrade: number,
    lastTrade: number,
  };
}

/** Two candles as one, the earlier one first; a missing one adds nothing. */
export function join(earlier: Candle | undefined, later: Candle): Candle {
  if (earlier === undefined) return later;
  return {
    open: earlier.open,
    high: Math.max(earlier.high, later.high),
    low: Math.min(earlier.low, later.low),
    close: later.close,
    quantity: earlier.quantity + later.quantity,
    turnover: earlier.turnover + later.turnover,
    trades: earlier.trades + later.trades,
    firstTrade: earlier.firstTrade,
    lastTrade: later.lastTrade,
  };
}

/** A stretch that whole candles of one interval cover: from `from`, before `to`. */
export type Stretch = { readonly interval: Interval; readonly from: Time; readonly to: Time };

/**
 * The fewest stretches of candles that cover the time from `from` to the end of the minute of `to`,
 * in order: minutes, fives, hours at the old edge, then days, then back to minutes. Together at
 * most 76 candles beside the days.
 */
export function cover(from: Time, to: Time): readonly Stretch[] {
  const end = beginOf("1m", to) + minute;
  const up: Stretch[] = [];
  let at = Number(beginOf("1m", from));
  for (const [index, interval] of intervalNames.entries()) {
    const next = intervalNames[index + 1];
    const step = intervals[interval];
    const limit = end - (end % step);
    const aligned = next === undefined ? limit : Math.ceil(at / intervals[next]) * intervals[next];
    const stop = Math.max(at, Math.min(aligned, limit));
    if (stop > at) up.push({ interval, from: time(at), to: time(stop) });
    at = stop;
  }
  for (const interval of intervalNames.toReversed().slice(1)) {
    const stop = end - (end % intervals[interval]);
    if (stop > at) up.push({ interval, from: time(at), to: time(stop) });
    at = Math.max(at, stop);
  }
  return up;
}
