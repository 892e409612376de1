/**
 * Ed25519 (RFC 8032) and X25519 (RFC 7748) where there is no `node:crypto`: a browser. The curve is
 * @noble/curves; whoever has OpenSSL uses that, and both say the same of every signature.
 *
 * RFC 8032 leaves open whether the equation is multiplied by the cofactor. OpenSSL's is not: it
 * computes R and compares its bytes. So does this, because what one customer takes for a receipt
 * another must take for one as well.
 */
import { ed25519, x25519 } from "@noble/curves/ed25519.js";

import { equalBytes, concat } from "./bytes.ts";
import { sha512 } from "./hashes.ts";

const { Point } = ed25519;
const half = 32;

/** The public key of a seed of 32 bytes. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** A signature of 64 bytes; deterministic. */
export function signEd25519(message: Uint8Array, seed: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed);
}

/** Whether the signature holds; a malformed key or signature never does. */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== half || signature.length !== 2 * half) return false;
  const r = signature.subarray(0, half);
  const s = littleEndian(signature.subarray(half));
  if (s >= Point.Fn.ORDER) return false;
  try {
    const a = Point.fromBytes(publicKey);
    const k = littleEndian(sha512(concat([r, publicKey, message]))) % Point.Fn.ORDER;
    const computed = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
    return equalBytes(computed.toBytes(), r);
  } catch {
    return false;
  }
}

/** The public key of a clamped scalar of 32 bytes. */
export function x25519PublicKey(scalar: Uint8Array): Uint8Array {
  return x25519.getPublicKey(scalar);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}
