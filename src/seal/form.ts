/**
 * The two forms in which the exchange's keys are written, under one interface: version 4, which
 * every tool reads, and version 6 (RFC 9580).
 *
 * Both are Ed25519 and X25519; they differ in packets, fingerprints (SHA-1, SHA-256), what a
 * signature covers, and its salt. Version 6 signatures carry 32 fresh bytes of salt; everything
 * else is a function of its arguments.
 */
import { ed25519Of, randomBytes, sha512, x25519PublicKey } from "#primitives";
import { assert } from "../codec/assert.ts";
import { concat, fromHex, sha256, toHex } from "../codec/bytes.ts";
import { clamp, ecdhPart, edDsaPart, hashed, type KeyPart } from "./certify.ts";
import { writeNumber } from "./packets.ts";
import { makeSignature, sha512Id, subpackets, writeSubpacket, type Signer } from "./signature.ts";

/** What a signature is made of; as `makeSignature` takes it. */
export type Signing = Parameters<typeof makeSignature>[0];

/** How keys and signatures of a version are written. */
export type Form = {
  readonly version: 4 | 6;
  /** A signing key of a seed of 32 bytes, made at `created`, milliseconds since 1970. */
  readonly signingPart: (seed: Uint8Array, created: number) => KeyPart;
  /** An encryption key of 32 secret bytes. */
  readonly encryptionPart: (secret: Uint8Array, created: number) => KeyPart;
  /** A key's public body as it enters fingerprints and signatures. */
  readonly covered: (body: Uint8Array) => Uint8Array;
  /** The body of a signature packet. */
  readonly sign: (signing: Signing) => Uint8Array;
};

/** Version 4: EdDSA (22) and ECDH (18), as GnuPG 2.2 knows them. */
export const form4: Form = {
  version: 4,
  signingPart: edDsaPart,
  encryptionPart: ecdhPart,
  covered: hashed,
  sign: makeSignature,
};

const x25519 = 25;
const ed25519 = 27;
const saltBytes = 32;

/** Version 6: Ed25519 (27) and X25519 (25). */
export const form6: Form = {
  version: 6,
  signingPart: (seed, created) => keyPart6(ed25519, ed25519Of(seed).publicKey, seed, created),
  encryptionPart: (secret, created) => {
    const scalar = clamp(secret);
    return keyPart6(x25519, x25519PublicKey(scalar), scalar, created);
  },
  covered: covered6,
  sign: sign6,
};

function keyPart6(
  algorithm: number,
  point: Uint8Array,
  secret: Uint8Array,
  created: number,
): KeyPart {
  const seconds = writeNumber(Math.floor(created / 1000), 4);
  const head = [new Uint8Array([6]), seconds, new Uint8Array([algorithm])];
  const body = concat([...head, writeNumber(point.length, 4), point]);
  // No passphrase here, and version 6 has no checksum then.
  const secretBody = concat([body, new Uint8Array([0]), secret]);
  return { body, secretBody, fingerprint: toHex(sha256(covered6(body))) };
}

function covered6(body: Uint8Array): Uint8Array {
  return concat([new Uint8Array([0x9b]), writeNumber(body.length, 4), body]);
}

function sign6({ signer, type, created, hashed: more = [], data }: Signing): Uint8Array {
  const area = concat([
    writeSubpacket(subpackets.created, writeNumber(Math.floor(created / 1000), 4), true),
    writeSubpacket(subpackets.issuerFingerprint, issuerOf(signer)),
    ...more,
  ]);
  const head = concat([
    new Uint8Array([6, type, ed25519, sha512Id]),
    writeNumber(area.length, 4),
    area,
  ]);
  const salt = randomBytes(saltBytes);
  const trailer = concat([new Uint8Array([6, 0xff]), writeNumber(head.length, 4)]);
  const digest = sha512(salt, data, head, trailer);
  const unhashed = writeNumber(0, 4);
  const salted = concat([digest.subarray(0, 2), new Uint8Array([saltBytes]), salt]);
  return concat([head, unhashed, salted, signer.sign(digest)]);
}

function issuerOf({ fingerprint }: Signer): Uint8Array {
  const bytes = fromHex(fingerprint);
  assert(bytes?.length === 32, "a version 6 key signs what is of version 6");
  return concat([new Uint8Array([6]), bytes]);
}
