/**
 * A ring order: what its owner signs, field for field as `contracts/src/types/Order.sol` has it
 * (docs/spec/ring.md). Amounts are `bigint` in a token's smallest unit, times Unix seconds.
 */
import { type Address, noAddress } from "../codec/ethereum.ts";

/** Whether an order ends when it has sold `sellAmount` or when it has bought `buyAmount`. */
export type RingOrder = {
  readonly owner: Address;
  readonly sellToken: Address;
  readonly buyToken: Address;
  readonly sellAmount: bigint;
  readonly buyAmount: bigint;
  readonly validSince: bigint;
  readonly validUntil: bigint;
  /** Owner's epoch in the upper 32 of 96 bits, the order's number in the lower 64. */
  readonly nonce: bigint;
  readonly authAddress: Address;
  readonly feeToken: Address;
  readonly feeAmount: bigint;
  /** Percent. */
  readonly marginSplit: bigint;
  /** `noAddress` for none. */
  readonly wallet: Address;
  /** Percent. */
  readonly walletSplit: bigint;
  readonly allOrNone: boolean;
  readonly buyDriven: boolean;
  readonly minimumFill: bigint;
  /** `noAddress` for the owner. */
  readonly recipient: Address;
};

export const amountMax: bigint = 2n ** 128n - 1n;
/** What a cancelled order's counter shows. */
export const cancelled: bigint = amountMax;

/** The amount at which the order's counter is full. */
export function countsOf(order: RingOrder): bigint {
  return order.buyDriven ? order.buyAmount : order.sellAmount;
}

export function recipientOf(order: RingOrder): Address {
  return order.recipient === noAddress ? order.owner : order.recipient;
}

/** The epoch in which an order lives. */
export function epochOf(nonce: bigint): bigint {
  return nonce >> 64n;
}
