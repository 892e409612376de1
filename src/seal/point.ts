/**
 * Ed25519 public keys that must not be taken: small order and not canonical (RFC 8032 §5.1.3).
 *
 * OpenSSL verifies with them: under a key of small order there is a signature that fits every
 * message, so that its owner could say that anyone might have signed. The comparison is on the
 * encoded y coordinate without the sign bit, little endian.
 */

const p = 2n ** 255n - 19n;
/** The y of the points of order 8: two roots; their negatives have the same order. */
const order8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** Every y of a point whose order divides 8: orders 4, 1, 2, 8 and 8. */
const smallOrder: ReadonlySet<bigint> = new Set([0n, 1n, p - 1n, order8, p - order8]);

/** Whether the 32 bytes are a canonical encoding of a y that is not of small order. */
export function isSoundEd25519Point(encoded: Uint8Array | undefined): boolean {
  if (encoded?.length !== 32) return false;
  const digits = encoded.toReversed().reduce((text, byte) => text + hex(byte), "");
  const y = BigInt(`0x${digits}`) & (2n ** 255n - 1n);
  return y < p && !smallOrder.has(y);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
