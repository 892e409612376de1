/** The records of reports, made from the engine's own values (docs/spec/report.md §3). */
import type { Time } from "../codec/time.ts";
import { amount, quantity } from "../money/amount.ts";
import type { Line } from "../letter/command.ts";
import type { Entry, HoldCause, MoveCause, OrderStatus } from "../letter/entry.ts";
import type { SettledEntry } from "../letter/handsentry.ts";
import type { ActionEntry } from "../letter/securitiesentry.ts";
import type { Deposit, Labels, Order, Withdrawal } from "./state.ts";

/** How an order stands. What is cancelled or expired has nothing open any more. */
export function orderEntry(order: Order, line: number): Entry {
  const { key, side, venue, requested, price, open, expiry, tif, trigger, own, cap, ended } = order;
  const status = statusOf(order);
  const why = ended === "cancelled" || ended === "expired" ? undefined : ended;
  return {
    kind: "order",
    line,
    key,
    status,
    side,
    market: venue.market.name,
    requested,
    price,
    filled: quantity(requested - open),
    open: ended === undefined ? open : quantity(0),
    expiry,
    tif,
    trigger,
    own,
    cap,
    why,
    ...labelsOf(order),
  };
}

function statusOf({ ended, open, requested, stands }: Order): OrderStatus {
  if (ended === "expired") return "expired";
  if (ended !== undefined) return "cancelled";
  if (open === 0) return "filled";
  if (stands === "waiting") return "waiting";
  return open === requested ? "resting" : "partly_filled";
}

/** The asset that an order's hold is in. */
export function heldAsset({ side, venue }: Order): string {
  return side === "buy" ? venue.market.quote : venue.market.base;
}

/** The dead man's switch; `undefined`: off. */
export function switchEntry(line: number, at: Time | undefined, tag?: string): Entry {
  return { kind: "switch", line, at, tag };
}

type Move = {
  readonly asset: string;
  readonly change: number;
  readonly total: number;
  readonly cause: MoveCause;
};

export function moveEntry({ asset, change, total, cause }: Move): Entry {
  return { kind: "move", asset, change, total: amount(total), cause };
}

type Hold = {
  readonly asset: string;
  readonly change: number;
  readonly held: number;
  readonly cause: HoldCause;
};

export function holdEntry({ asset, change, held, cause }: Hold): Entry {
  return { kind: "hold", asset, change, held: amount(held), cause };
}

export function balanceEntry(
  asset: string,
  { total, held }: { readonly total: number; readonly held: number },
): Entry {
  const free = amount(total - held);
  return { kind: "balance", asset, total: amount(total), free, held: amount(held) };
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

/** What an issuer did; `line` is 0 where no line of the letter did it. */
export function actionEntry(
  said: Pick<ActionEntry, "number" | "action" | "asset" | "state">,
  line: number,
  labels: Labels,
): Entry {
  return { kind: "action", line, ...said, ...labels };
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
