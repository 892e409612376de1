/**
 * Version 4 signature packets (RFC 9580 §5.2.3): read for judging, and made with Ed25519 for ours.
 *
 * OpenPGP.js does the verifying; the facts that decide (times, issuer, intended recipients,
 * critical parts) are read here, from the hashed area only, because OpenPGP.js neither writes nor
 * honours the intended recipient (type 35) and would refuse a critical one unread.
 */
import { sha512 } from "#primitives";
import { assert, at } from "../codec/assert.ts";
import { concat, equalBytes, fromHex, toHex } from "../codec/bytes.ts";
import type { Ed25519 } from "./machine.ts";
import { readNumber, writeLength, writeMpi, writeNumber } from "./packets.ts";

/** Signature types (RFC 9580 §5.2.1) that this folder reads or makes. */
export const signatureTypes = {
  binary: 0x00,
  text: 0x01,
  positiveCertification: 0x13,
  subkeyBinding: 0x18,
  primaryKeyBinding: 0x19,
  directKey: 0x1f,
  subkeyRevocation: 0x28,
} as const;

/** Subpacket types (RFC 9580 §5.2.3.7). */
export const subpackets = {
  created: 2,
  expires: 3,
  keyExpires: 9,
  symmetricPreferences: 11,
  revocationKey: 12,
  issuer: 16,
  notation: 20,
  hashPreferences: 21,
  compressionPreferences: 22,
  keyServerPreferences: 23,
  primaryUserId: 25,
  keyFlags: 27,
  signersUserId: 28,
  reason: 29,
  features: 30,
  target: 31,
  embedded: 32,
  issuerFingerprint: 33,
  recipient: 35,
  cipherSuites: 39,
} as const;

/** Critical subpackets that mean something to us in a signature over a message. */
const understood: ReadonlySet<number> = new Set([
  subpackets.created,
  subpackets.expires,
  subpackets.issuer,
  subpackets.keyFlags,
  subpackets.signersUserId,
  subpackets.issuerFingerprint,
  subpackets.recipient,
]);

/**
 * Subpackets that only a signature over a key or over a signature has, and that OpenPGP.js parses
 * in turn or fails on: beside a text they would only be a place to hide things.
 */
const misplaced: ReadonlySet<number> = new Set([
  subpackets.revocationKey,
  subpackets.target,
  subpackets.embedded,
]);

/** What a signature over a message says of itself. */
export type SignatureFacts = {
  readonly type: number;
  readonly keyAlgorithm: number;
  readonly hash: number;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Milliseconds since 1970; `undefined` if it does not expire. */
  readonly expires: number | undefined;
  /** 16 hex digits. */
  readonly issuer: string;
  /** 40 hex digits, if it says so. */
  readonly issuerFingerprint: string | undefined;
  /** Primary fingerprints of those it is meant for; none if it does not say. */
  readonly recipients: readonly string[];
  /** The first critical subpacket that we do not know, or a critical notation. */
  readonly notUnderstood: number | undefined;
};

type Subpacket = { readonly type: number; readonly critical: boolean; readonly body: Uint8Array };

/** The facts of a version 4 signature packet's body; `undefined` if it is malformed. */
export function readSignatureFacts(body: Uint8Array): SignatureFacts | undefined {
  if (body.length < 6 || body[0] !== 4) return undefined;
  const hashedEnd = 6 + readNumber(body.subarray(4, 6));
  const unhashedEnd = hashedEnd + 2 + readNumber(body.subarray(hashedEnd, hashedEnd + 2));
  if (unhashedEnd + 2 > body.length) return undefined;
  const hashed = readSubpackets(body.subarray(6, hashedEnd));
  const unhashed = readSubpackets(body.subarray(hashedEnd + 2, unhashedEnd));
  if (hashed === undefined || unhashed === undefined) return undefined;
  const created = only(hashed, subpackets.created, 4);
  const expires = only(hashed, subpackets.expires, 4);
  // The issuer's key id is only a pointer to a key; what it points to must verify. So it may stand
  // in the area that is not hashed, where GnuPG puts it.
  const all = [...hashed, ...unhashed];
  const issuer = only(all, subpackets.issuer, 8);
  const issuerFingerprint = only(all, subpackets.issuerFingerprint, 21);
  if (created === "wrong" || expires === "wrong" || issuer === "wrong") return undefined;
  if (issuerFingerprint === "wrong" || created === undefined) return undefined;
  if (issuerFingerprint !== undefined && issuerFingerprint[0] !== 4) return undefined;
  const issuerId = issuer ?? issuerFingerprint?.subarray(13);
  if (issuerId === undefined) return undefined;
  // One that points to two keys is nobody's: which of them is asked is no question of taste.
  if (issuerFingerprint !== undefined && !equalBytes(issuerId, issuerFingerprint.subarray(13))) {
    return undefined;
  }
  if (all.some(({ type }) => misplaced.has(type))) return undefined;
  const createdAt = readNumber(created) * 1000;
  const lifetime = expires === undefined ? 0 : readNumber(expires) * 1000;
  return {
    type: at(body, 1),
    keyAlgorithm: at(body, 2),
    hash: at(body, 3),
    created: createdAt,
    expires: lifetime === 0 ? undefined : createdAt + lifetime,
    issuer: toHex(issuerId),
    issuerFingerprint: issuerFingerprint && toHex(issuerFingerprint.subarray(1)),
    recipients: hashed
      .filter(({ type }) => type === subpackets.recipient)
      .map((recipient) => toHex(recipient.body.subarray(1))),
    notUnderstood: hashed.find(({ type, critical }) => critical && !understood.has(type))?.type,
  };
}

