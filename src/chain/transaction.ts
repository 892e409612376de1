/**
 * A transaction of one's own: EIP-1559, signed with a key of 32 bytes, and what it should pay.
 *
 * What is offered at most is twice the base fee and a tip: it stays good for six full blocks in a
 * row. A replacement of a waiting transaction must pay an eighth more, in both, or nodes refuse it.
 */
import { serializeTransaction } from "viem";

import { fromHex } from "../codec/bytes.ts";
import { type Address, type Hash, hashOf, keccak } from "../codec/ethereum.ts";
import { signDigest } from "../ring/signature.ts";
import { bytesIn, type Hex, hexOf } from "./answers.ts";
import type { ChainNode } from "./node.ts";

/** Wei a unit of gas. */
export type Fees = { readonly tip: bigint; readonly most: bigint };

export type Unsigned = {
  readonly chainId: bigint;
  readonly nonce: number;
  /** Nobody: it creates a contract. */
  readonly to: Address | undefined;
  readonly data: Hex;
  readonly value: bigint;
  readonly gas: bigint;
  readonly fees: Fees;
};

export type Signed = { readonly hash: Hash; readonly raw: Hex };

/** Signs it; deterministic, so that the same transaction has one hash. */
export function signTransaction(unsigned: Unsigned, key: Uint8Array): Signed {
  const { chainId, to, fees, ...rest } = unsigned;
  const transaction = {
    ...rest,
    ...(to === undefined ? {} : { to }),
    type: "eip1559",
    chainId: Number(chainId),
    maxPriorityFeePerGas: fees.tip,
    maxFeePerGas: fees.most,
  } as const;
  const digest = hashOf(keccak(bytesIn(serializeTransaction(transaction))));
  const compact = signDigest(digest, key);
  const s = compact.slice(32);
  const yParity = (s[0] ?? 0) >> 7;
  s[0] = (s[0] ?? 0) & 0x7f;
  const signature = { r: hexOf(compact.slice(0, 32)), s: hexOf(s), yParity };
  const raw = serializeTransaction(transaction, signature);
  return { hash: hashOf(keccak(bytesIn(raw))), raw };
}

/** What to offer now. */
export async function feesNow(node: ChainNode): Promise<Fees> {
  const [head, tip] = [await node.head(), await node.tip()];
  return { tip, most: 2n * head.baseFee + tip };
}

/** The least that replaces these, and what is usual now if that is more. */
export function replacing(before: Fees, now: Fees): Fees {
  const raised = (fee: bigint): bigint => fee + fee / 8n + 1n;
  const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
  return {
    tip: larger(raised(before.tip), now.tip),
    most: larger(raised(before.most), now.most),
  };
}

/** The key that a file's or an environment's text holds: 64 hex digits, `0x` before them or not. */
export function parseKey(text: string): Uint8Array | undefined {
  const digits = /^(?:0x)?([0-9a-fA-F]{64})\s*$/.exec(text)?.[1];
  const key = digits === undefined ? undefined : fromHex(digits.toLowerCase());
  return key?.some((byte) => byte !== 0) === true ? key : undefined;
}
