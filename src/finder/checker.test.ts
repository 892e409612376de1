/** The checker names every fault, and what rings are worth is exact. */
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";

import { checkRings, type RingFault, ringFaultRefusals, surplusOf } from "./checker.ts";
import type { FoundRing, Offer } from "./offer.ts";

const offer = (id: string, sell: string, buy: string, more: Partial<Offer> = {}): Offer => ({
  id,
  sell,
  buy,
  sellAmount: 100n,
  buyAmount: 90n,
  sellMax: 100n,
  ...more,
});

const offers = [
  offer("a", "X", "Y"),
  offer("b", "Y", "X", { buyMax: 95n }),
  offer("c", "Y", "Z", { sellMin: 50n }),
  offer("d", "Z", "X"),
  offer("e", "X", "Z"),
  offer("f", "Z", "Y"),
];

const ring = (...orders: readonly (readonly [string, bigint, bigint])[]): FoundRing => ({
  orders: orders.map(([id, sold, received]) => ({ id, sold, received })),
});

const good = ring(["a", 90n, 95n], ["b", 95n, 90n]);

test("a ring that keeps everything passes", () => {
  equal(checkRings(offers, [good]).ok, true);
  const three = ring(["a", 60n, 60n], ["c", 60n, 60n], ["d", 60n, 60n]);
  equal(checkRings(offers, [three]).ok, true);
});

const faults: Readonly<Record<RingFault, readonly FoundRing[]>> = {
  ring_size: [ring(["a", 1n, 1n])],
  order_unknown: [ring(["a", 1n, 1n], ["nobody", 1n, 1n])],
  order_twice: [ring(["a", 1n, 1n], ["a", 1n, 1n])],
  token_twice: [ring(["a", 60n, 60n], ["c", 60n, 60n], ["f", 60n, 60n], ["b", 60n, 60n])],
  tokens_do_not_join: [ring(["a", 60n, 60n], ["d", 60n, 60n])],
  amount_zero: [ring(["a", 0n, 60n], ["b", 60n, 0n])],
  amounts_do_not_join: [ring(["a", 60n, 60n], ["b", 61n, 60n])],
  limit_price: [ring(["a", 90n, 80n], ["b", 80n, 90n])],
  below_minimum: [ring(["a", 49n, 49n], ["c", 49n, 49n], ["d", 49n, 49n])],
  oversold: [ring(["a", 90n, 90n], ["b", 90n, 90n]), ring(["a", 11n, 11n], ["b", 11n, 11n])],
  overbought: [ring(["a", 96n, 96n], ["b", 96n, 96n])],
};

for (const name of ringFaultRefusals) {
  test(`the checker refuses: ${name}`, () => {
    const checked = checkRings(offers, faults[name]);
    deepEqual(checked.ok ? "ok" : checked.name, name);
  });
}

test("the surplus is what is received beyond the limits, at the prices", () => {
  const tokens = [
    { id: "X", price: 2 },
    { id: "Y", price: 1 },
  ];
  // a: 95 − 81 = 14 of Y; b: 90 − 85.5 = 4.5 of X.
  equal(surplusOf(tokens, offers, [good]), 14 + 9);
});
