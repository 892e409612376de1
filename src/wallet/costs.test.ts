/** What an order may cost is never below what its fills can come to, by the engine's fee rule. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { amount, price, quantity } from "../money/amount.ts";
import { feeOwed } from "../money/fee.ts";
import { noLimits, type Market } from "../money/market.ts";
import { costOf, sweepOf, worstOf } from "./costs.ts";

const market: Market = {
  name: "GLD/BTC",
  base: "GLD",
  quote: "BTC",
  lot: amount(1),
  unit: amount(100),
  tick: price(1),
  priceDecimals: 5,
  priceMax: price(10_000_000),
  quantityMin: quantity(1),
  quantityMax: quantity(10_000_000),
  makerRate: 1000,
  takerRate: 2000,
  ...noLimits,
};

test("a buy holds its notional and the fee; a sell holds what it sells", () => {
  const order = { quantity: quantity(1200), price: price(4215) };
  const buy = costOf(market, { side: "buy", ...order });
  equal(buy?.notional, 505_800_000);
  equal(buy?.feeMost, 1_011_600);
  equal(buy?.bound, 506_811_600);
  equal(buy?.held.asset, "BTC");
  const sell = costOf(market, { side: "sell", ...order });
  equal(sell?.bound, 504_788_400);
  equal(sell?.held.amount, 1200);
  equal(sell?.held.asset, "GLD");
});

test("a cap, a stop and a sale without a price: what must be free, as the ledger holds it", () => {
  const plain = { quantity: quantity(1200), price: undefined, cap: undefined, trigger: undefined };
  equal(worstOf(market, { ...plain, side: "buy" }), undefined, "anything that is free");
  const capped = worstOf(market, { ...plain, side: "buy", cap: amount(500) });
  deepEqual([capped?.bound, capped?.held.amount, capped?.held.asset], [500, 500, "BTC"]);
  const sold = worstOf(market, { ...plain, side: "sell", trigger: price(4000) });
  deepEqual([sold?.bound, sold?.held.amount, sold?.held.asset], [undefined, 1200, "GLD"]);
  // One lot can only be taker or maker; a stop that waits holds the one unit more all the same.
  const lot = { ...plain, quantity: quantity(1), price: price(4215), side: "buy" } as const;
  equal(worstOf(market, lot)?.bound, 421_500 + 843);
  equal(worstOf(market, { ...lot, trigger: price(4300) })?.held.amount, 421_500 + 844);
});

test("a market order takes the best levels, and no more than there is", () => {
  const levels = [
    { price: 4215, quantity: 10 },
    { price: 4220, quantity: 5 },
  ];
  const some = sweepOf(market, levels, quantity(12));
  deepEqual(some, { quantity: 12, turnover: 5_059_000, fee: 10_118, worst: 4220 });
  equal(sweepOf(market, levels, quantity(99))?.quantity, 15);
  equal(sweepOf(market, [], quantity(1)), undefined);
});

test("no way of filling costs more than the bound", () => {
  fc.assert(
    fc.property(
      fc.record({
        lots: fc.integer({ min: 1, max: 5000 }),
        units: fc.integer({ min: 1, max: 50_000 }),
        unit: fc.constantFrom(1, 3, 100),
        makerRate: fc.integer({ min: 0, max: 5000 }),
        takerRate: fc.integer({ min: 0, max: 5000 }),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      ({ lots, units, unit, makerRate, takerRate, part }) => {
        const venue = { ...market, unit: amount(unit), makerRate, takerRate };
        const cost = costOf(venue, { side: "buy", quantity: quantity(lots), price: price(units) });
        ok(cost);
        const taken = Math.round(lots * part);
        const fees =
          feeOwed(amount(taken * units * unit), takerRate) +
          feeOwed(amount((lots - taken) * units * unit), makerRate);
        ok(lots * units * unit + fees <= cost.bound, "the bound holds");
        ok(cost.bound <= lots * units * unit + fees + cost.feeMost, "and is no more than the fee");
      },
    ),
  );
});
