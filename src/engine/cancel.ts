/**
 * CANCEL, CANCELALL, CANCELAFTER: open orders leave the floor, now or when the account has been
 * silent for too long, and what they held is free again.
 */
import { refuse } from "../codec/verdict.ts";
import { printSeconds } from "../codec/time.ts";
import { field, op } from "../floor/command.ts";
import type { Command, Line, OrderName } from "../letter/command.ts";
import { printOrderName } from "../letter/orderid.ts";
import { execute, sideNumber } from "./execution.ts";
import { findOrder } from "./orders.ts";
import { doneEntry, orderEntry, rejectEntry, switchEntry } from "./records.ts";
import type { EngineRefusal } from "./refusals.ts";
import type { Account, Order } from "./state.ts";
import { note, type Turn } from "./turn.ts";

/** Cancels one open order. */
export function cancel(turn: Turn, account: Account, line: Line, name: OrderName): void {
  const order = findOrder(account, name);
  if (!order) return note(turn, account.fingerprint, rejectEntry(line, notOpen(name)));
  execute(turn, [
    [field.op, op.cancel],
    [field.account, account.number],
    [field.id, order.number],
  ]);
  noteOrder(turn, order, line);
}

/** What is wrong with a name that no open order has. */
export function notOpen(name: OrderName): { ok: false; name: "order_not_open"; detail: string } {
  return refuse("order_not_open", `No open order is named ${printOrderName(name)}.`);
}

/** Cancels the account's open orders, of one market or side if they are named, oldest first. */
export function cancelAll(
  turn: Turn,
  account: Account,
  line: Line,
  { market, side }: Extract<Command, { kind: "cancelall" }>,
): void {
  const venue = market === undefined ? undefined : turn.state.venues.get(market);
  if (market !== undefined && !venue) {
    const refusal = refuse<EngineRefusal>("market_unknown", `There is no market ${market} here.`);
    return note(turn, account.fingerprint, rejectEntry(line, refusal));
  }
  const ended: Order[] = [];
  const fields = [
    [field.op, op.cancelAll],
    [field.account, account.number],
    [field.market, venue?.number ?? -1],
    [field.side, side === undefined ? -1 : sideNumber(side)],
  ] as const;
  // What was due was done before the letter: nothing else ends here.
  execute(turn, fields, { ended });
  for (const order of ended) noteOrder(turn, order, line);
  if (ended.length === 0) note(turn, account.fingerprint, doneEntry(line));
}

/** Sets, moves or turns off the account's switch. */
export function cancelAfter(
  turn: Turn,
  account: Account,
  line: Line,
  { at }: Extract<Command, { kind: "cancelafter" }>,
): void {
  const { fingerprint } = account;
  if (at !== undefined && at <= turn.at) {
    const sentence = `The time is not after ${printSeconds(turn.at)}.`;
    const refusal = refuse<EngineRefusal>("switch_passed", sentence);
    return note(turn, fingerprint, rejectEntry(line, refusal));
  }
  execute(turn, [
    [field.op, op.cancelAfter],
    [field.account, account.number],
    [field.expiry, at ?? 0],
  ]);
  note(turn, fingerprint, switchEntry(line.number, at, line.tag));
}

/** A line of the letter says how its order stands; nothing else needs to. */
export function noteOrder(turn: Turn, order: Order, line: Line): void {
  turn.passive.delete(order);
  note(turn, order.account.fingerprint, orderEntry(order, line.number));
}
