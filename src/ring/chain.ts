/**
 * What the settlement reads of a chain, and what it does to it. The chain is a parameter: a real
 * one, a replay, or the maps of a test.
 */
import { type Address, type Hash } from "../codec/ethereum.ts";
import type { Domain } from "./digest.ts";
import { cancelled } from "./order.ts";
import type { Accepts } from "./signature.ts";

export type Transfer = {
  readonly token: Address;
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
};

/**
 * `moved`: the receiver has exactly `amount` more. `failed`: the token refused. `inexact`: it said
 * yes, and the receiver has more or less than that. `unmoved`: it said yes and did nothing.
 * `absent`: there is no code that could have said anything.
 */
export type TransferResult = "moved" | "failed" | "inexact" | "unmoved" | "absent";

/** The chain as one transaction finds it. */
export type Chain = {
  readonly domain: Domain;
  /** Time of the block, Unix seconds. */
  readonly now: bigint;
  readonly sender: Address;
  /** True in a call that a token makes while `submit` runs. */
  readonly isInside: boolean;
  readonly counter: (owner: Address, nonce: bigint) => bigint;
  readonly epoch: (owner: Address) => bigint;
  readonly accepts: Accepts;
  /**
   * Does it, after those before it. What was done stays done when a later step is refused: only
   * the caller knows what to forget then.
   */
  readonly transfer: (transfer: Transfer) => TransferResult;
};

export type Counter = { readonly owner: Address; readonly nonce: bigint; readonly value: bigint };

/** What one order did in a ring. */
export type Fill = {
  readonly orderHash: Hash;
  readonly sellToken: Address;
  /** What the miner took for it. */
  readonly take: bigint;
  /** What the owner gave of `sellToken`, the fee apart; what the recipient got. */
  readonly sold: bigint;
  readonly received: bigint;
};

/** The transaction's log: what RingSettlement tells, and the tokens' transfers, in one order. */
export type RingEvent =
  | {
      readonly kind: "settled";
      readonly ringHash: Hash;
      readonly miner: Address;
      readonly feeRecipient: Address;
      readonly fills: readonly Fill[];
    }
  | ({ readonly kind: "transfer" } & Transfer)
  | { readonly kind: "cancelled"; readonly owner: Address; readonly nonce: bigint }
  | { readonly kind: "epoch"; readonly owner: Address; readonly epoch: bigint };

export type Effects = {
  /** Counters that were written, each once, with their last values. */
  readonly counters: readonly Counter[];
  readonly log: readonly RingEvent[];
};

/** Counters as a transaction sees them: the chain's, and over them what it wrote itself. */
export class Counters {
  readonly #read: Chain["counter"];
  readonly #written = new Map<string, Counter>();

  constructor(read: Chain["counter"]) {
    this.#read = read;
  }

  get(owner: Address, nonce: bigint): bigint {
    return this.#written.get(`${owner} ${nonce}`)?.value ?? this.#read(owner, nonce);
  }

  set(counter: Counter): void {
    this.#written.set(`${counter.owner} ${counter.nonce}`, counter);
  }

  cancel(owner: Address, nonce: bigint): void {
    this.set({ owner, nonce, value: cancelled });
  }

  get written(): readonly Counter[] {
    return [...this.#written.values()];
  }
}
