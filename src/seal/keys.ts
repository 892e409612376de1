/**
 * The keys of both sides (docs/spec/exchange.md §1): the exchange's root and operating keys, a
 * customer's key from a seed, and the pinned certificate of an exchange.
 *
 * Secrets leave here only as armored text for a file, and never in an error.
 */
import { ed25519Of, hkdfSha256 } from "#primitives";
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
import { certifyOperating, makeRoot, writeRoot, type Root } from "./ceremony.ts";
import {
  newestIn,
  readCertificate,
  type Certificate,
  type CertificateRefusal,
} from "./certificate.ts";
import { makeSecretKey, type KeySecrets } from "./certify.ts";
import { form4, form6 } from "./form.ts";
import { openpgpConfig } from "./policy.ts";
import type { Signer } from "./signature.ts";

/**
 * What the island holds: one subkey that signs and those that open, under a primary key without its
 * secret. After a rotation several open, until the time of grace of the older ones is over.
 */
export type OperatingKeys = {
  readonly fingerprint: Fingerprint;
  readonly key: PrivateKey;
  readonly signer: Signer;
  /** The same of the exchange's version 6 certificate; exchanges founded before have none. */
  readonly v6?: SecondKeys;
};

/** The keys of the version 6 certificate; its fingerprint has 64 hex digits. */
export type SecondKeys = { readonly fingerprint: string; readonly key: PrivateKey };

/** A customer's secret key, unlocked. */
export type CustomerKey = {
  readonly fingerprint: Fingerprint;
  readonly key: PrivateKey;
};

/** The exchange's certificate, after its fingerprint was compared with the pinned one. */
export type ExchangeCertificate = Certificate;

/** One certificate of the exchange with its secrets, armored. */
export type MadeKeys = {
  readonly fingerprint: string;
  readonly rootSecret: string;
  readonly operatingSecret: string;
  readonly certificate: string;
};

/**
 * A new exchange: the root secret for the safe, the operating secret for the island, the
 * certificate; and all of it once more in version 6.
 */
export async function makeExchangeKeys(options: {
  readonly at: Time;
  readonly passphrase?: string;
}): Promise<MadeKeys & { readonly fingerprint: Fingerprint; readonly v6: MadeKeys }> {
  const { at, passphrase = "" } = options;
  const roots = [makeRoot(form4, at), makeRoot(form6, at)] as const;
  const [{ part: first }, { part: second }] = roots;
  const make = async (root: Root, other: string): Promise<MadeKeys> => ({
    fingerprint: root.part.fingerprint,
    rootSecret: await writeRoot(root, at, passphrase),
    ...(await certifyOperating(root, { at, other, grace: 0, compromised: false })),
  });
  const v6 = await make(roots[1], first.fingerprint);
  const v4 = await make(roots[0], second.fingerprint);
  return { ...v4, fingerprint: fingerprint(v4.fingerprint), v6 };
}

/**
 * The island's keys from their files. Throws if they are not what the root's ceremony made: see
 * ceremony.ts.
 */
export async function readOperatingKeys(
  armored: string,
  armored6?: string,
): Promise<OperatingKeys> {
  const key = await readRootless(armored);
  const newest = newestIn(key);
  const signing = await key.getSigningKey(undefined, newest, undefined, openpgpConfig);
  const seed = secretParameter(signing, "seed");
  const isEd25519 = signing.getAlgorithmInfo().algorithm === "eddsaLegacy";
  if (!isEd25519 || seed === undefined) {
    throw new Error("couldn't read the operating keys: the signing key is not Ed25519");
  }
  const signer = { fingerprint: signing.getFingerprint(), sign: ed25519Of(seed).sign };
  const first = { fingerprint: fingerprint(key.getFingerprint()), key, signer };
  if (armored6 === undefined) return first;
  const second = await readRootless(armored6);
  if (second.keyPacket.version !== 6) {
    throw new Error("couldn't read the second operating keys: they are not of version 6");
  }
  return { ...first, v6: { fingerprint: second.getFingerprint(), key: second } };
}

async function readRootless(armored: string): Promise<PrivateKey> {
  const key = await readSecret(armored);
  const primary = key.keyPacket;
  if (!(primary instanceof SecretKeyPacket) || !primary.isDummy()) {
    throw new Error("couldn't take the operating keys: the root secret is among them");
  }
  return key;
}

/** A secret number of an unlocked key, by its name in OpenPGP.js. */
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

/** Any customer's secret key, as `gpg --export-secret-keys` writes it, with `--armor` or binary. */
export async function readCustomerKey(
  given: string | Uint8Array,
  passphrase?: string,
): Promise<CustomerKey> {
  const key = await readSecret(given, passphrase);
  return { fingerprint: fingerprint(key.getFingerprint()), key };
}

/** An open key as it lies in a home: armored, locked if there is a passphrase. */
export async function lockedCustomerKey({ key }: CustomerKey, passphrase: string): Promise<string> {
  return lock(key.write(), passphrase);
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

async function readSecret(given: string | Uint8Array, passphrase?: string): Promise<PrivateKey> {
  try {
    const config = openpgpConfig;
    const key = await (typeof given === "string"
      ? readPrivateKey({ armoredKey: given, config })
      : readPrivateKey({ binaryKey: given, config }));
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
