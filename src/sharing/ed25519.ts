/** Members' Ed25519 keys by node:crypto, for the notes that they sign (log/note.ts). */
import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";

import type { Signer, Verify } from "../log/note.ts";

/** Whether the raw public key signed; a malformed key signed nothing. */
export const verifyEd25519: Verify = (publicKey, message, signature) => {
  try {
    const x = Buffer.from(publicKey).toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
};

/** Signs as the member of that name. */
export function signerOf(name: string, key: KeyObject): Signer {
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  const publicKey = new Uint8Array(Buffer.from(x, "base64url"));
  return { name, publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) };
}
