/**
 * Version 4 keys made from given secrets: Ed25519 as EdDSA (22) and Curve25519 as ECDH (18), the
 * forms that GnuPG 2.2, RNP and cards know, with their self-signatures.
 *
 * OpenPGP.js cannot make a key from a seed, nor a primary key that only certifies; so the packets
 * are written here (RFC 9580 §5.5, §10.1). Everything is a function of its arguments: Ed25519
 * signatures have no randomness, and no clock is read, so that the same secrets give the same
 * bytes.
 */
import { ed25519Of, sha1, x25519PublicKey } from "#primitives";
import { concat, toHex } from "../codec/bytes.ts";
import { tags, writeMpi, writeNumber, writePacket } from "./packets.ts";
import {
  edDsa,
  makeSignature,
  signatureTypes,
  subpackets,
  writeSubpacket,
  type Signer,
} from "./signature.ts";

/** Key flags (RFC 9580 §5.2.3.29). */
export const keyFlags = { certify: 0x01, sign: 0x02, encrypt: 0x0c } as const;

const ecdh = 18;
const ed25519Oid = new Uint8Array([9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01]);
const curve25519Oid = new Uint8Array([10, 0x2b, 6, 1, 4, 1, 0x97, 0x55, 0x01, 0x05, 0x01]);
/** Key derivation with SHA-256, key wrap with AES-128: what RFC 9580 §9.2 fixes for this curve. */
const derivation = new Uint8Array([3, 1, 8, 7]);
/** Points are written with this octet before them (RFC 9580 §11.2.2). */
const nativePoint = new Uint8Array([0x40]);

/** The secrets of a certificate, 32 bytes each. */
export type KeySecrets = {
  readonly primary: Uint8Array;
  /** Without one, the primary key signs as well as certifies. */
  readonly signing?: Uint8Array;
  readonly encryption: Uint8Array;
};

/** A key or subkey of given secrets, as its packets have it. */
export type KeyPart = {
  /** The body of the public key packet. */
  readonly body: Uint8Array;
  /** The body of the secret key packet, without a passphrase. */
  readonly secretBody: Uint8Array;
  readonly fingerprint: string;
};

/** A transferable secret key, binary, without a passphrase, and its primary fingerprint. */
export function makeSecretKey(options: {
  readonly secrets: KeySecrets;
  readonly userId: string;
  /** Creation time of every key and signature, milliseconds since 1970. */
  readonly created: number;
}): { readonly fingerprint: string; readonly binary: Uint8Array } {
  const { secrets, userId, created } = options;
  const primary = edDsaPart(secrets.primary, created);
  const root = signerOf(primary, secrets.primary);
  const encryption = ecdhPart(secrets.encryption, created);
  const primaryFlags = keyFlags.certify | (secrets.signing === undefined ? keyFlags.sign : 0);
  const bind = { root, primary, created };
  const packets = [
    writePacket(tags.secretKey, primary.secretBody),
    writePacket(tags.userId, utf8(userId)),
    certification({ ...bind, userId, flags: primaryFlags }),
  ];
  if (secrets.signing !== undefined) {
    const signing = edDsaPart(secrets.signing, created);
    // The subkey signs back: without that, anyone could adopt another's signing key.
    const back = makeSignature({
      signer: signerOf(signing, secrets.signing),
      type: signatureTypes.primaryKeyBinding,
      created,
      data: concat([hashed(primary.body), hashed(signing.body)]),
    });
    packets.push(
      writePacket(tags.secretSubkey, signing.secretBody),
      binding({ ...bind, part: signing, flags: keyFlags.sign, back }),
    );
  }
  packets.push(
    writePacket(tags.secretSubkey, encryption.secretBody),
    binding({ ...bind, part: encryption, flags: keyFlags.encrypt }),
  );
  return { fingerprint: primary.fingerprint, binary: concat(packets) };
}

function utf8(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}

type Bind = { readonly root: Signer; readonly primary: KeyPart; readonly created: number };

