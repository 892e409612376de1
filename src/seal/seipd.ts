/**
 * The sealed data packet, version 1 (RFC 9580 §5.13.1): AES in CFB mode with a zero IV over 16
 * random bytes, their last two again, the content, and a modification detection code (SHA-1 over
 * all of it).
 *
 * It is written here rather than left to OpenPGP.js so that the content is available as bytes for
 * our own grammar check, and only after the code has been found right: nothing is parsed before
 * that.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { assert } from "../codec/assert.ts";
import { concat, equalBytes } from "../codec/bytes.ts";
import { tags, writePacket } from "./packets.ts";

const version = 1;
const block = 16;
const prefixLength = block + 2;
/** The detection code is framed as a packet: type 19 in the new format, 20 bytes. */
const codeHeader = new Uint8Array([0xd3, 0x14]);
const codeLength = codeHeader.length + 20;

/** A session key, named as OpenPGP.js names its algorithm. */
export type SessionKey = { readonly algorithm: string | null; readonly data: Uint8Array };

const ciphers: ReadonlyMap<string, { readonly name: string; readonly keyLength: number }> = new Map(
  [
    ["aes128", { name: "aes-128-cfb", keyLength: 16 }],
    ["aes192", { name: "aes-192-cfb", keyLength: 24 }],
    ["aes256", { name: "aes-256-cfb", keyLength: 32 }],
  ],
);

/** The content, if this is the right key and nothing was changed. */
export function openSealed(body: Uint8Array, key: SessionKey): Uint8Array | undefined {
  const cipher = ciphers.get(key.algorithm ?? "");
  if (cipher === undefined || key.data.length !== cipher.keyLength) return undefined;
  if (body[0] !== version || body.length < 1 + prefixLength + codeLength) return undefined;
  const decipher = createDecipheriv(cipher.name, key.data, new Uint8Array(block));
  const plain = new Uint8Array(decipher.update(body.subarray(1)));
  const codeAt = plain.length - codeLength;
  const digest = createHash("sha1")
    .update(plain.subarray(0, codeAt + codeHeader.length))
    .digest();
  // Prefix, header and digest are compared together: which of them is wrong cannot be told apart.
  const expected = concat([plain.subarray(block - 2, block), codeHeader, digest]);
  const found = concat([plain.subarray(block, prefixLength), plain.subarray(codeAt)]);
  return equalBytes(expected, found) ? plain.subarray(prefixLength, codeAt) : undefined;
}

/** The sealed packet for the content, and the fresh AES-256 key that opens it. */
export function sealContent(content: Uint8Array): {
  readonly packet: Uint8Array;
  readonly key: Uint8Array;
} {
  const key = randomBytes(32);
  const random = randomBytes(block);
  const plain = concat([random, random.subarray(block - 2), content, codeHeader]);
  const digest = createHash("sha1").update(plain).digest();
  const cipher = createCipheriv("aes-256-cfb", key, new Uint8Array(block));
  const whole = concat([plain, digest]);
  const sealed = cipher.update(whole);
  assert(sealed.length === whole.length, "CFB keeps the length");
  // What was sealed may be a private key (authkey.ts): no copy of it outlives this call.
  plain.fill(0);
  whole.fill(0);
  return { packet: writePacket(tags.sealed, concat([new Uint8Array([version]), sealed])), key };
}
