/** The heap of expiries gives what a sorted list would give, and does not keep the dead. */
import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { time, type Time } from "../codec/time.ts";
import { runs } from "../testing/runs.ts";
import { Expiries } from "./expiries.ts";

type Order = { number: number; expiry: Time | undefined; place: object | undefined };

test("orders come out soonest first, oldest first of equals; those that left do not", () => {
  const expiry = fc.option(fc.nat(20));
  const arbitrary = fc.array(fc.record({ expiry, leaves: fc.boolean() }), { maxLength: 300 });
  fc.assert(
    fc.property(arbitrary, fc.nat(20), (wanted, now) => {
      const heap = new Expiries<Order>();
      const orders = wanted.map((each, number): Order => {
        const until = each.expiry === null ? undefined : time(each.expiry);
        return { number, expiry: until, place: {} };
      });
      for (const order of orders) heap.add(order);
      orders.forEach((order, i) => {
        if (wanted[i]?.leaves !== true) return;
        order.place = undefined;
        heap.left(order);
      });
      const expected = orders
        .filter(({ place, expiry: until }) => place && until !== undefined && until <= now)
        .sort((a, b) => (a.expiry ?? 0) - (b.expiry ?? 0) || a.number - b.number);
      const found: Order[] = [];
      for (let order = heap.due(time(now)); order; order = heap.due(time(now))) {
        order.place = undefined;
        heap.left(order);
        found.push(order);
      }
      assert.deepEqual(found, expected);
    }),
    { numRuns: runs(100) },
  );
});

test("orders that come and go for ever leave no trace", () => {
  const heap = new Expiries<Order>();
  for (let number = 0; number < 10_000; number += 1) {
    const order: Order = { number, expiry: time(9_000_000), place: {} };
    heap.add(order);
    order.place = undefined;
    heap.left(order);
  }
  assert.ok(heap.size < 200, "the dead are thrown out");
});