/** The self-signature over the user id, with the preferences that senders follow. */
function certification(options: Bind & { userId: string; flags: number }): Uint8Array {
  const { root, primary, created, userId, flags } = options;
  const id = utf8(userId);
  const body = makeSignature({
    signer: root,
    type: signatureTypes.positiveCertification,
    created,
    hashed: [...preferences(flags), writeSubpacket(subpackets.features, new Uint8Array([0x01]))],
    data: concat([hashed(primary.body), new Uint8Array([0xb4]), writeNumber(id.length, 4), id]),
  });
  return writePacket(tags.signature, body);
}

/** What a self-signature says of the primary key and to senders, but for its features. */
export function preferences(flags: number): readonly Uint8Array[] {
  return [
    writeSubpacket(subpackets.keyFlags, new Uint8Array([flags]), true),
    writeSubpacket(subpackets.symmetricPreferences, new Uint8Array([9, 7])),
    writeSubpacket(subpackets.hashPreferences, new Uint8Array([10, 8])),
    // Uncompressed only: a letter's size is padded, and nothing then has to be inflated.
    writeSubpacket(subpackets.compressionPreferences, new Uint8Array([0])),
    writeSubpacket(subpackets.keyServerPreferences, new Uint8Array([0x80])),
    writeSubpacket(subpackets.primaryUserId, new Uint8Array([1])),
  ];
}

function binding(options: Bind & { part: KeyPart; flags: number; back?: Uint8Array }): Uint8Array {
  const { root, primary, created, part, flags, back } = options;
  const body = makeSignature({
    signer: root,
    type: signatureTypes.subkeyBinding,
    created,
    hashed: [
      writeSubpacket(subpackets.keyFlags, new Uint8Array([flags]), true),
      ...(back === undefined ? [] : [writeSubpacket(subpackets.embedded, back)]),
    ],
    data: concat([hashed(primary.body), hashed(part.body)]),
  });
  return writePacket(tags.signature, body);
}

/** An Ed25519 key in the form of EdDSA (22). */
export function edDsaPart(seed: Uint8Array, created: number): KeyPart {
  const point = concat([nativePoint, ed25519Of(seed).publicKey]);
  return keyPart([new Uint8Array([edDsa]), ed25519Oid, writeMpi(point)], seed, created);
}

/** A Curve25519 key in the form of ECDH (18). */
export function ecdhPart(secret: Uint8Array, created: number): KeyPart {
  const scalar = clamp(secret);
  const point = concat([nativePoint, x25519PublicKey(scalar)]);
  const parts = [new Uint8Array([ecdh]), curve25519Oid, writeMpi(point), derivation];
  // The scalar is little endian by nature and an MPI is big endian.
  return keyPart(parts, scalar.toReversed(), created);
}

function keyPart(parts: readonly Uint8Array[], secret: Uint8Array, created: number): KeyPart {
  const head = concat([new Uint8Array([4]), writeNumber(Math.floor(created / 1000), 4)]);
  const body = concat([head, ...parts]);
  const mpi = writeMpi(secret);
  const sum = mpi.reduce((total, byte) => (total + byte) & 0xffff, 0);
  const secretBody = concat([body, new Uint8Array([0]), mpi, writeNumber(sum, 2)]);
  return { body, secretBody, fingerprint: toHex(sha1(hashed(body))) };
}

/** A key as it enters fingerprints and signatures: 0x99, two octets of length, the body. */
export function hashed(body: Uint8Array): Uint8Array {
  return concat([new Uint8Array([0x99]), writeNumber(body.length, 2), body]);
}

function signerOf(part: KeyPart, seed: Uint8Array): Signer {
  return { fingerprint: part.fingerprint, sign: ed25519Of(seed).sign };
}

/** RFC 7748 §5: GnuPG refuses a scalar that is not clamped. */
export function clamp(secret: Uint8Array): Uint8Array {
  return secret.map((byte, i) => {
    if (i === 0) return byte & 0xf8;
    return i === 31 ? (byte & 0x7f) | 0x40 : byte;
  });
}
