/**
 * One market of the verified fold as the panels draw it: levels with their sums, the last day,
 * candles. Nothing here comes from anywhere else.
 */
import type { Time } from "../../codec/time.ts";
import type { MarketLeaf, TradeLeaf } from "../../log/leaf.ts";
import type { PhaseLeaf } from "../../log/leafsecurities.ts";
import type { Level } from "../../market/board.ts";
import type { Candle, Interval } from "../../market/candle.ts";
import { marketEvents, ratioMark, type EventJson } from "../../market/events.ts";
import { listingJson, type ListingJson } from "../../market/json.ts";
import { quartersOf } from "../../market/quarters.ts";
import type { CandleAt } from "../../market/shelf.ts";
import { printPrice, printScaled, printVolume } from "../../market/figures.ts";
import type { PublicView } from "../../market/publicview.ts";

/** Intervals of the chart: those of the fold, and fifteen minutes made of fives. */
export const chartIntervals = ["1m", "15m", "1h", "1d"] as const;
export type ChartInterval = (typeof chartIntervals)[number];

/** A market to draw. */
export type MarketFigures = {
  readonly market: MarketLeaf;
  readonly buys: readonly Level[];
  readonly sells: readonly Level[];
  /** Newest last. */
  readonly trades: readonly TradeLeaf[];
  readonly phase: PhaseLeaf | undefined;
  readonly isDelisted: boolean;
  /** What issuers did, newest first. */
  readonly events: readonly EventJson[];
  /** The days on which shares were divided or joined. */
  readonly ratios: readonly RatioDay[];
  readonly listing: ListingJson | null;
  readonly lastDay: Candle | undefined;
  readonly candles: (interval: ChartInterval) => readonly CandleAt[];
};

/** When a ratio was told, and how it is written: `1:10`. */
export type RatioDay = { readonly at: Time; readonly mark: string };

function ratiosOf({ board }: PublicView, name: string): readonly RatioDay[] {
  return board.securities.of(name).flatMap(({ leaf, at }) => {
    return leaf.kind === "ratio" && at !== undefined ? [{ at, mark: ratioMark(leaf) }] : [];
  });
}

/** The market's figures now; `undefined`: there is no such market. */
export function marketFigures(view: PublicView, name: string): MarketFigures | undefined {
  const found = view.board.view(name, Number.POSITIVE_INFINITY);
  if (found === undefined) return undefined;
  const { tick } = view.board;
  const lastDay = tick === undefined ? undefined : view.lastDay(found.market, tick);
  const candles = (interval: ChartInterval): readonly CandleAt[] =>
    interval === "15m" ? quartersOf(view.candles(name, "5m")) : view.candles(name, plain(interval));
  const told = {
    events: marketEvents(view.board, name),
    ratios: ratiosOf(view, name),
    listing: listingJson(found.market, view.board.securities),
  };
  return { ...found, ...told, lastDay, candles };
}

function plain(interval: Exclude<ChartInterval, "15m">): Interval {
  return interval;
}

/** A level and what rests up to it. */
export type SummedLevel = Level & { readonly sum: number };

/** Levels with the sums from the best one on. */
export function summed(levels: readonly Level[]): readonly SummedLevel[] {
  let sum = 0;
  return levels.map((level) => {
    sum += level.quantity;
    return { ...level, sum };
  });
}

/** A day's change in per cent with its sign, one decimal; `undefined`: nothing to compare. */
export function dayChange({ lastDay }: MarketFigures): string | undefined {
  if (lastDay === undefined) return undefined;
  const tenths = Math.round(((lastDay.close - lastDay.open) / lastDay.open) * 1000);
  const sign = tenths > 0 ? "+" : tenths < 0 ? "\u2212" : "";
  return `${sign}${(Math.abs(tenths) / 10).toFixed(1)} %`;
}

/** The last day's average price, as precise as prices are. */
export function dayAverage({ market, lastDay }: MarketFigures): string | undefined {
  if (lastDay === undefined) return undefined;
  return printPrice(market, Number(lastDay.turnover / lastDay.quantity));
}

/** The last day's volume, in base assets. */
export function dayVolume({ market, lastDay }: MarketFigures): string {
  return grouped(lastDay === undefined ? "0" : printVolume(market, lastDay.quantity));
}

/** Whole numbers in groups of three, parted by a narrow blank. */
export function grouped(decimal: string): string {
  const [whole = "", fraction] = decimal.split(".");
  const parted = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return fraction === undefined ? parted : `${parted}.${fraction}`;
}

/** A quantity without what is behind its second decimal, for axes. */
export function shortQuantity(market: MarketLeaf, quantity: number): string {
  const text = printScaled(BigInt(quantity) * BigInt(market.lot), market.baseDecimals);
  const value = Number(text);
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)} k`;
  return grouped(text.replace(/(\.\d\d)\d+$/, "$1"));
}
