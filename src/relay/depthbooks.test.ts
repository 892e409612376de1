/** Books are made once for each state of the offers, and no more than a few in a second. */
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import type { DepthJson } from "../market/ringdepth.ts";
import { DepthBooks } from "./depthbooks.ts";

test("a stranger who asks for every pair makes a relay work no more than a little", () => {
  const books = new DepthBooks();
  let made = 0;
  const ask = (pair: string, version: number, at: number): string | undefined => {
    const make = (): DepthJson => {
      made += 1;
      return { sell: `${pair} ${version}`, buy: "", levels: [], bids: [] };
    };
    return books.find({ pair, version: String(version), at }, make)?.sell;
  };
  equal(ask("A B", 1, 5000), "A B 1");
  equal(ask("A B", 1, 5001), "A B 1");
  equal(made, 1);
  const asked = Array.from({ length: 50 }, (_, i) => ask(`A C${i}`, 1, 5002));
  deepEqual([made, asked.filter((book) => book !== undefined).length], [4, 3]);
  // Beyond it the last book is served, until there is time for the next.
  equal(ask("A B", 2, 5999), "A B 1");
  equal(ask("A B", 2, 6000), "A B 2");
  // A clock that was set back stops nothing.
  equal(ask("A B", 3, 100), "A B 3");
});
