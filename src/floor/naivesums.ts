/** The arithmetic of the slow floor (naive.ts): BigInt, from the pages, shared with nothing. */
import type { NaiveMarket, NaiveOrder } from "./naive.ts";

const million = 1_000_000n;

function owed(notional: bigint, rate: number): bigint {
  return (notional * BigInt(rate) + million - 1n) / million;
}

/** ledger.md §2.1: owed after it less owed before it. */
export function fee(before: bigint, notional: bigint, rate: number): bigint {
  return owed(before + notional, rate) - owed(before, rate);
}

/** The most of `lots` for which `cap` still pays, fee included. */
export function cappedLots(
  cap: bigint,
  unit: bigint,
  lots: number,
  taken: bigint,
  rate: number,
): number {
  let [least, most] = [0n, BigInt(lots)];
  while (least < most) {
    const middle = (least + most + 1n) / 2n;
    const quote = middle * unit;
    if (quote + fee(taken, quote, rate) <= cap) least = middle;
    else most = middle - 1n;
  }
  return Number(least);
}

type Candidate = { readonly price: number; readonly volume: number; readonly surplus: number };

/**
 * phases.md §2.1. What would trade changes only at orders' prices and beside them, so that looking
 * there, and at the reference, is looking everywhere.
 */
export function uncrossPrice(
  market: NaiveMarket,
  buys: readonly NaiveOrder[],
  sells: readonly NaiveOrder[],
): number {
  const { tick, priceMax } = market.listing;
  const prices = new Set([market.reference]);
  for (const { price } of [...buys, ...sells]) {
    for (const near of [price - tick, price, price + tick]) prices.add(near);
  }
  const candidates = [...prices]
    .filter((price) => price > 0 && price <= priceMax)
    .map((price): Candidate => {
      const bought = sum(buys.filter((order) => order.price >= price));
      const sold = sum(sells.filter((order) => order.price <= price));
      return { price, volume: Math.min(bought, sold), surplus: bought - sold };
    });
  const volume = Math.max(...candidates.map((candidate) => candidate.volume));
  const most = candidates.filter((candidate) => candidate.volume === volume);
  const surplus = Math.min(...most.map((candidate) => Math.abs(candidate.surplus)));
  const least = most.filter((candidate) => Math.abs(candidate.surplus) === surplus);
  const listed = least.map(({ price }) => price);
  if (least.every((candidate) => candidate.surplus > 0)) return Math.max(...listed);
  if (least.every((candidate) => candidate.surplus < 0)) return Math.min(...listed);
  const away = (price: number): number => Math.abs(price - market.reference);
  return listed.reduce((best, price) => (away(price) < away(best) ? price : best));
}

function sum(orders: readonly NaiveOrder[]): number {
  return orders.reduce((all, order) => all + order.open, 0);
}
