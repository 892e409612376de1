/**
 * The market data of a relay's JSON answers (docs/spec/receipt.md §2): quantities and prices as
 * decimal strings, times as RFC 3339.
 */
import { printTime } from "../codec/time.ts";
import type { MarketLeaf, TradeLeaf } from "../log/leaf.ts";
import type { MarketPhase } from "../log/leafsecurities.ts";
import type { Level, MarketView } from "./board.ts";
import { assetsOf, printPrice, printQuantity, printRate, printScaled } from "./figures.ts";
import { phaseOf } from "./phase.ts";
import type { Securities } from "./securities.ts";

/** A trade, in an answer. */
export type TradeJson = {
  readonly number: number;
  readonly market: string;
  /** Of the order that met a resting one; `call`: an uncross, where none came to another. */
  readonly side: TradeLeaf["taker"];
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
  readonly phase: MarketPhase;
  /** `null`: no phase was ever told, it is continuous always. */
  readonly phaseSince: string | null;
  readonly delisted: boolean;
  /** Its names before, the last one first. */
  readonly formerly: readonly string[];
  /** Of the base asset, if it is a security that was listed. */
  readonly listing: ListingJson | null;
  readonly last: TradeJson | null;
};

/** Who issued how much of an asset, under which contract. */
export type ListingJson = {
  /** The number of the leaf that says so. */
  readonly leaf: number;
  /** Fingerprint. */
  readonly issuer: string;
  readonly shares: string;
  /** SHA-256 of the contract that the issuer signed. */
  readonly hash: string;
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

/** The listing of the market's base asset. */
export function listingJson(market: MarketLeaf, securities: Securities): ListingJson | null {
  const told = securities.listing(assetsOf(market.name).base);
  if (told === undefined) return null;
  const { issuer, hash } = told.leaf;
  const shares = printScaled(BigInt(told.leaf.shares), market.baseDecimals);
  return { leaf: told.number, issuer, shares, hash };
}

export function marketJson(view: MarketView, securities: Securities): MarketJson {
  const { market, trades, phase } = view;
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
    phase: phaseOf(view),
    phaseSince: phase === undefined ? null : printTime(phase.at),
    delisted: view.isDelisted,
    formerly: securities
      .names(market.name)
      .slice(1)
      .map(({ name }) => name),
    listing: listingJson(market, securities),
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
