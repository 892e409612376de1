/** Turns among sources: who goes first, who makes room, and what many letters cost more. */
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { assert, array, integer, property, record } from "fast-check";
import { FairQueue, sourceOf, Sources } from "./fair.ts";

test("a source is an address, or the first 56 bits of one", () => {
  equal(sourceOf("203.0.113.7"), "203.0.113.7");
  equal(sourceOf("::ffff:203.0.113.7"), "203.0.113.7");
  equal(sourceOf("2001:db8:1:22ff::1"), sourceOf("2001:db8:1:2200:9:8:7:6"));
  equal(sourceOf("2001:db8:1:22ff::1"), "2001:db8:1:22");
  equal(sourceOf("::1"), "0:0:0:0");
  equal(sourceOf("fe80::1%eth0"), "fe80:0:0:0");
});

test("more postage goes first; among equals the sources take turns", () => {
  const queue = new FairQueue<string>(100);
  for (let i = 0; i < 5; i += 1) queue.add(`flood ${i}`, { worth: 0, source: "a" });
  queue.add("modest", { worth: 0, source: "b" });
  queue.add("stamped late", { worth: 14, source: "a" });
  queue.add("stamped better", { worth: 15, source: "b" });
  deepEqual(queue.take(5), ["stamped better", "stamped late", "flood 0", "modest", "flood 1"]);
  equal(queue.length, 3);
  deepEqual(queue.take(9), ["flood 2", "flood 3", "flood 4"]);
  deepEqual(queue.take(9), []);
});

test("turns go on where they were, over many takes", () => {
  const queue = new FairQueue<string>(100);
  for (const source of ["a", "b", "c"]) {
    for (let i = 0; i < 3; i += 1) queue.add(`${source}${i}`, { worth: 0, source });
  }
  const taken: string[] = [];
  while (queue.length > 0) taken.push(...queue.take(2));
  deepEqual(taken, ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]);
});

test("who fills the queue makes room, those who paid least and then those who sent most", () => {
  const queue = new FairQueue<string>(4);
  const add = (name: string, worth: number, source: string): string | undefined =>
    queue.add(name, { worth, source });
  for (const name of ["a0", "a1", "a2"]) equal(add(name, 0, "a"), undefined);
  equal(add("b0", 0, "b"), undefined);
  equal(add("c0", 0, "c"), "a2", "the newest of the source with the most");
  equal(add("paid", 14, "a"), "a1");
  equal(add("d0", 0, "d"), "a0", "of equals the one whose turn is next");
  for (const name of ["p1", "p2", "p3"]) add(name, 14, "a");
  equal(add("e0", 0, "e"), "e0", "who paid nothing waits for those who did");
  deepEqual(queue.take(9), ["paid", "p1", "p2", "p3"]);
});

test("nothing is lost and nothing comes twice, and the bound holds", () => {
  const step = record({ worth: integer({ min: 0, max: 3 }), source: integer({ min: 0, max: 4 }) });
  assert(
    property(array(step, { maxLength: 200 }), (steps) => {
      const queue = new FairQueue<number>(20);
      const seen = new Set<number>();
      for (const [i, { worth, source }] of steps.entries()) {
        const gone = queue.add(i, { worth, source: String(source) });
        if (gone !== undefined) seen.add(gone);
        if (queue.length > 20) return false;
        if (i % 7 === 0) for (const item of queue.take(3)) seen.add(item);
      }
      for (const item of queue.take(1000)) seen.add(item);
      return seen.size === steps.length && queue.length === 0;
    }),
  );
});

test("who sent very many pays more, a window after it was told", () => {
  const sources = new Sources();
  const window = (n: number): number => n * 30_000 + 1000;
  for (let i = 0; i < 700; i += 1) sources.note("a", window(1));
  sources.note("b", window(1));
  deepEqual(sources.surcharge("a", window(1)), { announced: 0, asked: 0 });
  deepEqual(sources.surcharge("a", window(2)), { announced: 2, asked: 0 });
  deepEqual(sources.surcharge("b", window(2)), { announced: 0, asked: 0 });
  for (let i = 0; i < 300; i += 1) sources.note("a", window(2));
  deepEqual(sources.surcharge("a", window(3)), { announced: 1, asked: 1 });
  deepEqual(sources.surcharge("a", window(4)), { announced: 0, asked: 0 });
  deepEqual(sources.surcharge("a", window(9)), { announced: 0, asked: 0 });
});
