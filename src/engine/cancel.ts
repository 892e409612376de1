/** CANCEL and CANCELALL: open orders leave the book, and what they held is free again. */
import { refuse } from "../codec/verdict.ts";
import type { Command, Line, OrderName } from "../letter/command.ts";
import { printOrderName } from "../letter/orderid.ts";
import { findOrder, withdrawOrder } from "./orders.ts";
import { doneEntry, orderEntry, rejectEntry } from "./records.ts";
import type { EngineRefusal } from "./refusals.ts";
import type { Account, Order } from "./state.ts";
import { note, type Turn } from "./turn.ts";

/** Cancels one open order. */
export function cancel(turn: Turn, account: Account, line: Line, name: OrderName): void {
  const order = findOrder(account, name);
  if (!order) {
    const detail = `No open order is named ${printOrderName(name)}.`;
    const refusal = refuse<EngineRefusal>("order_not_open", detail);
    return note(turn, account.fingerprint, rejectEntry(line, refusal));
  }
  take(turn, order, line);
}

/** Cancels every open order of the account, or those of one market, oldest first. */
export function cancelAll(
  turn: Turn,
  account: Account,
  line: Line,
  command: Extract<Command, { kind: "cancelall" }>,
): void {
  const { market } = command;
  if (market !== undefined && !turn.state.venues.has(market)) {
    const refusal = refuse<EngineRefusal>("market_unknown", `There is no market ${market} here.`);
    return note(turn, account.fingerprint, rejectEntry(line, refusal));
  }
  const orders = [...account.orders.values()].filter(
    (order) => market === undefined || order.market === market,
  );
  for (const order of orders) take(turn, order, line);
  if (orders.length === 0) note(turn, account.fingerprint, doneEntry(line));
}

function take(turn: Turn, order: Order, line: Line): void {
  withdrawOrder(turn, order);
  turn.passive.delete(order);
  note(turn, order.account, orderEntry(order, "cancelled", line.number));
}
