/**
 * The order book that rings imply between any two tokens: what somebody who has `buy` could get of
 * `sell` through chains of at most nine offers, each of which buys what the next one sells. With
 * him, each chain is a ring. A level is a chain at its limits, in exact integers.
 */
import { at } from "../codec/assert.ts";
import { type Books, booksOf, dropTop, topOf } from "./books.ts";
import { levelsMax, ringSizeMax } from "./limits.ts";
import type { Offer } from "./offer.ts";
import { Walks } from "./search.ts";
import { type Stock, sellableOf } from "./stock.ts";
import { type Table, tableOf } from "./table.ts";

/** So much of `sell` for so much of `buy`, through so many offers. */
export type Level = {
  readonly sellAmount: bigint;
  readonly buyAmount: bigint;
  readonly hops: number;
};

/** Which book, and how deep. */
export type DepthOptions = {
  readonly sell: string;
  readonly buy: string;
  readonly levels?: number | undefined;
};

/** Searches that find only dust count too: so many are made for each level that is asked for. */
const triesPerLevel = 3;

/**
 * The levels, best first. Offers with a minimum are left out: which part of a level they would
 * take is not known before there is a ring.
 */
export function depthOf(
  offers: readonly Offer[],
  { sell, buy, levels = levelsMax }: DepthOptions,
): readonly Level[] {
  const names = [...new Set(offers.flatMap((offer) => [offer.sell, offer.buy]))].sort();
  const [sells, buys] = [names.indexOf(sell), names.indexOf(buy)];
  if (sells < 0 || buys < 0 || sells === buys) return [];
  const tokens = names.map((id) => ({ id, price: 1 }));
  const table = tableOf(
    tokens,
    offers.filter(({ sellMin = 1n }) => sellMin <= 1n),
  );
  const values = Float64Array.from(table.stocks, (stock) => Number(sellableOf(stock)));
  const books = booksOf(table, values, 0);
  const walks = new Walks(books.tokens, ringSizeMax - 1);
  const start = at(books.numbers, sells);
  const end = at(books.numbers, buys);
  const found: Level[] = [];
  for (let tries = 0; found.length < levels && tries < triesPerLevel * levels; tries++) {
    const walk = bestWalk(books, walks, { start, end });
    if (walk === undefined) break;
    const level = take(table, books, walk);
    if (level !== undefined) found.push(level);
  }
  return found.sort(isBetter);
}

function bestWalk(
  books: Books,
  walks: Walks,
  { start, end }: { readonly start: number; readonly end: number },
): readonly number[] | undefined {
  const hopsMax = ringSizeMax - 1;
  walks.search(books, { start, end, hops: hopsMax, floor: -1 });
  let hops = 0;
  let best = 0;
  for (let length = 1; length <= hopsMax; length++) {
    const product = walks.product(length, end);
    if (product > best) [best, hops] = [product, length];
  }
  return hops === 0 ? undefined : walks.walk(books, { hops, token: end });
}

/** Takes as much as goes through the chain; at least one of its offers is used up, or too small. */
function take(table: Table, books: Books, walk: readonly number[]): Level | undefined {
  const stocks = walk.map((pair) => at(table.stocks, topOf(books, pair)));
  const amounts = chain(stocks);
  if (amounts === undefined) {
    const first = smallest(stocks);
    dropTop(books, at(walk, first));
    return undefined;
  }
  let isDropped = false;
  for (const [i, stock] of stocks.entries()) {
    stock.sellLeft -= at(amounts, i);
    if (stock.buyLeft !== undefined) stock.buyLeft -= at(amounts, i + 1);
    if (sellableOf(stock) >= 1n) continue;
    dropTop(books, at(walk, i));
    isDropped = true;
  }
  if (!isDropped) dropTop(books, at(walk, smallest(stocks)));
  const [sellAmount, buyAmount] = [at(amounts, 0), at(amounts, stocks.length)];
  return { sellAmount, buyAmount, hops: stocks.length };
}

/** What each sells at its limit for what the one after it sells, and what the last one wants. */
function chain(stocks: readonly Stock[]): readonly bigint[] | undefined {
  const caps = stocks.map(sellableOf);
  for (let i = stocks.length - 2; i >= 0; i--) {
    const { sellAmount, buyAmount } = at(stocks, i).offer;
    const limit = (at(caps, i + 1) * sellAmount) / buyAmount;
    if (limit < at(caps, i)) caps[i] = limit;
  }
  const amounts = [at(caps, 0)];
  for (const [i, { offer }] of stocks.entries()) {
    const sold = at(amounts, i);
    if (sold < 1n) return undefined;
    amounts.push((sold * offer.buyAmount + offer.sellAmount - 1n) / offer.sellAmount);
  }
  return amounts;
}

/** The offer that lets least through. */
function smallest(stocks: readonly Stock[]): number {
  let weight = 1;
  let least = Infinity;
  let found = 0;
  for (const [i, stock] of stocks.entries()) {
    const scale = Number(sellableOf(stock)) / weight;
    if (scale < least) [least, found] = [scale, i];
    weight *= Number(stock.offer.buyAmount) / Number(stock.offer.sellAmount);
  }
  return found;
}

function isBetter(a: Level, b: Level): number {
  const [mine, other] = [a.buyAmount * b.sellAmount, b.buyAmount * a.sellAmount];
  return mine < other ? -1 : mine > other ? 1 : 0;
}
