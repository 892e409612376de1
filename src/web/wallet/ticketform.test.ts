/** A ticket says while it is typed what is wrong with it, what would be right, what it costs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { time } from "../../codec/time.ts";
import { printDecimal } from "../../money/decimal.ts";
import { goldCard } from "../../testing/gold.ts";
import type { ExchangeView } from "./core/protocol.ts";
import {
  checkTicket,
  emptyTicket,
  estimateOf,
  isLess,
  limitsOf,
  type TicketFields,
} from "./ticketform.ts";

const exchange: ExchangeView = {
  keyNumber: goldCard.keyNumber,
  fingerprint: goldCard.exchange,
  name: "alder",
  markets: goldCard.markets,
  assets: goldCard.assets,
  operators: goldCard.operators,
  at: "2026-11-21T12:00:00Z",
};
const now = time(1_795_262_400_000);
const rich = [{ asset: "BTC", total: "10", free: "10", held: "0" }];

function check(fields: Partial<TicketFields>, balances = rich): ReturnType<typeof checkTicket> {
  return checkTicket(exchange, balances, { ...emptyTicket("GLD/BTC"), ...fields }, now);
}

test("an empty ticket is not complained about, and cannot be sent", () => {
  const { complaints, form, cost } = check({});
  assert.deepEqual([complaints.size, form, cost], [0, undefined, undefined]);
});

test("a whole ticket says what it costs, to the unit", () => {
  const { form, cost, shortage } = check({ quantity: "120", price: "0.04215" });
  assert.equal(form?.quantity, "120");
  assert.equal(form?.by, "60s");
  assert.deepEqual(cost?.notional, { amount: "5.058", asset: "BTC" });
  assert.deepEqual(cost?.feeMost, { amount: "0.010116", asset: "BTC" });
  assert.deepEqual(cost?.held, { amount: "5.068116", asset: "BTC" });
  assert.equal(shortage, undefined);
});

test("a value between the steps is refused with its neighbours as offers", () => {
  const { complaints, form } = check({ quantity: "120.55", price: "0.042155" });
  assert.equal(complaints.get("quantity")?.told.code, "E102");
  assert.deepEqual(complaints.get("quantity")?.offers, ["120.5", "120.6"]);
  assert.equal(complaints.get("price")?.told.code, "E101");
  assert.deepEqual(complaints.get("price")?.offers, ["0.04215", "0.04216"]);
  assert.equal(form, undefined);
});

test("names, deadlines and what is short", () => {
  const whole = { quantity: "120", price: "0.04215" };
  assert.equal(check({ ...whole, id: "two words" }).complaints.get("id")?.told.code, "E109");
  assert.equal(check({ ...whole, by: "8d" }).complaints.get("by")?.told.code, "E108");
  assert.equal(check({ ...whole, expiry: "soon" }).complaints.get("expiry")?.told.code, "E108");
  const short = check(whole, [{ asset: "BTC", total: "5", free: "4.1", held: "0.9" }]);
  assert.equal(short.shortage?.what, "5.068116 BTC needed, 4.1 free.");
  assert.ok(short.form, "what the reports say may be old: it can be sent");
  assert.equal(check({ ...whole, isLimit: false }).form?.price, undefined);
});

test("terms of an order are offered, checked and reckoned with", () => {
  const stop = { quantity: "120", isLimit: false, stop: "0.043" };
  const bare = check(stop);
  assert.equal(bare.complaints.get("terms")?.told.code, "E129");
  assert.equal(bare.form, undefined);
  const capped = check({ ...stop, cap: "5.2", tif: "DAY", own: "oldest" });
  assert.deepEqual(capped.cost?.held, { amount: "5.2", asset: "BTC" });
  assert.equal(capped.cost?.heldWhile, "waiting");
  const { tif, own, cap, price } = capped.form ?? {};
  assert.deepEqual([tif, own, cap, price], ["DAY", "oldest", "5.2", undefined]);
  const sold = check({ ...stop, side: "sell", stop: "0.041" });
  assert.deepEqual(sold.cost?.held, { amount: "120", asset: "GLD" });
  assert.equal(sold.cost?.bound, undefined);
  assert.equal(sold.shortage?.what, "120 GLD needed, 0 free.");
  const wrong = check({ ...stop, stop: "0.0430001", cap: "1,5" });
  assert.deepEqual(wrong.complaints.get("stop")?.offers, ["0.043", "0.04301"]);
  assert.equal(wrong.complaints.get("cap")?.told.code, "E104");
});

test("a choice that this kind of order does not have is not sent", () => {
  const whole = { quantity: "120", price: "0.04215", tif: "POST_ONLY" };
  assert.equal(check(whole).form?.tif, "POST_ONLY");
  assert.equal(check({ ...whole, isLimit: false }).form?.tif, undefined);
  const timed = { ...whole, expiry: "24h" };
  assert.equal(check(timed).form?.expiry, undefined, "the field is not there");
  assert.equal(check({ ...timed, tif: "" }).form?.expiry, "24h");
  assert.equal(check({ ...whole, cap: "1" }).form?.cap, undefined);
  assert.equal(check({ ...whole, tif: "IOC" }).cost?.heldWhile, "no time");
});

test("a market order is estimated by the book, and never promised", () => {
  const fields = { ...emptyTicket("GLD/BTC"), isLimit: false, quantity: "1.2" };
  const sells = [{ price: 4215, quantity: 10 }];
  const words = estimateOf(exchange, fields, { buys: [], sells });
  assert.match(
    words ?? "",
    /only 1 GLD for 0\.04215 BTC, fee 0\.0000843 BTC, worst price 0\.04215/,
  );
  assert.match(
    estimateOf(exchange, { ...fields, side: "sell" }, { buys: [], sells }) ?? "",
    /Nobody/,
  );
  assert.equal(estimateOf(exchange, { ...fields, quantity: "" }, { buys: [], sells }), undefined);
});

test("the market's limits are said beside the form", () => {
  assert.equal(
    limitsOf(exchange, "GLD/BTC"),
    "0.1 to 100000 GLD, in steps of 0.1; prices in steps of 0.00001 BTC.",
  );
});

test("nothing that is typed is a number by accident", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), (quantity, price) => {
      const { form } = check({ quantity, price });
      if (form === undefined) return;
      assert.match(form.quantity, /^[0-9]+(\.[0-9]+)?$/);
      assert.match(form.price ?? "", /^[0-9]+(\.[0-9]+)?$/);
    }),
  );
});

test("decimals are compared as decimals", () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), fc.nat(10_000_000), (a, b) => {
      assert.equal(isLess(printDecimal(a, 5), printDecimal(b, 5)), a < b);
    }),
  );
});
