/**
 * `#primitives` (machine.ts) where Node runs: OpenSSL, by `node:crypto`. Nothing here knows
 * OpenPGP, and nothing else in the customer's programs names a machine's cryptography.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  hash as oneHash,
  hkdfSync,
  randomBytes as freshBytes,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import { inflateRawSync, inflateSync } from "node:zlib";
import { assert } from "../codec/assert.ts";
import { concat } from "../codec/bytes.ts";
import type { Ed25519, Inflate } from "./machine.ts";

/** Fresh bytes from the system's randomness. */
export function randomBytes(length: number): Uint8Array {
  return freshBytes(length);
}

/** SHA-1 over the parts, one after the other. */
export function sha1(...parts: readonly Uint8Array[]): Uint8Array {
  return digest("sha1", parts);
}

/** SHA-512 over the parts, one after the other. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  return digest("sha512", parts);
}

/** What is short is put together first: a hash object costs more than a copy. */
const shortMax = 4096;

function digest(name: string, parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return oneHash(name, first, "buffer");
  if (parts.reduce((sum, { length }) => sum + length, 0) <= shortMax) {
    return oneHash(name, Buffer.concat(parts), "buffer");
  }
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** HKDF with SHA-256 and no salt (RFC 5869). */
export function hkdfSha256(secret: Uint8Array, purpose: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), purpose, length));
}

const zeros = new Uint8Array(16);

/** AES in CFB mode under a zero IV, by a key of 16, 24 or 32 bytes; the length stays. */
export function encryptCfb(key: Uint8Array, plain: Uint8Array): Uint8Array {
  return createCipheriv(`aes-${8 * key.length}-cfb`, key, zeros).update(plain);
}

/** What `encryptCfb` encrypted. */
export function decryptCfb(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const plain = createDecipheriv(`aes-${8 * key.length}-cfb`, key, zeros).update(sealed);
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
}

/** By zlib, which stops at the bound. */
export const inflate: Inflate | undefined = (data, form, most) => {
  try {
    const options = { maxOutputLength: most };
    return form === "raw" ? inflateRawSync(data, options) : inflateSync(data, options);
  } catch {
    return undefined;
  }
};

/** The key pair of a seed of 32 bytes (RFC 8032). */
export function ed25519Of(seed: Uint8Array): Ed25519 {
  const secret = secretObject(0x70, seed);
  return { publicKey: rawPublic(secret), sign: (message) => sign(null, message, secret) };
}

/** Whether the signature holds; a malformed key or signature never does. */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const x = Buffer.from(publicKey).toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}

/** The public key of a clamped scalar of 32 bytes (RFC 7748). */
export function x25519PublicKey(scalar: Uint8Array): Uint8Array {
  return rawPublic(secretObject(0x6e, scalar));
}

/** RFC 8410 §7. */
function secretObject(curve: number, secret: Uint8Array): KeyObject {
  assert(secret.length === 32, "a Curve25519 secret has 32 bytes");
  const head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, curve, 4, 0x22, 4, 0x20];
  const der = Buffer.from(concat([new Uint8Array(head), secret]));
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

function rawPublic(secret: KeyObject): Uint8Array {
  return createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32);
}
