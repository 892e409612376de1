/**
 * A stage for the attacks: an exchange, customers, and every part of a message by hand.
 *
 * `sealLetter` can only make good letters. Here a letter is taken apart into its packets and put
 * together again in any order, with signatures that say what no honest tool would. Keys come from
 * fixed seeds and all times are counted from `now`, so that a failure is the same tomorrow.
 */
import { ed25519Of } from "#primitives";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { encryptSessionKey, readKey, type PrivateKey, type PublicKey } from "openpgp";
import { concat, fromAscii, fromHex, toHex } from "../../codec/bytes.ts";
import { time, type Time } from "../../codec/time.ts";
import { readRegisteredCertificate, type Certificate } from "../certificate.ts";
import { openByPath } from "../fast/paths.ts";
import {
  customerKeyFromSeed,
  makeExchangeKeys,
  readCustomerKey,
  readExchangeCertificate,
  readOperatingKeys,
  type CustomerKey,
  type ExchangeCertificate,
  type OperatingKeys,
} from "../keys.ts";
import { openLetter, type Opened, type OpenOptions } from "../open.ts";
import { tags, writeMpi, writeNumber, writePacket } from "../packets.ts";
import { openpgpConfig } from "../policy.ts";
import { sealContent } from "../seipd.ts";
import { subpackets, writeSubpacket } from "../signature.ts";

/** When the tests take place. */
export const now = time(Date.UTC(2026, 10, 21, 12));
export const minutes = 60_000;
export const days = 86_400_000;

/** What an honest customer would write, as far as src/seal cares. */
export const text =
  "signet/1 0000000000000000000000000000000000000000\nby 2026-11-21T12:30:00Z\nSTAT\n";

export type Exchange = {
  readonly keys: OperatingKeys;
  readonly certificate: ExchangeCertificate;
  /** The version 6 certificate. */
  readonly second: PublicKey;
};

/** A new exchange. */
export async function newExchange(at: Time = time(now - days)): Promise<Exchange> {
  const made = await makeExchangeKeys({ at });
  const read = await readExchangeCertificate(made.certificate, made.fingerprint, at);
  if (!read.ok) throw new Error(`couldn't make an exchange: ${read.detail}`);
  const keys = await readOperatingKeys(made.operatingSecret, made.v6.operatingSecret);
  const second = await readKey({ armoredKey: made.v6.certificate, config: openpgpConfig });
  return { keys, certificate: read.value, second };
}

export type Customer = { readonly key: CustomerKey; readonly certificate: Certificate };

/** The customer of a seed of 32 equal bytes. */
export async function newCustomer(userId: string, seed: number): Promise<Customer> {
  const made = await customerKeyFromSeed(new Uint8Array(32).fill(seed), { userId });
  return {
    key: await readCustomerKey(made.secret),
    certificate: await readRegisteredCertificate(made.certificate),
  };
}

/** A customer with a key of OpenPGP.js. */
export async function customerOf(key: PrivateKey, passed?: PublicKey): Promise<Customer> {
  const certificate = await readRegisteredCertificate((passed ?? key.toPublic()).write());
  return { key: { fingerprint: certificate.fingerprint, key }, certificate };
}

/** What an attack is tried with: who is registered, what the letter would register, and when. */
export type Scene = {
  readonly registered: readonly Pick<Customer, "certificate">[];
  readonly registering?: Uint8Array;
  readonly at?: Time;
};

/** One way of opening letters. */
export type Path = {
  readonly name: "reference" | "fast";
  readonly open: (sealed: Uint8Array, exchange: Exchange, scene: Scene) => Promise<Opened>;
};

/** Every way of opening letters that there is: each attack is tried on all of them. */
export const paths: readonly Path[] = [
  { name: "reference", open: (...tried) => openBy(openLetter, ...tried) },
  { name: "fast", open: (...tried) => openBy(openByPath, ...tried) },
];

function openBy(
  path: (sealed: Uint8Array, options: OpenOptions) => Promise<Opened>,
  sealed: Uint8Array,
  exchange: Exchange,
  { registered, registering, at = now }: Scene,
): Promise<Opened> {
  return path(sealed, {
    keys: exchange.keys,
    at,
    certificateOf: (keyId) =>
      registered.find(({ certificate }) => certificate.keyIds.includes(keyId))?.certificate,
    registrationIn: () => registering,
  });
}

/**
 * What the island does with a letter, when these customers are registered: by every path, and all
 * of them must say the same.
 */
export async function open(sealed: Uint8Array, exchange: Exchange, scene: Scene): Promise<Opened> {
  const [first, ...others] = await Promise.all(
    paths.map(async (path) => ({ path, opened: await path.open(sealed, exchange, scene) })),
  );
  assert.ok(first);
  for (const { path, opened } of others) {
    assert.deepEqual(said(opened), said(first.opened), `${path.name} against ${first.path.name}`);
  }
  return first.opened;
}

