/**
 * Ed25519 by node:crypto, for the notes that relays and the log sign (log/note.ts takes it as an
 * argument).
 */
import { createPublicKey, verify } from "node:crypto";

/**
 * Whether `signature` is by the raw public key over `message`; a malformed key verifies nothing.
 */
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
