/** The ring venue's records and leaves, made from the engine's own values (docs/spec/report.md). */
import { assert } from "../codec/assert.ts";
import type { Address, Hash } from "../codec/ethereum.ts";
import type { Entry } from "../letter/entry.ts";
import type { OfferEntry, OfferStatus } from "../letter/ringentry.ts";
import { printLeaf } from "../log/leaf.ts";
import type { Submitted, SubmittedPart, SubmittedRing } from "../pool/pool.ts";
import { cancelled, countsOf } from "../ring/order.ts";
import { labelsOf } from "./records.ts";
import type { RingOffer, Shown } from "./ringbook.ts";
import { ringView, tokenNameAt } from "./rings.ts";
import type { State } from "./state.ts";

function nameOf(state: State, token: Address): string {
  const name = tokenNameAt(state, token);
  assert(name !== undefined, "a token that was listed stays");
  return name;
}

/**
 * OFFER. What it counts is told as the chain has it, if that is more than its own rings made;
 * the other amount is the sum over these rings. Taken back while a ring with it was on its way, it
 * says until when that may settle.
 */
export function offerEntry(
  state: State,
  offer: RingOffer,
  { status, line }: { readonly status: OfferStatus; readonly line: number },
): OfferEntry {
  const { hash, order } = offer.pooled;
  const counter = ringView(state).counter(order.owner, order.nonce) ?? 0n;
  const counts = countsOf(order);
  // A cancelled counter shows no amount.
  const shown = counter === cancelled ? 0n : counter < counts ? counter : counts;
  const counted = (own: bigint): bigint => (shown > own ? shown : own);
  const pending = state.rings.pool.submissions.get(offer.submission ?? 0);
  const deadline = status === "taken_back" ? pending?.deadline : undefined;
  const { validUntil } = order;
  return {
    kind: "offer",
    line,
    hash,
    status,
    sellToken: nameOf(state, order.sellToken),
    sellAmount: order.sellAmount,
    buyToken: nameOf(state, order.buyToken),
    buyAmount: order.buyAmount,
    sold: order.buyDriven ? offer.sold : counted(offer.sold),
    received: order.buyDriven ? counted(offer.received) : offer.received,
    until: deadline !== undefined && deadline < validUntil ? deadline : validUntil,
    ...labelsOf(offer),
  };
}

/** What became of a ring, or that it was authored. */
export type RingOutcome =
  | { readonly state: "authored" }
  | { readonly state: "settled"; readonly transaction: Hash }
  | { readonly state: "failed"; readonly reason: string };

/** RINGED: amounts are what the ring gives the order, whether it has come to that or not. */
export function ringedEntry(
  offer: RingOffer,
  { number, hash: ringHash }: SubmittedRing,
  { sold, received }: SubmittedPart,
  outcome: RingOutcome,
): Entry {
  return {
    kind: "ringed",
    ring: number,
    ringHash,
    hash: offer.pooled.hash,
    state: outcome.state,
    sold,
    received,
    transaction: outcome.state === "settled" ? outcome.transaction : undefined,
    reason: outcome.state === "failed" ? outcome.reason : undefined,
    ...labelsOf(offer),
  };
}

/** WATCH of an order: everything that a watcher must know to read the chain about it. */
export function watchOrderEntry({ pooled }: RingOffer): Entry {
  const { hash, order, signature, byWallet } = pooled;
  return {
    kind: "watch",
    subject: "order",
    hash,
    owner: order.owner,
    nonce: order.nonce,
    sellToken: order.sellToken,
    feeToken: order.feeAmount === 0n ? undefined : order.feeToken,
    signature: byWallet ? signature : undefined,
  };
}

/** WATCH of a ring. */
export function watchRingEntry({ hash }: SubmittedRing, { number, deadline }: Submitted): Entry {
  return { kind: "watch", subject: "ring", hash, submission: number, deadline };
}

/** The OFFER leaf. */
export function offerLeaf(state: State, { number, pooled }: RingOffer, shown: Shown): string {
  const [sell, buy] = [nameOf(state, pooled.order.sellToken), nameOf(state, pooled.order.buyToken)];
  return printLeaf({
    kind: "offer",
    number,
    sell,
    buy,
    sellAmount: shown.sell,
    buyAmount: shown.buy,
  });
}
