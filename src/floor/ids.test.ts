/** The id table against a Map: ids up to 2^53, many of which mix alike, entered and removed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { hotColumn, Orders } from "../book/orders.ts";
import { runs } from "../testing/runs.ts";
import { OrderIds } from "./ids.ts";

const two32 = 2 ** 32;

test("an id finds its order as long as it is open", () => {
  const id = fc.oneof(
    fc.integer({ min: 1, max: 400 }),
    fc.integer({ min: 1, max: 40 }).map((i) => i * two32),
    fc.integer({ min: 1, max: 40 }).map((i) => 2 ** 53 - i),
  );
  fc.assert(
    fc.property(fc.array(id, { maxLength: 6000 }), (ids) => {
      const orders = new Orders();
      const table = new OrderIds(orders);
      const map = new Map<number, number>();
      for (const each of ids) {
        const slot = map.get(each);
        assert.equal(table.find(each), slot ?? 0);
        if (slot === undefined) {
          const taken = orders.take();
          orders.hot[(taken << 3) | hotColumn.id] = each;
          table.add(taken);
          map.set(each, taken);
        } else {
          table.remove(slot);
          orders.give(slot);
          map.delete(each);
        }
      }
      for (const [each, slot] of map) assert.equal(table.find(each), slot);
    }),
    { numRuns: runs(40) },
  );
});

test("ten thousand ids, after the table has grown", () => {
  const orders = new Orders();
  const table = new OrderIds(orders);
  for (let i = 1; i <= 10_000; i += 1) {
    const slot = orders.take();
    orders.hot[(slot << 3) | hotColumn.id] = i;
    table.add(slot);
  }
  for (let i = 1; i <= 10_000; i += 2) table.remove(table.find(i));
  for (let i = 1; i <= 10_000; i += 1) assert.equal(table.find(i) !== 0, i % 2 === 0);
});

test("ids that all want one place are scattered, and found", () => {
  const orders = new Orders();
  const table = new OrderIds(orders);
  const ids = Array.from({ length: 5000 }, (_, i) => (i < 1000 ? i + 1 : i * 65_536));
  for (const id of ids) {
    const slot = orders.take();
    orders.hot[(slot << 3) | hotColumn.id] = id;
    table.add(slot);
  }
  for (const id of ids) {
    const slot = table.find(id);
    assert.equal(orders.hot[(slot << 3) | hotColumn.id], id);
    if (id % 3 === 0) table.remove(slot);
  }
  for (const id of ids) assert.equal(table.find(id) !== 0, id % 3 !== 0);
});
