/** The market that most examples trade on, GLD for BTC, and the card of an exchange that has it. */
import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { Card } from "../letter/card.ts";
import { amount, price, quantity } from "../money/amount.ts";
import { noLimits, type Market } from "../money/market.ts";

/** Lots of 0.1 GLD, prices in units of 0.00001 BTC. */
export const gold: Market = {
  name: "GLD/BTC",
  base: "GLD",
  quote: "BTC",
  lot: amount(1),
  unit: amount(100),
  tick: price(1),
  priceDecimals: 5,
  priceMax: price(10_000_000),
  quantityMin: quantity(1),
  quantityMax: quantity(1_000_000),
  makerRate: 0,
  takerRate: 2000,
  ...noLimits,
};

/** An exchange without relays. */
export const goldCard: Card = {
  exchange: fingerprint("49979888511191774776929750563049979888ab"),
  keyNumber: "49979 88851 11917 74776 92975 05630",
  log: "log",
  relays: [],
  assets: [
    { name: "BTC", decimals: 8, supplyMax: amount(2_100_000_000_000_000) },
    { name: "GLD", decimals: 1, supplyMax: amount(1_000_000_000) },
  ],
  markets: [gold],
  operators: { need: 1, of: 1 },
  at: time(0),
};
