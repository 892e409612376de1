/**
 * Authoring: rings with every signature that the contract asks for. Whoever can do this holds the
 * auth key of every order in them, and nobody else can (docs/spec/ring.md §3, decision 10).
 *
 * Orders with one auth address share its signature. Auth keys come in, signatures go out; no key is
 * kept here.
 */
import { assert, at } from "../codec/assert.ts";
import type { Address, Hash } from "../codec/ethereum.ts";
import type { Counted } from "../pool/pool.ts";
import { type Ring, type Submission } from "../ring/calldata.ts";
import { Counters } from "../ring/chain.ts";
import { type Domain, ringHash, type SignedPart } from "../ring/digest.ts";
import { signDigest } from "../ring/signature.ts";
import type { PlannedRing } from "./compose.ts";

export type Authoring = {
  readonly domain: Domain;
  readonly miner: Address;
  readonly minerKey: Uint8Array;
  readonly feeRecipient: Address;
  /** Last second in which it may settle, Unix time. */
  readonly deadline: bigint;
  readonly counter: (owner: Address, nonce: bigint) => bigint;
  /** The private auth key of an order. */
  readonly authKey: (order: Hash) => Uint8Array;
};

/** The submission of these rings, one after the other. */
export function authorRings(authoring: Authoring, rings: readonly PlannedRing[]): Submission {
  const { miner, feeRecipient, deadline } = authoring;
  const orders = [...new Set(rings.flat().map(({ pooled }) => pooled))];
  const counters = new Counters(authoring.counter);
  const indexOf = new Map(orders.map(({ hash }, i) => [hash, i] as const));
  return {
    miner,
    feeRecipient,
    deadline,
    orders: orders.map(({ order, signature }) => ({ order, signature })),
    rings: rings.map((ring) => {
      const parts = ring.map((part, i): SignedPart => {
        const { order, hash } = part.pooled;
        const { owner, nonce } = order;
        const filledBefore = counters.get(owner, nonce);
        const inflow = at(ring, (i + 1) % ring.length).fill;
        const counted: Counted = {
          owner,
          nonce,
          value: filledBefore + (order.buyDriven ? inflow : part.fill),
        };
        counters.set(counted);
        return { orderHash: hash, fill: part.fill, filledBefore, take: part.take };
      });
      const digest = ringHash(authoring.domain, { parts, miner, feeRecipient, deadline });
      return signed(authoring, ring, { digest, indexOf });
    }),
  };
}

function signed(
  { authKey, minerKey }: Authoring,
  ring: PlannedRing,
  { digest, indexOf }: { readonly digest: Hash; readonly indexOf: ReadonlyMap<Hash, number> },
): Ring {
  const authors = ring.map(({ pooled }) => pooled.order.authAddress);
  const parts = ring.map(({ pooled, fill, take }, i) => {
    const order = indexOf.get(pooled.hash);
    assert(order !== undefined, "every order stands in the table");
    return { order, fill, take, author: authors.indexOf(at(authors, i)) };
  });
  return {
    parts,
    authSignatures: ring
      .filter((_, i) => parts[i]?.author === i)
      .map(({ pooled }) => signDigest(digest, authKey(pooled.hash))),
    minerSignature: signDigest(digest, minerKey),
  };
}
