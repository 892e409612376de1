/**
 * What an open order needs its account to hold, in units.
 *
 *   sell   the base of what is open; its fee is taken out of the proceeds
 *   buy    the quote of what is open at its limit, and the maker fee still owed on that
 *
 * The maker fee is owed on the sum of an order's fills (money/fee.ts), so that each fill takes from
 * the hold exactly what it pays, and the last one leaves zero (decision 0002).
 */
import { assert } from "../codec/assert.ts";
import { amount, type Amount, type Price, type Quantity } from "../money/amount.ts";
import { feeOfFill } from "../money/fee.ts";
import { baseUnits, notional, type Market } from "../money/market.ts";
import type { Order } from "./state.ts";

/** Quote units of a part of an order that was admitted: it cannot be too large. */
export function notionalOf(market: Market, quantity: Quantity, price: Price): Amount {
  const units = notional(market, quantity, price);
  assert(units !== undefined, "an admitted order's notional is a safe integer");
  return units;
}

/** Base units of a part of an order that was admitted. */
export function baseOf(market: Market, quantity: Quantity): Amount {
  const units = baseUnits(market, quantity);
  assert(units !== undefined, "an admitted order's base is a safe integer");
  return units;
}

/** The asset that an order's hold is in. */
export function heldAsset(market: Market, order: Pick<Order, "side">): string {
  return order.side === "buy" ? market.quote : market.base;
}

/** What an open order needs held for its rest. */
export function needOf(order: Order, market: Market): Amount {
  if (order.side === "sell") return baseOf(market, order.open);
  const rest = notionalOf(market, order.open, order.price);
  return amount(rest + feeOfFill(order.makerNotional, rest, order.makerRate));
}
