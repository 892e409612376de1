/**
 * Messages of any kind by keys of any kind, for `signet sop` (bin/sop.ts): what the letters' and
 * reports' codec makes of them, so that whoever drives that command drives the codec.
 *
 * Nothing here decides what is taken: opening is unsealing and judging by the fast path, or by the
 * reference path for forms that the fast one does not read; sealing is a report's where one EdDSA
 * key signs for one recipient, and a letter's otherwise.
 * A message that nobody signed, and a signature that stands beside its text, are built of the same
 * parts. Certificates to seal to are those that an account could be opened with.
 */
import { ed25519Of, randomBytes } from "#primitives";
import {
  armor,
  config,
  createMessage,
  enums,
  readPrivateKey,
  sign,
  unarmor,
  type PrivateKey,
} from "openpgp";
import { assert } from "../codec/assert.ts";
import { concat, fromLatin1, toLatin1 } from "../codec/bytes.ts";
import { fingerprint, isFingerprint } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { judgedAt, wrapSessionKey, type Certificate } from "./certificate.ts";
import { makeSecretKey } from "./certify.ts";
import { sealSigned } from "./customer.ts";
import { digestCertificate, type DigestedCertificate } from "./fast/digest.ts";
import { openingKey, openingKeysOf } from "./fast/keys.ts";
import { unsealFast } from "./fast/open.ts";
import { isReferenceOnly, sealByPath } from "./fast/paths.ts";
import { answer } from "./fast/verify.ts";
import {
  judge,
  judging,
  type BadSignature,
  type JudgeOptions,
  type Judgement,
  type SignatureRefusal,
} from "./judge.ts";
import { readPackets, tags, writeNumber, writePacket } from "./packets.ts";
import { openpgpConfig, sealedBytesMax, signaturesMax } from "./policy.ts";
import { sealContent } from "./seipd.ts";
import { makeSignature, readSignatureFacts, signatureTypes, type Signer } from "./signature.ts";
import {
  unseal,
  unsealLiteral,
  type Content,
  type Unsealing,
  type UnsealRefusal,
} from "./unseal.ts";

/** The reference path's library and its version. */
export const reference = config.versionString;

/** A secret key without a passphrase. */
export type SecretKey = PrivateKey;

/** Why a secret key is not taken. */
export type SecretKeyRefusal = "key_malformed" | "key_locked";

/** A signature that is good: by whom, when it says it was made, whether over text. */
export type Verified = {
  readonly created: Time;
  /** Fingerprints of the key that signed and of the primary key of its certificate. */
  readonly key: string;
  readonly primary: string;
  readonly isText: boolean;
};

/** Why a signature is not good. */
export type NotVerified = BadSignature | SignatureRefusal | "content_unsigned";

/** What was opened, with whose signature stands on it. */
export type OpenedMessage = {
  readonly bytes: Uint8Array;
  readonly verified: Verdict<Verified, NotVerified>;
};

/** The fingerprint that stands for nobody where no recipient is meant. */
const nobody = fingerprint("0".repeat(40));
const keyPacketsMax = 160;

/** A new secret key, binary: Ed25519 that certifies and signs, Curve25519 that is sealed to. */
export function makeKey(userId: string, at: Time): Uint8Array {
  const secrets = { primary: randomBytes(32), encryption: randomBytes(32) };
  return makeSecretKey({ secrets, userId, created: at }).binary;
}

/** A secret key without a passphrase, binary. */
export async function readSecretKey(
  binary: Uint8Array,
): Promise<Verdict<SecretKey, SecretKeyRefusal>> {
  try {
    const key = await readPrivateKey({ binaryKey: binary, config: openpgpConfig });
    if (key.isDecrypted()) return accept(key);
    return refuse("key_locked", "The secret key is under a passphrase.");
  } catch {
    return refuse("key_malformed", "It is no secret key.");
  }
}

/** The certificate of a secret key, binary. */
export function certificateOf(key: SecretKey): Uint8Array {
  return key.toPublic().write();
}

