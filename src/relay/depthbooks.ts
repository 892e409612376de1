/**
 * The books that rings imply, as a relay serves them. One costs some tenth of a second when
 * thousands of offers live, and anybody may ask for any pair: so a book is made once for each state
 * of the offers, and only a few a second; who asks beyond that gets the last one, or is told to
 * come again. Letters are never kept waiting by it.
 */
import type { DepthJson } from "../market/ringdepth.ts";

/** Books made within one window. */
const madeMax = 4;
const windowMs = 1000;
/** Pairs that are remembered; then all are forgotten. */
const pairsMax = 1000;

type Book = { readonly version: string; readonly json: DepthJson };

export class DepthBooks {
  readonly #books: Map<string, Book> = new Map();
  #since = 0;
  #made = 0;

  /** The pair's book; `undefined`: too many were asked for, and there is none from before. */
  find(
    { pair, version, at }: { readonly pair: string; readonly version: string; readonly at: number },
    make: () => DepthJson,
  ): DepthJson | undefined {
    const known = this.#books.get(pair);
    if (known?.version === version) return known.json;
    if (Math.abs(at - this.#since) >= windowMs) {
      this.#since = at;
      this.#made = 0;
    }
    if (this.#made >= madeMax) return known?.json;
    this.#made += 1;
    if (this.#books.size >= pairsMax) this.#books.clear();
    const json = make();
    this.#books.set(pair, { version, json });
    return json;
  }
}
