/**
 * The full audit: everything the engine keeps twice is compared, and everything conserved is
 * summed. Conservation per trade is asserted by the floor itself; this walks the whole state, for
 * snapshots, for `signet replay` and for tests.
 */
import { assert } from "../codec/assert.ts";
import { auditFloor } from "../floor/audit.ts";
import { openOrder } from "../floor/read.ts";
import { heldFor, issuerOf } from "./dividends.ts";
import { auditHours } from "./hours.ts";
import { customerOf } from "./keys.ts";
import { papersMax } from "./limits.ts";
import { balanceOf, numberOf, assetNumber, sumsOf } from "./purse.ts";
import { accountOf } from "./orders.ts";
import { tifNumber } from "./place.ts";
import { auditRings } from "./ringaudit.ts";
import { waitingAccount, type Account, type Order, type State } from "./state.ts";

/**
 * Asserts every invariant of the state and gives each asset's sum over all holders: zero, always.
 */
export function sums(state: State): ReadonlyMap<string, number> {
  const { floor } = state;
  const held = heldElsewhere(state);
  auditFloor(floor, (account, asset) => held.get(`${account} ${asset}`) ?? 0);
  assert(state.orders.size === floor.orders.count, "every order on the floor is somebody's");
  for (const order of state.orders.values()) auditOrder(state, order);
  let orders = 0;
  for (const account of state.accounts.values()) {
    auditAccount(state, account);
    orders += account.orders.size;
  }
  assert(orders === state.orders.size, "accounts have no other orders");
  assert(state.customers.length === floor.accounts.count, "everybody has a number");
  for (const [name, venue] of state.venues) {
    assert(state.markets[venue.number] === venue && venue.market.name === name, "markets agree");
  }
  auditHours(state);
  auditWaiting(state);
  auditIssues(state);
  auditUntold(state);
  auditRings(state);
  const all = sumsOf(state);
  for (const sum of all.values()) assert(sum === 0, "every asset sums to zero");
  return all;
}

/** What is held for anything but orders, by account and asset on the floor. */
function heldElsewhere(state: State): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const { account, asset, amount, status } of state.unpaid.values()) {
    if (status !== "waiting") continue;
    const key = `${numberOf(accountOf(state, account))} ${assetNumber(state, asset)}`;
    held.set(key, (held.get(key) ?? 0) + amount);
  }
  for (const dividend of state.dividends.values()) {
    const { number } = issuerOf(state, dividend.asset);
    const key = `${number} ${assetNumber(state, dividend.pay)}`;
    held.set(key, (held.get(key) ?? 0) + heldFor(dividend));
  }
  return held;
}

/** What an issuer did, and what is left of it to do. */
function auditIssues(state: State): void {
  const { assets, issuers } = state.configuration;
  for (const asset of state.issues.keys()) {
    assert(assets.has(asset) && issuers.has(asset), "what is listed has an issuer");
  }
  let before = 0;
  for (const [number, dividend] of state.dividends) {
    assert(number === dividend.number && number > before, "dividends are listed oldest first");
    assert(number <= state.actions, "each has its own number");
    before = number;
    assert(state.issues.has(dividend.asset), "only what is listed pays dividends");
    if (dividend.owed === undefined) continue;
    const { list, next, left } = dividend.owed;
    assert(next < list.length, "what is paid whole is forgotten");
    const rest = list.slice(next).reduce((sum, { units }) => sum + units, 0);
    assert(rest === left && left <= dividend.total, "what is owed is a part of the total");
  }
}

/** Who is yet to be told something. */
function auditUntold({ accounts, strangers, statements, untold, markets }: State): void {
  for (const sort of ["customers", "strangers"] as const) {
    const known = sort === "customers" ? accounts : strangers;
    for (const [market, queue] of statements[sort]) {
      assert(markets[market] !== undefined && queue.size > 0, "somebody waits in each queue");
      for (const who of queue) assert(known.has(who), "statements are for somebody");
    }
    for (const who of untold[sort].keys()) assert(known.has(who), "so is what is not told");
  }
}

function auditOrder(state: State, order: Order): void {
  const { account, number } = order;
  assert(state.orders.get(number) === order, "an order is found by its number");
  assert(account.orders.get(number) === order, "an account knows its orders");
  assert(order.open > 0 && order.open <= order.requested, "no order fills beyond its quantity");
  const byId = order.id === undefined || account.ordersById.get(order.id) === order;
  assert(byId, "an order is found by its own id");
  const standing = openOrder(state.floor, number);
  assert(standing !== undefined, "an open order stands on the floor");
  assert(standing.account === account.number && standing.market === order.venue.number, "its own");
  assert(standing.open === order.open && standing.held === order.held, "what is known is so");
  assert(standing.requested === order.requested, "so is what was asked for");
  const waits = order.stands === "waiting";
  assert((standing.trigger !== 0) === waits, "a stop waits until it is set off");
  assert(!waits || standing.trigger === order.trigger, "its trigger is known");
  assert(standing.price === (order.price ?? 0), "its price is known");
  assert(standing.tif === tifNumber(order.tif), "so is its time in force");
}

function auditAccount(state: State, account: Account): void {
  const { fingerprint } = account;
  assert(state.customers[account.number] === account, "an account is found by its number");
  let before = 0;
  for (const order of account.orders.values()) {
    assert(order.number > before, "an account's orders are listed oldest first");
    before = order.number;
  }
  const key = state.keys.get(account.key);
  const isKept = key?.standing === "in_force" || key?.standing === "revoked";
  assert(key?.account === account && isKept, "an account has a key");
  const { change } = account;
  assert(change === undefined || change.place !== undefined, "a change waits for its time");
  assert(account.freezes.size <= papersMax, "no more papers are remembered than may be");
  if (account.frozen !== undefined) auditFrozen(state, account);
  for (const number of account.awaited) {
    assert(state.awaited.get(number)?.account === fingerprint, "an account knows its deposits");
  }
  for (const number of account.unpaid) {
    assert(state.unpaid.get(number)?.account === fingerprint, "an account knows its withdrawals");
  }
}

/** What could make a frozen account pay. */
function auditFrozen(
  { unpaid, rings }: State,
  { fingerprint, orders, unpaid: own }: Account,
): void {
  assert(orders.size === 0, "a frozen account has no orders");
  const waits = [...own].some((number) => unpaid.get(number)?.status === "waiting");
  assert(!waits, "a frozen account's withdrawals are refused");
  assert(!rings.ofAccount.has(fingerprint), "a frozen account's ring orders are taken back");
}

function auditWaiting(state: State): void {
  const totals = new Map<string, number>();
  for (const [to, waiting] of state.waiting) {
    assert(customerOf(state, to) === undefined, "nothing waits for a customer's key");
    assert(state.strangers.has(to), "who is paid and has not registered gets decoys");
    for (const [asset, payers] of waiting) {
      const sum = [...payers.values()].reduce((all, amount) => all + amount, 0);
      totals.set(asset, (totals.get(asset) ?? 0) + sum);
    }
  }
  for (const asset of state.assets.keys()) {
    const { total } = balanceOf(state, "waiting", asset);
    assert(total === (totals.get(asset) ?? 0), "what waits is on the floor");
  }
  assert(state.strangers.size === state.waiting.size, "nobody else gets decoys");
  assert(state.customers[waitingAccount] === undefined, "nobody is called by that number");
}
