/**
 * The argument of `RingSettlement.submit`: several rings over one table of orders, packed
 * (docs/spec/ring.md has the layout). Big-endian, nothing aligned, nothing optional but what the
 * flags of an order say.
 */
import { assert } from "../codec/assert.ts";
import { concat } from "../codec/bytes.ts";
import { type Address, bytesOf, noAddress } from "../codec/ethereum.ts";
import type { RingOrder } from "./order.ts";
import { compactBytes } from "./signature.ts";

/** What the miner takes for an order's place in a ring. */
export const take = { none: 0n, fee: 1n, margin: 2n } as const;

/** Position that stands for "the sender of the transaction is the author". */
export const authoredBySender = 15;
export const ringSizeMin = 2;
export const ringSizeMax = 10;

export type Part = {
  /** Index in the table of orders. */
  readonly order: number;
  readonly fill: bigint;
  readonly take: bigint;
  /** Whose signature authors it: its own position, an earlier one, or `authoredBySender`. */
  readonly author: number;
};

export type Ring = {
  readonly parts: readonly Part[];
  /** One for each part that is its own author, in order. */
  readonly authSignatures: readonly Uint8Array[];
  /** `undefined` if the miner itself sends. */
  readonly minerSignature: Uint8Array | undefined;
};

export type OwnedOrder = {
  readonly order: RingOrder;
  /** 64 bytes of a key, or whatever a contract wallet accepts (ERC-1271). */
  readonly signature: Uint8Array;
};

export type Submission = {
  readonly miner: Address;
  readonly feeRecipient: Address;
  readonly deadline: bigint;
  readonly orders: readonly OwnedOrder[];
  readonly rings: readonly Ring[];
};

export const flag = {
  allOrNone: 1,
  buyDriven: 2,
  fee: 4,
  margin: 8,
  wallet: 16,
  recipient: 32,
  minimum: 64,
  longSignature: 128,
} as const;

function number(value: bigint | number, bytesCount: number): Uint8Array {
  const bytes = new Uint8Array(bytesCount);
  let rest = BigInt(value);
  for (let i = bytesCount - 1; i >= 0; i -= 1) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  assert(rest === 0n, "the number fits its field");
  return bytes;
}

/** All tokens that the orders name, ascending, each once. */
function tokensOf(orders: readonly OwnedOrder[]): readonly Address[] {
  const all = orders.flatMap(({ order }) => [
    order.sellToken,
    order.buyToken,
    ...(order.feeAmount === 0n && order.feeToken === noAddress ? [] : [order.feeToken]),
  ]);
  return [...new Set(all)].toSorted();
}

function encodeOrder(owned: OwnedOrder, tokens: readonly Address[]): Uint8Array {
  const { order, signature } = owned;
  const hasFee = order.feeAmount !== 0n || order.feeToken !== noAddress;
  const hasWallet = order.wallet !== noAddress || order.walletSplit !== 0n;
  const isLong = signature.length !== compactBytes;
  const flags =
    (order.allOrNone ? flag.allOrNone : 0) |
    (order.buyDriven ? flag.buyDriven : 0) |
    (hasFee ? flag.fee : 0) |
    (order.marginSplit !== 0n ? flag.margin : 0) |
    (hasWallet ? flag.wallet : 0) |
    (order.recipient !== noAddress ? flag.recipient : 0) |
    (order.minimumFill !== 0n ? flag.minimum : 0) |
    (isLong ? flag.longSignature : 0);
  const token = (of: Address): Uint8Array => number(tokens.indexOf(of), 1);
  return concat([
    number(flags, 1),
    token(order.sellToken),
    token(order.buyToken),
    bytesOf(order.owner),
    bytesOf(order.authAddress),
    number(order.sellAmount, 16),
    number(order.buyAmount, 16),
    number(order.validSince, 5),
    number(order.validUntil, 5),
    number(order.nonce, 12),
    ...(hasFee ? [token(order.feeToken), number(order.feeAmount, 16)] : []),
    ...(order.marginSplit !== 0n ? [number(order.marginSplit, 1)] : []),
    ...(hasWallet ? [bytesOf(order.wallet), number(order.walletSplit, 1)] : []),
    ...(order.recipient !== noAddress ? [bytesOf(order.recipient)] : []),
    ...(order.minimumFill !== 0n ? [number(order.minimumFill, 16)] : []),
    ...(isLong ? [number(signature.length, 2)] : []),
    signature,
  ]);
}

function encodeRing(ring: Ring): Uint8Array {
  return concat([
    number(ring.parts.length, 1),
    ...ring.parts.map((part) =>
      concat([
        number(part.order, 1),
        number(Number(part.take) | (part.author << 4), 1),
        number(part.fill, 16),
      ]),
    ),
    ...ring.authSignatures,
    ...(ring.minerSignature === undefined ? [] : [ring.minerSignature]),
  ]);
}

/** The bytes of `submit`'s argument. */
export function encodeSubmission(submission: Submission): Uint8Array {
  const tokens = tokensOf(submission.orders);
  return concat([
    bytesOf(submission.miner),
    bytesOf(submission.feeRecipient),
    number(submission.deadline, 5),
    number(tokens.length, 1),
    ...tokens.map(bytesOf),
    number(submission.orders.length, 1),
    ...submission.orders.map((owned) => encodeOrder(owned, tokens)),
    number(submission.rings.length, 1),
    ...submission.rings.map(encodeRing),
  ]);
}
