/**
 * BUY and SELL: admitted whole or refused; then matched, reported on both sides, and the rest put
 * to rest. An account that meets its own order trades with itself, and both sides are reported.
 */
import { assert } from "../codec/assert.ts";
import type { Fill } from "../book/book.ts";
import type { Line, OrderKey, PlaceCommand } from "../letter/command.ts";
import type { OrderStatus } from "../letter/entry.ts";
import { printLeaf } from "../log/leaf.ts";
import { amount, quantity, type Amount } from "../money/amount.ts";
import { feeOfFill } from "../money/fee.ts";
import { admit } from "./admit.ts";
import { baseOf, notionalOf } from "./needs.ts";
import { rest, shrink } from "./orders.ts";
import { labelsOf, openStatus, orderEntry, rejectEntry, type OrderFacts } from "./records.ts";
import type { Account, Order, Venue } from "./state.ts";
import { note, notesOf, type Turn } from "./turn.ts";

/** One order coming in: who, and as what. */
type Taker = {
  readonly account: Account;
  readonly order: OrderFacts;
  /** The sum of its fills' notionals, on which its taker fee is owed. */
  notional: Amount;
};

/** Places an order, or refuses it. */
export function place(
  turn: Turn,
  account: Account,
  line: Line,
  command: PlaceCommand,
  key: OrderKey,
): void {
  const { state, at } = turn;
  const labels = labelsOf(line);
  const admitted = admit({ state, account, at, labels, command });
  if (!admitted.ok) return note(turn, account.fingerprint, rejectEntry(line, admitted));

  // From here on the order stands.
  const { venue } = admitted.value;
  if (labels.id !== undefined) account.ids.add(labels.id);
  state.orders += 1;
  const { side, price, expiry } = command;
  const order = { key, side, market: command.market, price, expiry, ...labels };
  const facts = { ...order, requested: command.quantity };
  const fills = venue.book.match({ side, quantity: command.quantity, limit: price });
  let open = command.quantity;
  const taker: Taker = {
    account,
    order: { ...facts, open },
    notional: amount(0),
  };
  for (const fill of fills) {
    trade(turn, venue, taker, fill);
    open = quantity(open - fill.quantity);
  }
  const status = statusOf({ ...facts, open });
  note(turn, account.fingerprint, orderEntry({ ...facts, open }, status, line.number));
  if (open === 0 || price === undefined) return;
  rest(turn, {
    ...facts,
    number: state.orders,
    account: account.fingerprint,
    price,
    makerRate: venue.market.makerRate,
    open,
    makerNotional: amount(0),
    held: amount(0),
    place: undefined,
  });
}

function statusOf(order: OrderFacts): OrderStatus {
  if (order.open === 0) return "filled";
  return order.price === undefined ? "cancelled" : openStatus(order);
}

/** One fill: a trade in the log, a FILL on each side, and the money. */
function trade(turn: Turn, venue: Venue, taker: Taker, fill: Fill<Order>): void {
  const { state, at } = turn;
  const { market } = venue;
  const { maker, quantity, price } = fill;
  const quote = notionalOf(market, quantity, price);
  const takerFee = feeOfFill(taker.notional, quote, market.takerRate);
  const makerFee = feeOfFill(maker.makerNotional, quote, maker.makerRate);
  taker.notional = amount(taker.notional + quote);
  maker.makerNotional = amount(maker.makerNotional + quote);

  state.trades += 1;
  const number = state.trades;
  const { side } = taker.order;
  const name = market.name;
  turn.leaves.push(
    printLeaf({ kind: "trade", number, market: name, quantity, price, at, taker: side }),
  );
  const common = { kind: "fill", trade: number, market: name, quantity, price, quote } as const;
  notesOf(turn, taker.account.fingerprint).fills.push({
    ...common,
    key: taker.order.key,
    side,
    fee: takerFee,
    role: "taker",
    ...labelsOf(taker.order),
  });
  notesOf(turn, maker.account).fills.push({
    ...common,
    key: maker.key,
    side: maker.side,
    fee: makerFee,
    role: "maker",
    ...labelsOf(maker),
  });
  turn.passive.set(maker, maker.open === 0 ? "filled" : "partly_filled");

  const released = shrink(turn, maker);
  const paid = maker.side === "buy" ? quote + makerFee : baseOf(market, quantity);
  assert(released === paid, "a fill lets go of exactly what it pays");

  const takerHolder = taker.account.fingerprint;
  const [buyer, seller] =
    side === "buy" ? [takerHolder, maker.account] : [maker.account, takerHolder];
  const cause = { kind: "trade", number } as const;
  const feeCause = { kind: "fee", number } as const;
  const { ledger } = state;
  ledger.transfer({ asset: market.quote, from: buyer, to: seller, amount: quote, cause });
  const fee = { asset: market.quote, to: "fees", cause: feeCause } as const;
  ledger.transfer({ ...fee, from: takerHolder, amount: takerFee });
  ledger.transfer({ ...fee, from: maker.account, amount: makerFee });
  const base = baseOf(market, quantity);
  ledger.transfer({ asset: market.base, from: seller, to: buyer, amount: base, cause });
}
