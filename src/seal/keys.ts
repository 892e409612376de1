/**
 * The keys of both sides (docs/spec/exchange.md §1): the exchange's root and operating keys, a
 * customer's key from a seed, and the pinned certificate of an exchange.
 *
 * Secrets leave here only as armored text for a file, and never in an error.
 */
import { ed25519Of, hkdfSha256, randomBytes } from "#primitives";
import {
  armor,
  decryptKey,
  encryptKey,
  enums,
  readPrivateKey,
  SecretKeyPacket,
  type Key,
  type PrivateKey,
  type Subkey,
} from "openpgp";
import { assert } from "../codec/assert.ts";
import { fromAscii } from "../codec/bytes.ts";
import { fingerprint, type Fingerprint } from "../codec/names.ts";
import { parseTime, type Time } from "../codec/time.ts";
import { refuse, type Verdict } from "../codec/verdict.ts";
import { readCertificate, type Certificate, type CertificateRefusal } from "./certificate.ts";
import { makeSecretKey, type KeySecrets } from "./certify.ts";
import { openpgpConfig } from "./policy.ts";
import type { Signer } from "./signature.ts";

/** What the island holds: subkeys that sign and open, under a primary key without its secret. */
export type OperatingKeys = {
  readonly fingerprint: Fingerprint;
  readonly key: PrivateKey;
  readonly signer: Signer;
};

/** A customer's secret key, unlocked. */
export type CustomerKey = {
  readonly fingerprint: Fingerprint;
  readonly key: PrivateKey;
};

/** The exchange's certificate, after its fingerprint was compared with the pinned one. */
export type ExchangeCertificate = Certificate;

/**
 * A new exchange: the root secret for the safe, the operating secret for the island, the
 * certificate.
 */
export async function makeExchangeKeys(options: {
  readonly at: Time;
  readonly passphrase?: string;
}): Promise<{
  readonly fingerprint: Fingerprint;
  readonly rootSecret: string;
  readonly operatingSecret: string;
  readonly certificate: string;
}> {
  const secrets = {
    primary: randomBytes(32),
    signing: randomBytes(32),
    encryption: randomBytes(32),
  };
  const made = makeSecretKey({ secrets, userId: "Signet exchange", created: options.at });
  const operating = await readPrivateKey({ binaryKey: made.binary, config: openpgpConfig });
  const primary = operating.keyPacket;
  assert(primary instanceof SecretKeyPacket, "a secret key was made");
  primary.makeDummy(openpgpConfig);
  return {
    fingerprint: fingerprint(made.fingerprint),
    rootSecret: await lock(made.binary, options.passphrase),
    operatingSecret: operating.armor(openpgpConfig),
    certificate: operating.toPublic().armor(openpgpConfig),
  };
}

/** The island's keys from their file. Throws if they are not what `makeExchangeKeys` made. */
export async function readOperatingKeys(armored: string): Promise<OperatingKeys> {
  const key = await readSecret(armored);
  const primary = key.keyPacket;
  if (!(primary instanceof SecretKeyPacket) || !primary.isDummy()) {
    throw new Error("couldn't take the operating keys: the root secret is among them");
  }
  const made = key.getCreationTime();
  const signing = await key.getSigningKey(undefined, made, undefined, openpgpConfig);
  const seed = secretParameter(signing, "seed");
  const isEd25519 = signing.getAlgorithmInfo().algorithm === "eddsaLegacy";
  if (!isEd25519 || seed === undefined) {
    throw new Error("couldn't read the operating keys: the signing key is not Ed25519");
  }
  const signer = { fingerprint: signing.getFingerprint(), sign: ed25519Of(seed).sign };
  return { fingerprint: fingerprint(key.getFingerprint()), key, signer };
}

function secretParameter(part: Key | Subkey, name: string): Uint8Array | undefined {
  const params = "privateParams" in part.keyPacket ? part.keyPacket.privateParams : null;
  const value: unknown = Object.entries(params ?? {}).find(([n]) => n === name)?.[1];
  return value instanceof Uint8Array ? value : undefined;
}

