/** Open orders as their customers know them: entered, found by the names they give, forgotten. */
import { assert } from "../codec/assert.ts";
import type { OrderKey, OrderName } from "../letter/command.ts";
import type { Market } from "../money/market.ts";
import type { Account, Order, State, Venue } from "./state.ts";

/** The hex digits of an order id by which short names are found. */
const shortDigits = 20;

export function accountOf(state: State, fingerprint: Account["fingerprint"]): Account {
  const account = state.accounts.get(fingerprint);
  assert(account !== undefined, "an account stays");
  return account;
}

/** A market by its number on the floor. */
export function venueAt(state: State, number: number): Venue {
  const venue = state.markets[number];
  assert(venue !== undefined, "a market stays");
  return venue;
}

/** A market begins under its number on the floor. */
export function enterVenue(state: State, market: Market, number: number): Venue {
  const venue: Venue = { market, number, halted: false, callUntil: undefined };
  assert(state.markets.length === number, "markets come in order of their numbers");
  state.markets.push(venue);
  state.venues.set(market.name, venue);
  return venue;
}

/** An order that the floor speaks of. */
export function orderAt(state: State, number: number): Order {
  const order = state.orders.get(number);
  assert(order !== undefined, "an order is known while it is on the floor");
  return order;
}

function shortOf({ letter }: OrderKey): string {
  return letter.slice(0, shortDigits);
}

/**
 * The open order of that name. Two letters whose ids begin alike are made on purpose only, by the
 * account itself; of two such orders the older one is meant.
 */
export function findOrder(account: Account, name: OrderName): Order | undefined {
  if (name.kind === "own") return account.ordersById.get(name.id);
  const { prefix, line } = name;
  const alike = account.ordersByShort.get(prefix.slice(0, shortDigits)) ?? [];
  return alike.find(({ key }) => key.line === line && key.letter.startsWith(prefix));
}

/** Makes an order known under all its names; orders come in order of their numbers. */
export function enter(state: State, order: Order): void {
  const { account, number } = order;
  state.orders.set(number, order);
  account.orders.set(number, order);
  if (order.id !== undefined) account.ordersById.set(order.id, order);
  const short = shortOf(order.key);
  const alike = account.ordersByShort.get(short);
  if (alike === undefined) account.ordersByShort.set(short, [order]);
  else alike.push(order);
}

/** Forgets an order that is on the floor no more. */
export function forget(state: State, order: Order): void {
  const { account, number } = order;
  order.stands = "nowhere";
  state.orders.delete(number);
  account.orders.delete(number);
  if (order.id !== undefined) account.ordersById.delete(order.id);
  const short = shortOf(order.key);
  const alike = account.ordersByShort.get(short) ?? [];
  const place = alike.indexOf(order);
  if (place >= 0) alike.splice(place, 1);
  if (alike.length === 0) account.ordersByShort.delete(short);
}
