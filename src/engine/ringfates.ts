/**
 * What follows when the chain is heard, or time passes: submissions whose fate is known are closed,
 * orders that have ended leave, and customers are told of what changed, once.
 *
 * Whatever happens in an input only marks what depends on it (`touchFact`, `touchAll`, alarms);
 * `refreshRings` then looks at each marked thing once, submissions first, by number: so that a
 * watcher's letter is believed as a whole, in whatever order its lines stand, and the work is that
 * of what changed.
 */
import { assert } from "../codec/assert.ts";
import type { Time } from "../codec/time.ts";
import type { OfferStatus } from "../letter/ringentry.ts";
import { type Leaf, printLeaf } from "../log/leaf.ts";
import { isEnded, sellableOf, standingOf, type Submitted } from "../pool/pool.ts";
import { doubtSeconds, type Fate, fateOf, noteFate } from "../pool/submission.ts";
import type { View } from "../pool/view.ts";
import { type Fact, factKey } from "../ring/fact.ts";
import {
  clockKey,
  forgetOffer,
  guardTakenBack,
  isOver,
  keysOfSubmission,
  leavePool,
  loosen,
  offersIn,
  proveOffer,
  type RingBook,
  type RingOffer,
  setAlarm,
  type Shown,
} from "./ringbook.ts";
import { offerEntry, offerLeaf, ringedEntry, type RingOutcome } from "./ringrecords.ts";
import { beginOf, engineNow, ringNow, ringView } from "./rings.ts";
import type { State } from "./state.ts";
import { note, type Turn } from "./turn.ts";

type Outcome = Exclude<RingOutcome, { readonly state: "authored" }>;

/** Somebody has said something of the chain. */
export function touchFact({ state, touched }: Turn, fact: Fact): void {
  const { watched, pool } = state.rings;
  const key = factKey(fact);
  if (key === clockKey) {
    for (const number of pool.submissions.keys()) touched.submissions.add(number);
    return;
  }
  const depending = watched.get(key);
  for (const offer of depending?.offers ?? []) touched.offers.add(offer);
  for (const number of depending?.submissions ?? []) touched.submissions.add(number);
}

/** Others are believed now, or more of them are needed. */
export function touchAll({ state, touched }: Turn): void {
  for (const offer of state.rings.offers.values()) touched.offers.add(offer);
  for (const number of state.rings.pool.submissions.keys()) touched.submissions.add(number);
}

/** Looks at everything that was marked or whose time has come. */
export function refreshRings(turn: Turn): void {
  const { state, touched } = turn;
  wake(turn);
  if (touched.offers.size === 0 && touched.submissions.size === 0) return;
  const view = ringView(state);
  for (const number of [...touched.submissions].sort((a, b) => a - b)) {
    refreshSubmission(turn, view, number);
  }
  touched.submissions.clear();
  const offers = [...touched.offers].sort((a, b) => a.number - b.number);
  for (const offer of offers) refreshOffer(turn, view, offer);
  touched.offers.clear();
}

function wake({ state, touched, at }: Turn): void {
  for (;;) {
    const alarm = state.rings.alarms.due(at);
    if (alarm === undefined) return;
    setAlarm(state.rings, alarm.offer, undefined);
    touched.offers.add(alarm.offer);
  }
}

// ── offers ───────────────────────────────────────────────────────────────────────────────────────

function refreshOffer(turn: Turn, view: View, offer: RingOffer): void {
  if (isOver(offer)) return;
  const { state } = turn;
  const { pooled } = offer;
  const now = engineNow(state);
  const standing = standingOf(pooled, view, now);
  if (isEnded(standing)) return endOffer(turn, offer, { status: standing, line: 0 });
  if (standing !== offer.told) {
    offer.told = standing;
    if (standing === "live") proveOffer(state.rings, offer);
    note(turn, offer.account, offerEntry(state, offer, { status: standing, line: 0 }));
  }
  show(turn, offer, shownOf(offer, sellableOf(pooled, view, now)));
  setAlarm(state.rings, offer, nextMoment(offer, now));
}

/** So much for the least that its limit allows. */
function shownOf({ pooled: { order } }: RingOffer, sell: bigint): Shown {
  const { sellAmount, buyAmount } = order;
  return { sell, buy: (sell * buyAmount + sellAmount - 1n) / sellAmount };
}

function show(turn: Turn, offer: RingOffer, shown: Shown): void {
  if (shown.sell === offer.shown.sell && shown.buy === offer.shown.buy) return;
  offer.shown = shown;
  turn.leaves.push(offerLeaf(turn.state, offer, shown));
}

/** When time alone changes how an offer stands next. */
export function nextMoment({ pooled }: RingOffer, now: bigint): Time | undefined {
  const { validSince, validUntil } = pooled.order;
  const ahead = [validSince, pooled.restsUntil, validUntil + 1n].filter((moment) => moment > now);
  const [first, ...rest] = ahead;
  if (first === undefined) return undefined;
  const next = rest.reduce((least, moment) => (moment < least ? moment : least), first);
  return beginOf(next);
}

