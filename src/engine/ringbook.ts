/**
 * The ring venue's part of the state: the customers' ring orders, the submissions they are in, what
 * watchers say of the chain, and who has to look again when one thing of the chain changes.
 *
 * Invariants (ringaudit.ts walks them):
 *   - `pool` holds the orders that may go into rings; `offers` those, and the ended ones that a
 *     submission may still settle
 *   - a thing of the chain is watched exactly while an offer or a submission depends on it
 *   - only what is watched, and the chain's clock, has claims
 *   - `watched`, `ofAccount`, `unproven`, `alarms` and an offer's `submission` follow from the rest
 *     and are in no snapshot
 *
 * Ring orders hold nothing: their tokens are where their owners have them, on the chain.
 */
import { assert } from "../codec/assert.ts";
import { type Hash, hashOf } from "../codec/ethereum.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type { OfferStatus } from "../letter/ringentry.ts";
import type { Claims } from "../pool/claims.ts";
import { isEnded, newPool, type Pool, type Pooled, type Submitted } from "../pool/pool.ts";
import { factKey } from "../ring/fact.ts";
import { Expiries } from "./expiries.ts";
import { newTakenBack, rememberTakenBack, type TakenBackOrders } from "./ringtakenback.ts";
import type { Labels } from "./state.ts";

/** A customer's ring order, from its RING on until nothing can settle it any more. */
export type RingOffer = Labels & {
  readonly pooled: Pooled;
  readonly account: Fingerprint;
  /** 1, 2, 3 … in order of acceptance: its public name. */
  readonly number: number;
  /** Its auth key, sealed to the miner, base64; `undefined`: the miner's own, or forgotten. */
  auth: string | undefined;
  /** Over the settled rings that are known. */
  sold: bigint;
  received: bigint;
  /** What the log says that it sells, and wants for that; twice 0: it is not there. */
  shown: Shown;
  /** How its customer knows it to stand. */
  told: OfferStatus;
  /** Whether it was ever live: nothing but a letter is behind an order that never was. */
  proven: boolean;
  /** The submission it is in. */
  submission: number | undefined;
  alarm: Alarm | undefined;
};

export type Shown = { readonly sell: bigint; readonly buy: bigint };

/** When time alone changes how an offer stands; without a place it is off. */
export type Alarm = {
  readonly number: number;
  readonly expiry: Time;
  readonly offer: RingOffer;
  place: object | undefined;
};

/** Who depends on one thing of the chain. */
export type Watching = { readonly offers: Set<RingOffer>; readonly submissions: Set<number> };

/** Those in the pool that were never live, by their number, and how many of them an account has. */
export type Unproven = {
  readonly offers: Set<RingOffer>;
  readonly counts: Map<Fingerprint, number>;
};

export type RingBook = {
  readonly pool: Pool;
  readonly offers: Map<Hash, RingOffer>;
  /** Those in the pool. */
  readonly ofAccount: Map<Fingerprint, Set<RingOffer>>;
  readonly unproven: Unproven;
  readonly takenBack: TakenBackOrders;
  readonly claims: Claims;
  /** By `factKey`. */
  readonly watched: Map<string, Watching>;
  /** What watchers are told at the next tick, by `order HASH` or `ring HASH`. */
  readonly untold: Map<string, "watch" | "unwatch">;
  readonly alarms: Expiries<Alarm>;
  /** The last number given to an offer, a submission, a ring. */
  lastOffer: number;
  lastSubmission: number;
  lastRing: number;
};

/** Nobody offers anything. */
export function newRingBook(): RingBook {
  return {
    pool: newPool(),
    offers: new Map(),
    ofAccount: new Map(),
    unproven: { offers: new Set(), counts: new Map() },
    takenBack: newTakenBack(),
    claims: new Map(),
    watched: new Map(),
    untold: new Map(),
    alarms: new Expiries(),
    lastOffer: 0,
    lastSubmission: 0,
    lastRing: 0,
  };
}

/** What is asked about whatever else is watched. */
export const clockKey: string = factKey({ kind: "clock", value: 0n });

const noTransaction: Hash = hashOf(new Uint8Array(32));

/** Whether no new ring may take it. */
export function isOver({ told }: RingOffer): boolean {
  return told === "taken_back" || told === "crowded_out" || isEnded(told);
}

/** What an offer depends on. */
export function keysOfOffer({ pooled: { order, hash, byWallet } }: RingOffer): readonly string[] {
  const { owner, nonce, sellToken, feeToken, feeAmount } = order;
  const value = 0n;
  const keys = [
    factKey({ kind: "counter", owner, nonce, value }),
    factKey({ kind: "epoch", owner, value }),
    factKey({ kind: "funds", owner, token: sellToken, value }),
  ];
  const hasFee = feeAmount !== 0n && feeToken !== sellToken;
  if (hasFee) keys.push(factKey({ kind: "funds", owner, token: feeToken, value }));
  if (byWallet) keys.push(factKey({ kind: "accepts", order: hash, value }));
  return keys;
}

