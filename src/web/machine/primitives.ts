/**
 * `#primitives` (seal/machine.ts) in a browser: the @noble libraries and the browser's randomness.
 * Not WebCrypto: it has no CFB mode, and answers only later what is needed at once.
 *
 * Nothing is inflated: what the exchange seals is never compressed, and a bomb has nowhere to go
 * off. A compressed report is refused by its name.
 */
import { cfb } from "@noble/ciphers/aes.js";
import { assert } from "../../codec/assert.ts";
import { concat } from "../../codec/bytes.ts";
import {
  ed25519PublicKey,
  signEd25519,
  verifyEd25519,
  x25519PublicKey,
} from "../../codec/ed25519.ts";
import { hkdfSha256, sha1 as sha1Of, sha512 as sha512Of } from "../../codec/hashes.ts";
import type { Ed25519, Inflate } from "../../seal/machine.ts";

export { hkdfSha256, verifyEd25519, x25519PublicKey };

/** What browsers give at once. */
const randomMost = 65_536;

/** Fresh bytes from the system's randomness. */
export function randomBytes(length: number): Uint8Array {
  assert(length <= randomMost, "a browser gives at most 64 KiB of randomness at once");
  return crypto.getRandomValues(new Uint8Array(length));
}

/** SHA-1 over the parts, one after the other. */
export function sha1(...parts: readonly Uint8Array[]): Uint8Array {
  return sha1Of(concat(parts));
}

/** SHA-512 over the parts, one after the other. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  return sha512Of(concat(parts));
}

/** AES in CFB mode under a zero IV, by a key of 16, 24 or 32 bytes; the length stays. */
export function encryptCfb(key: Uint8Array, plain: Uint8Array): Uint8Array {
  return cfb(key, new Uint8Array(16)).encrypt(plain);
}

/** What `encryptCfb` encrypted. */
export function decryptCfb(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  return cfb(key, new Uint8Array(16)).decrypt(sealed);
}

/** None: this machine does not inflate. */
export const inflate: Inflate | undefined = undefined;

/** The key pair of a seed of 32 bytes (RFC 8032). */
export function ed25519Of(seed: Uint8Array): Ed25519 {
  assert(seed.length === 32, "a Curve25519 secret has 32 bytes");
  const own = seed.slice();
  return { publicKey: ed25519PublicKey(own), sign: (message) => signEd25519(message, own) };
}
