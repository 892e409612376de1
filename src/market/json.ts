/**
 * The market data of a relay's JSON answers (docs/spec/receipt.md §2): quantities and prices as
 * decimal strings, times as RFC 3339.
 */
import { printTime } from "../codec/time.ts";
import type { MarketLeaf, TradeLeaf } from "../log/leaf.ts";
import type { Level, MarketView } from "./board.ts";
import { assetsOf, printPrice, printQuantity, printRate } from "./figures.ts";

/** A trade, in an answer. */
export type TradeJson = {
  readonly number: number;
  readonly market: string;
  /** Of the order that met a resting one. */
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly quantity: string;
  readonly at: string;
};

/** One market of `/v1/markets`. */
export type MarketJson = {
  readonly name: string;
  readonly base: string;
  readonly quote: string;
  readonly lot: string;
  readonly tick: string;
  readonly maximumPrice: string;
  readonly minimumQuantity: string;
  readonly maximumQuantity: string;
  readonly makerFee: string;
  readonly takerFee: string;
  /** Decimals that a price, and quantities of base and quote, have at most. */
  readonly priceDecimals: number;
  readonly baseDecimals: number;
  readonly quoteDecimals: number;
  readonly last: TradeJson | null;
};

/** A level of `/v1/book`. */
export type LevelJson = { readonly price: string; readonly quantity: string };
/** The sides of `/v1/book`, best first. */
export type BookJson = {
  readonly market: string;
  readonly buys: readonly LevelJson[];
  readonly sells: readonly LevelJson[];
};

export function tradeJson(market: MarketLeaf, trade: TradeLeaf): TradeJson {
  return {
    number: trade.number,
    market: trade.market,
    side: trade.taker,
    price: printPrice(market, trade.price),
    quantity: printQuantity(market, trade.quantity),
    at: printTime(trade.at),
  };
}

export function marketJson({ market, trades }: MarketView): MarketJson {
  const last = trades.at(-1);
  return {
    name: market.name,
    ...assetsOf(market.name),
    lot: printQuantity(market, 1),
    tick: printPrice(market, market.tick),
    maximumPrice: printPrice(market, market.priceMax),
    minimumQuantity: printQuantity(market, market.quantityMin),
    maximumQuantity: printQuantity(market, market.quantityMax),
    makerFee: printRate(market.makerRate),
    takerFee: printRate(market.takerRate),
    priceDecimals: market.priceDecimals,
    baseDecimals: market.baseDecimals,
    quoteDecimals: market.quoteDecimals,
    last: last === undefined ? null : tradeJson(market, last),
  };
}

export function levelJson(market: MarketLeaf, { price, quantity }: Level): LevelJson {
  return { price: printPrice(market, price), quantity: printQuantity(market, quantity) };
}

export function bookJson({ market, buys, sells }: MarketView): BookJson {
  const level = (each: Level): LevelJson => levelJson(market, each);
  return { market: market.name, buys: buys.map(level), sells: sells.map(level) };
}
