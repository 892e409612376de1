/**
 * The hashes and the key derivation that OpenPGP and our keys need, where there is no
 * `node:crypto`: a browser. SHA-256, which the whole house needs, is in bytes.ts.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha1 as nobleSha1 } from "@noble/hashes/legacy.js";
import { sha256, sha512 as nobleSha512 } from "@noble/hashes/sha2.js";

/** SHA-1 (FIPS 180-4), 20 bytes: OpenPGP's fingerprints and detection codes. */
export function sha1(bytes: Uint8Array): Uint8Array {
  return nobleSha1(bytes);
}

/** SHA-512 (FIPS 180-4), 64 bytes. */
export function sha512(bytes: Uint8Array): Uint8Array {
  return nobleSha512(bytes);
}

/** HKDF with SHA-256 and no salt (RFC 5869): so many bytes for one purpose. */
export function hkdfSha256(secret: Uint8Array, purpose: Uint8Array, length: number): Uint8Array {
  return hkdf(sha256, secret, new Uint8Array(0), purpose, length);
}
