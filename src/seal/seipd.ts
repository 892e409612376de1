/**
 * The sealed data packet, version 1 (RFC 9580 §5.13.1): AES in CFB mode with a zero IV over 16
 * random bytes, their last two again, the content, and a modification detection code (SHA-1 over
 * all of it).
 *
 * It is written here rather than left to OpenPGP.js so that the content is available as bytes for
 * our own grammar check, and only after the code has been found right: nothing is parsed before
 * that.
 */
import { decryptCfb, encryptCfb, randomBytes, sha1 } from "#primitives";
import { assert } from "../codec/assert.ts";
import { concat, equalBytes } from "../codec/bytes.ts";
import { tags, writePacket } from "./packets.ts";

const version = 1;
const block = 16;
const prefixLength = block + 2;
/** Of AES-256. */
const keyLength = 32;
/** The detection code is framed as a packet: type 19 in the new format, 20 bytes. */
const codeHeader = new Uint8Array([0xd3, 0x14]);
const codeLength = codeHeader.length + 20;

/** A session key, named as OpenPGP.js names its algorithm. */
export type SessionKey = { readonly algorithm: string | null; readonly data: Uint8Array };

const keyLengths: ReadonlyMap<string, number> = new Map([
  ["aes128", 16],
  ["aes192", 24],
  ["aes256", 32],
]);

/** The content, if this is the right key and nothing was changed. */
export function openSealed(body: Uint8Array, key: SessionKey): Uint8Array | undefined {
  if (key.data.length !== keyLengths.get(key.algorithm ?? "")) return undefined;
  if (body[0] !== version || body.length < 1 + prefixLength + codeLength) return undefined;
  const plain = decryptCfb(key.data, body.subarray(1));
  const codeAt = plain.length - codeLength;
  const digest = sha1(plain.subarray(0, codeAt + codeHeader.length));
  // Prefix, header and digest are compared together: which of them is wrong cannot be told apart.
  const expected = concat([plain.subarray(block - 2, block), codeHeader, digest]);
  const found = concat([plain.subarray(block, prefixLength), plain.subarray(codeAt)]);
  return equalBytes(expected, found) ? plain.subarray(prefixLength, codeAt) : undefined;
}

/**
 * The sealed packet for the content, given in parts, and the fresh AES-256 key that opens it.
 */
export function sealContent(...content: readonly Uint8Array[]): {
  readonly packet: Uint8Array;
  readonly key: Uint8Array;
} {
  const fresh = randomBytes(keyLength + block);
  // Copied, as a slice of Node's own kind of bytes would share them.
  const key = Uint8Array.from(fresh.subarray(0, keyLength));
  const random = fresh.subarray(keyLength);
  const room = new Uint8Array(codeLength - codeHeader.length);
  const plain = concat([random, random.subarray(block - 2), ...content, codeHeader, room]);
  const codeAt = plain.length - room.length;
  plain.set(sha1(plain.subarray(0, codeAt)), codeAt);
  const sealed = encryptCfb(key, plain);
  assert(sealed.length === plain.length, "CFB keeps the length");
  // What was sealed may be a private key (authkey.ts): no copy of it outlives this call.
  plain.fill(0);
  fresh.fill(0);
  return { packet: writePacket(tags.sealed, new Uint8Array([version]), sealed), key };
}
