/**
 * Orders of every kind in plain English (docs/spec/book.md §3): what a BUY, SELL or REPLACE will
 * do, with every term of it. A term that goes without saying is not said.
 */
import { printSeconds, type Time } from "../../codec/time.ts";
import type { Command, OrderName, PlaceCommand, ReplaceCommand } from "../../letter/command.ts";
import { showAmount, showPrice, showQuantity, type Steps } from "../../wallet/amounts.ts";
import { worstOf } from "../../wallet/costs.ts";

/** The card, and on which market an order is: the line that changes it does not say. */
export type Known = Steps & { readonly marketOf?: (name: OrderName) => string | undefined };

/** `2026-11-21 12:00:00 UTC`. */
export function instantWords(at: Time): string {
  return printSeconds(at).replace("T", " ").replace("Z", " UTC");
}

/** BUY and SELL. */
export function placeWords(card: Steps, order: PlaceCommand): string {
  const [base = "", quote = ""] = order.market.split("/");
  const quantity = showQuantity(card, order.market, order.quantity);
  const isBuy = order.side === "buy";
  const verb = order.trigger === undefined ? (isBuy ? "Buy" : "Sell") : order.side;
  const what = `${verb} ${quantity} ${base} for ${quote}`;
  const { price } = order;
  const said = price === undefined ? atMarketWords(card, order) : atLimitWords(card, order, price);
  const own = ownWords(order);
  if (order.trigger === undefined) return `${what} ${said}${own}`;
  const beyond = isBuy ? "above" : "below";
  const trigger = showPrice(card, order.market, order.trigger);
  return `Once the last trade is at ${trigger} or ${beyond}: ${what} ${said}${own}`;
}

function atMarketWords(card: Steps, order: PlaceCommand): string {
  const { side, market, cap, tif, trigger } = order;
  const quote = market.slice(market.indexOf("/") + 1);
  const who = side === "buy" ? "the cheapest sellers ask" : "the best buyers pay";
  const most =
    cap === undefined ? "" : `, for ${showAmount(card, quote, cap)} ${quote} at most with the fee`;
  const rest =
    tif === "fok" ? "all of it at the same time, or nothing" : "what finds nobody is dropped";
  const wait = trigger === undefined ? "" : `; it waits ${untilWords(order)}`;
  return `at once, at whatever ${who}${most}; ${rest}${wait}`;
}

function atLimitWords(card: Steps, order: PlaceCommand, price: number): string {
  const { side, tif } = order;
  const limit = side === "buy" ? "each or less" : "each or more";
  const market = card.markets.find(({ name }) => name === order.market);
  const bound = market && worstOf(market, order)?.bound;
  const most = bound === undefined ? "" : `, ${boundWords(card, order, bound)}`;
  const at = `at ${showPrice(card, order.market, price)} ${limit}${most}`;
  switch (tif) {
    case "ioc": {
      const wait = order.trigger === undefined ? "" : `; it waits ${untilWords(order)}`;
      return `${at}; what does not trade at once is dropped${wait}`;
    }
    case "fok":
      return `${at}; all of it at once, or nothing`;
    case "post_only":
      return `${at}; refused if it would trade at once; ${untilWords(order)}`;
    case "gtc":
    case "day":
    case "gtd":
      return `${at}; ${untilWords(order)}`;
  }
}

function untilWords({ tif, expiry }: PlaceCommand): string {
  if (expiry !== undefined) return `until ${instantWords(expiry)}`;
  return tif === "day" ? "until its market's day ends" : "until cancelled";
}

function boundWords(card: Steps, { side, market }: PlaceCommand, bound: number): string {
  const quote = market.slice(market.indexOf("/") + 1);
  const sum = `${showAmount(card, quote, bound)} ${quote}`;
  return side === "buy" ? `at most ${sum} with the fee` : `for at least ${sum} after the fee`;
}

function ownWords({ own }: PlaceCommand): string {
  switch (own) {
    case "newest":
      return "";
    case "oldest":
      return "; an order of your own that it meets ends";
    case "both":
      return "; if it meets an order of your own, both end";
  }
}

/** An order by the name its customer gives it. */
export function orderWords(name: OrderName): string {
  return name.kind === "own"
    ? `the order ${name.id}`
    : `the order ${(name.prefix.slice(0, 20).match(/.{4}/g) ?? []).join("-")}.${name.line}`;
}

/** REPLACE; in lots and units, if it is not known on which market the order is. */
export function replaceWords(card: Known, command: ReplaceCommand): string {
  const { order, quantity, price, trigger, postOnly } = command;
  const market = card.marketOf?.(order) ?? "";
  const [base = "", quote = ""] = market.split("/");
  const parts: string[] = [];
  if (quantity !== undefined) {
    parts.push(`${showQuantity(card, market, quantity)} ${base}`.trim() + " in all");
  }
  if (price !== undefined) parts.push(`price ${showPrice(card, market, price)} ${quote}`.trim());
  if (trigger !== undefined) parts.push(`stop ${showPrice(card, market, trigger)} ${quote}`.trim());
  const changes = parts.length === 0 ? "nothing else" : parts.join(", ");
  const filled = quantity === undefined ? "" : "; what was filled before counts";
  const post = postOnly ? "; refused if it would then trade at once" : "";
  return `Change ${orderWords(order)}: ${changes}${filled}${post}`;
}

type Taking = Extract<Command, { kind: "cancelall" | "cancelafter" }>;

/** CANCELALL and CANCELAFTER. */
export function takingWords(command: Taking): string {
  if (command.kind === "cancelafter") {
    return command.at === undefined
      ? "Turn the dead man's switch off"
      : `Cancel all open orders at ${instantWords(command.at)}, unless another letter moves that time`;
  }
  const { market, side } = command;
  const which = side === undefined ? "" : `${side} `;
  return `Cancel all open ${which}orders${market === undefined ? "" : ` of ${market}`}`;
}