/** No further ring takes the order, and its auth key is forgotten. */
export function endOffer(
  turn: Turn,
  offer: RingOffer,
  as: { readonly status: OfferStatus; readonly line: number },
): void {
  const { rings } = turn.state;
  note(turn, offer.account, offerEntry(turn.state, offer, as));
  leavePool(rings, offer);
  if (as.status === "taken_back") guardTakenBack(rings, offer);
  offer.told = as.status;
  offer.auth = undefined;
  show(turn, offer, { sell: 0n, buy: 0n });
  if (offer.submission === undefined) forgetOffer(rings, offer);
}

// ── submissions ──────────────────────────────────────────────────────────────────────────────────

function refreshSubmission(turn: Turn, view: View, number: number): void {
  const submitted = turn.state.rings.pool.submissions.get(number);
  if (submitted === undefined) return;
  if (!submitted.settled) {
    const fate = fateHeard(turn.state, view, submitted);
    if (fate === undefined) return;
    close(turn, submitted, fate);
    if (fate.kind === "failed") return release(turn, submitted);
  }
  // Until its counters are heard, orders would be put into rings that cannot settle.
  const isHeard = submitted.before.every(({ owner, nonce, value }) => {
    const counter = view.counter(owner, nonce);
    return counter !== undefined && counter !== value;
  });
  const isPast = (view.clock() ?? 0n) > submitted.deadline;
  if (isHeard || isPast) release(turn, submitted);
}

function fateHeard({ rings }: State, view: View, submitted: Submitted): Fate | undefined {
  const fate = fateOf(submitted, view);
  if (fate?.kind !== "failed") return fate;
  // Others may be late with the word that it settled; one who lies delays its orders by that.
  const isDoubtful = submitted.rings.some(
    ({ hash }) => view.settled(hash) === undefined && rings.claims.has(`settled ${hash}`),
  );
  const clock = view.clock() ?? 0n;
  return isDoubtful && clock <= submitted.deadline + doubtSeconds ? undefined : fate;
}

/** Tells everybody; the ring needs no watching any more. */
function close(turn: Turn, submitted: Submitted, fate: Fate): void {
  const { state, touched, leaves } = turn;
  const { rings } = state;
  noteFate(rings.pool, submitted, { fate, view: ringView(state), now: ringNow(state) });
  const outcome: Outcome =
    fate.kind === "settled"
      ? { state: "settled", transaction: fate.transaction }
      : { state: "failed", reason: fate.reason };
  for (const ring of submitted.rings) {
    leaves.push(printLeaf(leafOf(ring.number, outcome)));
    for (const part of ring.parts) {
      const offer = rings.offers.get(part.order);
      assert(offer !== undefined, "an offer is kept while a submission has it");
      if (outcome.state === "settled") {
        offer.sold += part.sold;
        offer.received += part.received;
      }
      note(turn, offer.account, ringedEntry(offer, ring, part, outcome));
      touched.offers.add(offer);
    }
    rings.untold.set(`ring ${ring.hash}`, "unwatch");
  }
  if (fate.kind === "failed") return;
  const before = keysOfSubmission(submitted);
  submitted.settled = true;
  loosen(rings, submitted, { before, after: keysOfSubmission(submitted) });
}

function leafOf(number: number, outcome: Outcome): Leaf {
  return outcome.state === "settled"
    ? { kind: "settled", number, transaction: outcome.transaction }
    : { kind: "failed", number, reason: outcome.reason };
}

/** Its orders may be in other rings, or are forgotten if they have ended meanwhile. */
function release({ state: { rings } }: Turn, submitted: Submitted): void {
  const offers = offersIn(rings, submitted);
  rings.pool.submissions.delete(submitted.number);
  for (const offer of offers) {
    offer.submission = undefined;
    if (isOver(offer)) forgetOffer(rings, offer);
  }
  // Last: what the offers still depend on is kept.
  loosen(rings, submitted, { before: keysOfSubmission(submitted), after: [] });
}

/** Takes back the orders that only a miner who is gone could author. */
export function takeBackShared(turn: Turn): void {
  const { rings, configuration } = turn.state;
  const miner = configuration.ring?.miner;
  const orphans = [...rings.offers.values()].filter((offer) => {
    return !isOver(offer) && offer.auth === undefined && offer.pooled.order.authAddress !== miner;
  });
  for (const offer of orphans) endOffer(turn, offer, { status: "taken_back", line: 0 });
}

/** The parts that an offer has in the submission it is in, as they were authored. */
export function noteAuthored(turn: Turn, book: RingBook, offer: RingOffer): void {
  const submitted = book.pool.submissions.get(offer.submission ?? 0);
  if (submitted === undefined || submitted.settled) return;
  for (const ring of submitted.rings) {
    for (const part of ring.parts) {
      if (part.order !== offer.pooled.hash) continue;
      note(turn, offer.account, ringedEntry(offer, ring, part, { state: "authored" }));
    }
  }
}
