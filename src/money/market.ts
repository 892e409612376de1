/**
 * What a market trades and in which steps. The wire carries whole lots and whole price units; this
 * is where they meet units of the two assets:
 *
 *   base units moved  = quantity × lot
 *   quote units moved = quantity × price × unit          (exact: no rounding anywhere)
 *
 * Example, GLD/BTC: GLD has 1 decimal, BTC 8; lot 0.1 GLD = 1 unit; prices are written in steps of
 * 0.00001 BTC per GLD, and 0.1 GLD at 0.00001 is 100 satoshi = `unit`. `1200|4215` is 120.0 GLD at
 * 0.04215.
 */
import { amount, type Amount, price, type Price, type Quantity } from "./amount.ts";

export type Asset = {
  readonly name: string;
  /** How many decimals people see: one whole asset is 10^decimals units. */
  readonly decimals: number;
  /** The most units that may ever be credited; keeps every sum below 2^53. */
  readonly supplyMax: Amount;
};

/**
 * Around which prices a market keeps orders and trades; rates in parts per million of that price,
 * 0: any distance. The exchange's own business: neither its card nor its log says them, so a market
 * that was read from a card has none.
 */
export type PriceLimits = {
  /** How far from the last trade a market order goes. */
  readonly collarRate: number;
  /** How far from the reference price an order may be. */
  readonly limitRate: number;
  /** How far from it a trade may be, before a volatility call begins. */
  readonly bandRate: number;
  /** The reference price before the first uncross; 0: none. */
  readonly reference: Price;
};

/** Any price is as good as any other. */
export const noLimits: PriceLimits = {
  collarRate: 0,
  limitRate: 0,
  bandRate: 0,
  reference: price(0),
};

export type Market = PriceLimits & {
  /** `BASE/QUOTE`. */
  readonly name: string;
  readonly base: string;
  readonly quote: string;
  /** Base units in one lot. */
  readonly lot: Amount;
  /** Quote units for one lot at price 1. */
  readonly unit: Amount;
  /** Prices are multiples of this. */
  readonly tick: Price;
  /** Decimals of the price as people see it (quote per whole base). */
  readonly priceDecimals: number;
  readonly priceMax: Price;
  readonly quantityMin: Quantity;
  readonly quantityMax: Quantity;
  /** Parts per million of the notional, taken in the quote asset. */
  readonly makerRate: number;
  readonly takerRate: number;
};

/** Quote units for `quantity` lots at `price`; `undefined` if that passes 2^53 - 1. */
export function notional(market: Market, quantity: Quantity, price: Price): Amount | undefined {
  const product = BigInt(quantity) * BigInt(price) * BigInt(market.unit);
  return product <= BigInt(Number.MAX_SAFE_INTEGER) ? amount(Number(product)) : undefined;
}

/** Base units for `quantity` lots; `undefined` if that passes 2^53 - 1. */
export function baseUnits(market: Market, quantity: Quantity): Amount | undefined {
  const product = BigInt(quantity) * BigInt(market.lot);
  return product <= BigInt(Number.MAX_SAFE_INTEGER) ? amount(Number(product)) : undefined;
}
