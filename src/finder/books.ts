/**
 * A book for each ordered pair of tokens: its offers, best rate first, the larger first of equal
 * ones. Nobody's place depends on when he came. Tokens are numbered anew by how many pairs they
 * have, most first: a search that goes through hubs first has little left to search.
 */
import { at } from "../codec/assert.ts";
import { endsOf, type Graph } from "./search.ts";
import type { Table } from "./table.ts";

/** The books of one pass, and how far each has been used. */
export type Books = Graph & {
  /** A table's token's number in the graph. */
  readonly numbers: Int32Array;
  /** Offers of each pair, best first; `heads` is the place of the best that is left. */
  readonly queues: readonly (readonly number[])[];
  readonly heads: number[];
  readonly tops: number[];
  /** For each offer of the table, its rate net of a place. */
  readonly rates: Float64Array;
};

/** The rate at which an offer gives, if it pays for one place in a ring out of all it sells. */
export function netRate(rate: number, value: number, gasPerOrder: number): number {
  return gasPerOrder < value ? rate * (1 - gasPerOrder / value) : 0;
}

/**
 * Books of the offers that `values` gives anything: what each may sell in this pass. Rates are net
 * of what a place in a ring costs: who is too small to pay for one stands behind all others, and
 * in nobody's way.
 */
export function booksOf(table: Table, values: Float64Array, gasPerOrder: number): Books {
  const { tokens, sells, buys } = table;
  const rates = table.rates.map((rate, offer) => netRate(rate, at(values, offer), gasPerOrder));
  const byPair = new Map<number, number[]>();
  for (let offer = 0; offer < values.length; offer++) {
    if (!(at(values, offer) > 0)) continue;
    const key = at(sells, offer) * tokens + at(buys, offer);
    const known = byPair.get(key);
    if (known === undefined) byPair.set(key, [offer]);
    else known.push(offer);
  }
  const numbers = numbersOf(tokens, [...byPair.keys()]);
  const pairs = [...byPair].map(([key, queue]) => ({
    from: at(numbers, Math.floor(key / tokens)),
    to: at(numbers, key % tokens),
    queue,
  }));
  pairs.sort((a, b) => a.from - b.from || a.to - b.to);
  const from = pairs.map((pair) => pair.from);
  const to = pairs.map((pair) => pair.to);
  for (const { queue } of pairs) {
    queue.sort((a, b) => at(rates, b) - at(rates, a) || at(values, b) - at(values, a) || a - b);
  }
  const queues = pairs.map(({ queue }) => queue);
  return {
    tokens,
    numbers,
    from,
    to,
    ...endsOf(tokens, { from, to }),
    queues,
    heads: queues.map(() => 0),
    tops: queues.map((queue) => at(rates, at(queue, 0))),
    rates,
  };
}

/** For each token its number: more pairs, lower number. */
function numbersOf(tokens: number, keys: readonly number[]): Int32Array {
  const degrees = new Int32Array(tokens);
  for (const key of keys) {
    for (const token of [Math.floor(key / tokens), key % tokens]) {
      degrees[token] = at(degrees, token) + 1;
    }
  }
  const order = Array.from(degrees.keys()).sort((a, b) => at(degrees, b) - at(degrees, a) || a - b);
  const numbers = new Int32Array(tokens);
  for (const [place, token] of order.entries()) numbers[token] = place;
  return numbers;
}

/** The best offer that is left in a pair. */
export function topOf(books: Books, pair: number): number {
  return at(at(books.queues, pair), at(books.heads, pair));
}

/** Passes over the best offer of a pair: it is used up, or set aside. */
export function dropTop(books: Books, pair: number): void {
  const head = at(books.heads, pair) + 1;
  const queue = at(books.queues, pair);
  books.heads[pair] = head;
  books.tops[pair] = head < queue.length ? at(books.rates, at(queue, head)) : 0;
}
