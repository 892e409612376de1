/**
 * Ed25519 for the notes that relays and the log sign (log/note.ts takes it as an argument): the
 * machine's own, under keys on which all machines agree.
 */
import { verifyEd25519 as verifies } from "#primitives";

import { isSoundEd25519Point } from "../seal/point.ts";

/**
 * Whether `signature` is by the raw public key over `message`; a malformed key verifies nothing.
 * Nor does one of small order, under which one signature fits every note, or one whose bytes are
 * not canonical: OpenSSL would take both.
 */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return isSoundEd25519Point(publicKey) && verifies(publicKey, message, signature);
}
