/**
 * What an order may cost at most, before it is signed: by its own limit, whatever the book has.
 *
 *   buy    pays quantity × price at most, and the fee on that
 *   sell   gives its quantity, and gets quantity × price less the fee at least
 *
 * An order may be taker for a part and maker for the rest; each part's fee is rounded up alone, so
 * the bound is one unit above the fee on the whole, unless the lower rate makes up for it.
 */
import {
  amount,
  price,
  quantity,
  type Amount,
  type Price,
  type Quantity,
} from "../money/amount.ts";
import { feeOwed, rateOne } from "../money/fee.ts";
import { baseUnits, notional, type Market } from "../money/market.ts";
import type { PlaceCommand, Side } from "../letter/command.ts";

/** What a limit order comes to, in units. */
export type Cost = {
  /** Quote units at the limit, without the fee. */
  readonly notional: Amount;
  /** Quote units; never more. */
  readonly feeMost: Amount;
  /** A buy pays at most this; a sell gets at least this: quote units. */
  readonly bound: Amount;
  /** What must be free for it, and is held while it rests at its limit. */
  readonly held: { readonly asset: string; readonly amount: Amount };
};

/** The most that a fee on this can be, however the order's fills divide into taker and maker. */
function feeMost(market: Market, lots: Quantity, price: Price, whole: Amount): Amount {
  const { makerRate, takerRate } = market;
  const fee = feeOwed(whole, Math.max(makerRate, takerRate));
  const lot = notional(market, quantity(1), price) ?? 0;
  const difference = BigInt(lot) * BigInt(Math.abs(takerRate - makerRate));
  const isUndivided = lots === 1 || makerRate === 0 || takerRate === 0;
  return isUndivided || difference >= BigInt(rateOne) ? fee : amount(fee + 1);
}

/** What a limit order may cost; `undefined` if that is more than any account can hold. */
export function costOf(
  market: Market,
  order: { readonly side: Side; readonly quantity: Quantity; readonly price: Price },
): Cost | undefined {
  const whole = notional(market, order.quantity, order.price);
  const base = baseUnits(market, order.quantity);
  if (whole === undefined || base === undefined) return undefined;
  const fee = feeMost(market, order.quantity, order.price, whole);
  if (whole + fee > Number.MAX_SAFE_INTEGER) return undefined;
  if (order.side === "sell") {
    const bound = amount(Math.max(0, whole - fee));
    return { notional: whole, feeMost: fee, bound, held: { asset: market.base, amount: base } };
  }
  const bound = amount(whole + fee);
  return { notional: whole, feeMost: fee, bound, held: { asset: market.quote, amount: bound } };
}

/** What any order comes to at worst; what cannot be known before it trades is missing. */
export type Worst = {
  readonly notional: Amount | undefined;
  readonly feeMost: Amount | undefined;
  /** A buy pays at most this; a sell gets at least this, if it trades: quote units. */
  readonly bound: Amount | undefined;
  /** What must be free for it; a stop holds it while it waits, a limit order while it rests. */
  readonly held: { readonly asset: string; readonly amount: Amount };
};

/**
 * By price, cap and trigger; `undefined` if nothing is known, or it is more than any account can
 * hold. A stop that waits holds the higher fee, and one unit more where both are charged
 * (docs/spec/ledger.md §3).
 */
export function worstOf(
  market: Market,
  order: Pick<PlaceCommand, "side" | "quantity" | "price" | "cap" | "trigger">,
): Worst | undefined {
  const { side, price, cap } = order;
  const none = { notional: undefined, feeMost: undefined };
  if (price !== undefined) {
    const cost = costOf(market, { ...order, price });
    if (cost === undefined || order.trigger === undefined || side === "sell") return cost;
    const { makerRate, takerRate } = market;
    const fee = feeOwed(cost.notional, Math.max(makerRate, takerRate));
    const feeHeld = amount(fee + (makerRate > 0 && takerRate > 0 ? 1 : 0));
    const bound = amount(cost.notional + feeHeld);
    return { ...cost, feeMost: feeHeld, bound, held: { ...cost.held, amount: bound } };
  }
  if (side === "buy") {
    return cap && { ...none, bound: cap, held: { asset: market.quote, amount: cap } };
  }
  const base = baseUnits(market, order.quantity);
  return base && { ...none, bound: undefined, held: { asset: market.base, amount: base } };
}

/** What a market order would come to if the book stayed as it is. */
export type Sweep = {
  /** Lots that somebody offers: less than was wanted, if the book has no more. */
  readonly quantity: Quantity;
  /** Quote units, without the fee. */
  readonly turnover: Amount;
  readonly fee: Amount;
  /** The last price that is taken. */
  readonly worst: Price;
};

/** Takes levels, best first, until so much is had; `undefined` if there is nothing to take. */
export function sweepOf(
  market: Market,
  levels: readonly { readonly price: number; readonly quantity: number }[],
  wanted: Quantity,
): Sweep | undefined {
  let left: number = wanted;
  let worst: number | undefined;
  let turnover = 0n;
  for (const level of levels) {
    if (left === 0) break;
    const taken = Math.min(left, level.quantity);
    left -= taken;
    worst = level.price;
    turnover += BigInt(taken) * BigInt(level.price) * BigInt(market.unit);
  }
  if (worst === undefined || turnover > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const whole = amount(Number(turnover));
  return {
    quantity: quantity(wanted - left),
    turnover: whole,
    fee: feeOwed(whole, market.takerRate),
    worst: price(worst),
  };
}
