/**
 * Candles of fifteen minutes. Nobody keeps them: they are folded from those of five whenever they
 * are asked for.
 */
import { time, type Time } from "../codec/time.ts";
import { isInterval, join, type Interval } from "./candle.ts";
import type { CandleAt } from "./shelf.ts";

/** What is kept, and the quarters of an hour. */
export type ToldInterval = Interval | "15m";

/** The names of the intervals that are told, shortest first. */
export const toldIntervals: readonly ToldInterval[] = ["1m", "5m", "15m", "1h", "1d"];

/** Whether a text names an interval that is told. */
export function isTold(text: string): text is ToldInterval {
  return text === "15m" || isInterval(text);
}

const quarterMs = 900_000;
/** Candles of five minutes in one of fifteen. */
export const fivesInQuarter = 3;

/** When the first quarter of an hour after the beginning of that of `at` begins. */
export function nextQuarter(at: Time): Time {
  return time(at - (at % quarterMs) + quarterMs);
}

/** Candles of fifteen minutes from those of five, both oldest first. */
export function quartersOf(fives: readonly CandleAt[]): readonly CandleAt[] {
  const joined: CandleAt[] = [];
  for (const { from, candle } of fives) {
    const begin = time(from - (from % quarterMs));
    const last = joined.at(-1);
    if (last?.from !== begin) joined.push({ from: begin, candle });
    else joined[joined.length - 1] = { from: begin, candle: join(last.candle, candle) };
  }
  return joined;
}
