/**
 * What is known of a chain, as far as it is known: from watchers (claims.ts) or read from a node.
 * `undefined` everywhere means: not heard yet.
 */
import type { Address, Hash } from "../codec/ethereum.ts";

export type View = {
  /** What was filled under the nonce. */
  readonly counter: (owner: Address, nonce: bigint) => bigint | undefined;
  readonly epoch: (owner: Address) => bigint | undefined;
  /** The smaller of what the owner has and of what the settlement may take. */
  readonly funds: (owner: Address, token: Address) => bigint | undefined;
  /** Whether the owner's contract takes the order's signature for its own. */
  readonly accepts: (order: Hash) => boolean | undefined;
  /** Unix seconds. */
  readonly clock: () => bigint | undefined;
  /** The transaction that settled the ring. */
  readonly settled: (ring: Hash) => Hash | undefined;
  /** The name by which a pending submission would be refused now; `-` for none. */
  readonly fails: (submission: number) => string | undefined;
};
