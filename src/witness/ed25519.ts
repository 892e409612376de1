/** Ed25519 by node:crypto, for whom the log's formats take it as an argument. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import type { Signer, Verify } from "../log/note.ts";

/** Whether the signature holds; a malformed key verifies nothing. */
export const verifyEd25519: Verify = (publicKey, message, signature) => {
  try {
    const x = Buffer.from(publicKey).toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(undefined, message, key, signature);
  } catch {
    return false;
  }
};

/** A new private key, as PEM. */
export function newKeyText(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return String(privateKey.export({ type: "pkcs8", format: "pem" }));
}

/** The key in a PEM text. */
export function readKeyText(text: string): KeyObject {
  const key = createPrivateKey(text);
  if (key.asymmetricKeyType !== "ed25519") throw new Error("couldn't use the key: not Ed25519");
  return key;
}

/** The raw public key of a private one. */
export function publicKeyOf(key: KeyObject): Uint8Array {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return new Uint8Array(Buffer.from(x ?? "", "base64url"));
}

/** A private key as a signer of notes. */
export function signerOf(name: string, key: KeyObject): Signer {
  const publicKey = publicKeyOf(key);
  return { name, publicKey, sign: (message) => new Uint8Array(sign(undefined, message, key)) };
}
