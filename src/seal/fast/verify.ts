/**
 * Signatures over a message verified by the machine's own cryptography: version 4 by RSA, ECDSA on
 * P-256, EdDSA (legacy) and Ed25519. Only the signature itself: the policy is judge.ts's.
 */
import { createPublicKey, hash, verify, type KeyObject } from "node:crypto";
import { concat } from "../../codec/bytes.ts";
import type { Answer, Question } from "../judge.ts";
import { readNumber } from "../packets.ts";
import { signatureTypes } from "../signature.ts";
import type { Time } from "../../codec/time.ts";
import { judgedAtOf, stateAt, type DigestedCertificate, type DigestedSigner } from "./digest.ts";

/** OpenSSL's names of the hashes that policy.ts allows. */
const hashNames: Readonly<Record<number, string>> = {
  8: "sha256",
  9: "sha384",
  10: "sha512",
  12: "sha3-256",
  14: "sha3-512",
};
/** RFC 9580 §9.1: the numbers under which a signature may name an algorithm. */
const numbers: Readonly<Record<DigestedSigner["algorithm"], readonly number[]>> = {
  rsa: [1, 3],
  ecdsa: [19],
  eddsa: [22],
  ed25519: [27],
};

/** What this path finds out for the policy (judge.ts). */
export function answer(
  { signature, signer }: Question<DigestedCertificate>,
  bytes: Uint8Array,
  at: Time,
): Answer {
  const { facts, body } = signature;
  const key = signer.signers.find(({ keyId }) => keyId === facts.issuer);
  const says = facts.issuerFingerprint;
  if (key === undefined || (says !== undefined && says !== key.fingerprint)) {
    return { kind: "unknown" };
  }
  if (!numbers[key.algorithm].includes(facts.keyAlgorithm)) return { kind: "wrong" };
  const signed = facts.type === signatureTypes.text ? withLineEnds(bytes) : bytes;
  if (!verifies(body, facts.hash, signed, key)) return { kind: "wrong" };
  const when = judgedAtOf(signer, at, facts.created);
  return { kind: "verified", key: stateAt(key.rows, when) };
}

/** Whether the signature, the body of its packet, is by the key over the bytes. */
function verifies(
  body: Uint8Array,
  hashId: number,
  bytes: Uint8Array,
  key: DigestedSigner,
): boolean {
  const name = hashNames[hashId];
  const hashedEnd = 6 + readNumber(body.subarray(4, 6));
  const unhashedEnd = hashedEnd + 2 + readNumber(body.subarray(hashedEnd, hashedEnd + 2));
  const numbersAt = unhashedEnd + 2;
  if (name === undefined || numbersAt > body.length) return false;
  const trailer = new Uint8Array([4, 0xff, 0, 0, hashedEnd >> 8, hashedEnd & 0xff]);
  if (hashedEnd > 0xffff) trailer[3] = hashedEnd >> 16;
  const whole = concat([bytes, body.subarray(0, hashedEnd), trailer]);
  const digest = hash(name, whole, "buffer");
  if (digest[0] !== body[unhashedEnd] || digest[1] !== body[unhashedEnd + 1]) return false;
  const values = body.subarray(numbersAt);
  const publicKey = keyOf(key);
  switch (key.algorithm) {
    case "ed25519":
      return values.length === 64 && verify(null, digest, publicKey, values);
    case "eddsa": {
      const pair = readPair(values);
      return pair !== undefined && verify(null, digest, publicKey, pair);
    }
    case "ecdsa": {
      const pair = readPair(values);
      const dsa = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
      return pair !== undefined && verify(name, whole, dsa, pair);
    }
    case "rsa": {
      const size = (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
      const number = readMpi(values, Math.ceil(size));
      return number?.end === values.length && verify(name, whole, publicKey, number.value);
    }
  }
}

/** Two numbers of up to 32 bytes each, and nothing behind them: 64 bytes. */
function readPair(values: Uint8Array): Uint8Array | undefined {
  const first = readMpi(values, 32);
  if (first === undefined) return undefined;
  const second = readMpi(values.subarray(first.end), 32);
  if (second === undefined || first.end + second.end !== values.length) return undefined;
  return concat([first.value, second.value]);
}

/** A multiprecision integer (RFC 9580 §3.2), filled up with zeros in front to `size` bytes. */
function readMpi(
  bytes: Uint8Array,
  size: number,
): { readonly value: Uint8Array; readonly end: number } | undefined {
  const bits = readNumber(bytes.subarray(0, 2));
  const length = (bits + 7) >> 3;
  if (bytes.length < 2 + length || length > size) return undefined;
  const value = new Uint8Array(size);
  value.set(bytes.subarray(2, 2 + length), size - length);
  return { value, end: 2 + length };
}

const keys = new WeakMap<DigestedSigner, KeyObject>();

/** The key as OpenSSL wants it, made once. */
function keyOf(signer: DigestedSigner): KeyObject {
  const known = keys.get(signer);
  if (known !== undefined) return known;
  const made = createPublicKey({ key: { ...signer.jwk }, format: "jwk" });
  keys.set(signer, made);
  return made;
}

const [lf, cr] = [10, 13];

/** Every line end as CR LF: what a text signature covers. */
function withLineEnds(bytes: Uint8Array): Uint8Array {
  let bare = 0;
  for (let i = 0; i < bytes.length; i += 1) if (bytes[i] === lf && bytes[i - 1] !== cr) bare += 1;
  if (bare === 0) return bytes;
  const whole = new Uint8Array(bytes.length + bare);
  let end = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] === lf && bytes[i - 1] !== cr) whole[end++] = cr;
    whole[end++] = bytes[i] ?? 0;
  }
  return whole;
}
