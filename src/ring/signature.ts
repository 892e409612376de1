/**
 * Signatures of the ring venue: secp256k1 over a digest, compact as ERC-2098 has it (64 bytes: `r`,
 * then `s` with y's parity in its top bit), low `s` only (EIP-2).
 */
import { type Address, addressOf, bytesOf, type Hash, keccak } from "../codec/ethereum.ts";
import { recoverPublicKey, secp256k1PublicKey, signRecoverably } from "../codec/secp256k1.ts";

/** Length of a signature by a key. */
export const compactBytes = 64;

/** The address of a private key of 32 bytes. */
export function addressOfKey(key: Uint8Array): Address {
  return addressOfPoint(secp256k1PublicKey(key));
}

function addressOfPoint(uncompressed: Uint8Array): Address {
  return addressOf(keccak(uncompressed.subarray(1)).subarray(12));
}

/**
 * Who may answer for an owner that is a contract (ERC-1271): whether it accepts these bytes as its
 * signature of the digest.
 */
export type Accepts = (owner: Address, digest: Hash, signature: Uint8Array) => boolean;

/** Whether the owner signed: with its key, or else by its contract's word. */
export function isSignedBy(
  owner: Address,
  { digest, signature }: { readonly digest: Hash; readonly signature: Uint8Array },
  accepts: Accepts,
): boolean {
  return recoverSigner(digest, signature) === owner || accepts(owner, digest, signature);
}

/** Signs a digest; deterministic (RFC 6979). */
export function signDigest(digest: Hash, key: Uint8Array): Uint8Array {
  const recovered = signRecoverably(bytesOf(digest), key);
  const compact = recovered.slice(1);
  compact[32] = (compact[32] ?? 0) | ((recovered[0] ?? 0) << 7);
  return compact;
}

/**
 * The 64 bytes of a signature in either form: as it is, or from the 65 bytes (`r`, `s`, `v`) that
 * `eth_signTypedData_v4` gives. `undefined` for 65 bytes whose `v` is none of 27, 28, 0 and 1 or
 * whose `s` has its top bit set, where the parity goes; any other length is left alone, because a
 * contract may take it (ERC-1271).
 */
export function compactSignature(signature: Uint8Array): Uint8Array | undefined {
  if (signature.length !== compactBytes + 1) return signature;
  const v = signature[64] ?? 0;
  const parity = v >= 27 ? v - 27 : v;
  const top = signature[32] ?? 0;
  if (parity > 1 || top > 0x7f) return undefined;
  const compact = signature.slice(0, compactBytes);
  compact[32] = top | (parity << 7);
  return compact;
}

/** Who made these 64 bytes; `undefined` if they are no signature, or one with a high `s`. */
export function recoverSigner(digest: Hash, compact: Uint8Array): Address | undefined {
  if (compact.length !== compactBytes) return undefined;
  const recovered = new Uint8Array(65);
  recovered[0] = (compact[32] ?? 0) >> 7;
  recovered.set(compact, 1);
  recovered[33] = (compact[32] ?? 0) & 0x7f;
  const point = recoverPublicKey(bytesOf(digest), recovered);
  return point && addressOfPoint(point);
}
