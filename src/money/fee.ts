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
  return amount(owed(notional, rate));
}

/**
 * Below this a product divided by one million is rounded up exactly: it is no nearer to a whole.
 */
const productMax = 2 ** 50;

function owed(notional: number, rate: number): number {
  const product = notional * rate;
  if (product <= productMax) return Math.ceil(product / rateOne);
  // notional × rate may pass 2^53, so the notional is split at one million; each product then fits.
  const millions = Math.floor(notional / rateOne);
  const rest = notional - millions * rateOne;
  return millions * rate + Math.ceil((rest * rate) / rateOne);
}

/**
 * `feeOfFill` for columns of numbers, where the arguments are known to be amounts and a rate:
 * nothing is asserted.
 */
export function feeOfPart(before: number, part: number, rate: number): number {
  if (rate === 0) return 0;
  return before === 0 ? owed(part, rate) : owed(before + part, rate) - owed(before, rate);
}

/** `units × rate / 1,000,000`, rounded down: how far a band reaches from its middle. */
export function shareOf(units: number, rate: number): number {
  const millions = Math.floor(units / rateOne);
  const rest = units - millions * rateOne;
  return millions * rate + Math.floor((rest * rate) / rateOne);
}

/** The fee of one fill: what is owed after it less what was owed before it. */
export function feeOfFill(before: Amount, fill: Amount, rate: number): Amount {
  return amount(feeOwed(amount(before + fill), rate) - feeOwed(before, rate));
}
