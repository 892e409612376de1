/**
 * Synthetic ring orders for benchmarks and tests: the same numbers for the same seed on every run.
 * Tokens are traded with Zipf's frequencies, most pairs touch one of three hubs; 15 % of the orders
 * cross by about 1 %, the others ask 0.2 % and up above fair; values are log-normal around 400.
 */
import { at } from "../codec/assert.ts";
import type { Offer, Token } from "../finder/offer.ts";

/** A market of synthetic orders. */
export type RingMarket = { readonly tokens: readonly Token[]; readonly offers: readonly Offer[] };

/** How large, and which. */
export type RingMarketSize = {
  readonly tokens: number;
  readonly orders: number;
  readonly seed: number;
};

const hubs = 3;
const hubShare = 0.6;
const crossing = 0.15;
/** Smallest units of a token. */
const unitsPerToken = 1e9;

/** mulberry32: numbers from 0 up to, not including, 1. */
function chance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Orders `o0`, `o1`, … in tokens `T0`, `T1`, …; prices are of smallest units. */
export function ringMarket({ tokens, orders, seed }: RingMarketSize): RingMarket {
  const random = chance(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(random() + 1e-300)) * Math.cos(2 * Math.PI * random());
  const prices = Array.from({ length: tokens }, () => Math.exp(2 * normal()));
  const sums: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= tokens; rank++) sums.push((total += 1 / rank));
  const byFrequency = (): number => {
    const drawn = random() * total;
    const found = sums.findIndex((sum) => sum >= drawn);
    return found < 0 ? tokens - 1 : found;
  };
  const offers: Offer[] = [];
  for (let number = 0; number < orders; number++) {
    let sell = byFrequency();
    let buy: number;
    do {
      buy = random() < hubShare ? Math.floor(random() * Math.min(hubs, tokens)) : byFrequency();
    } while (buy === sell);
    if (random() < 0.5) [sell, buy] = [buy, sell];
    const value = Math.exp(6 + 1.2 * normal());
    const asks =
      random() < crossing ? -0.01 * Math.abs(normal()) : 0.002 + 0.02 * Math.abs(normal());
    const sellAmount = units(value / at(prices, sell));
    const buyAmount = units((value * Math.exp(asks)) / at(prices, buy));
    offers.push({
      id: `o${number}`,
      sell: `T${sell}`,
      buy: `T${buy}`,
      sellAmount,
      buyAmount,
      sellMax: sellAmount,
    });
  }
  const priced = prices.map((price, token) => ({ id: `T${token}`, price: price / unitsPerToken }));
  return { tokens: priced, offers };
}

function units(amount: number): bigint {
  return BigInt(Math.max(1, Math.round(amount * unitsPerToken)));
}
