/**
 * Walks and cycles over pairs of tokens: hop-bounded Bellman-Ford, with products of rates where
 * others add logarithms. A pair leads from the token that its offers sell to the one they buy, so
 * that a walk is a chain of offers, each of which buys what the next one sells.
 *
 * A bounded walk may meet itself. It is kept simple while it grows, so that no offer of a crossed
 * book can send it in circles; searched with growing lengths nothing is lost by that: a walk that
 * meets itself splits into shorter ones, and those have been taken before.
 */
import { at } from "../codec/assert.ts";

/** Pairs of tokens, and the best rate in each. */
export type Graph = {
  readonly tokens: number;
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** For each token, the pairs that begin there, and those that end there. */
  readonly outgoing: readonly (readonly number[])[];
  readonly incoming: readonly (readonly number[])[];
  /** Rate of the best offer that is left in each pair; 0: none. */
  readonly tops: readonly number[];
};

/** A graph's pairs at each of their ends. */
export function endsOf(
  tokens: number,
  { from, to }: Pick<Graph, "from" | "to">,
): { readonly outgoing: number[][]; readonly incoming: number[][] } {
  const outgoing = Array.from({ length: tokens }, (): number[] => []);
  const incoming = Array.from({ length: tokens }, (): number[] => []);
  for (const [pair, token] of from.entries()) at(outgoing, token).push(pair);
  for (const [pair, token] of to.entries()) at(incoming, token).push(pair);
  return { outgoing, incoming };
}

/** What a product must exceed to leave something over: below it is noise of floating point. */
export const profit: number = 1 + 1e-12;

/** Where walks begin and how long they may be; they stay above `floor` and do not leave `end`. */
export type Reach = {
  readonly start: number;
  readonly end: number;
  readonly hops: number;
  readonly floor: number;
};

/** The memory of searches over so many tokens, used again by each. */
export class Walks {
  readonly #tokens: number;
  /** For each number of hops and each token: the best product, and the last pair of that walk. */
  readonly #products: Float64Array;
  readonly #by: Int32Array;

  constructor(tokens: number, hopsMax: number) {
    this.#tokens = tokens;
    this.#products = new Float64Array(tokens * (hopsMax + 1));
    this.#by = new Int32Array(tokens * (hopsMax + 1));
  }

  /** Finds the best simple walk of 1 … `hops` pairs from `start` to each token. */
  search(graph: Graph, { start, end, hops, floor }: Reach): void {
    const { outgoing, to, tops } = graph;
    const products = this.#products;
    const by = this.#by;
    const tokens = this.#tokens;
    products.fill(0, 0, tokens * (hops + 1));
    products[start] = 1;
    for (let hop = 1; hop <= hops; hop++) {
      const before = (hop - 1) * tokens;
      const now = hop * tokens;
      for (let token = 0; token < tokens; token++) {
        const walk = products[before + token] ?? 0;
        if (walk === 0 || token === end) continue;
        for (const pair of outgoing[token] ?? []) {
          const next = to[pair] ?? 0;
          if (next <= floor || next === start) continue;
          const product = walk * (tops[pair] ?? 0);
          if (product <= (products[now + next] ?? 0) || product === Infinity) continue;
          if (hop > 2 && this.#meets(graph, { hop: hop - 1, token, next })) continue;
          products[now + next] = product;
          by[now + next] = pair;
        }
      }
    }
  }

  /** Whether the walk of `hop` pairs that ends in `token` has been to `next`. */
  #meets(
    { from }: Graph,
    { hop, token, next }: { readonly hop: number; readonly token: number; readonly next: number },
  ): boolean {
    for (let back = hop, place = token; back > 0; back--) {
      place = from[this.#by[back * this.#tokens + place] ?? 0] ?? 0;
      if (place === next) return true;
    }
    return false;
  }

  /** The product of the best walk found of exactly so many hops to a token; 0: there is none. */
  product(hops: number, token: number): number {
    return at(this.#products, hops * this.#tokens + token);
  }

  /** The pairs of that walk. */
  walk(
    { from }: Graph,
    { hops, token }: { readonly hops: number; readonly token: number },
  ): number[] {
    const pairs: number[] = [];
    for (let hop = hops, place = token; hop > 0; hop--) {
      const pair = at(this.#by, hop * this.#tokens + place);
      pairs.push(pair);
      place = at(from, pair);
    }
    return pairs.reverse();
  }
}

/**
 * Cycles of exactly so many pairs whose best offers leave something over, each looked for from its
 * lowest token only, one best walk for each pair that closes it there.
 */
export function cyclesOf(graph: Graph, walks: Walks, size: number): number[][] {
  const { from, incoming, tops } = graph;
  const hops = size - 1;
  const cycles: number[][] = [];
  for (let start = 0; start < graph.tokens; start++) {
    const closing = at(incoming, start).filter((pair) => at(from, pair) > start);
    if (closing.length === 0) continue;
    walks.search(graph, { start, end: start - 1, hops, floor: start });
    for (const pair of closing) {
      const token = at(from, pair);
      if (walks.product(hops, token) * at(tops, pair) <= profit) continue;
      cycles.push([...walks.walk(graph, { hops, token }), pair]);
    }
  }
  return cycles;
}
