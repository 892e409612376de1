/**
 * Certificates: the public keys of customers, and the policy for taking one (docs/decisions/0003).
 *
 * A certificate is bounded before OpenPGP.js sees it: bytes, packets, subkeys, user ids. Only keys
 * that the primary key bound, and that signed back, count as signing keys. At registration it must
 * be version 4, of strong algorithms, alive, able to sign, and a trial sealing to it must succeed:
 * a key that cannot be sealed to would otherwise stop the island at the first report.
 */
import {
  encryptSessionKey,
  enums,
  readKey,
  unarmor,
  type Key,
  SignaturePacket,
  type PublicKey,
  type Subkey,
} from "openpgp";
import { fingerprint, isFingerprint, type Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { readPackets, tags } from "./packets.ts";
import { isSoundEd25519Point } from "./point.ts";
import {
  certificateBytesMax,
  certificatePacketsMax,
  clockAheadMax,
  dateOf,
  openpgpConfig,
  rsaBitsMax,
  rsaBitsMin,
  subkeysMax,
  userIdsMax,
} from "./policy.ts";

/**
 * Why a certificate is not taken. In order of precedence: when several apply, the first is the
 * answer.
 */
export const certificateRefusals = [
  "certificate_too_large",
  "certificate_malformed",
  "certificate_version",
  "certificate_algorithm",
  "certificate_weak_point",
  "certificate_revoked",
  "certificate_expired",
  "certificate_cannot_sign",
  "certificate_cannot_encrypt",
] as const;
export type CertificateRefusal = (typeof certificateRefusals)[number];

/** A certificate that was read and bounded. */
export type Certificate = {
  readonly fingerprint: Fingerprint;
  /**
   * The ids, 16 hex digits each, of every key in it that may sign, also of those that no longer do.
   */
  readonly keyIds: readonly string[];
  readonly binary: Uint8Array;
  readonly key: PublicKey;
};

/**
 * Reads a certificate, binary or armored, and judges at `at` whether an account may be opened with
 * it.
 */
export async function readCertificate(
  given: Uint8Array | string,
  at: Time,
): Promise<Verdict<Certificate, CertificateRefusal>> {
  const read = await readBounded(given);
  if (!read.ok) return read;
  const { key } = read.value;
  const when = judgedAt(key, at);
  return (await refuseValidity(key, when)) ?? (await refuseUses(read.value, when)) ?? read;
}

/**
 * Reads a certificate that was taken before, without judging it: it may have expired since. Throws
 * if it is none, for then what we keep is damaged.
 */
export async function readRegisteredCertificate(binary: Uint8Array): Promise<Certificate> {
  const read = await readBounded(binary);
  if (!read.ok) throw new Error(`couldn't read a registered certificate: ${read.detail}`);
  return read.value;
}

async function readBounded(
  given: Uint8Array | string,
): Promise<Verdict<Certificate, CertificateRefusal>> {
  const binary = typeof given === "string" ? await unarmored(given) : given;
  if (binary === undefined) return refuse("certificate_malformed", "The armor is not readable.");
  if (binary.length > certificateBytesMax) {
    return refuse(
      "certificate_too_large",
      `A certificate has at most ${certificateBytesMax} bytes; this has ${binary.length}. ` +
        "Try gpg --export-options export-minimal.",
    );
  }
  const malformed = refuseFraming(binary);
  if (malformed !== undefined) return malformed;
  const key = await readPublicKey(binary);
  if (key === undefined) {
    return refuse("certificate_malformed", "The packets do not form a certificate.");
  }
  // Before the first verification: a key may be made so that verifying with it is a burden.
  const unfit = refuseAlgorithms(key) ?? refusePoints(key);
  if (unfit !== undefined) return unfit;
  const keyIds = await signingKeyIds(key);
  return accept({ fingerprint: fingerprint(key.getFingerprint()), keyIds, binary, key });
}

async function readPublicKey(binary: Uint8Array): Promise<PublicKey | undefined> {
  try {
    const key = await readKey({ binaryKey: binary, config: openpgpConfig });
    return isFingerprint(key.getFingerprint()) ? key.toPublic() : undefined;
  } catch {
    return undefined;
  }
}

async function unarmored(text: string): Promise<Uint8Array | undefined> {
  if (text.length > 2 * certificateBytesMax) return undefined;
  try {
    const { type, data } = await unarmor(text, openpgpConfig);
    // OpenPGP.js types this as a stream; for a text it is bytes.
    const bytes: unknown = data;
    const isPublic = type === enums.armor.publicKey;
    return isPublic && bytes instanceof Uint8Array ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Exactly one public key, nothing secret, nothing that does not belong, each kind bounded. */
function refuseFraming(binary: Uint8Array): Refused<CertificateRefusal> | undefined {
  const packets = readPackets(binary, certificatePacketsMax);
  if (packets === undefined || packets[0]?.tag !== tags.publicKey) {
    return refuse(
      "certificate_malformed",
      `It is not one public key of at most ${certificatePacketsMax} packets.`,
    );
  }
  const count = (tag: number): number => packets.filter((packet) => packet.tag === tag).length;
  const known = [
    tags.publicKey,
    tags.signature,
    tags.userId,
    tags.userAttribute,
    tags.publicSubkey,
  ].reduce((sum, tag) => sum + count(tag), 0);
  const tooMany = count(tags.publicSubkey) > subkeysMax || count(tags.userId) > userIdsMax;
  if (known !== packets.length || count(tags.publicKey) !== 1 || tooMany) {
    return refuse("certificate_malformed", "It holds other packets than one certificate may.");
  }
  const keys = packets.filter(({ tag }) => tag === tags.publicKey || tag === tags.publicSubkey);
  if (keys.some(({ body }) => body[0] !== 4)) {
    return refuse("certificate_version", "Only version 4 keys are taken.");
  }
  return undefined;
}

/**
 * Every key that was ever bound for signing. Times are not judged here: a letter by a key that has
 * expired is to be refused by that name, not as a stranger's.
 */
async function signingKeyIds(key: PublicKey): Promise<readonly string[]> {
  const ids = (await everSignedItself(key)) ? [key.getKeyID().toHex()] : [];
  for (const subkey of key.subkeys) {
    if (await everSigned(key, subkey)) ids.push(subkey.getKeyID().toHex());
  }
  return ids;
}

async function everSignedItself(key: PublicKey): Promise<boolean> {
  for (const { userID, selfCertifications } of key.users) {
    for (const certification of selfCertifications) {
      const type = certification.signatureType;
      const over = { userID, key: key.keyPacket };
      if (userID === null || type === null || !maySign(certification)) continue;
      if (!certifications.has(type)) continue;
      if (await holds(certification, key.keyPacket, type, over)) return true;
    }
  }
  return false;
}

const certifications: ReadonlySet<number> = new Set([0x10, 0x11, 0x12, 0x13]);

function maySign({ keyFlags }: SignaturePacket): boolean {
  return ((keyFlags?.[0] ?? 0) & enums.keyFlags.signData) !== 0;
}

async function everSigned(key: PublicKey, subkey: Subkey): Promise<boolean> {
  const pair = { key: key.keyPacket, bind: subkey.keyPacket };
  for (const binding of subkey.bindingSignatures) {
    const back = binding.embeddedSignature;
    if (back === null || !maySign(binding)) continue;
    const bound =
      (await holds(binding, key.keyPacket, enums.signature.subkeyBinding, pair)) &&
      (await holds(back, subkey.keyPacket, enums.signature.keyBinding, pair));
    if (bound) return true;
  }
  return false;
}

/** Whether a self-signature is right, whatever the time: judged at the moment it was made. */
async function holds(
  signature: SignaturePacket,
  by: Key["keyPacket"] | Subkey["keyPacket"],
  type: enums.signature,
  over: object,
): Promise<boolean> {
  if (signature.created === null || signature.signatureType !== type) return false;
  try {
    await signature.verify(by, type, over, signature.created, false, openpgpConfig);
    return true;
  } catch {
    return false;
  }
}

/**
 * The instant to judge a key at: `at`, or up to ten minutes later where the customer's clock ran
 * ahead when the key was made, which must not make a fresh key "not yet valid".
 */
export function judgedAt(key: Key, at: Time, ...more: readonly number[]): Date {
  const made = [...madeAt(key), ...more].filter((time) => time <= at + clockAheadMax);
  return dateOf(Math.max(at, ...made));
}

/** The instant at which the newest key or self-signature in it was made. */
export function newestIn(key: Key): Date {
  return dateOf(Math.max(...madeAt(key)));
}

/**
 * When its owner last signed it. Only what the primary key really signed counts: anybody can put
 * a packet with a later time into it.
 */
export async function newestSelfSignature({ key }: Pick<Certificate, "key">): Promise<number> {
  const primary = key.keyPacket;
  let newest = 0;
  for (const { userID, selfCertifications } of key.users) {
    for (const signature of selfCertifications) {
      const type = signature.signatureType;
      if (userID === null || type === null || createdAt(signature) <= newest) continue;
      if (!certifications.has(type)) continue;
      const over = { userID, key: primary };
      if (await holds(signature, primary, type, over)) newest = createdAt(signature);
    }
  }
  for (const { keyPacket, bindingSignatures } of key.subkeys) {
    const pair = { key: primary, bind: keyPacket };
    for (const signature of bindingSignatures) {
      if (createdAt(signature) <= newest) continue;
      const type = enums.signature.subkeyBinding;
      if (await holds(signature, primary, type, pair)) newest = createdAt(signature);
    }
  }
  return newest;
}

/** When the keys in it and its owner's signatures on them were made. */
export function madeAt(key: Key): readonly number[] {
  return [...key.getKeys().map((part) => part.getCreationTime().getTime()), ...selfSignatures(key)];
}

/** The instants at which the self-signatures over user ids and subkeys were made. */
function selfSignatures(key: Key): readonly number[] {
  return [
    ...key.users.flatMap((user) => user.selfCertifications.map(createdAt)),
    ...key.subkeys.flatMap((subkey) => subkey.bindingSignatures.map(createdAt)),
  ];
}

function createdAt(signature: SignaturePacket): number {
  return signature.created?.getTime() ?? 0;
}

const curves: ReadonlySet<string> = new Set(["ed25519Legacy", "curve25519Legacy", "nistP256"]);
const modern: ReadonlySet<string> = new Set(["ed25519", "x25519"]);
const rsa: ReadonlySet<string> = new Set(["rsaEncryptSign", "rsaSign", "rsaEncrypt"]);

/** RSA of a bearable size, Ed25519, Curve25519 or P-256: the primary key and every subkey. */
function refuseAlgorithms(key: PublicKey): Refused<CertificateRefusal> | undefined {
  const weak = key.getKeys().find((part) => {
    const { algorithm, bits, curve } = part.getAlgorithmInfo();
    if (modern.has(algorithm)) return false;
    if (curve !== undefined) return !curves.has(curve);
    return !rsa.has(algorithm) || bits === undefined || !isBearableRsa(part, bits);
  });
  if (weak === undefined) return undefined;
  return refuse(
    "certificate_algorithm",
    `A key must be RSA of ${rsaBitsMin} to ${rsaBitsMax} bits, Ed25519, Curve25519 or P-256; ` +
      `${weak.getKeyID().toHex()} is not. Export without it.`,
  );
}

/** A long public exponent makes each verification as dear as signing. */
function isBearableRsa(part: Key | Subkey, bits: number): boolean {
  const exponent = parameter(part, "e");
  return bits >= rsaBitsMin && bits <= rsaBitsMax && exponent !== undefined && exponent.length <= 4;
}

function parameter(part: Key | Subkey, name: string): Uint8Array | undefined {
  const value: unknown = Object.entries(part.keyPacket.publicParams).find(([n]) => n === name)?.[1];
  return value instanceof Uint8Array ? value : undefined;
}

/** With a small-order key one signature fits every text: its owner could deny each letter. */
function refusePoints(key: PublicKey): Refused<CertificateRefusal> | undefined {
  const weak = key.getKeys().find((part) => {
    const { algorithm } = part.getAlgorithmInfo();
    if (algorithm === "ed25519") return !isSoundEd25519Point(parameter(part, "A"));
    if (algorithm !== "eddsaLegacy") return false;
    const point = parameter(part, "Q");
    return point?.[0] !== 0x40 || !isSoundEd25519Point(point.subarray(1));
  });
  if (weak === undefined) return undefined;
  return refuse("certificate_weak_point", `The key ${weak.getKeyID().toHex()} is a weak point.`);
}

async function refuseValidity(
  key: PublicKey,
  when: Date,
): Promise<Refused<CertificateRefusal> | undefined> {
  if (await key.isRevoked(undefined, undefined, when, openpgpConfig)) {
    return refuse("certificate_revoked", "The primary key is revoked.");
  }
  if (await isExpired(key, when)) {
    return refuse("certificate_expired", "The primary key has expired.");
  }
  return undefined;
}

/** Whether the primary key's life has ended at that time. */
export async function isExpired(key: PublicKey, when: Date): Promise<boolean> {
  const end = await key.getExpirationTime(undefined, openpgpConfig);
  return end instanceof Date && end <= when;
}

async function refuseUses(
  certificate: Certificate,
  when: Date,
): Promise<Refused<CertificateRefusal> | undefined> {
  const { key } = certificate;
  const signs = await found(key.getSigningKey(undefined, when, undefined, openpgpConfig));
  if (!signs || certificate.keyIds.length === 0) {
    return refuse("certificate_cannot_sign", "No key in it may sign now.");
  }
  const sealsNow = await found(key.getEncryptionKey(undefined, when, undefined, openpgpConfig));
  const trial = sealsNow && (await found(wrapSessionKey(certificate, new Uint8Array(32), when)));
  if (!trial) return refuse("certificate_cannot_encrypt", "No key in it can be sealed to now.");
  return undefined;
}

async function found(promise: Promise<unknown>): Promise<boolean> {
  try {
    await promise;
    return true;
  } catch {
    return false;
  }
}

/**
 * The session-key packet for a certificate, with no key id in clear unless `named`.
 *
 * A customer whose key has expired still owns an account, and every certificate that was ever
 * accepted must stay sealable: so after now, each moment is tried at which something in it was
 * signed, newest first. One of them is the state in which registration sealed to it on trial, with
 * nothing expired that had not expired then. Without `when`, only those moments.
 */
export async function wrapSessionKey(
  certificate: Certificate,
  data: Uint8Array,
  when: Date | undefined,
  named = false,
): Promise<Uint8Array> {
  const { key } = certificate;
  let failure: unknown;
  for await (const { part, date } of sealingKeys(key, when)) {
    try {
      return await encryptSessionKey({
        data,
        algorithm: "aes256",
        encryptionKeys: key,
        encryptionKeyIDs: part.getKeyID(),
        wildcard: !named,
        date,
        format: "binary",
        config: openpgpConfig,
      });
    } catch (cause) {
      // A key that cannot be sealed to: as it was before.
      failure = cause;
    }
  }
  throw new Error(`couldn't find a key to seal to in ${key.getFingerprint()}`, { cause: failure });
}

/** The key that is sealed to at an instant; none if there never was one. */
export async function sealingKey(
  { key }: Certificate,
  when: Date,
): Promise<Key | Subkey | undefined> {
  for await (const { part } of sealingKeys(key, when)) return part;
  return undefined;
}

/** Keys to seal to, the one of `when` first, then those of earlier moments, newest first. */
async function* sealingKeys(key: PublicKey, when: Date | undefined) {
  const signed = [...selfSignatures(key)].sort((a, b) => b - a);
  const now = when === undefined ? [] : [when];
  for (const date of [...now, ...[...new Set(signed)].map((moment) => new Date(moment))]) {
    try {
      const part = await key.getEncryptionKey(undefined, date, undefined, openpgpConfig);
      yield { part, date };
    } catch {
      // Not yet, or no longer.
    }
  }
}

/** Every instant at which what may be done with a key of it can change, ascending. */
export function instantsOf(key: PublicKey): readonly number[] {
  const keys = key.getKeys().map((part) => part.getCreationTime().getTime());
  const signatures = [...key.toPacketList()].filter((packet) => packet instanceof SignaturePacket);
  const all = signatures.flatMap((signature) => {
    const { keyExpirationTime, signatureExpirationTime, embeddedSignature } = signature;
    const made = createdAt(signature);
    const back = embeddedSignature === null ? 0 : createdAt(embeddedSignature);
    const backLasts = (embeddedSignature?.signatureExpirationTime ?? 0) * 1000;
    const lasts = (keyExpirationTime ?? 0) * 1000;
    const ends = made + (signatureExpirationTime ?? 0) * 1000;
    return [made, ends, back, back + backLasts].concat(keys.map((born) => born + lasts));
  });
  return [...new Set([...keys, ...all])].sort((a, b) => a - b);
}