/** What a submission depends on: once it is settled, only its counters. */
export function keysOfSubmission(submitted: Submitted): readonly string[] {
  const value = 0n;
  const { number, rings, before, settled } = submitted;
  const parts = rings.flatMap((ring) => ring.parts);
  const keys = before.map(({ owner, nonce }) => factKey({ kind: "counter", owner, nonce, value }));
  for (const { owner } of parts) keys.push(factKey({ kind: "epoch", owner, value }));
  if (settled) return keys;
  const transaction = noTransaction;
  for (const { hash } of rings) keys.push(factKey({ kind: "settled", ring: hash, transaction }));
  return [...keys, factKey({ kind: "fails", submission: number, name: "-" })];
}

function watching(book: RingBook, key: string): Watching {
  const found = book.watched.get(key) ?? { offers: new Set(), submissions: new Set() };
  book.watched.set(key, found);
  return found;
}

/** Nobody depends on it any more: what was said of it is forgotten. */
function letGo(book: RingBook, key: string): void {
  const found = book.watched.get(key);
  if (found === undefined || found.offers.size > 0 || found.submissions.size > 0) return;
  book.watched.delete(key);
  book.claims.delete(key);
}

/** Enters an offer into every index; the pool has it unless it is over. */
export function enterOffer(book: RingBook, offer: RingOffer): void {
  const { pooled, account } = offer;
  book.offers.set(pooled.hash, offer);
  for (const key of keysOfOffer(offer)) watching(book, key).offers.add(offer);
  if (isOver(offer)) return;
  book.pool.orders.set(pooled.hash, pooled);
  const own = book.ofAccount.get(account) ?? new Set();
  book.ofAccount.set(account, own.add(offer));
  if (offer.proven) return;
  const { offers, counts } = book.unproven;
  offers.add(offer);
  counts.set(account, (counts.get(account) ?? 0) + 1);
}

/** The offer is live: from now on it keeps its place. */
export function proveOffer(book: RingBook, offer: RingOffer): void {
  leaveUnproven(book, offer);
  offer.proven = true;
}

function leaveUnproven({ unproven: { offers, counts } }: RingBook, offer: RingOffer): void {
  if (!offers.delete(offer)) return;
  const left = (counts.get(offer.account) ?? 0) - 1;
  if (left > 0) counts.set(offer.account, left);
  else counts.delete(offer.account);
}

/** Takes an offer out of the pool; it is no more than what a submission may still settle. */
export function leavePool(book: RingBook, offer: RingOffer): void {
  const { pooled, account } = offer;
  book.pool.orders.delete(pooled.hash);
  leaveUnproven(book, offer);
  const own = book.ofAccount.get(account);
  assert(own !== undefined && own.delete(offer), "an account knows its ring orders");
  if (own.size === 0) book.ofAccount.delete(account);
  setAlarm(book, offer, undefined);
}

/** Of an offer that is taken back: nobody else may offer the order if all its keys are public. */
export function guardTakenBack(book: RingBook, { pooled, account, number, auth }: RingOffer): void {
  if (auth !== undefined) return;
  const { hash, order } = pooled;
  rememberTakenBack(book.takenBack, { hash, account, number, until: order.validUntil });
}

/** Forgets an offer that is over and in no submission. */
export function forgetOffer(book: RingBook, offer: RingOffer): void {
  book.offers.delete(offer.pooled.hash);
  for (const key of keysOfOffer(offer)) {
    book.watched.get(key)?.offers.delete(offer);
    letGo(book, key);
  }
  book.untold.set(`order ${offer.pooled.hash}`, "unwatch");
}

/** Enters a submission into every index. */
export function enterSubmission(book: RingBook, submitted: Submitted): void {
  const { number } = submitted;
  book.pool.submissions.set(number, submitted);
  for (const key of keysOfSubmission(submitted)) watching(book, key).submissions.add(number);
  for (const offer of offersIn(book, submitted)) offer.submission = number;
}

/** The offers that are in a submission, each once. */
export function offersIn(book: RingBook, { rings }: Submitted): ReadonlySet<RingOffer> {
  return new Set(
    rings
      .flatMap(({ parts }) => parts)
      .map(({ order }) => {
        const offer = book.offers.get(order);
        assert(offer !== undefined, "an offer is kept while a submission has it");
        return offer;
      }),
  );
}

/** A submission that is settled, or gone, depends on less: lets go what it had more before. */
export function loosen(
  book: RingBook,
  { number }: Submitted,
  keys: { readonly before: readonly string[]; readonly after: readonly string[] },
): void {
  const kept = new Set(keys.after);
  for (const key of keys.before) {
    if (kept.has(key)) continue;
    book.watched.get(key)?.submissions.delete(number);
    letGo(book, key);
  }
}

/** Sets when to look at an offer again, whatever the chain does. */
export function setAlarm(book: RingBook, offer: RingOffer, expiry: Time | undefined): void {
  const { alarm, number } = offer;
  if (alarm?.expiry === expiry) return;
  if (alarm !== undefined) {
    alarm.place = undefined;
    book.alarms.left(alarm);
  }
  offer.alarm = expiry === undefined ? undefined : { number, expiry, offer, place: offer };
  if (offer.alarm !== undefined) book.alarms.add(offer.alarm);
}
