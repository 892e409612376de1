/** What becomes of a submission that would be refused now, and how long racers wait. */
import { concat } from "../codec/bytes.ts";
import { type Address, bytesOf, type Hash, keccak } from "../codec/ethereum.ts";

/** Refusals that no later block heals. */
export const finalNames: ReadonlySet<string> = new Set([
  "Malformed",
  "RingExpired",
  "FeeRecipientZero",
  "ReceiverIsSettlement",
  "AmountZero",
  "SameToken",
  "AuthAddressZero",
  "SplitTooLarge",
  "OrderExpired",
  "RingSize",
  "SubRing",
  "RingBroken",
  "FillZero",
  "OrderCancelled",
  "Overfill",
  "LimitPrice",
  "RewardNotMiners",
  "BadMinerSignature",
]);

/** What it is refused with once it is settled: what was filled before is signed. */
export const overtakenNames: ReadonlySet<string> = new Set(["BadAuthSignature", "Overfill"]);

/** Milliseconds, another time for each key and submission, so that racers seldom send at once. */
export function hesitation(sender: Address, digest: Hash, most: number): number {
  const dice = keccak(concat([bytesOf(sender), bytesOf(digest)]));
  return (((dice[0] ?? 0) * 256 + (dice[1] ?? 0)) * most) / 65_536;
}
