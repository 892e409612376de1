/** What a person is told that an order came to: the average price of its trades, and their fees. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { Card } from "../letter/card.ts";
import { parseEntry, type FillEntry, type OrderEntry } from "../letter/entry.ts";
import { amount, price, quantity } from "../money/amount.ts";
import { orderData, orderLine } from "./fates.ts";

const card: Card = {
  exchange: fingerprint("49979888511191774776929750563049979888ab"),
  keyNumber: "49979 88851 11917 74776 92975 05630",
  log: "log",
  relays: [],
  assets: [
    { name: "BTC", decimals: 8, supplyMax: amount(2_100_000_000_000_000) },
    { name: "GLD", decimals: 1, supplyMax: amount(1_000_000_000) },
  ],
  markets: [
    {
      name: "GLD/BTC",
      base: "GLD",
      quote: "BTC",
      lot: amount(1),
      unit: amount(100),
      tick: price(5),
      priceDecimals: 5,
      priceMax: price(10_000_000),
      quantityMin: quantity(1),
      quantityMax: quantity(200_000),
      makerRate: 0,
      takerRate: 2000,
    },
  ],
  operators: { need: 1, of: 1 },
  at: time(0),
};

const key = `${"ab".repeat(32)}.1`;

function order(line: string): OrderEntry {
  const entry = parseEntry(line);
  assert.ok(entry.ok && entry.value.kind === "order", line);
  return entry.value;
}

function fill(line: string): FillEntry {
  const entry = parseEntry(line);
  assert.ok(entry.ok && entry.value.kind === "fill", line);
  return entry.value;
}

const placed = order(`ORDER|1|${key}|partly_filled|buy|GLD/BTC|1200|4215|400|800|-`);
const first = fill(`FILL|7|${key}|buy|GLD/BTC|100|4200|42000000|84000|taker`);
const second = fill(`FILL|8|${key}|buy|GLD/BTC|300|4215|126450000|252900|taker`);

test("one price is told as it is; several as their average, to four digits more", () => {
  const even = { ...second, price: first.price };
  assert.match(orderLine(card, placed, [first, even]), / 40 of 120 at 0\.042, fee 0\.003369 BTC, /);
  assert.match(orderLine(card, placed, [first, second]), / 40 of 120 at 0\.0421125, fee /);
  const { averagePrice, amount: spent, fee, feeAsset } = orderData(card, placed, [first, second]);
  assert.deepEqual(
    [averagePrice, spent, fee, feeAsset],
    ["0.0421125", "1.6845", "0.003369", "BTC"],
  );
});

test("of an order whose trades are not all here no price is told", () => {
  assert.match(orderLine(card, placed, [first]), / 40 of 120 filled, /);
  assert.equal(orderData(card, placed, [first])["averagePrice"], undefined);
});
