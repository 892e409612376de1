/** The records of reports, made from the engine's own values (docs/spec/report.md §3). */
import type { Time } from "../codec/time.ts";
import { amount, quantity, type Price, type Quantity } from "../money/amount.ts";
import type { Holder, Holding, Posting } from "../ledger/ledger.ts";
import type { Line, OrderKey, Side } from "../letter/command.ts";
import type { Entry, OrderStatus } from "../letter/entry.ts";
import type { SettledEntry } from "../letter/handsentry.ts";
import type { Deposit, HoldCause, Labels, State, Withdrawal } from "./state.ts";

/** What a record says of an order; a market order has no price. */
export type OrderFacts = Labels & {
  readonly key: OrderKey;
  readonly side: Side;
  readonly market: string;
  readonly requested: Quantity;
  readonly price: Price | undefined;
  readonly open: Quantity;
  readonly expiry: Time | undefined;
};

/** An order as it stands. What is cancelled or expired has nothing open any more. */
export function orderEntry(order: OrderFacts, status: OrderStatus, line: number): Entry {
  const ended = status === "cancelled" || status === "expired";
  return {
    kind: "order",
    line,
    key: order.key,
    status,
    side: order.side,
    market: order.market,
    requested: order.requested,
    price: order.price,
    filled: quantity(order.requested - order.open),
    open: ended ? quantity(0) : order.open,
    expiry: order.expiry,
    id: order.id,
    tag: order.tag,
  };
}

/** What an open order's status is, short of the end. */
export function openStatus(order: OrderFacts): OrderStatus {
  return order.open === order.requested ? "resting" : "partly_filled";
}

export function moveEntry(posting: Posting): Entry {
  const { asset, change, cause } = posting;
  return { kind: "move", asset, change, total: amount(posting.after), cause };
}

export function holdEntry(holding: Holding<HoldCause>): Entry {
  const { asset, change, cause } = holding;
  return { kind: "hold", asset, change, held: amount(holding.after), cause };
}

export function balanceEntry(state: State, account: Holder, asset: string): Entry {
  const { total, held } = state.ledger.balance(account, asset);
  return {
    kind: "balance",
    asset,
    total: amount(total),
    free: amount(total - held),
    held: amount(held),
  };
}

/** Accepted, and no other record says so. */
export function doneEntry(line: Line): Entry {
  return { kind: "done", line: line.number, verb: line.verb, ...labelsOf(line) };
}

export function rejectEntry(line: Line, refusal: { name: string; detail: string }): Entry {
  const { name, detail } = refusal;
  const { number, verb } = line;
  return { kind: "reject", line: number, verb, name, sentence: detail, ...labelsOf(line) };
}

export function labelsOf(from: Labels): Labels {
  return { id: from.id, tag: from.tag };
}

export function awaitedEntry(deposit: Deposit): Entry {
  const { number, asset, announced } = deposit;
  const nothing = { credited: amount(0), evidence: undefined };
  const labels = labelsOf(deposit);
  return { kind: "deposit", number, asset, announced, state: "awaited", ...nothing, ...labels };
}

export function withdrawalEntry(
  withdrawal: Withdrawal,
  state: "waiting" | "approved" | "paid" | "refused",
  evidence: string | undefined,
): Entry {
  const { number, asset, amount, address } = withdrawal;
  const labels = labelsOf(withdrawal);
  return { kind: "withdrawal", number, asset, amount, address, state, evidence, ...labels };
}

/** What the operators are asked to do. */
export function requestEntry(request: Deposit | Withdrawal): Entry {
  const { number, asset, account } = request;
  if ("announced" in request) {
    const amount = request.announced;
    return { kind: "request", subject: "deposit", number, asset, amount, account };
  }
  const { amount, address } = request;
  return { kind: "request", subject: "withdrawal", number, asset, amount, address, account };
}

export function settledEntry(settled: Omit<SettledEntry, "kind">): Entry {
  return { kind: "settled", ...settled };
}