function readSubpackets(area: Uint8Array): readonly Subpacket[] | undefined {
  const list: Subpacket[] = [];
  let offset = 0;
  while (offset < area.length) {
    const first = at(area, offset);
    const octets = first < 192 ? 1 : first < 255 ? 2 : 5;
    const lengthEnd = offset + octets;
    if (lengthEnd > area.length) return undefined;
    const rest = readNumber(area.subarray(offset + 1, lengthEnd));
    const length = octets === 1 ? first : octets === 2 ? ((first - 192) << 8) + rest + 192 : rest;
    const end = lengthEnd + length;
    if (length === 0 || end > area.length) return undefined;
    const type = at(area, lengthEnd);
    const body = area.subarray(lengthEnd + 1, end);
    list.push({ type: type & 0x7f, critical: (type & 0x80) !== 0, body });
    offset = end;
  }
  return list;
}

/**
 * The body of the one subpacket of this type; `wrong` if there are two that differ, or of another
 * length.
 */
function only(
  list: readonly Subpacket[],
  type: number,
  length: number,
): Uint8Array | "wrong" | undefined {
  let found: Uint8Array | undefined;
  for (const { type: each, body } of list) {
    if (each !== type) continue;
    if (body.length !== length || (found !== undefined && !equalBytes(body, found))) return "wrong";
    found = body;
  }
  return found;
}

/** One of our keys that signs. */
export type Signer = {
  /** 40 hex digits: of the key itself, which may be a subkey. */
  readonly fingerprint: string;
  readonly sign: Ed25519["sign"];
};

/** A subpacket as it is written; `critical` only where every client we meet knows the type. */
export function writeSubpacket(type: number, body: Uint8Array, critical = false): Uint8Array {
  const typed = concat([new Uint8Array([critical ? type | 0x80 : type]), body]);
  return concat([writeLength(typed.length), typed]);
}

/** The subpacket that names a key by its fingerprint: issuer or intended recipient. */
export function writeFingerprintSubpacket(type: number, fingerprint: string): Uint8Array {
  return writeSubpacket(type, concat([new Uint8Array([4]), hexBytes(fingerprint)]));
}

function hexBytes(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  assert(bytes !== undefined, "a fingerprint is lower-case hex");
  return bytes;
}

/** EdDSA (legacy, 22) over SHA-512 (10): what GnuPG 2.2 verifies. */
export const edDsa = 22;
export const sha512Id = 10;

/** What is signed beside the data, and what follows from it. */
export type SignatureForm = {
  readonly signer: Signer;
  readonly type: number;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Hashed subpackets besides the creation time and the issuer. */
  readonly hashed?: readonly Uint8Array[];
};

/** Where the creation time stands in a head: behind version, type, algorithms, lengths. */
export const createdOffset = 8;

/** The body of a version 4 signature packet up to the end of what is hashed. */
export function signatureHead({ signer, type, created, hashed = [] }: SignatureForm): Uint8Array {
  const seconds = writeNumber(Math.floor(created / 1000), 4);
  const area = concat([
    writeSubpacket(subpackets.created, seconds, true),
    writeFingerprintSubpacket(subpackets.issuerFingerprint, signer.fingerprint),
    ...hashed,
  ]);
  const numbers = new Uint8Array([4, type, edDsa, sha512Id]);
  return concat([numbers, writeNumber(area.length, 2), area]);
}

/** What is hashed behind a head. */
export function signatureTrailer(headLength: number): Uint8Array {
  return concat([new Uint8Array([4, 0xff]), writeNumber(headLength, 4)]);
}

/** The area that is not hashed: whose key it is, where GnuPG looks for it. */
export function unhashedArea({ fingerprint }: Signer): Uint8Array {
  const issuer = writeSubpacket(subpackets.issuer, hexBytes(fingerprint.slice(24)));
  return concat([writeNumber(issuer.length, 2), issuer]);
}

/** The body of a version 4 signature packet by an Ed25519 key over `data`. */
export function makeSignature({
  data,
  ...form
}: SignatureForm & { readonly data: Uint8Array }): Uint8Array {
  const { signer } = form;
  const head = signatureHead(form);
  const digest = sha512(data, head, signatureTrailer(head.length));
  const signed = signer.sign(digest);
  return concat([
    head,
    unhashedArea(signer),
    digest.subarray(0, 2),
    writeMpi(signed.subarray(0, 32)),
    writeMpi(signed.subarray(32)),
  ]);
}