/** What an outcome says to anyone but the operator. */
export function said(opened: Opened): object {
  if (opened.kind === "unopenable") return { kind: opened.kind };
  const { kind, signer, text } = opened;
  if (kind === "refused") return { kind, signer, text, name: opened.name };
  return { kind, signer, text, evidence: toHex(opened.evidence) };
}

/** The kind of an outcome, or the name of its refusal. */
export function outcomeOf(opened: Opened): string {
  return opened.kind === "refused" ? opened.name : opened.kind;
}

/** An attack: what it is, the message, and what must become of it. */
export type Attack = readonly [label: string, sealed: Uint8Array, outcome: string];

/** Tries each; what opens must be the ordinary letter, and nothing may be thrown. */
export async function tryAll(
  attacks: readonly Attack[],
  exchange: Exchange,
  scene: Scene,
): Promise<void> {
  for (const [label, sealed, outcome] of attacks) {
    const opened = await open(sealed, exchange, scene);
    const why = opened.kind === "unopenable" ? opened.why : "";
    assert.equal(outcomeOf(opened), outcome, `${label}: ${why}`);
    if (opened.kind === "opened") assert.equal(opened.text, text, label);
  }
}

/** A message around any content, for one or more recipients. */
export async function sealFor(
  content: Uint8Array,
  recipients: readonly PublicKey[],
  wildcard = false,
): Promise<Uint8Array> {
  const { packet, key } = sealContent(content);
  return concat([await sessionKeys(key, recipients, wildcard), packet]);
}

/** The session-key packets alone. */
export async function sessionKeys(
  data: Uint8Array,
  recipients: readonly PublicKey[],
  wildcard = false,
): Promise<Uint8Array> {
  const encryptionKeys = [...recipients];
  const date = new Date(now);
  const format = "binary";
  return encryptSessionKey({ data, algorithm: "aes256", encryptionKeys, wildcard, date, format });
}

/** A literal packet as GnuPG would write it. */
export function literal(content: string): Uint8Array {
  const head = concat([fromAscii("b"), new Uint8Array(1), writeNumber(0, 4)]);
  return writePacket(tags.literal, concat([head, fromAscii(content)]));
}

export type Forgery = {
  readonly by: CustomerKey;
  readonly over?: string;
  readonly type?: number;
  readonly created?: number;
  readonly hash?: "sha1" | "sha224" | "sha256" | "sha512";
  readonly hashed?: readonly Uint8Array[];
  readonly unhashed?: readonly Uint8Array[];
  /** 40 hex digits; the signer's own otherwise. */
  readonly issuerFingerprint?: string;
  readonly last?: boolean;
};

/** The one-pass header and the signature of a primary Ed25519 key, saying whatever is asked. */
export function forge(forgery: Forgery): {
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
} {
  const { by, over = text, type = 0, created = now, hash = "sha512", last = true } = forgery;
  const { hashed = [], unhashed = [], issuerFingerprint = by.fingerprint } = forgery;
  const hashId = { sha1: 2, sha224: 11, sha256: 8, sha512: 10 }[hash];
  const area = concat([
    writeSubpacket(subpackets.created, writeNumber(Math.floor(created / 1000), 4), true),
    writeSubpacket(
      subpackets.issuerFingerprint,
      concat([new Uint8Array([4]), hex(issuerFingerprint)]),
    ),
    ...hashed,
  ]);
  const start = concat([new Uint8Array([4, type, 22, hashId]), writeNumber(area.length, 2), area]);
  const trailer = concat([new Uint8Array([4, 0xff]), writeNumber(start.length, 4)]);
  const digest = createHash(hash).update(fromAscii(over)).update(start).update(trailer).digest();
  const made = ed25519Of(seedOf(by.key)).sign(digest);
  const keyId = hex(by.fingerprint.slice(24));
  const open = concat([writeSubpacket(subpackets.issuer, keyId), ...unhashed]);
  const signature = concat([
    start,
    writeNumber(open.length, 2),
    open,
    digest.subarray(0, 2),
    writeMpi(made.subarray(0, 32)),
    writeMpi(made.subarray(32)),
  ]);
  const head = new Uint8Array([3, type, hashId, 22, ...keyId, last ? 1 : 0]);
  return {
    head: writePacket(tags.onePass, head),
    signature: writePacket(tags.signature, signature),
  };
}

/** Head, literal, signature: the content of an ordinary letter. */
export function content(forgery: Forgery): Uint8Array {
  const { head, signature } = forge(forgery);
  return concat([head, literal(forgery.over ?? text), signature]);
}

export function hex(digits: string): Uint8Array {
  const bytes = fromHex(digits);
  if (bytes === undefined) throw new Error("couldn't read hex digits");
  return bytes;
}

/** The seed of a primary Ed25519 key. */
export function seedOf(key: PrivateKey): Uint8Array {
  const params = "privateParams" in key.keyPacket ? key.keyPacket.privateParams : null;
  const seed: unknown = Object.entries(params ?? {}).find(([name]) => name === "seed")?.[1];
  if (!(seed instanceof Uint8Array)) throw new Error("couldn't find the seed of a key");
  return seed;
}
