/**
 * Whether the outside of a message is written the one way it can be (RFC 9580 §5.1, §5.13.2),
 * before any private key is used. Libraries forgive octets behind a session key, numbers with
 * another bit count, lengths that lie; what they forgive no signature covers, so a letter could be
 * changed on its way and look like another. Session keys by algorithms that are none of ours are
 * for other recipients and are not looked into.
 */
import { toHex } from "../codec/bytes.ts";
import { readNumber } from "./packets.ts";

const ecdh = 18;
const x25519 = 25;
/** The ciphers that may go with X25519 (RFC 9580 §5.1.6). */
const aes: ReadonlySet<number> = new Set([7, 8, 9]);
/** RFC 9580 §5.13.2: chunks of more than 4 MiB must be refused. */
const chunkOctetMax = 16;

/** A session-key packet's body, of the version that goes with the sealed packet. */
export function isWellAddressed(body: Uint8Array, version: 3 | 6): boolean {
  if (body[0] !== version) return false;
  const algorithmAt = version === 3 ? 9 : endOfRecipient(body);
  if (algorithmAt === undefined || body.length <= algorithmAt) return false;
  const fields = body.subarray(algorithmAt + 1);
  switch (body[algorithmAt]) {
    case ecdh:
      return isWholeEcdh(fields);
    case x25519:
      return isWholeX25519(fields, version);
    default:
      return true;
  }
}

/**
 * For whom a well addressed session key is: a key id (version 3) or a fingerprint (version 6), hex;
 * nothing if it does not say.
 */
export function recipientOf(body: Uint8Array): string {
  if (body[0] !== 6) {
    const keyId = toHex(body.subarray(1, 9));
    return keyId === "0000000000000000" ? "" : keyId;
  }
  return toHex(body.subarray(3, endOfRecipient(body) ?? 3));
}

/** Version 6: nobody, or a key of version 4 or 6 by a fingerprint of its length. */
function endOfRecipient(body: Uint8Array): number | undefined {
  const [, length, keyVersion] = body;
  if (length === 0) return 2;
  const fits = (keyVersion === 4 && length === 21) || (keyVersion === 6 && length === 33);
  return fits && length !== undefined ? 2 + length : undefined;
}

/** A point, its bits counted rightly; then the wrapped key, its octets counted rightly. */
function isWholeEcdh(fields: Uint8Array): boolean {
  const bits = readNumber(fields.subarray(0, 2));
  const wrappedAt = 2 + Math.ceil(bits / 8);
  const top = fields[2] ?? 0;
  const isCounted = bits > 0 && (bits - 1) % 8 === 31 - Math.clz32(top);
  return isCounted && fields[wrappedAt] === fields.length - wrappedAt - 1;
}

/**
 * A point, the octets behind it counted rightly; in version 3 the cipher in clear; blocks of 8. Of
 * any other length OpenPGP.js gives up the whole message, the other session keys included.
 */
function isWholeX25519(fields: Uint8Array, version: 3 | 6): boolean {
  const wrapped = fields.length - 33 - (version === 3 ? 1 : 0);
  const isCipher = version === 6 || aes.has(fields[33] ?? 0);
  return isCipher && wrapped >= 16 && wrapped % 8 === 0 && fields[32] === fields.length - 33;
}

/** A sealed packet's body: version 2 says chunks of a size that may be. */
export function hasBearableChunks(body: Uint8Array): boolean {
  return body[0] !== 2 || (body[3] ?? 255) <= chunkOctetMax;
}
