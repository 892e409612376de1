/** Exact parts of whole numbers: products may pass 2^53, results are asserted not to. */
import { amount, type Amount } from "../money/amount.ts";

/**
 * Below this a product divided by a whole number is rounded down exactly: it is no nearer to one.
 */
const productMax = 2 ** 50;

/** floor(`units` × `times` ÷ `by`). */
export function partOf(units: number, times: number, by: number): Amount {
  const product = units * times;
  if (product <= productMax) return amount(Math.floor(product / by));
  return amount(Number((BigInt(units) * BigInt(times)) / BigInt(by)));
}

/** The same, where the result may be any whole number. */
export function largePartOf(units: number, times: number, by: number): bigint {
  return (BigInt(units) * BigInt(times)) / BigInt(by);
}

/** What `partOf` leaves over: so many `by`-ths of a unit. */
export function restOf(units: number, times: number, by: number): Amount {
  const product = units * times;
  if (product <= productMax) return amount(product % by);
  return amount(Number((BigInt(units) * BigInt(times)) % BigInt(by)));
}
