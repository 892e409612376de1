/** Decimals become exact whole steps, or are refused with their neighbours; never rounded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { time } from "../codec/time.ts";
import type { Card } from "../letter/card.ts";
import { amount, price, quantity } from "../money/amount.ts";
import { printDecimal } from "../money/decimal.ts";
import { gold, goldCard } from "../testing/gold.ts";
import { runs } from "../testing/runs.ts";
import {
  assetOf,
  marketOf,
  nearestPrices,
  nearestQuantities,
  readAmount,
  readPrice,
  readQuantity,
  showPrice,
} from "./amounts.ts";
import { readDeadline, readDuration, readLater } from "./times.ts";

const gld = {
  ...gold,
  lot: amount(5),
  unit: amount(500),
  tick: price(5),
  quantityMax: quantity(200_000),
};

const card: Card = { ...goldCard, markets: [gld] };

const read = (outcome: { ok: true; value: number } | { ok: false; what: string; next?: string }) =>
  outcome.ok ? outcome.value : `${outcome.what} ${outcome.next ?? ""}`.trim();

test("prices are whole ticks or refused with the nearest", () => {
  assert.equal(read(readPrice(gld, "0.04215")), 4215);
  assert.equal(read(readPrice(gld, "0.0421500")), 4215);
  assert.equal(
    read(readPrice(gld, "0.042155")),
    "Price 0.042155 is not a multiple of 0.00005 (GLD/BTC). Nearest: 0.04215 (lower) or 0.0422 (higher).",
  );
  assert.match(String(read(readPrice(gld, "0.00001"))), /Nearest: 0\.00005 \(higher\)/);
  assert.match(String(read(readPrice(gld, "0"))), /outside 0\.00005 to 100 /);
  assert.match(String(read(readPrice(gld, "100.00005"))), /outside/);
});

test("quantities are whole lots or refused with the nearest", () => {
  assert.equal(read(readQuantity(card, gld, "120.5")), 241);
  assert.match(String(read(readQuantity(card, gld, "120.6"))), /Nearest: 120\.5 .*121 /);
  assert.match(String(read(readQuantity(card, gld, "0"))), /outside 0\.5 to 100000 GLD/);
});

test("the nearest values are ones that the market takes", () => {
  assert.deepEqual(nearestPrices(gld, "0.042155"), ["0.04215", "0.0422"]);
  assert.deepEqual(nearestPrices(gld, "0.00001"), ["0.00005"]);
  assert.deepEqual(nearestPrices(gld, "0.04215"), []);
  assert.deepEqual(nearestPrices(gld, "100.00005"), ["100"]);
  assert.deepEqual(nearestPrices(gld, "x"), []);
  assert.deepEqual(nearestQuantities(card, gld, "120.6"), ["120.5", "121"]);
  assert.deepEqual(nearestQuantities(card, gld, "0"), ["0.5"]);
  assert.deepEqual(nearestQuantities(card, gld, "100000.5"), ["100000"]);
});

test("what is no decimal number is not read as something nearby", () => {
  for (const text of ["", ".5", "5.", "1e3", "+1", "-1", "0x10", "1,5", " 1", "01", "NaN", "∞"]) {
    assert.ok(!readPrice(gld, text).ok, text);
    assert.ok(!readQuantity(card, gld, text).ok, text);
    assert.ok(!readAmount({ name: "BTC", decimals: 8, supplyMax: amount(1) }, text).ok, text);
  }
  assert.ok(!readPrice(gld, "9".repeat(21)).ok);
});

test("every price on a tick comes back as it was", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000_000 }), (ticks) => {
      const text = printDecimal(ticks * 5, 5);
      assert.equal(read(readPrice(gld, text)), ticks * 5);
      assert.equal(showPrice(card, "GLD/BTC", ticks * 5), text);
    }),
    { numRuns: runs(100) },
  );
});

test("markets and assets are the card's", () => {
  assert.ok(marketOf(card, "gld/btc").ok);
  const missing = marketOf(card, "XAU/BTC");
  assert.match(missing.ok ? "" : missing.what, /There are: GLD\/BTC/);
  assert.ok(assetOf(card, "btc").ok);
  assert.ok(!assetOf(card, "DOGE").ok);
});

test("times are durations or instants, in the future and not too far", () => {
  const from = time(1_795_258_800_500);
  assert.deepEqual(readDuration("90s"), { ok: true, value: 90_000 });
  assert.ok(!readDuration("0s").ok);
  assert.ok(!readDuration("90").ok);
  assert.deepEqual(readLater("1m", from), { ok: true, value: 1_795_258_861_000 });
  assert.ok(!readLater("2020-01-01T00:00:00Z", from).ok);
  assert.ok(readDeadline("7d", time(1_795_258_800_000)).ok);
  assert.deepEqual(readDeadline("7d", from), { ok: true, value: 1_795_863_600_000 });
  assert.ok(!readDeadline("8d", from).ok);
});