/**
 * Every customer key made from a seed says it was made then. The fingerprint covers the creation
 * time, so only a fixed one lets the words of a seed bring back the same account.
 */
const customerCreated = "2026-01-01T00:00:00Z";

/**
 * A customer's key from 32 bytes: the same seed and user id give the same certificate, byte for
 * byte.
 */
export async function customerKeyFromSeed(
  seed: Uint8Array,
  options: { readonly userId: string; readonly passphrase?: string },
): Promise<{
  readonly fingerprint: Fingerprint;
  readonly secret: string;
  readonly certificate: Uint8Array;
}> {
  assert(seed.length === 32, "a seed has 32 bytes");
  const created = parseTime(customerCreated);
  assert(created !== undefined, "the creation time is a time");
  const secrets: KeySecrets = {
    primary: derive(seed, "signet-customer-key/1 primary Ed25519"),
    encryption: derive(seed, "signet-customer-key/1 encryption X25519"),
  };
  const made = makeSecretKey({ secrets, userId: options.userId, created });
  const key = await readPrivateKey({ binaryKey: made.binary, config: openpgpConfig });
  return {
    fingerprint: fingerprint(made.fingerprint),
    secret: await lock(made.binary, options.passphrase),
    certificate: key.toPublic().write(),
  };
}

function derive(seed: Uint8Array, purpose: string): Uint8Array {
  return hkdfSha256(seed, fromAscii(purpose), 32);
}

/** Any customer's secret key, as `gpg --armor --export-secret-keys` writes it. */
export async function readCustomerKey(armored: string, passphrase?: string): Promise<CustomerKey> {
  const key = await readSecret(armored, passphrase);
  return { fingerprint: fingerprint(key.getFingerprint()), key };
}

/**
 * Armored, under an iterated and salted passphrase (AES-256) if there is one: GnuPG 2.2 imports it.
 */
async function lock(binary: Uint8Array, passphrase: string | undefined): Promise<string> {
  if (passphrase === undefined || passphrase === "") {
    return armor(
      enums.armor.privateKey,
      binary,
      undefined,
      undefined,
      undefined,
      true,
      openpgpConfig,
    );
  }
  const privateKey = await readPrivateKey({ binaryKey: binary, config: openpgpConfig });
  const locked = await encryptKey({ privateKey, passphrase, config: openpgpConfig });
  return locked.armor(openpgpConfig);
}

async function readSecret(armored: string, passphrase?: string): Promise<PrivateKey> {
  try {
    const key = await readPrivateKey({ armoredKey: armored, config: openpgpConfig });
    if (passphrase === undefined || passphrase === "") return key;
    return await decryptKey({ privateKey: key, passphrase, config: openpgpConfig });
  } catch (cause) {
    throw new Error("couldn't read a secret key: not armored OpenPGP, or another passphrase", {
      cause,
    });
  }
}

/**
 * Reads an exchange's certificate and compares it with the fingerprint that the customer pinned.
 */
export async function readExchangeCertificate(
  given: Uint8Array | string,
  pinned: Fingerprint,
  at: Time,
): Promise<Verdict<ExchangeCertificate, CertificateRefusal | "certificate_not_pinned">> {
  const read = await readCertificate(given, at);
  if (!read.ok || read.value.fingerprint === pinned) return read;
  return refuse(
    "certificate_not_pinned",
    `It is the certificate of ${read.value.fingerprint}, not of ${pinned}.`,
  );
}

/** Overwrites the secret numbers of an open key: it neither signs nor opens any more. */
export function wipeCustomerKey({ key }: CustomerKey): void {
  for (const { keyPacket } of key.getKeys()) {
    const params = "privateParams" in keyPacket ? keyPacket.privateParams : null;
    for (const value of Object.values(params ?? {})) {
      if (value instanceof Uint8Array) value.fill(0);
    }
  }
}
