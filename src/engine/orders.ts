/**
 * Open orders: coming to rest in the book, being found by name, and leaving for whatever reason.
 * The book, the account's own index, the expiries and the hold always change together, here.
 */
import { assert } from "../codec/assert.ts";
import type { OrderName } from "../letter/command.ts";
import { printKey } from "../letter/orderid.ts";
import { amount } from "../money/amount.ts";
import { heldAsset, needOf } from "./needs.ts";
import type { Account, Order, State, Venue } from "./state.ts";
import { touchLevel, type Turn } from "./turn.ts";

/** The hex digits of an order id by which short names are found. */
const shortDigits = 20;

export function accountOf(state: State, fingerprint: Account["fingerprint"]): Account {
  const account = state.accounts.get(fingerprint);
  assert(account !== undefined, "an account stays");
  return account;
}

export function venueOf(state: State, market: string): Venue {
  const venue = state.venues.get(market);
  assert(venue !== undefined, "a market stays");
  return venue;
}

function shortOf(letter: string, line: number): string {
  return `${letter.slice(0, shortDigits)}.${line}`;
}

/**
 * The open order of that name. Two letters whose ids begin alike are made on purpose only, by the
 * account itself; of two such orders the older one is meant.
 */
export function findOrder(account: Account, name: OrderName): Order | undefined {
  if (name.kind === "own") return account.ordersById.get(name.id);
  const alike = account.ordersByShort.get(shortOf(name.prefix, name.line)) ?? [];
  return alike.find((order) => order.key.letter.startsWith(name.prefix));
}

/** Enters an order into the book and every index. Its hold is the caller's. */
export function enter(state: State, order: Order): void {
  const account = accountOf(state, order.account);
  order.place = venueOf(state, order.market).book.add(order);
  account.orders.set(printKey(order.key), order);
  if (order.id !== undefined) account.ordersById.set(order.id, order);
  const short = shortOf(order.key.letter, order.key.line);
  account.ordersByShort.set(short, [...(account.ordersByShort.get(short) ?? []), order]);
  state.expiries.add(order);
}

/** Forgets an order that is no longer in the book. */
function forget(state: State, order: Order): void {
  const account = accountOf(state, order.account);
  order.place = undefined;
  account.orders.delete(printKey(order.key));
  if (order.id !== undefined) account.ordersById.delete(order.id);
  const short = shortOf(order.key.letter, order.key.line);
  const alike = (account.ordersByShort.get(short) ?? []).filter((other) => other !== order);
  if (alike.length === 0) account.ordersByShort.delete(short);
  else account.ordersByShort.set(short, alike);
  state.expiries.left(order);
}

/**
 * Sets what an order holds to what its rest needs, or to nothing once it has left; gives what it
 * let go.
 */
function adjustHold(turn: Turn, order: Order): number {
  const { market } = venueOf(turn.state, order.market);
  const needed = order.place ? needOf(order, market) : amount(0);
  const cause = { kind: "order", key: order.key } as const;
  const asset = heldAsset(market, order);
  const released = order.held - needed;
  turn.state.ledger.hold(order.account, asset, -released, cause);
  order.held = needed;
  return released;
}

/** Puts the rest of a new order into the book, with its hold. */
export function rest(turn: Turn, order: Order): void {
  enter(turn.state, order);
  adjustHold(turn, order);
  touchLevel(turn, venueOf(turn.state, order.market), order);
}

/**
 * An open order was filled in part or in whole (`order.open` is already lower); gives what it let
 * go.
 */
export function shrink(turn: Turn, order: Order): number {
  touchLevel(turn, venueOf(turn.state, order.market), order);
  if (order.open === 0) forget(turn.state, order);
  return adjustHold(turn, order);
}

/** Takes an open order out of the book and gives back what it held. */
export function withdrawOrder(turn: Turn, order: Order): void {
  assert(order.place !== undefined, "only an open order is taken out");
  venueOf(turn.state, order.market).book.remove(order.place);
  forget(turn.state, order);
  adjustHold(turn, order);
  touchLevel(turn, venueOf(turn.state, order.market), order);
}

/** At the start of every input: orders whose time is up, soonest first, then oldest first. */
export function expireOrders(turn: Turn): void {
  for (;;) {
    const order = turn.state.expiries.due(turn.at);
    if (!order) return;
    withdrawOrder(turn, order);
    turn.passive.set(order, "expired");
  }
}