/** The bytes in one armored block of any kind; `undefined` if it is none. */
export async function readArmor(text: string): Promise<Uint8Array | undefined> {
  try {
    // OpenPGP.js types this as a stream; for a text it is bytes.
    const bytes: unknown = (await unarmor(text, openpgpConfig)).data;
    return bytes instanceof Uint8Array ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** What armor says it holds, by the first packet; `undefined` if that is none we know. */
const armorOf: ReadonlyMap<number, enums.armor> = new Map([
  [tags.sessionKey, enums.armor.message],
  [tags.onePass, enums.armor.message],
  [tags.sealed, enums.armor.message],
  [tags.signature, enums.armor.signature],
  [tags.secretKey, enums.armor.privateKey],
  [tags.publicKey, enums.armor.publicKey],
]);

/** Binary OpenPGP data as text; `undefined` if it does not begin with a packet that we know. */
export function writeArmor(binary: Uint8Array): string | undefined {
  const first = binary[0] ?? 0;
  const tag = (first & 0x40) === 0 ? (first >> 2) & 0x0f : first & 0x3f;
  const type = (first & 0x80) === 0 ? undefined : armorOf.get(tag);
  if (type === undefined) return undefined;
  return armor(type, binary, undefined, undefined, undefined, true, openpgpConfig);
}

/** The certificates that stand one after the other, each binary; `undefined` if they are none. */
export function splitCertificates(binary: Uint8Array): readonly Uint8Array[] | undefined {
  const packets = readPackets(binary, keyPacketsMax);
  if (packets?.[0]?.tag !== tags.publicKey) return undefined;
  const groups: Uint8Array[][] = [];
  for (const { tag, body } of packets) {
    if (tag === tags.publicKey) groups.push([]);
    groups.at(-1)?.push(writePacket(tag, body));
  }
  return groups.map(concat);
}

/** Signed by all of `by`, who may be nobody, and sealed to all of `to`. */
export async function sealMessage(
  bytes: Uint8Array,
  options: {
    readonly by: readonly SecretKey[];
    readonly to: readonly Certificate[];
    readonly isText: boolean;
    readonly at: Time;
  },
): Promise<Uint8Array> {
  const { by, to, isText, at } = options;
  const [only, ...others] = by;
  const [recipient, ...more] = to;
  if (only === undefined) return sealUnsigned(bytes, to, at);
  const signer = await signerOf(only, at);
  const isPlain = others.length === 0 && more.length === 0 && !isText;
  if (isPlain && signer !== undefined && recipient !== undefined) {
    const keys = { fingerprint: fingerprint(only.getFingerprint()), key: only, signer };
    return sealByPath(toLatin1(bytes), { keys, to: recipient, at });
  }
  return sealSigned(bytes, { by, to, isText, at });
}

async function sealUnsigned(
  bytes: Uint8Array,
  to: readonly Certificate[],
  at: Time,
): Promise<Uint8Array> {
  const literal = concat([new Uint8Array([0x62, 0]), writeNumber(0, 4), bytes]);
  const { packet, key } = sealContent(writePacket(tags.literal, literal));
  const wrapped: Uint8Array[] = [];
  for (const one of to) wrapped.push(await wrapSessionKey(one, key, judgedAt(one.key, at), true));
  return concat([...wrapped, packet]);
}

/** The key's own signer where our signature writer can use it: EdDSA, and nothing else. */
async function signerOf(key: SecretKey, at: Time): Promise<Signer | undefined> {
  const when = judgedAt(key, at);
  const signing = await key.getSigningKey(undefined, when, undefined, openpgpConfig);
  const seed = seedOf(signing);
  const isEdDsa = signing.getAlgorithmInfo().algorithm === "eddsaLegacy";
  if (!isEdDsa || seed === undefined) return undefined;
  return { fingerprint: signing.getFingerprint(), sign: ed25519Of(seed).sign };
}

function seedOf({ keyPacket }: Awaited<ReturnType<SecretKey["getSigningKey"]>>) {
  const params = "privateParams" in keyPacket ? keyPacket.privateParams : null;
  const value: unknown = Object.entries(params ?? {}).find(([name]) => name === "seed")?.[1];
  return value instanceof Uint8Array ? value : undefined;
}

/** Opens a message with the first of the keys that can, and judges who signed it. */
export async function openMessage(
  sealed: Uint8Array,
  options: {
    readonly keys: readonly SecretKey[];
    readonly signers: readonly Certificate[];
    readonly at: Time;
  },
): Promise<Verdict<OpenedMessage, UnsealRefusal>> {
  const { keys, signers, at } = options;
  let refused = refuse<UnsealRefusal>("sealed_to_another", "None of these keys opens it.");
  for (const key of keys) {
    const bounds = { key, bytesMax: sealedBytesMax, contentMax: sealedBytesMax };
    const { content, judges } = await unsealByPath(sealed, bounds);
    if (content.ok) {
      const name = key.getFingerprint();
      const us = isFingerprint(name) ? name : nobody;
      const judgement = await judges(content.value, {
        at,
        us: [us],
        certificateOf: among(signers),
      });
      const isGood = judgement.kind === "good";
      const bytes = isGood ? fromLatin1(judgement.text) : content.value.bytes;
      return accept({ bytes, verified: verifiedBy(judgement) });
    }
    if (content.name === "content_unsigned") {
      const plain = await unsealLiteral(sealed, bounds);
      if (!plain.ok) return plain;
      return accept({ bytes: plain.value, verified: refuse("content_unsigned", content.detail) });
    }
    if (content.name !== "sealed_to_another") refused = content;
  }
  return refused;
}

const onlySign: ReadonlySet<enums.publicKey> = new Set([
  enums.publicKey.dsa,
  enums.publicKey.ecdsa,
  enums.publicKey.eddsaLegacy,
  enums.publicKey.ed25519,
]);

type Judging = (content: Content, options: JudgeOptions) => Promise<Judgement>;

/** Unsealed by the path that reads the form, with that path's judge. */
async function unsealByPath(
  sealed: Uint8Array,
  options: Unsealing,
): Promise<{ readonly content: Verdict<Content, UnsealRefusal>; readonly judges: Judging }> {
  if (!isReferenceOnly()) {
    const keys = openingKeysOf({ key: options.key }).map(openingKey);
    // The exchange has no other keys to open with; whoever drives us may.
    const others = options.key.getKeys().filter(({ keyPacket }) => {
      const mayOpen = !onlySign.has(keyPacket.algorithm);
      return mayOpen && !keys.some(({ keyId }) => keyId === keyPacket.getKeyID().toHex());
    });
    const content =
      others.length === 0 ? unsealFast(sealed, { ...options, keys }) : ("unsupported" as const);
    if (content !== "unsupported") return { content, judges: judgeFast };
  }
  return { content: await unseal(sealed, options), judges: judge };
}

async function judgeFast(content: Content, options: JudgeOptions): Promise<Judgement> {
  const known = new Map<string, Certificate>();
  const digests = new Map<string, DigestedCertificate>();
  for (const { facts } of content.signatures) {
    const signer = options.certificateOf(facts.issuer);
    if (signer === undefined) continue;
    known.set(signer.fingerprint, signer);
    digests.set(facts.issuer, await digestCertificate(signer));
  }
  const course = judging(content, { ...options, certificateOf: (id) => digests.get(id) });
  let step = course.next();
  while (step.done !== true) step = course.next(answer(step.value, content.bytes, options.at));
  const judged = step.value;
  if (judged.kind === "bad") return judged;
  const signer = known.get(judged.signer.fingerprint);
  assert(signer !== undefined, "whoever was digested is known");
  return { ...judged, signer };
}

function among(signers: readonly Certificate[]): (keyId: string) => Certificate | undefined {
  return (keyId) => signers.find(({ keyIds }) => keyIds.includes(keyId));
}

function verifiedBy(judgement: Judgement): Verdict<Verified, BadSignature | SignatureRefusal> {
  if (judgement.kind !== "good") return judgement.refused;
  const body = readPackets(judgement.evidence, 1)?.[0]?.body ?? new Uint8Array(0);
  const facts = readSignatureFacts(body);
  const keys = judgement.signer.key.getKeys();
  const part = keys.find((one) => one.getKeyID().toHex() === facts?.issuer);
  if (facts === undefined || part === undefined) {
    return refuse("signature_wrong", "The signature cannot be read again.");
  }
  return accept({
    created: time(facts.created),
    key: part.getFingerprint(),
    primary: judgement.signer.fingerprint,
    isText: facts.type === signatureTypes.text,
  });
}

/** Signatures by all of `by` that stand beside the text, binary. */
export async function signBeside(
  bytes: Uint8Array,
  options: { readonly by: readonly SecretKey[]; readonly isText: boolean; readonly at: Time },
): Promise<Uint8Array> {
  const { by, isText, at } = options;
  const made: Uint8Array[] = [];
  for (const key of by) {
    const signer = await signerOf(key, at);
    if (signer !== undefined) {
      const type = isText ? signatureTypes.text : signatureTypes.binary;
      const data = isText ? fromLatin1(canonical(toLatin1(bytes))) : bytes;
      made.push(writePacket(tags.signature, makeSignature({ signer, type, created: at, data })));
      continue;
    }
    const message = isText
      ? await createMessage({ text: new TextDecoder().decode(bytes) })
      : await createMessage({ binary: bytes });
    const how = { signingKeys: key, date: judgedAt(key, at), config: openpgpConfig };
    made.push(await sign({ ...how, message, detached: true, format: "binary" }));
  }
  return concat(made);
}

/** Line ends as a text signature covers them (RFC 9580 §5.2.1.2). */
function canonical(text: string): string {
  return text.replaceAll(/\r?\n/g, "\r\n");
}

/** Judges signatures that stand beside the text, each by itself; `undefined` if they are none. */
export async function verifyBeside(
  bytes: Uint8Array,
  signatures: Uint8Array,
  options: { readonly signers: readonly Certificate[]; readonly at: Time },
): Promise<readonly Verdict<Verified, NotVerified>[] | undefined> {
  const packets = readPackets(signatures, signaturesMax);
  if (packets === undefined || packets.length === 0) return undefined;
  const verdicts: Verdict<Verified, NotVerified>[] = [];
  for (const { tag, body } of packets) {
    if (tag !== tags.signature) return undefined;
    const facts = readSignatureFacts(body);
    if (facts === undefined) {
      verdicts.push(refuse("signature_wrong", "The signature is malformed."));
      continue;
    }
    const content: Content = { bytes, signatures: [{ body, facts }] };
    const certificateOf = among(options.signers);
    const judgement = await judge(content, { at: options.at, us: [nobody], certificateOf });
    verdicts.push(verifiedBy(judgement));
  }
  return verdicts;
}
