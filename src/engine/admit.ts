/**
 * Whether a BUY or SELL may come in: every check, in the order of `placeRefusals`, before anything
 * is written. The cost is not estimated: the book is walked first, exactly as matching will walk
 * it.
 */
import type { Quote } from "../book/book.ts";
import type { Time } from "../codec/time.ts";
import { printSeconds } from "../codec/time.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import type { PlaceCommand } from "../letter/command.ts";
import { amount, amountMax, quantity, type Amount, type Quantity } from "../money/amount.ts";
import { printDecimal } from "../money/decimal.ts";
import { feeOwed } from "../money/fee.ts";
import { baseUnits, notional, type Market } from "../money/market.ts";
import { fillsMax, ordersOpenMax } from "./limits.ts";
import type { PlaceRefusal } from "./refusals.ts";
import type { Account, Labels, State, Venue } from "./state.ts";

/** A place command that may come in. */
export type Admitted = { readonly venue: Venue };

/** What placing would take: the asset and how much of it must be free. */
type Cost = { readonly asset: string; readonly amount: Amount };

type Asked = {
  readonly state: State;
  readonly account: Account;
  readonly at: Time;
  readonly labels: Labels;
  readonly command: PlaceCommand;
};

/** The venue of an order that may come in, or the first thing that is wrong with it. */
export function admit(asked: Asked): Verdict<Admitted, PlaceRefusal> {
  const { state, account, at, labels, command } = asked;
  if (labels.id !== undefined && account.ids.has(labels.id)) {
    return refuse("id_reused", `The id ${labels.id} was used before.`);
  }
  const venue = state.venues.get(command.market);
  if (!venue) return refuse("market_unknown", `There is no market ${command.market} here.`);
  const outside = outsideLimits(venue.market, command, state);
  if (outside) return outside;
  if (command.expiry !== undefined && command.expiry <= at) {
    return refuse("expiry_passed", `The expiry is not after ${printSeconds(at)}.`);
  }
  if (account.orders.size >= ordersOpenMax) {
    return refuse("orders_open_limit", `The account has ${ordersOpenMax} open orders.`);
  }
  const { side, quantity, price } = command;
  const opposite = side === "buy" ? "sell" : "buy";
  if (price === undefined && venue.book.best(opposite) === undefined) {
    return refuse("book_empty", `Nobody wants to ${opposite} on ${command.market} now.`);
  }
  // Before the book is walked to its end: a line costs no more than `fillsMax` steps.
  const want = { side, quantity, limit: price };
  if (venue.book.meets(want, fillsMax) > fillsMax) {
    return refuse("fills_too_many", `It would meet more than ${fillsMax} resting orders at once.`);
  }
  const quote = venue.book.quote(want);
  const cost = costOf(venue.market, command, quote);
  if (cost === undefined) {
    return refuse("amount_too_large", `The order's amounts pass ${amountMax} units.`);
  }
  const free = state.ledger.free(account.fingerprint, cost.asset);
  return cost.amount <= free ? accept({ venue }) : short(state, cost, free);
}

/** `funds_short` with both numbers, as people write them. */
export function short(state: State, cost: Cost, free: Amount): Refused<"funds_short"> {
  const decimals = state.configuration.assets.get(cost.asset)?.decimals ?? 0;
  const needed = `${printDecimal(cost.amount, decimals)} ${cost.asset}`;
  const there = `${printDecimal(free, decimals)} ${cost.asset}`;
  return refuse("funds_short", `This needs ${needed}, fees included; ${there} is free.`);
}

/** The sentences tell limits as letters write them, and in brackets as people do. */
function outsideLimits(
  market: Market,
  command: PlaceCommand,
  state: State,
): Refused<PlaceRefusal> | undefined {
  const { price, quantity } = command;
  const shownPrice = (units: number): string => {
    return `${units} price units (${printDecimal(units, market.priceDecimals)} ${market.quote})`;
  };
  const decimals = state.configuration.assets.get(market.base)?.decimals ?? 0;
  const shownQuantity = (lots: number): string => {
    return `${lots} lots (${printDecimal(lots * market.lot, decimals)} ${market.base})`;
  };
  if (price !== undefined && price % market.tick !== 0) {
    return refuse("price_not_on_tick", `Prices are multiples of ${shownPrice(market.tick)}.`);
  }
  if (price !== undefined && price > market.priceMax) {
    return refuse("price_too_high", `The highest price is ${shownPrice(market.priceMax)}.`);
  }
  if (quantity < market.quantityMin) {
    return refuse("quantity_too_small", `The least is ${shownQuantity(market.quantityMin)}.`);
  }
  if (quantity > market.quantityMax) {
    return refuse("quantity_too_large", `The most is ${shownQuantity(market.quantityMax)}.`);
  }
  return undefined;
}

/** What must be free; `undefined` if any amount of the order passes 2^53 - 1. */
function costOf(market: Market, command: PlaceCommand, quote: Quote): Cost | undefined {
  const base = baseUnits(market, command.quantity);
  const taken = safe(quote.turnover * BigInt(market.unit));
  const rest = restNotional(market, command, quantity(command.quantity - quote.quantity));
  if (base === undefined || taken === undefined || rest === undefined) return undefined;
  // A sell needs what it sells, whatever the book can take now; its fees come out of the proceeds.
  if (command.side === "sell") return { asset: market.base, amount: base };
  const fees = feeOwed(taken, market.takerRate) + feeOwed(rest, market.makerRate);
  const needed = safe(BigInt(taken) + BigInt(rest) + BigInt(fees));
  return needed === undefined ? undefined : { asset: market.quote, amount: needed };
}

/** The notional of what will rest: nothing of a market order. */
function restNotional(market: Market, command: PlaceCommand, left: Quantity): Amount | undefined {
  if (command.price === undefined) return amount(0);
  // The whole order at its limit too: what is taken now may be less, what it fills later is not
  // more.
  if (notional(market, command.quantity, command.price) === undefined) return undefined;
  return notional(market, left, command.price);
}

function safe(units: bigint): Amount | undefined {
  return units <= BigInt(amountMax) ? amount(Number(units)) : undefined;
}
