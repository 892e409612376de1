/**
 * Reads the argument of `RingSettlement.submit` (layout: docs/spec/ring.md §4). Hostile territory:
 * all counts are one byte, so that the work is bounded by the bytes.
 *
 * What is behind the end reads as zero, and that the bytes ended is found only where §6 says so;
 * hence the pieces, which the settlement reads one after the other between its own checks.
 */
import { at } from "../codec/assert.ts";
import { type Address, addressOf, noAddress } from "../codec/ethereum.ts";
import { accept } from "../codec/verdict.ts";
import {
  flag,
  type OwnedOrder,
  type Part,
  type Ring,
  ringSizeMax,
  ringSizeMin,
  type Submission,
  take,
} from "./calldata.ts";
import type { RingOrder } from "./order.ts";
import { refuseRing, type RingVerdict } from "./refusals.ts";
import { compactBytes } from "./signature.ts";

/** A place in the bytes, which moves on with each read. */
export class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bytes(count: number): Uint8Array {
    const read = new Uint8Array(count);
    read.set(this.#bytes.subarray(this.#offset, this.#offset + count));
    this.#offset += count;
    return read;
  }

  number(bytesCount: number): bigint {
    return this.bytes(bytesCount).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  }

  small(): number {
    return at(this.bytes(1), 0);
  }

  address(): Address {
    return addressOf(this.bytes(20));
  }

  /** Whether something was read that is not there. */
  get isBehindEnd(): boolean {
    return this.#offset > this.#bytes.length;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }
}

export type Header = {
  readonly miner: Address;
  readonly feeRecipient: Address;
  readonly deadline: bigint;
  readonly tokens: readonly Address[];
};

/** Up to and with the table of tokens. */
export function readHeader(reader: Reader): RingVerdict<Header> {
  const miner = reader.address();
  const feeRecipient = reader.address();
  const deadline = reader.number(5);
  const tokens = Array.from({ length: reader.small() }, () => reader.address());
  if (reader.isBehindEnd) return refuseRing("Malformed");
  const ascending = tokens.every((token, i) => token > (tokens[i - 1] ?? noAddress));
  return ascending ? accept({ miner, feeRecipient, deadline, tokens }) : refuseRing("Malformed");
}

/** One order with its owner's signature. */
export function readOrder(reader: Reader, tokens: readonly Address[]): RingVerdict<OwnedOrder> {
  const flags = reader.small();
  const has = (one: number): boolean => (flags & one) !== 0;
  const optional = (one: number, bytesCount: number): bigint =>
    has(one) ? reader.number(bytesCount) : 0n;
  const optionalAddress = (one: number): Address => (has(one) ? reader.address() : noAddress);
  const [sell, buy] = [reader.small(), reader.small()];
  const plain = {
    owner: reader.address(),
    authAddress: reader.address(),
    sellAmount: reader.number(16),
    buyAmount: reader.number(16),
    validSince: reader.number(5),
    validUntil: reader.number(5),
    nonce: reader.number(12),
    allOrNone: has(flag.allOrNone),
    buyDriven: has(flag.buyDriven),
  };
  const fee = has(flag.fee) ? reader.small() : undefined;
  const options = {
    feeAmount: optional(flag.fee, 16),
    marginSplit: optional(flag.margin, 1),
    wallet: optionalAddress(flag.wallet),
    walletSplit: optional(flag.wallet, 1),
    recipient: optionalAddress(flag.recipient),
    minimumFill: optional(flag.minimum, 16),
  };
  const length = has(flag.longSignature) ? Number(reader.number(2)) : compactBytes;
  const signature = reader.bytes(length);
  const [sellToken, buyToken] = [tokens[sell], tokens[buy]];
  const feeToken = fee === undefined ? noAddress : tokens[fee];
  if (sellToken === undefined || buyToken === undefined || feeToken === undefined) {
    return refuseRing("Malformed");
  }
  if (reader.isBehindEnd) return refuseRing("Malformed");
  const order: RingOrder = { ...plain, ...options, sellToken, buyToken, feeToken };
  return accept({ order, signature });
}

/** How many rings there are; a count behind the end is zero too. */
export function readRingsCount(reader: Reader): RingVerdict<number> {
  const count = reader.small();
  return count === 0 ? refuseRing("Malformed") : accept(count);
}

/** A ring without its signatures, over so many orders. */
export function readParts(reader: Reader, ordersCount: number): RingVerdict<readonly Part[]> {
  const size = reader.small();
  if (size < ringSizeMin || size > ringSizeMax) return refuseRing("RingSize", BigInt(size));
  const parts: Part[] = [];
  for (let i = 0; i < size; i += 1) {
    const order = reader.small();
    const roles = reader.small();
    const fill = reader.number(16);
    const part = { order, fill, take: BigInt(roles & 15), author: roles >> 4 };
    if (order >= ordersCount || part.take > take.margin) return refuseRing("Malformed");
    parts.push(part);
  }
  return reader.isBehindEnd ? refuseRing("Malformed") : accept(parts);
}

function readOrders(reader: Reader, tokens: readonly Address[]): RingVerdict<OwnedOrder[]> {
  const orders: OwnedOrder[] = [];
  for (let rest = reader.small(); rest > 0; rest -= 1) {
    const read = readOrder(reader, tokens);
    if (!read.ok) return read;
    orders.push(read.value);
  }
  return accept(orders);
}

/** A ring with its signatures; a miner that is not the sender signs too. */
function readRing(reader: Reader, ordersCount: number, minerSigns: boolean): RingVerdict<Ring> {
  const parts = readParts(reader, ordersCount);
  if (!parts.ok) return parts;
  const authSignatures = parts.value
    .filter(({ author }, i) => author === i)
    .map(() => reader.bytes(compactBytes));
  const minerSignature = minerSigns ? reader.bytes(compactBytes) : undefined;
  if (reader.isBehindEnd) return refuseRing("Malformed");
  return accept({ parts: parts.value, authSignatures, minerSignature });
}

/**
 * The whole, if it has the layout; nothing else is checked (`settle` does). Who sends decides
 * whether miners' signatures stand in it.
 */
export function decodeSubmission(bytes: Uint8Array, sender: Address): RingVerdict<Submission> {
  const reader = new Reader(bytes);
  const header = readHeader(reader);
  if (!header.ok) return header;
  const { miner, feeRecipient, deadline, tokens } = header.value;
  const orders = readOrders(reader, tokens);
  if (!orders.ok) return orders;
  const count = readRingsCount(reader);
  if (!count.ok) return count;
  const rings: Ring[] = [];
  for (let i = 0; i < count.value; i += 1) {
    const ring = readRing(reader, orders.value.length, miner !== sender);
    if (!ring.ok) return ring;
    rings.push(ring.value);
  }
  if (!reader.isAtEnd) return refuseRing("Malformed");
  return accept({ miner, feeRecipient, deadline, orders: orders.value, rings });
}
