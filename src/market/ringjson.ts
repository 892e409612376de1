/**
 * The ring venue in a relay's JSON answers (docs/spec/receipt.md §2). Amounts are whole numbers of
 * a token's smallest unit and, like all numbers that a double might not hold, decimal strings.
 */
import { toHex } from "../codec/bytes.ts";
import type { OfferLeaf, TokenLeaf, VenueLeaf } from "../log/ringleaf.ts";
import type { RingOutcome, RingView, SubmissionView } from "./ringboard.ts";

/** `/v1/ring/venue`. */
export type VenueJson = {
  readonly chainId: string;
  readonly contract: string;
  readonly miner: string;
  readonly feeRecipient: string;
  readonly tokens: readonly {
    readonly name: string;
    readonly address: string;
    readonly decimals: number;
  }[];
};

/** One offer of `/v1/ring/offers`. */
export type OfferJson = {
  readonly number: number;
  readonly sell: string;
  readonly buy: string;
  readonly sellAmount: string;
  readonly buyAmount: string;
};

/** A ring. */
export type RingJson = {
  readonly number: number;
  readonly submission: number;
  readonly hash: string;
  readonly size: number;
} & RingOutcome;

/** One submission of `/v1/ring/submissions`. */
export type SubmissionJson = {
  readonly number: number;
  /** Last second, Unix time. */
  readonly deadline: string;
  /** What is sent to `submit`, `0x` and hex. */
  readonly calldata: string;
  readonly rings: readonly RingJson[];
};

export function venueJson(venue: VenueLeaf, tokens: readonly TokenLeaf[]): VenueJson {
  const { chainId, contract, miner, feeRecipient } = venue;
  return {
    chainId: chainId.toString(),
    contract,
    miner,
    feeRecipient,
    tokens: tokens.map(({ name, address, decimals }) => ({ name, address, decimals })),
  };
}

export function offerJson({ number, sell, buy, sellAmount, buyAmount }: OfferLeaf): OfferJson {
  return { number, sell, buy, sellAmount: String(sellAmount), buyAmount: String(buyAmount) };
}

export function ringJson({ ring, outcome }: RingView): RingJson {
  const { number, submission, hash, size } = ring;
  return { number, submission, hash, size, ...outcome };
}

export function submissionJson(view: SubmissionView, calldata: Uint8Array): SubmissionJson {
  const { number, deadline } = view.submission;
  return {
    number,
    deadline: deadline.toString(),
    calldata: `0x${toHex(calldata)}`,
    rings: view.rings.map(ringJson),
  };
}
