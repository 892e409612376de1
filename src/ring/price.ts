/**
 * The price rule and the shares: all arithmetic on amounts (docs/spec/ring.md §5), in exact
 * integers. Every rounding favours the owner of the order.
 */
import { assert } from "../codec/assert.ts";
import type { RingOrder } from "./order.ts";

/** An order's limit: what it sells at most, and what it gets for that at least. Both at least 1. */
export type Limit = { readonly sellAmount: bigint; readonly buyAmount: bigint };

/** Whether giving `sold` for `received` keeps the limit: received · s ≥ sold · b. */
export function keepsLimit(limit: Limit, sold: bigint, received: bigint): boolean {
  return received * limit.sellAmount >= sold * limit.buyAmount;
}

/** The least that must be received for `sold`: ⌈sold · b / s⌉. */
export function leastReceived({ sellAmount, buyAmount }: Limit, sold: bigint): bigint {
  return (sold * buyAmount + sellAmount - 1n) / sellAmount;
}

/** The most that may be sold for `received`: ⌊received · s / b⌋. */
export function mostSold({ sellAmount, buyAmount }: Limit, received: bigint): bigint {
  return (received * sellAmount) / buyAmount;
}

/** `percent` of `amount`, rounded down. */
export function share(amount: bigint, percent: bigint): bigint {
  assert(percent >= 0n && percent <= 100n, "a share is 0 to 100 percent");
  return (amount * percent) / 100n;
}

/** ⌊whole · part / total⌋: the fee for a part of an order. */
export function proportion(whole: bigint, part: bigint, total: bigint): bigint {
  return (whole * part) / total;
}

/**
 * The margin split of what the ring saves the order: of its buy token, or, if buy-driven, of its
 * sell token. `fill` and `inflow` keep the limit.
 */
export function marginOf(order: RingOrder, fill: bigint, inflow: bigint): bigint {
  const saving = order.buyDriven
    ? mostSold(order, inflow) - fill
    : inflow - leastReceived(order, fill);
  return share(saving, order.marginSplit);
}
