/**
 * What walks can still hope for: an upper bound of the product of any walk from one token to
 * another, so that a search leaves hopeless ones at once.
 *
 * Every token has a height: the product of the best walk to it from a busy one. Where no ring
 * leaves anything over, no pair climbs: rate · height(from) ≤ height(to), and a walk from x to y is
 * worth at most height(y) / height(x). Where pairs do climb, the k steepest tokens bound what k
 * hops can add. Heights grow stale and are taken anew from time to time; bounds never do.
 */
import { at } from "../codec/assert.ts";
import { type Aim, type Graph, Walks } from "./search.ts";

/** Changes after which heights are taken anew. */
const staleAfter = 256;

/** Best walks are longer than rings may be. */
const heightHops = 32;

/** The heights of a graph's tokens, and how steeply its pairs climb. */
export class Outlook {
  readonly #walks: Walks;
  readonly #heights: Float64Array;
  readonly #hope: Float64Array;
  readonly #slack: Float64Array;
  /** For each token: the steepest climb that begins there, and in which pair. */
  readonly #climbs: Float64Array;
  readonly #steepest: Int32Array;
  #age = 0;

  constructor(tokens: number, hops: number) {
    this.#walks = new Walks(tokens, heightHops);
    this.#heights = new Float64Array(tokens).fill(1);
    this.#hope = new Float64Array(tokens);
    this.#slack = new Float64Array(hops + 1).fill(1);
    this.#climbs = new Float64Array(tokens);
    this.#steepest = new Int32Array(tokens).fill(-1);
  }

  /** Takes note that the best rate of a pair has changed. */
  changed(graph: Graph, pair: number): void {
    this.#age += 1;
    if (this.#age >= staleAfter) {
      this.#age = 0;
      this.#measure(graph);
      return;
    }
    const token = at(graph.from, pair);
    if (this.#climb(graph, pair) >= at(this.#climbs, token)) {
      this.#climbs[token] = this.#climb(graph, pair);
      this.#steepest[token] = pair;
    } else if (at(this.#steepest, token) === pair) {
      this.#steepen(graph, token);
    }
  }

  /** What a search for walks to `end` is told. */
  aim(end: number, need: number, hops: number): Aim {
    const heights = this.#heights;
    const height = at(heights, end);
    for (let token = 0; token < heights.length; token++) {
      this.#hope[token] = height / at(heights, token);
    }
    const steep = this.#climbs.filter((climb) => climb > 1).sort();
    for (let left = 1; left <= hops; left++) {
      const climb = steep[steep.length - left] ?? 1;
      this.#slack[left] = at(this.#slack, left - 1) * climb * rounding;
    }
    return { need, hope: this.#hope, slack: this.#slack };
  }

  #measure(graph: Graph): void {
    const degrees = graph.outgoing.map((pairs) => pairs.length);
    const start = degrees.indexOf(Math.max(...degrees));
    this.#walks.search(graph, { start, end: -1, hops: heightHops, floor: -1 });
    for (let token = 0; token < graph.tokens; token++) {
      let height = token === start ? 1 : 0;
      for (let hops = 1; hops <= heightHops; hops++) {
        height = Math.max(height, this.#walks.product(hops, token));
      }
      this.#heights[token] = height === 0 ? 1 : height;
    }
    for (let token = 0; token < graph.tokens; token++) this.#steepen(graph, token);
  }

  #steepen(graph: Graph, token: number): void {
    let steepest = -1;
    let most = 0;
    for (const pair of at(graph.outgoing, token)) {
      const climb = this.#climb(graph, pair);
      if (climb > most) [steepest, most] = [pair, climb];
    }
    this.#climbs[token] = most;
    this.#steepest[token] = steepest;
  }

  #climb({ from, to, tops }: Graph, pair: number): number {
    const heights = this.#heights;
    return (at(tops, pair) * at(heights, at(from, pair))) / at(heights, at(to, pair));
  }
}

/** More than what floating point can lose in one hop. */
const rounding = 1 + 1e-12;
