/**
 * The mirror of RingSettlement's cancellations: by the owner as the sender, or by the owner's
 * signature through anyone (docs/spec/ring.md §3). Cancelled is counted full, for ever.
 */
import type { Address } from "../codec/ethereum.ts";
import { accept } from "../codec/verdict.ts";
import { type Chain, Counters, type Effects } from "./chain.ts";
import { cancelAllHash, cancelHash } from "./digest.ts";
import { refuseRing, type RingVerdict } from "./refusals.ts";
import { isSignedBy } from "./signature.ts";

/** What all cancellations read of the chain. */
type Reads = Pick<Chain, "domain" | "now" | "sender" | "counter" | "epoch" | "accepts">;

/** The sender's orders with these nonces. */
export function cancel(chain: Reads, nonces: readonly bigint[]): Effects {
  return cancelOrders(chain, chain.sender, nonces);
}

/** All orders of the sender's epoch. */
export function cancelAll(chain: Reads): Effects {
  return startEpoch(chain, chain.sender);
}

/** As `cancel`, by the owner's signature over `Cancel`. */
export function cancelFor(
  chain: Reads,
  request: {
    readonly owner: Address;
    readonly nonces: readonly bigint[];
    readonly deadline: bigint;
    readonly signature: Uint8Array;
  },
): RingVerdict<Effects> {
  const { owner, nonces, deadline, signature } = request;
  if (chain.now > deadline) return refuseRing("CancelExpired", deadline);
  const digest = cancelHash(chain.domain, request);
  if (!isSignedBy(owner, { digest, signature }, chain.accepts)) {
    return refuseRing("BadCancelSignature", owner);
  }
  return accept(cancelOrders(chain, owner, nonces));
}

/** As `cancelAll`, by the owner's signature over `CancelAll` with the epoch that ends. */
export function cancelAllFor(
  chain: Reads,
  request: {
    readonly owner: Address;
    readonly deadline: bigint;
    readonly signature: Uint8Array;
  },
): RingVerdict<Effects> {
  const { owner, deadline, signature } = request;
  if (chain.now > deadline) return refuseRing("CancelExpired", deadline);
  const digest = cancelAllHash(chain.domain, { ...request, epoch: chain.epoch(owner) });
  if (!isSignedBy(owner, { digest, signature }, chain.accepts)) {
    return refuseRing("BadCancelSignature", owner);
  }
  return accept(startEpoch(chain, owner));
}

function cancelOrders(chain: Reads, owner: Address, nonces: readonly bigint[]): Effects {
  const counters = new Counters(chain.counter);
  for (const nonce of nonces) counters.cancel(owner, nonce);
  const log = nonces.map((nonce) => ({ kind: "cancelled", owner, nonce }) as const);
  return { counters: counters.written, log };
}

function startEpoch(chain: Reads, owner: Address): Effects {
  return { counters: [], log: [{ kind: "epoch", owner, epoch: chain.epoch(owner) + 1n }] };
}
