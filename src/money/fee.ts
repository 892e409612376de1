/**
 * Fees, and the one rounding in the exchange.
 *
 * A rate is in hundredths of a basis point ("parts per million"). The fee owed on a notional is
 * `ceil(notional × rate / 1,000,000)`: rounded up, to the venue, so that it never creates a unit.
 * An order's fee is owed on the *sum* of its fills in one role (maker or taker), and a fill pays
 * the difference between what is owed after it and before it: many small fills never cost more than
 * one large one, and the hold for an order's rest is exact.
 */
import { assert } from "../codec/assert.ts";
import { amount, type Amount } from "./amount.ts";

export const rateOne = 1_000_000;

/**
 * The fee owed in all on `notional` at `rate` parts per million, rounded up. Exact for every
 * notional up to 2^53 - 1.
 */
export function feeOwed(notional: Amount, rate: number): Amount {
  assert(
    Number.isSafeInteger(rate) && rate >= 0 && rate <= rateOne,
    "a fee rate is 0 to 1,000,000",
  );
  // notional × rate may pass 2^53, so the notional is split at one million; each product then fits.
  const millions = Math.floor(notional / rateOne);
  const rest = notional % rateOne;
  return amount(millions * rate + Math.ceil((rest * rate) / rateOne));
}

/** The fee of one fill: what is owed after it less what was owed before it. */
export function feeOfFill(before: Amount, fill: Amount, rate: number): Amount {
  return amount(feeOwed(amount(before + fill), rate) - feeOwed(before, rate));
}
