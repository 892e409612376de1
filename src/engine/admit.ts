/**
 * Why the floor refused an order, in a sentence with the numbers that matter, as letters write them
 * and in brackets as people do. The checks themselves are the floor's (src/floor/admit.ts).
 */
import { assert } from "../codec/assert.ts";
import { printSeconds } from "../codec/time.ts";
import { refuse, type Refused } from "../codec/verdict.ts";
import { floorRefusals, type FloorRefusal } from "../floor/refusals.ts";
import type { PlaceCommand, ReplaceCommand } from "../letter/command.ts";
import { amountMax } from "../money/amount.ts";
import { printDecimal } from "../money/decimal.ts";
import type { Market } from "../money/market.ts";
import { ordersOpenMax } from "./limits.ts";
import { phaseOf } from "./execution.ts";
import { freeOf } from "./purse.ts";
import type { Account, Order, State, Venue } from "./state.ts";
import type { Turn } from "./turn.ts";

/** An order that was refused: as a new one, or as the replacement of `order`. */
export type Asked = {
  readonly account: Account;
  readonly venue: Venue;
  readonly command: PlaceCommand | ReplaceCommand;
  readonly order?: Order;
  /** The floor's number of its refusal. */
  readonly refusal: number;
};

/** What orders may be refused for by the floor: of market and order the engine knows before. */
export type OrderRefusal = Exclude<
  FloorRefusal,
  "order_taken" | "market_unknown" | "order_not_open"
>;

/** The refusal by name, with its sentence. */
export function explain(turn: Turn, asked: Asked): Refused<OrderRefusal> {
  const name = floorRefusals[asked.refusal - 1];
  assert(name !== undefined && name !== "order_taken", "numbers of orders are new");
  assert(name !== "market_unknown" && name !== "order_not_open", "both were looked up before");
  return refuse(name, sentenceOf(name, turn, asked));
}

function sentenceOf(name: OrderRefusal, { state, at }: Turn, asked: Asked): string {
  const { venue, account } = asked;
  const { market } = venue;
  switch (name) {
    case "phase_forbids":
      return phaseSentence(state, asked);
    case "kind_wrong":
      return "This kind of order does not go with that time in force, or lacks its cap=.";
    case "price_not_on_tick":
      return `Prices are multiples of ${shownPrice(market, market.tick)}.`;
    case "price_too_high":
      return `The highest price is ${shownPrice(market, market.priceMax)}.`;
    case "price_outside_limits":
      return limitsSentence(state, venue);
    case "quantity_too_small":
      return `The least is ${shownQuantity(state, market, market.quantityMin)}.`;
    case "quantity_too_large":
      return `The most is ${shownQuantity(state, market, market.quantityMax)}.`;
    case "expiry_passed":
      return `The expiry is not after ${printSeconds(at)}.`;
    case "orders_open_limit":
      return `The account has ${ordersOpenMax} open orders.`;
    case "amount_too_large":
      return `The order's amounts pass ${amountMax} units.`;
    case "would_cross":
      return "It would meet an order that is there, and POST_ONLY orders do not.";
    case "funds_short":
      return fundsSentence(state, account, asked);
    case "fok_unfillable":
      return "Not all of it can be had now, and FOK asks for all or nothing.";
  }
}

function shownPrice(market: Market, units: number): string {
  return `${units} price units (${printDecimal(units, market.priceDecimals)} ${market.quote})`;
}

function shownQuantity(state: State, market: Market, lots: number): string {
  const decimals = state.configuration.assets.get(market.base)?.decimals ?? 0;
  return `${lots} lots (${printDecimal(lots * market.lot, decimals)} ${market.base})`;
}

function phaseSentence(state: State, { venue, command }: Asked): string {
  const phase = phaseOf(state, venue).replaceAll("_", " ");
  const what = command.kind === "replace" ? "orders are not replaced" : "this order is not taken";
  return `${venue.market.name} is in the phase ${phase}, in which ${what}.`;
}

function limitsSentence(state: State, { market, number }: Venue): string {
  const floor = state.floor.markets[number];
  assert(floor !== undefined, "a market stays");
  const low = shownPrice(market, floor.limitLow * market.tick);
  const high = shownPrice(market, Math.min(floor.limitHigh * market.tick, market.priceMax));
  return `Prices are from ${low} to ${high} now.`;
}

/**
 * A sell needs what it sells, a capped buy its cap; a limit buy needs what the floor has just
 * looked up. What a stop may cost at worst is not a number that anybody asked for.
 */
function fundsSentence(state: State, account: Account, asked: Asked): string {
  const { command, order, venue } = asked;
  const { market } = venue;
  const side = command.kind === "place" ? command.side : order?.side;
  const asset = side === "sell" ? market.base : market.quote;
  const held = order?.held ?? 0;
  const free = shown(state, freeOf(state, account, asset) + held, asset);
  const lots = lotsOf(asked);
  if (side === "sell")
    return `This needs ${shown(state, lots * market.lot, asset)}; ${free} is free.`;
  const waits =
    command.kind === "place" ? command.trigger !== undefined : order?.stands === "waiting";
  const cap = command.kind === "place" ? command.cap : order?.cap;
  if (cap !== undefined) return `This needs ${shown(state, cap, asset)}, its cap; ${free} is free.`;
  if (waits) return `A stop needs what it can cost at worst, fees included; ${free} is free.`;
  const needed = shown(state, state.floor.cost[0] ?? 0, asset);
  return `This needs ${needed}, fees included; ${free} is free.`;
}

/** What would be open of the order: of a replaced one, less than its quantity if it has traded. */
function lotsOf({ command, order }: Asked): number {
  const filled = order === undefined ? 0 : order.requested - order.open;
  return (command.quantity ?? order?.requested ?? 0) - filled;
}

/** An amount as people write it. */
export function shown(state: State, units: number, asset: string): string {
  const decimals = state.configuration.assets.get(asset)?.decimals ?? 0;
  return `${printDecimal(units, decimals)} ${asset}`;
}

/** `funds_short` for anything but an order. */
export function short(
  state: State,
  account: Account,
  cost: { readonly asset: string; readonly amount: number },
): Refused<"funds_short"> {
  const needed = shown(state, cost.amount, cost.asset);
  const free = shown(state, freeOf(state, account, cost.asset), cost.asset);
  return refuse("funds_short", `This needs ${needed}; ${free} is free.`);
}
