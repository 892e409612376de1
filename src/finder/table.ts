/**
 * Offers as columns of numbers, for the search: tokens and offers in an order of their own that
 * does not depend on the order in which they came. An offer's `rate` is what it gives over what it
 * wants for that, both at the tokens' prices: above 1, it gives more than is fair. Rates of a ring
 * multiply to more than 1 exactly if its limits leave something over; prices cancel out. Rates and
 * values only choose; what is filled is in the stocks, exact.
 */
import { at } from "../codec/assert.ts";
import type { Offer, Token } from "./offer.ts";
import { type Stock, stockOf } from "./stock.ts";

/** What is known of the offers of one round. */
export type Table = {
  readonly stocks: readonly Stock[];
  readonly tokens: number;
  readonly sells: Int32Array;
  readonly buys: Int32Array;
  readonly rates: Float64Array;
  /** Value of one unit of what it sells. */
  readonly prices: Float64Array;
};

/** Offers whose tokens have no price above 0, or are the same, are left out. */
export function tableOf(tokens: readonly Token[], offers: readonly Offer[]): Table {
  const priced = tokens.filter(({ price }) => price > 0 && price < Infinity);
  priced.sort((a, b) => compare(a.id, b.id));
  const index = new Map(priced.map(({ id }, number) => [id, number]));
  const known = offers.filter(
    ({ sell, buy, sellMax, buyMax }) =>
      sell !== buy &&
      index.has(sell) &&
      index.has(buy) &&
      sellMax > 0n &&
      (buyMax === undefined || buyMax > 0n),
  );
  known.sort((a, b) => compare(a.id, b.id));
  const table: Table = {
    stocks: known.map(stockOf),
    tokens: priced.length,
    sells: new Int32Array(known.length),
    buys: new Int32Array(known.length),
    rates: new Float64Array(known.length),
    prices: new Float64Array(known.length),
  };
  for (const [number, offer] of known.entries()) {
    const sells = index.get(offer.sell) ?? 0;
    const buys = index.get(offer.buy) ?? 0;
    const price = at(priced, sells).price;
    table.sells[number] = sells;
    table.buys[number] = buys;
    table.prices[number] = price;
    table.rates[number] = rateOf(offer, price, at(priced, buys).price);
  }
  return table;
}

/** What an offer gives over what it wants, at the prices of what it sells and of what it buys. */
export function rateOf({ sellAmount, buyAmount }: Offer, sells: number, buys: number): number {
  return (Number(sellAmount) * sells) / (Number(buyAmount) * buys);
}

/** By UTF-16 units: the same everywhere. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
