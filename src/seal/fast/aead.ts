/**
 * The sealed data packet, version 2 (RFC 9580 §5.13.2): AES in OCB or GCM mode, by chunks, under a
 * key derived from the session key and a salt; a last tag covers the length of all chunks. Nothing
 * is given out before the last tag was right.
 */
import { createDecipheriv, hkdfSync } from "node:crypto";
import { concat } from "../../codec/bytes.ts";
import { tags } from "../packets.ts";

const saltAt = 4;
const dataAt = 36;
const tagLength = 16;
/** 4 MiB (RFC 9580 §5.13.2). */
const chunkOctetMax = 16;

/** By the cipher's number: key length, and OpenSSL's names in both modes. */
const ciphers = new Map([
  [7, { keyLength: 16, ocb: "aes-128-ocb", gcm: "aes-128-gcm" }],
  [8, { keyLength: 24, ocb: "aes-192-ocb", gcm: "aes-192-gcm" }],
  [9, { keyLength: 32, ocb: "aes-256-ocb", gcm: "aes-256-gcm" }],
] as const);
const ocb = 2;
const gcm = 3;
const nonceLengths: ReadonlyMap<number, number> = new Map([
  [ocb, 15],
  [gcm, 12],
]);

/** How a packet is encrypted: the head of its body, and what follows from it. */
type Form = {
  readonly purpose: Uint8Array;
  readonly cipher: NonNullable<ReturnType<(typeof ciphers)["get"]>>;
  readonly isOcb: boolean;
  readonly nonceLength: number;
  readonly chunk: number;
};

function formOf(head: Uint8Array): Form | undefined {
  const [version, number = 0, aead = 0, chunkOctet = 255] = head;
  const cipher = cipherOf(number);
  const nonceLength = nonceLengths.get(aead);
  if (version !== 2 || cipher === undefined || nonceLength === undefined) return undefined;
  if (chunkOctet > chunkOctetMax) return undefined;
  return {
    purpose: Uint8Array.from([0xc0 | tags.sealed, 2, number, aead, chunkOctet]),
    cipher,
    isOcb: aead === ocb,
    nonceLength,
    chunk: 2 ** (chunkOctet + 6),
  };
}

function cipherOf(number: number): Form["cipher"] | undefined {
  return number === 7 || number === 8 || number === 9 ? ciphers.get(number) : undefined;
}

/** Whether this path knows the cipher and the mode of a packet; its body. */
export function knowsForm(body: Uint8Array): boolean {
  return body.length > dataAt && formOf(body.subarray(0, saltAt)) !== undefined;
}

/** The content, if this is the right key and nothing was changed. */
export function openAead(body: Uint8Array, sessionKey: Uint8Array): Uint8Array | undefined {
  const form = formOf(body.subarray(0, saltAt));
  if (form?.cipher.keyLength !== sessionKey.length || body.length < dataAt + 2 * tagLength) {
    return undefined;
  }
  const { key, iv } = derive(form, sessionKey, body.subarray(saltAt, dataAt));
  const sealed = body.subarray(dataAt, body.length - tagLength);
  const parts: Uint8Array[] = [];
  const step = form.chunk + tagLength;
  let index = 0;
  for (let from = 0; from < sealed.length; from += step) {
    const chunk = sealed.subarray(from, from + step);
    const plain = openChunk(form, key, nonceOf(iv, index), form.purpose, chunk);
    if (plain === undefined) return undefined;
    parts.push(plain);
    index += 1;
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const last = concat([form.purpose, eightBytes(length)]);
  const tag = body.subarray(body.length - tagLength);
  if (openChunk(form, key, nonceOf(iv, index), last, tag) === undefined) return undefined;
  return parts.length === 1 ? parts[0] : concat(parts);
}

function derive(form: Form, sessionKey: Uint8Array, salt: Uint8Array) {
  const length = form.cipher.keyLength + form.nonceLength - 8;
  const derived = new Uint8Array(hkdfSync("sha256", sessionKey, salt, form.purpose, length));
  const iv = new Uint8Array(form.nonceLength);
  iv.set(derived.subarray(form.cipher.keyLength));
  return { key: derived.subarray(0, form.cipher.keyLength), iv };
}

function nonceOf(iv: Uint8Array, index: number): Uint8Array {
  const nonce = iv.slice();
  nonce.set(eightBytes(index), iv.length - 8);
  return nonce;
}

function eightBytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

const tagged = { authTagLength: tagLength } as const;

function openChunk(
  { cipher, isOcb }: Form,
  key: Uint8Array,
  nonce: Uint8Array,
  about: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const at = sealed.length - tagLength;
  if (at < 0) return undefined;
  try {
    const decipher = isOcb
      ? createDecipheriv(cipher.ocb, key, nonce, tagged)
      : createDecipheriv(cipher.gcm, key, nonce, tagged);
    decipher.setAAD(about, { plaintextLength: at });
    decipher.setAuthTag(sealed.subarray(at));
    const plain = decipher.update(sealed.subarray(0, at));
    const rest = decipher.final();
    return rest.length === 0 ? plain : concat([plain, rest]);
  } catch {
    return undefined;
  }
}
