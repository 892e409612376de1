/**
 * The ring venue's records (docs/spec/report.md §3): OFFER and RINGED for whoever has an order
 * there, WATCH and UNWATCH for watchers. Amounts are `bigint` in a token's smallest unit, tokens by
 * the name that the card gives them; addresses and hashes are lower case.
 */
import { assert } from "../codec/assert.ts";
import type { Address, Hash } from "../codec/ethereum.ts";
import type { Fields } from "./fields.ts";
import { isAsset } from "./atoms.ts";
import { parseSignature, printSignature } from "./ringgrammar.ts";
import type { Labels, Printed } from "./row.ts";

/** What becomes of an offer, as far as the exchange knows. */
export const offerStatuses = [
  // The chain has not been heard of it yet.
  "waiting",
  "live",
  // Its owner has, or allows, nothing now.
  "unfunded",
  "filled",
  // By UNRING.
  "taken_back",
  // On the chain: its nonce, or its epoch.
  "cancelled",
  "expired",
  // The owner is a contract, and says no.
  "refused",
  // Too many rings with it failed; it rests a while.
  "set_aside",
  // All places were taken, and it had never been live.
  "crowded_out",
] as const;
/** One of `offerStatuses`. */
export type OfferStatus = (typeof offerStatuses)[number];

/** OFFER: how a ring order stands. `line` is 0 when it is not of the letter answered. */
export type OfferEntry = Labels & {
  readonly kind: "offer";
  readonly line: number;
  /** The order hash. */
  readonly hash: Hash;
  readonly status: OfferStatus;
  readonly sellToken: string;
  readonly sellAmount: bigint;
  readonly buyToken: string;
  readonly buyAmount: bigint;
  /** So far. */
  readonly sold: bigint;
  readonly received: bigint;
  /** The order's last second, Unix time; it may lie beyond the year 9999. */
  readonly until: bigint;
};

/** RINGED: an own order in a ring. */
export type RingedEntry = Labels & {
  readonly kind: "ringed";
  /** 1, 2, 3 … over all rings. */
  readonly ring: number;
  readonly ringHash: Hash;
  /** The order hash. */
  readonly hash: Hash;
  readonly state: "authored" | "settled" | "failed";
  readonly sold: bigint;
  readonly received: bigint;
  readonly transaction: Hash | undefined;
  readonly reason: string | undefined;
};

/** WATCH: what watchers are to tell of. */
export type WatchEntry =
  | {
      readonly kind: "watch";
      readonly subject: "order";
      readonly hash: Hash;
      readonly owner: Address;
      readonly nonce: bigint;
      readonly sellToken: Address;
      /** `undefined`: the order offers no fee. */
      readonly feeToken: Address | undefined;
      /** For a contract to accept; `undefined`: the owner's key signed. */
      readonly signature: Uint8Array | undefined;
    }
  | {
      readonly kind: "watch";
      readonly subject: "ring";
      readonly hash: Hash;
      readonly submission: number;
      /** The last second in which it can settle, Unix time. */
      readonly deadline: bigint;
    };

/** UNWATCH: what they need not tell of any more. */
export type UnwatchEntry = {
  readonly kind: "unwatch";
  readonly subject: "order" | "ring";
  readonly hash: Hash;
};

/** Any of them. */
export type RingEntry = OfferEntry | RingedEntry | WatchEntry | UnwatchEntry;

/** The record's name, fields and labels. */
export function printRingEntry(entry: RingEntry): Printed {
  switch (entry.kind) {
    case "offer": {
      const { line, hash, status, sellToken, sellAmount, buyToken, buyAmount } = entry;
      assert(sellAmount > 0n && buyAmount > 0n, "an offer has two amounts");
      const terms = [sellToken, sellAmount, buyToken, buyAmount];
      const fields = [line, hash, status, ...terms, entry.sold, entry.received, entry.until];
      return { name: "OFFER", fields, labels: entry };
    }
    case "ringed": {
      const { ring, ringHash, hash, state, sold, received, transaction, reason } = entry;
      const fields = [ring, ringHash, hash, state, sold, received, transaction, reason];
      return { name: "RINGED", fields, labels: entry };
    }
    case "watch":
      return { name: "WATCH", fields: printWatch(entry) };
    case "unwatch":
      return { name: "UNWATCH", fields: [entry.subject, entry.hash] };
  }
}

function printWatch(entry: WatchEntry): Printed["fields"] {
  const { subject, hash } = entry;
  if (subject === "ring") return [subject, hash, entry.submission, entry.deadline];
  const signature = entry.signature && printSignature(entry.signature);
  const { owner, nonce, sellToken, feeToken } = entry;
  return [subject, hash, owner, nonce, sellToken, feeToken, signature];
}

/** Readers of what `printRingEntry` prints, by record name. */
export const ringReaders: readonly (readonly [string, (f: Fields) => RingEntry])[] = [
  ["OFFER", readOffer],
  ["RINGED", readRinged],
  ["WATCH", readWatch],
  ["UNWATCH", (f) => ({ kind: "unwatch", subject: f.word(["order", "ring"]), hash: f.hash() })],
];

function readOffer(f: Fields): RingEntry {
  return {
    kind: "offer",
    line: f.line(),
    hash: f.hash(),
    status: f.word(offerStatuses),
    sellToken: token(f),
    sellAmount: f.positiveUint(128),
    buyToken: token(f),
    buyAmount: f.positiveUint(128),
    sold: f.uint(256),
    received: f.uint(256),
    until: f.uint(40),
    ...f.labels(),
  };
}

function token(f: Fields): string {
  return f.text("a token", isAsset);
}

function readRinged(f: Fields): RingEntry {
  return {
    kind: "ringed",
    ring: f.count(),
    ringHash: f.hash(),
    hash: f.hash(),
    state: f.word(["authored", "settled", "failed"]),
    sold: f.uint(256),
    received: f.uint(256),
    transaction: f.maybe(() => f.hash()),
    reason: f.maybe(() => f.text("a reason's name", isReason)),
    ...f.labels(),
  };
}

/** `deadline`, or the contract's own word such as `TransferFailed`. */
function isReason(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(text);
}

function readWatch(f: Fields): RingEntry {
  const subject = f.word(["order", "ring"]);
  const kind = "watch";
  const hash = f.hash();
  if (subject === "ring") {
    return { kind, subject, hash, submission: f.count(), deadline: f.uint(40) };
  }
  return {
    kind,
    subject,
    hash,
    owner: f.address(),
    nonce: f.uint(96),
    sellToken: f.address(),
    feeToken: f.maybe(() => f.address()),
    signature: f.maybe(() => f.take("a signature", parseSignature, new Uint8Array(0))),
  };
}
