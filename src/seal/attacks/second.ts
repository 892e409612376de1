/** A letter as a tool of RFC 9580 makes it for the exchange's version 6 certificate. */
import { createMessage, encrypt, readKey } from "openpgp";
import type { CustomerKey } from "../keys.ts";

/** Signed by a customer and sealed with AEAD; armored. */
export async function sealToSecond(
  text: string,
  by: CustomerKey,
  certificate: Uint8Array,
): Promise<string> {
  return encrypt({
    message: await createMessage({ text }),
    encryptionKeys: await readKey({ binaryKey: certificate }),
    signingKeys: by.key,
    config: { aeadProtect: true },
  });
}
