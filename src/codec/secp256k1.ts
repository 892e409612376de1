/**
 * The curve of Ethereum's keys, by @noble/curves: public keys, deterministic signatures (RFC 6979),
 * and whose key made one. What the numbers mean to the ring venue is in ring/signature.ts.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";

/** The uncompressed public key, 65 bytes, of a private key; throws if the number is no key. */
export function secp256k1PublicKey(key: Uint8Array): Uint8Array {
  return secp256k1.getPublicKey(key, false);
}

/** A signature over a digest: one byte of parity, then `r` and a low `s`, 65 bytes. */
export function signRecoverably(digest: Uint8Array, key: Uint8Array): Uint8Array {
  return secp256k1.sign(digest, key, { prehash: false, format: "recovered" });
}

/**
 * The uncompressed public key that made a signature of that form; `undefined` if it is none or its
 * `s` is high (EIP-2).
 */
export function recoverPublicKey(
  digest: Uint8Array,
  recoverable: Uint8Array,
): Uint8Array | undefined {
  try {
    const signature = secp256k1.Signature.fromBytes(recoverable, "recovered");
    if (signature.hasHighS()) return undefined;
    return signature.recoverPublicKey(digest).toBytes(false);
  } catch {
    return undefined;
  }
}
