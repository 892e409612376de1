/**
 * Submissions: what one would do, and what became of it.
 *
 * `simulate` runs the mirror of the contract (ring/settle.ts) on what is known of the chain, so
 * that a submission is made, and taken by whoever holds the pool, only if it would settle. Tokens
 * are believed to be exact: what an odd token would do, broadcasters see in the real thing.
 */
import { assert } from "../codec/assert.ts";
import { type Hash, noAddress } from "../codec/ethereum.ts";
import { accept } from "../codec/verdict.ts";
import type { Transfer, TransferResult } from "../ring/chain.ts";
import { decodeSubmission } from "../ring/decode.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import { epochOf } from "../ring/order.ts";
import type { RingVerdict } from "../ring/refusals.ts";
import { settle } from "../ring/settle.ts";
import {
  type Counted,
  counterKey,
  failuresMax,
  type Moved,
  type Outflow,
  type Pool,
  restSeconds,
  standingOf,
  type Submitted,
  type SubmittedRing,
} from "./pool.ts";
import type { View } from "./view.ts";

/** What a submission would do; numbers are given by whoever takes it. */
export type Planned = Omit<Submitted, "number" | "rings" | "settled"> & {
  readonly rings: readonly Omit<SubmittedRing, "number">[];
};

/** What calldata would do on the chain as it is known, or the contract's refusal. */
export function simulate(
  domain: Domain,
  view: View,
  now: bigint,
  calldata: Uint8Array,
): RingVerdict<Planned> {
  const decoded = decodeSubmission(calldata, noAddress);
  if (!decoded.ok) return decoded;
  const orders = new Map(
    decoded.value.orders.map(({ order }) => [orderHash(domain, order), order] as const),
  );
  const before = new Map<string, Counted>();
  const spent = new Map<string, Outflow>();
  const settled = settle(
    {
      domain,
      now,
      sender: noAddress,
      isInside: false,
      counter: (owner, nonce) => {
        const value = view.counter(owner, nonce) ?? 0n;
        before.set(counterKey({ owner, nonce }), { owner, nonce, value });
        return value;
      },
      epoch: (owner) => view.epoch(owner) ?? 0n,
      accepts: (_owner, digest) => view.accepts(digest) === true,
      transfer: (transfer) => spend(view, spent, transfer),
    },
    calldata,
  );
  if (!settled.ok) return settled;
  const rings = settled.value.log.flatMap((event) => {
    if (event.kind !== "settled") return [];
    const parts = event.fills.map(({ orderHash: hash, sold, received }) => {
      const order = orders.get(hash);
      assert(order !== undefined, "a settled order stands in the calldata");
      return { order: hash, owner: order.owner, nonce: order.nonce, sold, received };
    });
    return [{ hash: event.ringHash, parts }];
  });
  const { deadline } = decoded.value;
  const written = new Map(settled.value.counters.map((one) => [counterKey(one), one.value]));
  const moved = [...before].flatMap(([key, counted]): Moved[] => {
    const after = written.get(key);
    return after === undefined ? [] : [{ ...counted, after }];
  });
  return accept({ deadline, rings, before: moved, takes: [...spent.values()] });
}

/** Takes from what the sender is known to have; of whom nothing is known, anything. */
function spend(view: View, spent: Map<string, Outflow>, transfer: Transfer): TransferResult {
  const { token, from, amount } = transfer;
  const key = `${from} ${token}`;
  const known = view.funds(from, token);
  const before = spent.get(key)?.amount ?? 0n;
  if (known !== undefined && before + amount > known) return "failed";
  spent.set(key, { owner: from, token, amount: before + amount });
  return "moved";
}

/** What became of a submission. Failed: it can never settle any more. */
export type Fate =
  | { readonly kind: "settled"; readonly transaction: Hash }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Seconds behind its deadline for which a submission is not called failed while its counters stand
 * as it would leave them: the word that it settled may be late.
 */
export const doubtSeconds = 600n;

/**
 * The submission's fate as far as the chain is heard. Settling is looked for first, because a
 * settled ring moves its own counters.
 */
export function fateOf(submitted: Submitted, view: View): Fate | undefined {
  for (const { hash } of submitted.rings) {
    const transaction = view.settled(hash);
    if (transaction !== undefined) return { kind: "settled", transaction };
  }
  const overtaken = { kind: "failed", reason: "overtaken" } as const;
  const clock = view.clock() ?? 0n;
  const counters = submitted.before.map((moved) => {
    const counter = view.counter(moved.owner, moved.nonce);
    if (counter === undefined || counter === moved.value) return "as before";
    return counter === moved.after ? "as left" : "otherwise";
  });
  if (counters.includes("otherwise")) return overtaken;
  if (counters.includes("as left")) {
    return clock > submitted.deadline + doubtSeconds ? overtaken : undefined;
  }
  if (hasNewEpoch(submitted, view)) return overtaken;
  if (clock <= submitted.deadline) return undefined;
  const why = view.fails(submitted.number);
  return { kind: "failed", reason: why === undefined || why === "-" ? "deadline" : why };
}

function hasNewEpoch({ rings }: Submitted, view: View): boolean {
  return rings.some(({ parts }) =>
    parts.some(({ owner, nonce }) => {
      const epoch = view.epoch(owner);
      return epoch !== undefined && epoch > epochOf(nonce);
    }),
  );
}

/**
 * Notes in the pool's orders that a submission with them succeeded or failed. A failure is laid at
 * the door of the orders that could not be filled now; if all could, and the chain named a reason,
 * of every one of them. Nobody is to blame that it was overtaken, or that nobody brought it.
 */
export function noteFate(
  pool: Pool,
  submitted: Submitted,
  { fate, view, now }: { readonly fate: Fate; readonly view: View; readonly now: bigint },
): void {
  const parts = submitted.rings.flatMap((ring) => ring.parts);
  const orders = [...new Set(parts.map(({ order }) => order))].flatMap(
    (hash) => pool.orders.get(hash) ?? [],
  );
  if (fate.kind === "settled") {
    for (const pooled of orders) pooled.failures = 0;
    return;
  }
  if (fate.reason === "overtaken") return;
  const unable = orders.filter((pooled) => standingOf(pooled, view, now) !== "live");
  const suspects = fate.reason === "deadline" ? [] : orders;
  for (const pooled of unable.length > 0 ? unable : suspects) {
    pooled.failures += 1;
    if (pooled.failures < failuresMax) continue;
    pooled.failures = 0;
    pooled.restsUntil = now + restSeconds;
  }
}

/** Why the pool does not take what would settle on the chain. */
export type PoolRefusal = "order_unknown" | "order_promised";

/** Whether every order is the pool's, and promised to nobody. */
export function refusalOfPool(pool: Pool, planned: Planned): PoolRefusal | undefined {
  const promised = new Set(
    [...pool.submissions.values()].flatMap(({ before }) => before.map(counterKey)),
  );
  const parts = planned.rings.flatMap((ring) => ring.parts);
  if (parts.some(({ order }) => !pool.orders.has(order))) return "order_unknown";
  return parts.some((part) => promised.has(counterKey(part))) ? "order_promised" : undefined;
}
