/**
 * The machine's own operations on Curve25519 and keys, as this folder needs them: synchronous
 * `node:crypto`, no copy of a key made twice.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { assert } from "../../codec/assert.ts";
import { concat } from "../../codec/bytes.ts";

/** RFC 8410 §7, an X25519 or Ed25519 secret before its 32 bytes. */
const secretHead = { x25519: 0x6e, ed25519: 0x70 } as const;

/** A secret key object of 32 raw bytes. */
export function secretKey(curve: "x25519" | "ed25519", raw: Uint8Array): KeyObject {
  const head = [
    0x30,
    0x2e,
    2,
    1,
    0,
    0x30,
    5,
    6,
    3,
    0x2b,
    0x65,
    secretHead[curve],
    4,
    0x22,
    4,
    0x20,
  ];
  const whole = concat([Uint8Array.from(head), raw]);
  const der = Buffer.from(whole.buffer);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  whole.fill(0);
  return key;
}

/** An X25519 public key object of 32 raw bytes. */
export function x25519Key(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
}

/**
 * Does some work without stack traces. Node tells a key from other objects by an error that it
 * throws and catches itself; its trace costs more than importing the key (15 of 22 µs, twice a
 * letter, measured with 24.21).
 */
export function untraced<Value>(work: () => Value): Value {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** The raw public key that belongs to a secret one. */
export function rawPublicOf(secret: KeyObject): Uint8Array {
  return rawOf(createPublicKey(secret));
}

/** The secret that both ends share; `undefined` for a point of low order, which OpenSSL refuses. */
export function shared(secret: KeyObject, point: KeyObject): Uint8Array | undefined {
  try {
    return diffieHellman({ privateKey: secret, publicKey: point });
  } catch {
    return undefined;
  }
}

/** A key pair for one message: the secret, and the raw public key. */
export function ephemeral(): { readonly secret: KeyObject; readonly point: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  return { secret: privateKey, point: rawOf(publicKey) };
}

/** By JWK, which is twenty times as quick as DER. */
function rawOf(publicKey: KeyObject): Uint8Array {
  const { x } = publicKey.export({ format: "jwk" });
  assert(x !== undefined, "a public key has its number");
  return new Uint8Array(Buffer.from(x, "base64url"));
}

/** AES key wrap (RFC 3394 §2.2.3.1). */
const wrapIv = new Uint8Array(8).fill(0xa6);

/** Wraps a whole number of 8-byte blocks. */
export function wrapKey(by: Uint8Array, key: Uint8Array): Uint8Array {
  return createCipheriv(`aes${8 * by.length}-wrap`, by, wrapIv).update(key);
}

/** What `wrapKey` wrapped; `undefined` if the check fails. */
export function unwrapKey(by: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  try {
    return createDecipheriv(`aes${8 * by.length}-wrap`, by, wrapIv).update(wrapped);
  } catch {
    return undefined;
  }
}

const hashNames: Readonly<Record<number, string>> = { 8: "sha256", 9: "sha384", 10: "sha512" };
const keyLengths: Readonly<Record<number, number>> = { 7: 16, 8: 24, 9: 32 };

/** What an ECDH key's derivation is fixed to: a hash, and the cipher that wraps. */
export type Derivation = {
  readonly name: string;
  readonly length: number;
  /** What is hashed behind the shared secret. */
  readonly tail: Uint8Array;
};

/** The derivation of a key of version 4; `undefined` if one of its numbers is not known here. */
export function derivationOf(options: {
  readonly hash: number;
  readonly cipher: number;
  readonly fingerprint: Uint8Array;
}): Derivation | undefined {
  const { hash: hashId, cipher, fingerprint } = options;
  const name = hashNames[hashId];
  const length = keyLengths[cipher];
  if (name === undefined || length === undefined) return undefined;
  const numbers = Uint8Array.from([18, 3, 1, hashId, cipher]);
  return { name, length, tail: concat([curveOid, numbers, anonymous, fingerprint]) };
}

/**
 * The key that wraps session keys for an ECDH key of version 4 (RFC 9580 §11.5): one round of a
 * hash over the shared secret and what both ends know.
 */
export function ecdhKey(secret: Uint8Array, { name, length, tail }: Derivation): Uint8Array {
  return hash(name, Buffer.concat([kdfCounter, secret, tail]), "buffer").subarray(0, length);
}

const kdfCounter = Uint8Array.from([0, 0, 0, 1]);
const curveOid = Uint8Array.from([10, 0x2b, 6, 1, 4, 1, 0x97, 0x55, 1, 5, 1]);
const anonymous = Buffer.from("Anonymous Sender    ", "latin1");

const x25519Purpose = Buffer.from("OpenPGP X25519", "latin1");

/** The key that wraps session keys for an X25519 key (RFC 9580 §5.1.6). */
export function x25519WrapKey(
  secret: Uint8Array,
  point: Uint8Array,
  recipient: Uint8Array,
): Uint8Array {
  const material = concat([point, recipient, secret]);
  return new Uint8Array(hkdfSync("sha256", material, new Uint8Array(0), x25519Purpose, 16));
}
