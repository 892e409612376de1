/**
 * A stage for the ring venue without a chain: tokens that act as they are told, contract wallets
 * that accept what they are told, and calls of RingSettlement one after the other. The same scene
 * is set on a real EVM by contracts/test/differential.test.ts and contracts/test/Vectors.t.sol.
 */
import { toHex } from "../codec/bytes.ts";
import type { Address, Hash } from "../codec/ethereum.ts";
import { accept } from "../codec/verdict.ts";
import { cancel, cancelAll, cancelAllFor, cancelFor } from "../ring/cancel.ts";
import type { Chain, Effects, Transfer, TransferResult } from "../ring/chain.ts";
import type { Domain } from "../ring/digest.ts";
import type { RingLedger } from "../ring/ledger.ts";
import type { RingVerdict } from "../ring/refusals.ts";
import { settle } from "../ring/settle.ts";

/** What a token may do, in the order of `ActingToken.Act`. */
export const acts = [
  "plain",
  "silent",
  "says no",
  "lies",
  "keeps one",
  "gives one",
  "says two",
  "calls back",
] as const;

export type Act = (typeof acts)[number];

/** One call of RingSettlement. */
export type Call =
  | { readonly kind: "submit"; readonly bytes: Uint8Array }
  | { readonly kind: "cancel"; readonly nonces: readonly bigint[] }
  | { readonly kind: "cancelAll" }
  | {
      readonly kind: "cancelFor";
      readonly owner: Address;
      readonly nonces: readonly bigint[];
      readonly deadline: bigint;
      readonly signature: Uint8Array;
    }
  | {
      readonly kind: "cancelAllFor";
      readonly owner: Address;
      readonly deadline: bigint;
      readonly signature: Uint8Array;
    };

/** A signature that a contract wallet accepts. */
export type Answer = {
  readonly owner: Address;
  readonly digest: Hash;
  readonly signature: Uint8Array;
};

export type Scene = {
  readonly domain: Domain;
  readonly ledger: RingLedger;
  /** Tokens that are not plain; `undefined` is an address without code. */
  readonly acts: ReadonlyMap<Address, Act | undefined>;
  readonly answers: readonly Answer[];
};

export type Step = { readonly sender: Address; readonly now: bigint; readonly call: Call };

/** What comes of the call, and the ledger after it: the scene's own if it was refused. */
export function play(
  scene: Scene,
  { sender, now, call }: Step,
): { readonly outcome: RingVerdict<Effects>; readonly ledger: RingLedger } {
  const ledger = scene.ledger.copy();
  const outcome = made(chainOf({ ...scene, ledger }, { now, sender, isInside: false }), call);
  if (!outcome.ok) return { outcome, ledger: scene.ledger };
  ledger.apply(outcome.value);
  return { outcome, ledger };
}

/** The scene as RingSettlement finds it when somebody calls. */
export function chainOf(scene: Scene, call: Pick<Chain, "now" | "sender" | "isInside">): Chain {
  const { domain, ledger, answers } = scene;
  return {
    ...call,
    domain,
    counter: ledger.counter,
    epoch: ledger.epoch,
    accepts: (owner, digest, signature) =>
      answers.some(
        (answer) =>
          answer.owner === owner &&
          answer.digest === digest &&
          toHex(answer.signature) === toHex(signature),
      ),
    transfer: (transfer) => transferOf(scene, ledger, transfer),
  };
}

function made(chain: Chain, call: Call): RingVerdict<Effects> {
  if (call.kind === "submit") return settle(chain, call.bytes);
  if (call.kind === "cancel") return accept(cancel(chain, call.nonces));
  if (call.kind === "cancelAll") return accept(cancelAll(chain));
  return call.kind === "cancelFor" ? cancelFor(chain, call) : cancelAllFor(chain, call);
}

function transferOf(scene: Scene, ledger: RingLedger, transfer: Transfer): TransferResult {
  const { token, to } = transfer;
  const act = scene.acts.has(token) ? scene.acts.get(token) : "plain";
  if (act === undefined) return "absent";
  if (act === "lies") return "unmoved";
  if (ledger.transfer(transfer) === "failed") return "failed";
  if (act === "says no" || act === "says two") return "failed";
  if (act !== "keeps one" && act !== "gives one") return "moved";
  const difference = act === "keeps one" ? -1n : 1n;
  ledger.setBalance(token, to, ledger.balance(token, to) + difference);
  return "inexact";
}
