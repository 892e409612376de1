/**
 * The ladder against a list that is sorted anew each time: near prices, prices anywhere up to 2^53,
 * and a market that drifts away from where its window was.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { at } from "../codec/assert.ts";
import { randomFrom } from "../testing/seed.ts";
import { runs } from "../testing/runs.ts";
import { Ladder } from "./ladder.ts";
import { hotColumn, linkColumn, Orders } from "./orders.ts";

type Twin = { readonly slot: number; readonly ticks: number; open: number };

/** A ladder and its slow twin. */
class Pair {
  readonly orders = new Orders();
  readonly ladder: Ladder;
  readonly twins: Twin[] = [];
  private readonly sign: 1 | -1;

  constructor(sign: 1 | -1) {
    this.sign = sign;
    this.ladder = new Ladder(this.orders, sign);
  }

  push(ticks: number, open: number): void {
    const slot = this.orders.take();
    this.orders.hot[(slot << 3) + hotColumn.ticks] = ticks;
    this.orders.hot[(slot << 3) + hotColumn.open] = open;
    this.ladder.push(slot);
    this.twins.push({ slot, ticks, open });
  }

  remove(index: number): void {
    const [twin] = this.twins.splice(index, 1);
    if (twin === undefined) return;
    this.ladder.remove(twin.slot);
    this.orders.give(twin.slot);
  }

  lower(index: number): void {
    const twin = at(this.twins, index);
    if (twin.open === 1) return;
    this.ladder.lower(twin.slot, 1);
    twin.open -= 1;
    this.orders.hot[(twin.slot << 3) + hotColumn.open] = twin.open;
  }

  best(): void {
    const { ladder, twins, sign } = this;
    const prices = twins.map(({ ticks }) => ticks * sign);
    assert.equal(ladder.bestKey, prices.length === 0 ? -Infinity : Math.max(...prices));
  }

  /** Every level, its quantity and its queue. */
  all(): void {
    const { ladder, sign } = this;
    assert.equal(ladder.audit(), this.twins.length);
    const sorted = this.twins.toSorted((a, b) => (b.ticks - a.ticks) * sign);
    const slots: number[] = [];
    for (let row = ladder.seek(Infinity); row !== -1; row = ladder.seek(ladder.seekKey)) {
      const ticks = ladder.ticksOf(ladder.seekKey);
      for (let slot = ladder.front(row); slot !== 0;) {
        slots.push(slot);
        slot = this.orders.links[(slot << 4) + linkColumn.next] ?? 0;
      }
      const there = sorted.filter((twin) => twin.ticks === ticks);
      assert.equal(
        ladder.quantityAt(ticks),
        there.reduce((sum, { open }) => sum + open, 0),
      );
    }
    assert.deepEqual(
      slots,
      sorted.map(({ slot }) => slot),
    );
  }
}

/** Where prices come from, by how far the search is. */
const sources: Readonly<Record<string, (random: (below: number) => number, i: number) => number>> =
  {
    near: (random) => 1000 + random(300),
    anywhere: (random) => 2 ** random(53) + random(3),
    drifting: (random, i) => 1_000_000 + 40 * i + random(3000),
  };

for (const [name, source] of Object.entries(sources)) {
  test(`levels and queues are those of a sorted list: prices ${name}`, () => {
    fc.assert(
      fc.property(fc.nat(2 ** 30), fc.constantFrom<1 | -1>(1, -1), (seed, sign) => {
        const random = randomFrom(seed);
        const pair = new Pair(sign);
        for (let i = 0; i < 800; i += 1) {
          const die = random(10);
          if (die < 5 || pair.twins.length === 0) pair.push(source(random, i), 1 + random(9));
          else if (die < 9) pair.remove(random(pair.twins.length));
          else pair.lower(random(pair.twins.length));
          pair.best();
        }
        pair.all();
      }),
      { numRuns: runs(12) },
    );
  });
}

test("the window follows a market that leaves it, and nothing is lost", () => {
  const random = randomFrom(7);
  const pair = new Pair(1);
  pair.push(5, 1);
  for (let i = 0; i < 30_000; i += 1) {
    pair.push(10_000_000 + i * 3 + random(6000), 1 + random(5));
    if (pair.twins.length > 50) pair.remove(1 + random(49));
  }
  pair.best();
  pair.all();
});

test("a hundred thousand orders at one price are cancelled one by one, from the middle too", () => {
  const pair = new Pair(-1);
  for (let i = 0; i < 100_000; i += 1) pair.push(7, 1);
  const slots = pair.twins.map(({ slot }) => slot);
  for (const slot of slots.filter((_, i) => i % 2 === 1)) pair.ladder.remove(slot);
  for (const slot of slots.filter((_, i) => i % 2 === 0)) pair.ladder.remove(slot);
  assert.equal(pair.ladder.bestRow, -1);
});
