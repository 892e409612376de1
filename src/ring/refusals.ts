/**
 * What RingSettlement refuses, by the names of its errors. The order of the list is the order of
 * docs/spec/ring.md §6, which is the precedence; what may be found at several places
 * (`Malformed`) stands where it is found first.
 */
import { type Address, type Hash } from "../codec/ethereum.ts";
import { refuse, type Refused } from "../codec/verdict.ts";

/** Refusals of `submit`. */
export const submitRefusals = [
  "Reentrant",
  "Malformed",
  "RingExpired",
  "FeeRecipientZero",
  "ReceiverIsSettlement",
  "AmountZero",
  "SameToken",
  "AuthAddressZero",
  "SplitTooLarge",
  "OrderNotYetValid",
  "OrderExpired",
  "EpochNotCurrent",
  "BadOwnerSignature",
  "RingSize",
  "SubRing",
  "RingBroken",
  "FillZero",
  "OrderCancelled",
  "Overfill",
  "FillTooSmall",
  "LimitPrice",
  "RewardNotMiners",
  "BadAuthSignature",
  "BadMinerSignature",
  "TransferFailed",
  "TransferNotExact",
] as const;

/** Refusals of `cancelFor` and `cancelAllFor`. */
export const cancelRefusals = ["CancelExpired", "BadCancelSignature"] as const;

export type RingRefusal = (typeof submitRefusals)[number] | (typeof cancelRefusals)[number];

/** A refusal with the arguments of the contract's error: the order's hash or what else it names. */
export type RingRefused = Refused<RingRefusal> & {
  readonly args: readonly (bigint | Address | Hash)[];
};

export type RingVerdict<Value> = { readonly ok: true; readonly value: Value } | RingRefused;

/** Says no as the contract does. */
export function refuseRing(
  name: RingRefusal,
  ...args: readonly (bigint | Address | Hash)[]
): RingRefused {
  return { ...refuse(name, `${name}(${args.join(", ")})`), args };
}
