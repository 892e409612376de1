/**
 * A customer's keys over the years (docs/spec/keys.md): the certificate that is to follow, the
 * proof that who holds it wants that, and the revocation certificate of one that is to be no more.
 * Judged once, when the letter that carries them comes; what was found is journaled.
 */
import { SignaturePacket, armor, createMessage, enums, revokeKey, sign, unarmor } from "openpgp";
import { assert } from "../codec/assert.ts";
import { fromLatin1, toLatin1 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { refuse, type Verdict } from "../codec/verdict.ts";
import {
  judgedAt,
  readCertificate,
  readRegisteredCertificate,
  type Certificate,
  type CertificateRefusal,
} from "./certificate.ts";
import { judge } from "./judge.ts";
import type { CustomerKey } from "./keys.ts";
import { readPackets, tags, writePacket } from "./packets.ts";
import { dateOf, openpgpConfig } from "./policy.ts";
import { readSignatureFacts, signatureTypes } from "./signature.ts";

/** A proof or a revocation certificate, binary, bytes: one signature by RSA-8192 fits. */
const signatureBytesMax = 4096;

/** A certificate as registration would take it, if its primary key is that one. */
export async function readNamedCertificate(
  binary: Uint8Array,
  key: Fingerprint,
  at: Time,
): Promise<Verdict<Certificate, CertificateRefusal | "certificate_of_another">> {
  const read = await readCertificate(binary, at);
  const found = read.ok ? read.value.fingerprint : await fingerprintIn(binary);
  if (found === undefined || found === key) return read;
  return refuse("certificate_of_another", `The certificate is that of ${found}.`);
}

/** Of a certificate that may be good for nothing. */
async function fingerprintIn(binary: Uint8Array): Promise<Fingerprint | undefined> {
  try {
    return (await readRegisteredCertificate(binary)).fingerprint;
  } catch {
    return undefined;
  }
}

/** Whether the proof is a signature over the text by a key of the certificate that may sign. */
export async function isSignedBy(
  proof: Uint8Array,
  text: string,
  {
    certificate,
    at,
    us,
  }: {
    readonly certificate: Certificate;
    readonly at: Time;
    readonly us: Fingerprint;
  },
): Promise<boolean> {
  const body = onlySignature(proof);
  const facts = body && readSignatureFacts(body);
  if (body === undefined || facts?.type !== signatureTypes.binary) return false;
  const content = { bytes: fromLatin1(text), signatures: [{ body, facts }] };
  const certificateOf = (keyId: string): Certificate | undefined =>
    certificate.keyIds.includes(keyId) ? certificate : undefined;
  return (await judge(content, { at, us: [us], certificateOf })).kind === "good";
}

/** What a key signs of itself, as `gpg --detach-sign` does: one binary signature. */
export async function signProof(text: string, { key }: CustomerKey, at: Time): Promise<Uint8Array> {
  const date = dateOf(judgedAt(key, at).getTime());
  const message = await createMessage({ binary: fromLatin1(text), date });
  const how = { detached: true, format: "binary", config: openpgpConfig } as const;
  return sign({ message, signingKeys: key, date, ...how });
}

/** A key's own revocation, as `gpg --gen-revoke` makes it: one signature packet. */
export async function makeRevocation({ key }: CustomerKey, at: Time): Promise<Uint8Array> {
  const date = dateOf(judgedAt(key, at).getTime());
  const { publicKey } = await revokeKey({ key, date, format: "object", config: openpgpConfig });
  const made = publicKey.revocationSignatures[0];
  assert(made !== undefined, "a revoked key has its revocation");
  return writePacket(tags.signature, made.write());
}

/** As gpg prints a revocation. */
export async function armorRevocation(revocation: Uint8Array): Promise<string> {
  const { publicKey } = enums.armor;
  const none = undefined;
  const armored = armor(publicKey, revocation, none, none, none, true, openpgpConfig);
  return armored.replaceAll("\r\n", "\n");
}

/** Whether the binary begins with a secret key. */
export function isSecretKey(binary: Uint8Array): boolean {
  const [head = 0] = binary;
  const tag = (head & 0x40) === 0 ? (head >> 2) & 0x0f : head & 0x3f;
  return (head & 0x80) !== 0 && tag === enums.packet.secretKey;
}

/**
 * Whether it is a revocation, by the primary key, of itself. Its reason and its time do not matter:
 * whoever publishes it wants the key not to be trusted.
 */
export async function isRevocation(revocation: Uint8Array, { key }: Certificate): Promise<boolean> {
  const body = onlySignature(revocation);
  if (body === undefined) return false;
  try {
    const packet = new SignaturePacket();
    packet.read(body);
    const { signatureType, created } = packet;
    const { keyRevocation } = enums.signature;
    if (signatureType !== keyRevocation || created === null) return false;
    const over = { key: key.keyPacket };
    await packet.verify(key.keyPacket, keyRevocation, over, created, false, openpgpConfig);
    return true;
  } catch {
    return false;
  }
}

/** The body of the one signature packet that the bytes are. */
function onlySignature(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > signatureBytesMax) return undefined;
  const only = readPackets(bytes, 1)?.[0];
  return only?.tag === tags.signature ? only.body : undefined;
}

/** What a file holds, binary or in one block of armor; `undefined` for anything else. */
export async function readArmored(file: Uint8Array): Promise<Uint8Array | undefined> {
  if (((file[0] ?? 0) & 0x80) !== 0) return file;
  // GnuPG puts a colon before the revocation that it keeps, so that nobody imports it unawares.
  const text = toLatin1(file).replace(/^:-----BEGIN/m, "-----BEGIN");
  const start = text.indexOf("-----BEGIN");
  try {
    const { data } = await unarmor(text.slice(Math.max(start, 0)), openpgpConfig);
    // OpenPGP.js types this as a stream; for a text it is bytes.
    const bytes: unknown = data;
    return bytes instanceof Uint8Array ? bytes : undefined;
  } catch {
    return undefined;
  }
}
