/**
 * Ring orders of the miner's own auth key that were taken back. No sealed key protects these: a
 * submission shows order and signature to all the world, and whoever copies them could hand the
 * order in again. So it is remembered whose it was, and another account's RING of it is refused,
 * until the order would have expired.
 *
 * Invariants (ringaudit.ts walks them):
 *   - nothing in here is in the pool
 *   - `ofAccount` and `expiries` follow from `orders`, oldest first
 *
 * An account has at most `ringOrdersOfAccountMax` in here, its newest: one that takes back more
 * crowds out its own.
 */
import type { Hash } from "../codec/ethereum.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { Expiries } from "./expiries.ts";
import { ringOrdersOfAccountMax } from "./limits.ts";
import { beginOf } from "./rings.ts";

export type TakenBack = {
  readonly hash: Hash;
  /** Who took it back, and alone may offer it again. */
  readonly account: Fingerprint;
  /** As an offer it had this number. */
  readonly number: number;
  /** The order's last second, Unix time. */
  readonly until: bigint;
};

/** Among those that expire; without a place it is no more. */
type Lasting = TakenBack & { readonly expiry: Time | undefined; place: object | undefined };

export type TakenBackOrders = {
  /** In the order in which they were taken back. */
  readonly orders: Map<Hash, Lasting>;
  readonly ofAccount: Map<Fingerprint, Set<Hash>>;
  readonly expiries: Expiries<Lasting>;
};

/** Nothing was taken back. */
export function newTakenBack(): TakenBackOrders {
  return { orders: new Map(), ofAccount: new Map(), expiries: new Expiries() };
}

/** Remembers an order that was taken back. */
export function rememberTakenBack(taken: TakenBackOrders, one: TakenBack): void {
  const { hash, account, until } = one;
  const lasting: Lasting = { ...one, expiry: beginOf(until + 1n), place: one };
  taken.orders.set(hash, lasting);
  taken.expiries.add(lasting);
  const own = taken.ofAccount.get(account) ?? new Set();
  taken.ofAccount.set(account, own.add(hash));
  const [oldest] = own;
  if (oldest !== undefined && own.size > ringOrdersOfAccountMax) forgetTakenBack(taken, oldest);
}

/** It is offered again, or has expired. */
export function forgetTakenBack(taken: TakenBackOrders, hash: Hash): void {
  const lasting = taken.orders.get(hash);
  if (lasting === undefined) return;
  taken.orders.delete(hash);
  lasting.place = undefined;
  taken.expiries.left(lasting);
  const own = taken.ofAccount.get(lasting.account);
  own?.delete(hash);
  if (own?.size === 0) taken.ofAccount.delete(lasting.account);
}

/** So many a tick: until then RING refuses them as expired. */
const forgottenMax = 256;

/** At a tick: forgets what has expired. */
export function forgetExpired(taken: TakenBackOrders, now: Time): void {
  for (let i = 0; i < forgottenMax; i += 1) {
    const lasting = taken.expiries.due(now);
    if (lasting === undefined) return;
    forgetTakenBack(taken, lasting.hash);
  }
}
