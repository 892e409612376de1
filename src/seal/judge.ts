/**
 * Whose signature it is, and whether that key may sign now.
 *
 * Three outcomes. `bad`: no good signature by a known key, and so nobody to answer. `refused`: a
 * good signature by a known key, against the policy. `good`: exactly one, within the policy.
 * Validity is judged at `at`, when the letter was received: the signature's own time is only what
 * its maker says, so a key that has ended cannot be revived by dating back.
 */
import { SignaturePacket, type Key, type Subkey } from "openpgp";
import { toLatin1 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { printTime, time, type Time } from "../codec/time.ts";
import { refuse, type Refused } from "../codec/verdict.ts";
import { isExpired, judgedAt, type Certificate } from "./certificate.ts";
import { tags, writePacket } from "./packets.ts";
import { clockAheadMax, hashes, openpgpConfig } from "./policy.ts";
import { signatureTypes, type SignatureFacts } from "./signature.ts";
import type { Content, FoundSignature } from "./unseal.ts";

/**
 * Why a good signature is refused. In order of precedence: when several apply, the first is the
 * answer.
 */
export const signatureRefusals = [
  "signatures_many",
  "signature_from_future",
  "signature_expired",
  "signature_not_understood",
  "signature_for_another",
  "key_revoked",
  "key_expired",
  "signer_cannot_sign",
] as const;
export type SignatureRefusal = (typeof signatureRefusals)[number];

/** Why no signature is good. */
export const badSignatures = ["signer_unknown", "signature_weak", "signature_wrong"] as const;
export type BadSignature = (typeof badSignatures)[number];

export type Judgement<Signer = Certificate> =
  | {
      readonly kind: "good";
      readonly signer: Signer;
      readonly text: string;
      readonly evidence: Uint8Array;
    }
  | {
      readonly kind: "refused";
      readonly signer: Signer;
      readonly text: string;
      readonly refused: Refused<SignatureRefusal>;
    }
  | { readonly kind: "bad"; readonly refused: Refused<BadSignature> };

export type JudgeOptions = {
  /** The receipt: the instant at which everything is judged. */
  readonly at: Time;
  /** Our own primary fingerprints: an intended recipient, where there is one, must be us. */
  readonly us: readonly string[];
  /** The known certificate in which a key of this id (16 hex digits) may sign. */
  readonly certificateOf: (keyId: string) => Certificate | undefined;
};

/** What is asked of a path: does that key of that certificate verify it, and may the key sign? */
export type Question<Signer> = { readonly signature: FoundSignature; readonly signer: Signer };

/** What a path found out. `unknown`: the certificate has no such key. */
export type Answer =
  | { readonly kind: "unknown" }
  | { readonly kind: "wrong" }
  | { readonly kind: "verified"; readonly key: Refused<SignatureRefusal> | undefined };

/**
 * The policy, for every path: which signatures are asked about and what follows from the answers.
 * A path drives it, and does the cryptography: this one with OpenPGP.js (`judge`), fast/verify.ts
 * with the machine's own.
 */
export function* judging<Signer extends { readonly fingerprint: Fingerprint }>(
  content: Content,
  options: {
    readonly at: Time;
    readonly us: readonly string[];
    readonly certificateOf: (keyId: string) => Signer | undefined;
  },
): Generator<Question<Signer>, Judgement<Signer>, Answer> {
  let bad: Refused<BadSignature> = refuse("signer_unknown", "No known key has signed it.");
  for (const signature of content.signatures) {
    const { facts, body } = signature;
    const signer = options.certificateOf(facts.issuer);
    if (signer === undefined) continue;
    const weak = refuseWeak(facts);
    if (weak !== undefined) {
      bad = weak;
      continue;
    }
    const answer = yield { signature, signer };
    if (answer.kind === "unknown") {
      bad = refuse("signer_unknown", "The issuer's fingerprint is not that of the key id.");
      continue;
    }
    if (answer.kind === "wrong") {
      bad = refuse("signature_wrong", "The signature does not verify.");
      continue;
    }
    const text = signedText(content.bytes, facts.type);
    const refused =
      content.signatures.length > 1
        ? refuse("signatures_many", `One signature, not ${content.signatures.length}.`)
        : (refuseSignature(facts, options) ?? answer.key);
    if (refused !== undefined) return { kind: "refused", signer, text, refused };
    return { kind: "good", signer, text, evidence: writePacket(tags.signature, body) };
  }
  return { kind: "bad", refused: bad };
}

/** Judges what was unsealed, by OpenPGP.js. */
export async function judge(content: Content, options: JudgeOptions): Promise<Judgement> {
  const course = judging(content, options);
  let step = course.next();
  while (step.done !== true) step = course.next(await answer(step.value, content, options.at));
  return step.value;
}

async function answer(
  { signature, signer }: Question<Certificate>,
  content: Content,
  at: Time,
): Promise<Answer> {
  const { facts, body } = signature;
  const part = keyPart(signer, facts.issuer);
  const says = facts.issuerFingerprint;
  if (part === undefined || (says !== undefined && says !== part.getFingerprint())) {
    return { kind: "unknown" };
  }
  if (!(await verifies(body, part, content.bytes))) return { kind: "wrong" };
  const when = judgedAt(signer.key, at, facts.created);
  return { kind: "verified", key: await refuseKey(signer.key, part, when) };
}

/** The text that the customer wrote, one character a byte. */
export function signedText(bytes: Uint8Array, type: number): string {
  const text = toLatin1(bytes);
  // A text signature covers line ends as CR LF whatever they were; LF is what was typed, and what
  // `sha256sum` on the customer's file saw.
  return type === signatureTypes.text ? text.replaceAll("\r\n", "\n") : text;
}

function refuseWeak(facts: SignatureFacts): Refused<BadSignature> | undefined {
  if (facts.type !== signatureTypes.binary && facts.type !== signatureTypes.text) {
    return refuse("signature_weak", `A signature of type ${facts.type} does not sign a text.`);
  }
  if (!hashes.has(facts.hash)) {
    return refuse("signature_weak", `Hash ${facts.hash} is weaker than SHA-256.`);
  }
  return undefined;
}

function keyPart(signer: Certificate, issuer: string): Key | Subkey | undefined {
  if (!signer.keyIds.includes(issuer)) return undefined;
  return signer.key.getKeys().find((part) => part.getKeyID().toHex() === issuer);
}

/** Cryptography only: times and subpackets are our own business, before and after. */
async function verifies(body: Uint8Array, part: Key | Subkey, bytes: Uint8Array): Promise<boolean> {
  try {
    const packet = new SignaturePacket();
    packet.read(body);
    const { signatureType, created } = packet;
    if (signatureType === null || created === null) return false;
    // OpenPGP.js would refuse what is critical and unknown to it, the intended recipient included;
    // `refuseSignature` judges all of it from the same hashed bytes.
    packet.unknownSubpackets = [];
    packet.rawNotations = [];
    const signed = { text: null, getBytes: (): Uint8Array => bytes };
    await packet.verify(part.keyPacket, signatureType, signed, created, false, openpgpConfig);
    return true;
  } catch {
    return false;
  }
}

function refuseSignature(
  facts: SignatureFacts,
  { at, us }: { readonly at: Time; readonly us: readonly string[] },
): Refused<SignatureRefusal> | undefined {
  if (facts.created > at + clockAheadMax) {
    return refuse(
      "signature_from_future",
      `Signed at ${printTime(time(facts.created))}, and it is ${printTime(at)}.`,
    );
  }
  if (facts.expires !== undefined && facts.expires <= at) {
    return refuse("signature_expired", `It expired at ${printTime(time(facts.expires))}.`);
  }
  if (facts.notUnderstood !== undefined) {
    return refuse(
      "signature_not_understood",
      `A critical subpacket of type ${facts.notUnderstood} is not known here.`,
    );
  }
  if (facts.recipients.length > 0 && !facts.recipients.some((each) => us.includes(each))) {
    return refuse("signature_for_another", "It was signed for another recipient.");
  }
  return undefined;
}

/** Why a key of a certificate may not sign at that time, by OpenPGP.js. */
export async function refuseKey(
  key: Key,
  part: Key | Subkey,
  when: Date,
): Promise<Refused<SignatureRefusal> | undefined> {
  try {
    const signing = await key.getSigningKey(part.getKeyID(), when, undefined, openpgpConfig);
    if (signing.getFingerprint() === part.getFingerprint()) return undefined;
  } catch {
    // Which of the reasons it is, is found below.
  }
  if (await isRevoked(key, part, when)) {
    return refuse("key_revoked", "The signing key is revoked.");
  }
  if (await hasEnded(key, part, when)) {
    return refuse("key_expired", "The signing key has expired.");
  }
  return refuse("signer_cannot_sign", "The key may not sign.");
}

async function isRevoked(key: Key, part: Key | Subkey, when: Date): Promise<boolean> {
  if (await key.isRevoked(undefined, undefined, when, openpgpConfig)) return true;
  const subkey = key.subkeys.find(({ keyPacket }) => keyPacket === part.keyPacket);
  const binding = subkey?.bindingSignatures.at(-1);
  if (subkey === undefined || binding === undefined) return false;
  return subkey.isRevoked(binding, key.keyPacket, when, openpgpConfig);
}

async function hasEnded(key: Key, part: Key | Subkey, when: Date): Promise<boolean> {
  if (await isExpired(key, when)) return true;
  const subkey = key.subkeys.find(({ keyPacket }) => keyPacket === part.keyPacket);
  const end = await subkey?.getExpirationTime(when, openpgpConfig);
  return end instanceof Date && end <= when;
}
