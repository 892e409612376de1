/**
 * Amounts, prices and quantities: non-negative safe integers, branded so that they cannot be mixed.
 *
 *   Amount    units of an asset's smallest denomination (satoshi, cent, share)
 *   Quantity  lots of a market
 *   Price     price units of a market per lot (see market.ts)
 *
 * No float ever holds money: a number that is not a safe integer is an assertion in here and a
 * refusal before it gets here. Sums and products that could pass 2^53 - 1 are refused at the door
 * (`amount_too_large`, `supply_exceeded`), so that an overflow inside is our mistake.
 */
import { assert } from "../codec/assert.ts";

declare const brand: unique symbol;
export type Amount = number & { readonly [brand]: "Amount" };
export type Quantity = number & { readonly [brand]: "Quantity" };
export type Price = number & { readonly [brand]: "Price" };

/** 2^53 - 1: no account, hold or product may pass it. */
export const amountMax: number = Number.MAX_SAFE_INTEGER;

function whole(value: number, what: string): void {
  assert(Number.isSafeInteger(value) && value >= 0, `${what} is a safe integer, never negative`);
}

export function amount(units: number): Amount {
  whole(units, "an amount");
  return units as Amount;
}

export function quantity(lots: number): Quantity {
  whole(lots, "a quantity");
  return lots as Quantity;
}

export function price(units: number): Price {
  whole(units, "a price");
  return units as Price;
}

export function plus(a: Amount, b: Amount): Amount {
  return amount(a + b);
}

export function minus(a: Amount, b: Amount): Amount {
  return amount(a - b);
}

/**
 * The whole number a wire field stands for: digits without sign, exponent, point or leading zero.
 * `NaN`, `1e3`, `0x10`, `+5`, ` 5` and anything above 2^53 - 1 are not numbers here.
 */
export function parseWhole(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
