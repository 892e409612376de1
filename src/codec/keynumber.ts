/**
 * The key number (docs/spec/exchange.md §2): thirty digits by which a person compares two
 * fingerprints. SHA-256 of `signet-key-number/1 FINGERPRINT`; six groups of five bytes, each big
 * endian modulo 100000.
 */
import { fromAscii, sha256 } from "./bytes.ts";
import type { Fingerprint } from "./names.ts";

/** Six groups of five digits, parted by blanks. */
export function keyNumber(fingerprint: Fingerprint): string {
  const hash = sha256(fromAscii(`signet-key-number/1 ${fingerprint}`));
  return [0, 5, 10, 15, 20, 25]
    .map((start) => {
      const group = hash.subarray(start, start + 5);
      // Five bytes are below 2^40: exact.
      const value = group.reduce((sum, byte) => sum * 256 + byte, 0);
      return String(value % 100_000).padStart(5, "0");
    })
    .join(" ");
}
