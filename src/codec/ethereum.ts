/**
 * Ethereum's names for things: addresses and 32-byte hashes as lower-case `0x` texts, and its hash.
 *
 * One text for one value, as everywhere: an address is read in lower case or with the right
 * checksum of capitals (EIP-55), and kept in lower case.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";

import { assert } from "./assert.ts";
import { fromAscii, fromHex, toHex } from "./bytes.ts";

declare const address: unique symbol;
declare const hash: unique symbol;

/** 20 bytes: `0x` and 40 lower-case hex digits. */
export type Address = `0x${string}` & { readonly [address]: true };

/** 32 bytes: `0x` and 64 lower-case hex digits. */
export type Hash = `0x${string}` & { readonly [hash]: true };

/** The address of no account. */
export const noAddress: Address = addressOf(new Uint8Array(20));

/** Keccak-256 as Ethereum uses it (the padding before FIPS 202). */
export function keccak(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes);
}

/** The address that these 20 bytes are. */
export function addressOf(bytes: Uint8Array): Address {
  assert(bytes.length === 20, "an address is 20 bytes");
  return `0x${toHex(bytes)}` as Address;
}

/** The hash that these 32 bytes are. */
export function hashOf(bytes: Uint8Array): Hash {
  assert(bytes.length === 32, "a hash is 32 bytes");
  return `0x${toHex(bytes)}` as Hash;
}

/** The address a text names, in lower case or with the capitals of EIP-55; else `undefined`. */
export function parseAddress(text: string): Address | undefined {
  const bytes = /^0x[0-9a-fA-F]{40}$/.test(text) ? fromHex(text.slice(2).toLowerCase()) : undefined;
  if (bytes === undefined) return undefined;
  const read = addressOf(bytes);
  return text === read || text === checksummed(read) ? read : undefined;
}

/** The hash a text names, in lower case; else `undefined`. */
export function parseHash(text: string): Hash | undefined {
  const bytes = /^0x[0-9a-f]{64}$/.test(text) ? fromHex(text.slice(2)) : undefined;
  return bytes === undefined ? undefined : hashOf(bytes);
}

/** The address with the capitals of EIP-55, for people. */
export function checksummed(of: Address): string {
  const digits = of.slice(2);
  const nibbles = toHex(keccak(fromAscii(digits)));
  let text = "0x";
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charAt(i);
    text += nibbles.charAt(i) >= "8" ? digit.toUpperCase() : digit;
  }
  return text;
}

/** The bytes of an address or hash. */
export function bytesOf(text: Address | Hash): Uint8Array {
  const bytes = fromHex(text.slice(2));
  assert(bytes !== undefined, "an address or hash is hex");
  return bytes;
}
