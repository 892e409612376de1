/**
 * Reading what a node answers, which may be anything: each function narrows one value of JSON or
 * throws a sentence that says what was no such thing. A node is the world, so it is thrown.
 */
import { type Address, addressOf, type Hash, hashOf } from "../codec/ethereum.ts";
import { fromHex } from "../codec/bytes.ts";

/** Bytes as a node writes them: `0x` and lower-case hex digits. */
export type Hex = `0x${string}`;

/** One field of a JSON object; `undefined` if it has none or is no object. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

/** The elements of a JSON array. */
export function listIn(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong("list", value);
  return value;
}

/** A text. */
export function textIn(value: unknown): string {
  if (typeof value !== "string") throw wrong("text", value);
  return value;
}

/** Whether a text is `0x` and hex digits of whole bytes. */
export function isHex(value: unknown): value is Hex {
  return typeof value === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(value);
}

/** Bytes, kept as hex in lower case. */
export function hexIn(value: unknown): Hex {
  if (!isHex(value)) throw wrong("bytes", value);
  return `0x${value.slice(2).toLowerCase()}`;
}

/** Bytes. */
export function bytesIn(value: unknown): Uint8Array {
  const bytes = fromHex(hexIn(value).slice(2));
  if (bytes === undefined) throw wrong("bytes", value);
  return bytes;
}

/** A number of at most 256 bits, hex without leading zeros. */
export function bigintIn(value: unknown): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{1,64}$/.test(value))
    throw wrong("number", value);
  return BigInt(value);
}

/** A number that counts. */
export function numberIn(value: unknown): number {
  const number = Number(bigintIn(value));
  if (!Number.isSafeInteger(number)) throw wrong("number", value);
  return number;
}

/** 32 bytes. */
export function hashIn(value: unknown): Hash {
  const bytes = bytesIn(value);
  if (bytes.length !== 32) throw wrong("hash", value);
  return hashOf(bytes);
}

/** 20 bytes. */
export function addressIn(value: unknown): Address {
  const bytes = bytesIn(value);
  if (bytes.length !== 20) throw wrong("address", value);
  return addressOf(bytes);
}

/** Bytes as hex. */
export function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/** A number as JSON-RPC writes it. */
export function quantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`;
}

function wrong(what: string, value: unknown): Error {
  const shown = JSON.stringify(value) ?? "nothing";
  return new Error(`the node gave no ${what} but ${shown.slice(0, 80)}`);
}
