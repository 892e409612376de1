/**
 * Walks and cycles over pairs of tokens: hop-bounded Bellman-Ford, with products of rates where
 * others add logarithms. A pair leads from the token that its offers sell to the one they buy, so
 * that a walk is a chain of offers, each of which buys what the next one sells.
 *
 * A bounded walk may meet itself. It is kept simple while it grows, so that no offer of a crossed
 * book can send it in circles; searched with growing lengths nothing is lost by that: a walk that
 * meets itself splits into shorter ones, and those have been taken before. Nor is anything lost by
 * following a walk only where it is better than every shorter one: the shorter closes better too.
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
/** What it must exceed for everybody to get just what he asks: exact amounts tell in the end. */
export const even: number = 1 - 1e-12;

/** Where walks begin and how long they may be; they stay above `floor` and do not leave `end`. */
export type Reach = {
  readonly start: number;
  readonly end: number;
  readonly hops: number;
  readonly floor: number;
  readonly aim?: Aim | undefined;
};

/**
 * Which walks to `end` are worth following: those whose product, times what they can hope for on
 * the way from where they are (`hope` of the token, times `slack` for so many hops left), is more
 * than `need`. Neither may be less than what there is.
 */
export type Aim = {
  readonly need: number;
  readonly hope: Float64Array;
  readonly slack: Float64Array;
};

const noAim: Aim = { need: -1, hope: new Float64Array(0), slack: new Float64Array(0) };

/** The memory of searches over so many tokens, used again by each. */
export class Walks {
  readonly #tokens: number;
  /**
   * For each number of hops and each token: the product of a walk of so many hops that is better
   * than every shorter one, and its last pair. 0: no such walk.
   */
  readonly #products: Float64Array;
  readonly #by: Int32Array;
  /** For each token, the best product so far. */
  readonly #best: Float64Array;
  /** Tokens that the last hop improved, and those that this one does. */
  #frontier: Int32Array;
  #next: Int32Array;

  constructor(tokens: number, hopsMax: number) {
    this.#tokens = tokens;
    this.#products = new Float64Array(tokens * (hopsMax + 1));
    this.#by = new Int32Array(tokens * (hopsMax + 1));
    this.#best = new Float64Array(tokens);
    this.#frontier = new Int32Array(tokens);
    this.#next = new Int32Array(tokens);
  }

  /**
   * Finds simple walks of 1 … `hops` pairs from `start` to each token; of a length only where it
   * is better than every shorter one.
   */
  search(graph: Graph, { start, end, hops, floor, aim = noAim }: Reach): void {
    const { outgoing, to, tops } = graph;
    const { need, hope } = aim;
    const products = this.#products;
    const best = this.#best;
    const tokens = this.#tokens;
    products.fill(0, 0, tokens * (hops + 1));
    best.fill(0);
    best[start] = Infinity;
    products[start] = 1;
    this.#frontier[0] = start;
    for (let hop = 1, width = 1; hop <= hops && width > 0; hop++) {
      const frontier = this.#frontier;
      const improved = this.#next;
      const before = (hop - 1) * tokens;
      const now = hop * tokens;
      const slack = aim.slack[hops - hop] ?? 1;
      let count = 0;
      for (let place = 0; place < width; place++) {
        const token = frontier[place] ?? 0;
        if (token === end) continue;
        const walk = products[before + token] ?? 0;
        for (const pair of outgoing[token] ?? []) {
          const next = to[pair] ?? 0;
          const product = walk * (tops[pair] ?? 0);
          if (product <= (best[next] ?? 0) || next <= floor || product === Infinity) continue;
          if (product * (hope[next] ?? 1) * slack <= need) continue;
          if (hop > 2 && this.#meets(graph, { hop: hop - 1, token, next })) continue;
          if (products[now + next] === 0) improved[count++] = next;
          products[now + next] = best[next] = product;
          this.#by[now + next] = pair;
        }
      }
      this.#frontier = improved;
      this.#next = frontier;
      width = count;
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

  /** The product of the walk of so many hops to a token; 0: none is better than shorter ones. */
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
 * Cycles of exactly so many pairs whose best offers make more than `above`, each looked for from
 * its lowest token only, one best walk for each pair that closes it there.
 */
export function cyclesOf(graph: Graph, walks: Walks, size: number, above: number): number[][] {
  const { from, incoming, tops } = graph;
  const hops = size - 1;
  const cycles: number[][] = [];
  for (let start = 0; start < graph.tokens; start++) {
    const closing = at(incoming, start).filter((pair) => at(from, pair) > start);
    if (closing.length === 0) continue;
    walks.search(graph, { start, end: start - 1, hops, floor: start });
    for (const pair of closing) {
      const token = at(from, pair);
      if (walks.product(hops, token) * at(tops, pair) <= above) continue;
      cycles.push([...walks.walk(graph, { hops, token }), pair]);
    }
  }
  return cycles;
}
