/**
 * What happened in a market within the last day, seven days, thirty days: volume-weighted average
 * price (VWAP), extremes, sums; and the ticker. Windows end at the exchange's clock and begin at a
 * whole minute, five minutes or hour, the longer the coarser: so every relay with the same log says
 * the same, and so does a reader who keeps no more candles than publicview.ts.
 */
import { printTime, time, type Time } from "../codec/time.ts";
import type { MarketLeaf } from "../log/leaf.ts";
import type { MarketPhase } from "../log/leafsecurities.ts";
import type { MarketView } from "./board.ts";
import { beginOf, join, type Candle, type Stretch, cover } from "./candle.ts";
import { printPrice, printQuantity, printScaled, printTurnover, printVolume } from "./figures.ts";
import { phaseOf } from "./phase.ts";

const day = 86_400_000;
/** Decimals of an average beyond the market's own; what is finer is cut off. */
const averageDecimals = 4;

/** The windows' names and their days, shortest first. */
export const windowDays = { "1d": 1, "7d": 7, "30d": 30 } as const;

export type WindowName = keyof typeof windowDays;
/** What a window came to; `undefined`: no trade in it. */
export type Windows = { readonly [Name in WindowName]: Candle | undefined };

/** Candles of one stretch, oldest first. */
export type ReadCandles = (stretch: Stretch) => Iterable<Candle>;

const windowGrain = { "1d": "1m", "7d": "5m", "30d": "1h" } as const;

/** When the window begins. */
export function windowBegin(name: WindowName, clock: Time): Time {
  return time(Math.max(0, beginOf(windowGrain[name], clock) - windowDays[name] * day));
}

/** What one window came to. */
export function windowOf(name: WindowName, clock: Time, read: ReadCandles): Candle | undefined {
  let sum: Candle | undefined;
  for (const stretch of cover(windowBegin(name, clock), clock)) {
    for (const candle of read(stretch)) sum = join(sum, candle);
  }
  return sum;
}

/** All three. */
export function windowsOf(clock: Time, read: ReadCandles): Windows {
  return {
    "1d": windowOf("1d", clock, read),
    "7d": windowOf("7d", clock, read),
    "30d": windowOf("30d", clock, read),
  };
}

/** The average price in quote assets for one whole base asset, cut off. */
function printAverage(market: MarketLeaf, { quantity, turnover }: Candle): string {
  const scaled = (turnover * 10n ** BigInt(averageDecimals)) / quantity;
  return printScaled(scaled, market.priceDecimals + averageDecimals);
}

/** A window of `/v1/vwap`. */
export type WindowJson = {
  readonly vwap: string;
  readonly high: string;
  readonly low: string;
  /** Base assets. */
  readonly quantity: string;
  /** Quote assets. */
  readonly turnover: string;
  readonly trades: number;
};

function windowJson(market: MarketLeaf, candle: Candle | undefined): WindowJson | null {
  if (candle === undefined) return null;
  return {
    vwap: printAverage(market, candle),
    high: printPrice(market, candle.high),
    low: printPrice(market, candle.low),
    quantity: printVolume(market, candle.quantity),
    turnover: printTurnover(market, candle.turnover),
    trades: candle.trades,
  };
}

/** `/v1/vwap`. */
export type VwapJson = { readonly market: string; readonly to: string | null } & {
  readonly [Name in WindowName]: WindowJson | null;
};

export function vwapJson(
  market: MarketLeaf,
  clock: Time | undefined,
  windows: Windows | undefined,
): VwapJson {
  const of = (name: WindowName): WindowJson | null => windowJson(market, windows?.[name]);
  const to = clock === undefined ? null : printTime(clock);
  return { market: market.name, to, "1d": of("1d"), "7d": of("7d"), "30d": of("30d") };
}

/** One market of `/v1/ticker`; the sums are those of the last day. */
export type TickerJson = {
  readonly market: string;
  readonly last: string | null;
  readonly lastTrade: number | null;
  readonly at: string | null;
  readonly buy: { readonly price: string; readonly quantity: string } | null;
  readonly sell: { readonly price: string; readonly quantity: string } | null;
  readonly open: string | null;
  readonly day: WindowJson | null;
  readonly phase: MarketPhase;
  readonly delisted: boolean;
};

/** The ticker, from the market's best levels and its last day. */
export function tickerJson(view: MarketView, lastDay: Candle | undefined): TickerJson {
  const { market, buys, sells, trades } = view;
  const last = trades.at(-1);
  const best = (levels: MarketView["buys"]): TickerJson["buy"] => {
    const [level] = levels;
    if (level === undefined) return null;
    return {
      price: printPrice(market, level.price),
      quantity: printQuantity(market, level.quantity),
    };
  };
  return {
    market: market.name,
    last: last === undefined ? null : printPrice(market, last.price),
    lastTrade: last?.number ?? null,
    at: last === undefined ? null : printTime(last.at),
    buy: best(buys),
    sell: best(sells),
    open: lastDay === undefined ? null : printPrice(market, lastDay.open),
    day: windowJson(market, lastDay),
    phase: phaseOf(view),
    delisted: view.isDelisted,
  };
}

/** One candle of `/v1/candles`. */
export type CandleJson = {
  readonly from: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly quantity: string;
  readonly turnover: string;
  readonly vwap: string;
  readonly trades: number;
  readonly firstTrade: number;
  readonly lastTrade: number;
};

export function candleJson(market: MarketLeaf, from: Time, candle: Candle): CandleJson {
  return {
    from: printTime(from),
    open: printPrice(market, candle.open),
    high: printPrice(market, candle.high),
    low: printPrice(market, candle.low),
    close: printPrice(market, candle.close),
    quantity: printVolume(market, candle.quantity),
    turnover: printTurnover(market, candle.turnover),
    vwap: printAverage(market, candle),
    trades: candle.trades,
    firstTrade: candle.firstTrade,
    lastTrade: candle.lastTrade,
  };
}
