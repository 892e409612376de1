/** The history's filters leave what was asked for and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrderView } from "./core/protocol.ts";
import { everything, ordersWanted } from "./historyfilter.ts";

function order(change: Partial<OrderView>): OrderView {
  const texts = { key: "5c1e77d0.1", name: "desk-42", id: "desk-42", market: "GLD/BTC" };
  return {
    ...texts,
    side: "buy",
    quantity: "1",
    price: "2",
    filled: "0",
    open: "1",
    status: "resting",
    isOpen: true,
    stop: undefined,
    terms: [],
    why: undefined,
    averagePrice: undefined,
    fee: undefined,
    expiry: undefined,
    since: "2026-11-21T12:00:00Z",
    at: "2026-11-21T12:00:00Z",
    report: 17,
    ...change,
  };
}

const rows = [
  order({}),
  order({ side: "sell", status: "filled", isOpen: false, report: 18 }),
  order({
    market: "AU/BTC",
    status: "cancelled",
    isOpen: false,
    id: "late",
    name: "late",
    report: 19,
  }),
];

test("each filter, alone and together", () => {
  const count = (change: Partial<typeof everything>): number =>
    ordersWanted({ ...everything, ...change }, rows).length;
  assert.equal(count({}), 3);
  assert.equal(count({ market: "AU/BTC" }), 1);
  assert.equal(count({ side: "sell" }), 1);
  assert.equal(count({ status: "open" }), 1);
  assert.equal(count({ status: "filled" }), 1);
  assert.equal(count({ status: "over" }), 1);
  assert.equal(count({ word: "LATE" }), 1);
  assert.equal(count({ word: "5c1e-77d0" }), 3);
  assert.equal(count({ word: " 18 " }), 1);
  assert.equal(count({ side: "buy", status: "filled" }), 0);
});
