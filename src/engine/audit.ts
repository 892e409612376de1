/**
 * The full audit: everything the engine keeps twice is compared, and everything conserved is
 * summed. Conservation per command is asserted by the ledger itself; this walks the whole state,
 * for snapshots, for `signet replay` and for tests.
 */
import { assert } from "../codec/assert.ts";
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { printKey } from "../letter/orderid.ts";
import { heldAsset, needOf } from "./needs.ts";
import { auditRings } from "./ringaudit.ts";
import type { Account, Order, State } from "./state.ts";

/**
 * Asserts every invariant of the state and gives each asset's sum over all holders: zero, always.
 */
export function sums(state: State): ReadonlyMap<string, number> {
  const needs = new Needs();
  const counts = new Map<Fingerprint, number>();
  for (const { market, book } of state.venues.values()) {
    book.audit();
    for (const side of ["buy", "sell"] as const) {
      let before: Order | undefined;
      for (const order of book.orders(side)) {
        auditOrder(state, order);
        const needed = needOf(order, market);
        assert(order.held === needed, "an order holds exactly what its rest needs");
        needs.add(order.account, heldAsset(market, order), needed);
        counts.set(order.account, (counts.get(order.account) ?? 0) + 1);
        const younger = before?.price === order.price && before.number >= order.number;
        assert(!younger, "at one price, older orders stand first");
        before = order;
      }
    }
  }
  for (const { account, asset, amount, status } of state.unpaid.values()) {
    if (status === "waiting") needs.add(account, asset, amount);
  }
  for (const account of state.accounts.values()) {
    assert(account.orders.size === (counts.get(account.fingerprint) ?? 0), "all orders rest");
    auditAccount(state, account, needs);
  }
  auditWaiting(state);
  auditRings(state);
  return state.ledger.sums();
}

/** What everybody should hold, summed anew. */
class Needs {
  private readonly sums = new Map<string, number>();

  add(account: Fingerprint, asset: string, units: number): void {
    const key = `${account} ${asset}`;
    this.sums.set(key, (this.sums.get(key) ?? 0) + units);
  }

  of(account: Fingerprint, asset: string): number {
    return this.sums.get(`${account} ${asset}`) ?? 0;
  }
}

function auditOrder(state: State, order: Order): void {
  const account = state.accounts.get(order.account);
  assert(account?.orders.get(printKey(order.key)) === order, "an account knows its orders");
  assert(order.place?.order === order, "an order knows its place");
  assert(order.open > 0 && order.open <= order.requested, "no order fills beyond its quantity");
  const byId = order.id === undefined || account.ordersById.get(order.id) === order;
  assert(byId, "an order is found by its own id");
}

function auditAccount(state: State, account: Account, needs: Needs): void {
  const { fingerprint } = account;
  let before = 0;
  for (const order of account.orders.values()) {
    assert(order.number > before, "an account's orders are listed oldest first");
    before = order.number;
  }
  for (const asset of state.configuration.assets.keys()) {
    const { held } = state.ledger.balance(fingerprint, asset);
    assert(held === needs.of(fingerprint, asset), "what is held is what is needed");
  }
  for (const number of account.awaited) {
    assert(state.awaited.get(number)?.account === fingerprint, "an account knows its deposits");
  }
  for (const number of account.unpaid) {
    assert(state.unpaid.get(number)?.account === fingerprint, "an account knows its withdrawals");
  }
}

function auditWaiting(state: State): void {
  for (const [to, waiting] of state.waiting) {
    assert(!state.accounts.has(to), "nothing waits for who has registered");
    assert(state.strangers.has(to), "who is paid and has not registered gets decoys");
    for (const [asset, payers] of waiting) {
      const sum = [...payers.values()].reduce((all, amount) => all + amount, 0);
      const { total } = state.ledger.balance(`waiting ${to}`, asset);
      assert(sum === total, "what waits is in the ledger");
    }
  }
  assert(state.strangers.size === state.waiting.size, "nobody else gets decoys");
  for (const holder of state.ledger.holders()) {
    if (!isFingerprint(holder)) continue;
    assert(state.accounts.has(holder), "every customer in the ledger has registered");
  }
}
