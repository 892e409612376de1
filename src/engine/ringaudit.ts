/**
 * The ring venue's part of the audit: its indexes against what they follow from, and what everybody
 * was told against how things stand.
 */
import { assert } from "../codec/assert.ts";
import { isEnded, sellableOf, standingOf } from "../pool/pool.ts";
import { orderHash } from "../ring/digest.ts";
import {
  clockKey,
  isOver,
  keysOfOffer,
  keysOfSubmission,
  offersIn,
  type RingBook,
  type RingOffer,
} from "./ringbook.ts";
import { nextMoment } from "./ringfates.ts";
import { engineNow, ringView } from "./rings.ts";
import type { State } from "./state.ts";

/** Asserts every invariant of the ring venue's state. */
export function auditRings(state: State): void {
  const { rings, configuration, accounts } = state;
  const live = [...rings.offers.values()].filter((offer) => !isOver(offer));
  assert(live.length === rings.pool.orders.size, "the pool has the orders that are not over");
  const own = [...rings.ofAccount.values()].reduce((sum, { size }) => sum + size, 0);
  assert(own === live.length, "accounts have no others");
  for (const [hash, offer] of rings.offers) {
    assert(offer.pooled.hash === hash, "an offer is found by its order's hash");
    assert(accounts.has(offer.account), "an offer is a customer's");
    if (isOver(offer)) auditEnded(rings, offer);
    else auditLive(state, offer);
  }
  auditUnproven(rings, live);
  auditTakenBack(state);
  auditSubmissions(rings);
  auditWatched(rings);
  for (const said of rings.claims.values()) {
    for (const watcher of said.keys()) {
      assert(
        configuration.watchers.some((one) => one === watcher),
        "watchers say what counts",
      );
    }
  }
}

function auditUnproven({ unproven }: RingBook, live: readonly RingOffer[]): void {
  const wanted = live.filter(({ proven }) => !proven).sort((a, b) => a.number - b.number);
  const kept = [...unproven.offers];
  assert(wanted.length === kept.length, "what was never live is unproven");
  for (const [i, offer] of kept.entries()) {
    assert(wanted[i] === offer, "of the unproven the oldest stands first");
    const isIdle = offer.submission === undefined && offer.told !== "live";
    assert(isIdle, "what is live, or in a submission, was proven");
  }
  const counts = new Map<string, number>();
  for (const { account } of wanted) counts.set(account, (counts.get(account) ?? 0) + 1);
  assert(counts.size === unproven.counts.size, "who has none unproven is not counted");
  for (const [account, count] of unproven.counts) {
    assert(counts.get(account) === count, "an account's unproven orders are counted");
  }
}

function auditTakenBack({ rings: { takenBack, pool }, accounts }: State): void {
  for (const [hash, { account }] of takenBack.orders) {
    assert(!pool.orders.has(hash), "what was taken back is not in the pool");
    assert(accounts.has(account), "who took it back is a customer");
    assert(takenBack.ofAccount.get(account)?.has(hash) === true, "an account's are found by it");
  }
  const own = [...takenBack.ofAccount.values()].reduce((sum, { size }) => sum + size, 0);
  assert(own === takenBack.orders.size, "accounts have taken back no others");
}

function auditLive(state: State, offer: RingOffer): void {
  const { rings, configuration, at } = state;
  const { pooled, account, alarm } = offer;
  const domain = configuration.ring?.domain;
  assert(domain !== undefined, "where there are offers there is a venue");
  assert(orderHash(domain, pooled.order) === pooled.hash, "an order's hash is its own");
  assert(rings.pool.orders.get(pooled.hash) === pooled, "the pool has the same order");
  assert(rings.ofAccount.get(account)?.has(offer) === true, "an account knows its ring orders");
  // What time has done since the last input that looked is found with the next one.
  if (alarm !== undefined && alarm.expiry <= at) return;
  const [view, now] = [ringView(state), engineNow(state)];
  const standing = standingOf(pooled, view, now);
  assert(!isEnded(standing) && standing === offer.told, "a customer knows how an order stands");
  assert(offer.shown.sell === sellableOf(pooled, view, now), "the log shows what it can sell");
  assert(alarm?.expiry === nextMoment(offer, now), "time is watched");
}

function auditEnded(rings: RingBook, offer: RingOffer): void {
  assert(offer.submission !== undefined, "what has ended is kept for a submission only");
  assert(offer.auth === undefined, "the auth key of what has ended is forgotten");
  assert(offer.shown.sell === 0n && offer.alarm === undefined, "what has ended is not offered");
  assert(!rings.pool.orders.has(offer.pooled.hash), "nor is it in the pool");
}

function auditSubmissions(rings: RingBook): void {
  const taken = new Map<RingOffer, number>();
  const counters = new Set<string>();
  for (const submitted of rings.pool.submissions.values()) {
    for (const offer of offersIn(rings, submitted)) {
      assert(!taken.has(offer), "no order is in two submissions");
      taken.set(offer, submitted.number);
    }
    for (const { owner, nonce } of submitted.before) {
      const counter = `${owner} ${nonce}`;
      assert(!counters.has(counter), "no counter is promised twice");
      counters.add(counter);
    }
  }
  for (const offer of rings.offers.values()) {
    assert(taken.get(offer) === offer.submission, "an offer knows its submission");
  }
}

function auditWatched(rings: RingBook): void {
  const wanted = new Map<string, number>();
  const count = (key: string): void => {
    wanted.set(key, (wanted.get(key) ?? 0) + 1);
  };
  for (const offer of rings.offers.values()) keysOfOffer(offer).forEach(count);
  for (const submitted of rings.pool.submissions.values()) {
    new Set(keysOfSubmission(submitted)).forEach(count);
  }
  assert(wanted.size === rings.watched.size, "nothing is watched in vain");
  for (const [key, { offers, submissions }] of rings.watched) {
    assert(wanted.get(key) === offers.size + submissions.size, "all are heard who depend on it");
  }
  for (const key of rings.claims.keys()) {
    assert(key === clockKey || rings.watched.has(key), "what nobody depends on is forgotten");
  }
}
