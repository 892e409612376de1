/**
 * What the offline root key signs (docs/spec/exchange.md §1): the exchange's certificate, when it
 * is founded and at each rotation of its operating keys.
 *
 * A certificate has at most 16 subkeys: the newest signing and encryption subkey; those encryption
 * subkeys that end within their time of grace; and retired signing subkeys, whose secrets are gone
 * and whose signatures go on being good. A compromised subkey is revoked, whatever it signed. Both
 * versions of the certificate are made by the same code; each names the other in a notation.
 */
import { ed25519Of, randomBytes } from "#primitives";
import {
  armor,
  decryptKey,
  encryptKey,
  enums,
  readKey,
  readPrivateKey,
  SecretKeyPacket,
  type PrivateKey,
  type PublicKey,
  type Subkey,
} from "openpgp";
import { assert } from "../codec/assert.ts";
import { concat, fromAscii } from "../codec/bytes.ts";
import type { Time } from "../codec/time.ts";
import { judgedAt } from "./certificate.ts";
import { keyFlags, preferences, type KeyPart } from "./certify.ts";
import { form4, form6, type Form } from "./form.ts";
import { readPackets, tags, writeNumber, writePacket } from "./packets.ts";
import { certificatePacketsMax, openpgpConfig, subkeysMax } from "./policy.ts";
import { signatureTypes, subpackets, writeSubpacket, type Signer } from "./signature.ts";

const userId = "Signet exchange";

/** The notation by which a certificate of one version names the other, by its fingerprint. */
export const namingNotation = {
  4: "v6-certificate@signet.log",
  6: "v4-certificate@signet.log",
} as const;

/** A root key, unlocked. */
export type Root = {
  readonly form: Form;
  readonly part: KeyPart;
  readonly signer: Signer;
};

/** A fresh root key. */
export function makeRoot(form: Form, created: Time): Root {
  const seed = randomBytes(32);
  const part = form.signingPart(seed, created);
  return { form, part, signer: signerOf(part, seed) };
}

function signerOf({ fingerprint }: KeyPart, seed: Uint8Array): Signer {
  return { fingerprint, sign: ed25519Of(seed).sign };
}

/** A root key from its file. Throws if it is none, or the passphrase is another. */
export async function readRoot(armored: string, passphrase: string): Promise<Root> {
  const { keyPacket } = await unlocked(armored, passphrase);
  const params = "privateParams" in keyPacket ? keyPacket.privateParams : null;
  const seed: unknown = Object.entries(params ?? {}).find(([name]) => name === "seed")?.[1];
  const form = keyPacket.version === 6 ? form6 : form4;
  if (!(seed instanceof Uint8Array) || seed.length !== 32) {
    throw new Error("couldn't read the root key: its secret is not in the file, or not Ed25519");
  }
  const part = form.signingPart(seed, keyPacket.created.getTime());
  assert(part.fingerprint === keyPacket.getFingerprint(), "the key of this seed is the one read");
  return { form, part, signer: signerOf(part, seed) };
}

async function unlocked(armored: string, passphrase: string): Promise<PrivateKey> {
  let privateKey: PrivateKey;
  try {
    privateKey = await readPrivateKey({ armoredKey: armored, config: openpgpConfig });
  } catch (cause) {
    throw new Error("couldn't read the root key: it is not an armored secret key", { cause });
  }
  if (privateKey.keyPacket.isDecrypted() === true) return privateKey;
  try {
    return await decryptKey({ privateKey, passphrase, config: openpgpConfig });
  } catch (cause) {
    throw new Error("couldn't open the root key: another passphrase", { cause });
  }
}

/** The root key's file: the primary key alone, under a passphrase if it is not empty. */
export async function writeRoot(root: Root, at: Time, passphrase: string): Promise<string> {
  const packets = [
    writePacket(tags.secretKey, root.part.secretBody),
    ...selfSignatures(root, { at, other: undefined }),
  ];
  const binary = concat(packets);
  if (passphrase === "") return armored(enums.armor.privateKey, binary);
  const privateKey = await readPrivateKey({ binaryKey: binary, config: openpgpConfig });
  const locked = await encryptKey({ privateKey, passphrase, config: openpgpConfig });
  return locked.armor(openpgpConfig);
}

function armored(type: enums.armor, binary: Uint8Array): string {
  return armor(type, binary, undefined, undefined, undefined, true, openpgpConfig);
}

/** What a ceremony is to make. */
export type Ceremony = {
  readonly at: Time;
  /** The fingerprint of the certificate of the other version, once there is one. */
  readonly other: string | undefined;
  /** The certificate so far; without one, the exchange is being founded. */
  readonly before?: PublicKey;
  /** How long letters sealed to the encryption subkey that was newest still open, milliseconds. */
  readonly grace: number;
  /** The subkeys in use so far are revoked: others may have their secrets. */
  readonly compromised: boolean;
};

/** The certificate after a ceremony, and the secrets of its newest subkeys, without the root's. */
export type Certified = { readonly certificate: string; readonly operatingSecret: string };

/** Makes new operating keys and has the root key sign the certificate with them. */
export async function certifyOperating(root: Root, ceremony: Ceremony): Promise<Certified> {
  const { form } = root;
  const { at } = ceremony;
  const seed = randomBytes(32);
  const signing = form.signingPart(seed, at);
  const encryption = form.encryptionPart(randomBytes(32), at);
  const back = signed(root, signatureTypes.primaryKeyBinding, at, {
    signer: signerOf(signing, seed),
    over: [signing],
  });
  const bindings = [
    bind(root, { part: signing, flags: keyFlags.sign, at, back }),
    bind(root, { part: encryption, flags: keyFlags.encrypt, at }),
  ];
  const self = selfSignatures(root, ceremony);
  const [signs, seals] = bindings.map((body) => writePacket(tags.signature, body));
  assert(signs !== undefined && seals !== undefined, "each new subkey has its binding");
  const certificate = concat([
    writePacket(tags.publicKey, root.part.body),
    ...self,
    ...(await kept(root, ceremony)),
    writePacket(tags.publicSubkey, signing.body),
    signs,
    writePacket(tags.publicSubkey, encryption.body),
    seals,
  ]);
  const secret = concat([
    writePacket(tags.secretKey, root.part.secretBody),
    ...self,
    writePacket(tags.secretSubkey, signing.secretBody),
    signs,
    writePacket(tags.secretSubkey, encryption.secretBody),
    seals,
  ]);
  return {
    certificate: armored(enums.armor.publicKey, certificate),
    operatingSecret: await withoutRoot(secret),
  };
}

async function withoutRoot(binary: Uint8Array): Promise<string> {
  const key = await readPrivateKey({ binaryKey: binary, config: openpgpConfig });
  const primary = key.keyPacket;
  assert(primary instanceof SecretKeyPacket, "a secret key was made");
  primary.makeDummy(openpgpConfig);
  return key.armor(openpgpConfig);
}

/** The packets between a primary key and its subkeys. */
function selfSignatures(
  root: Root,
  { at, other }: { readonly at: Time; readonly other: string | undefined },
): readonly Uint8Array[] {
  const { form } = root;
  const name = new TextEncoder().encode(userId);
  const over = concat([new Uint8Array([0xb4]), writeNumber(name.length, 4), name]);
  const names = other === undefined ? [] : [notation(namingNotation[form.version], other)];
  const isOld = form.version === 4;
  const features = writeSubpacket(subpackets.features, new Uint8Array([isOld ? 0x01 : 0x09]));
  const about = [...preferences(keyFlags.certify), features, ...names];
  const packets = [writePacket(tags.userId, name)];
  if (isOld) {
    const body = signed(root, signatureTypes.positiveCertification, at, { over, hashed: about });
    return [...packets, writePacket(tags.signature, body)];
  }
  // AES-256 in OCB, then GCM (RFC 9580 §5.2.3.15).
  const suites = writeSubpacket(subpackets.cipherSuites, new Uint8Array([9, 2, 9, 3]));
  const direct = signed(root, signatureTypes.directKey, at, {
    over: [],
    hashed: [...about.filter((_, i) => i !== primaryUserIdAt), suites],
  });
  const primaryName = writeSubpacket(subpackets.primaryUserId, new Uint8Array([1]));
  const body = signed(root, signatureTypes.positiveCertification, at, {
    over,
    hashed: [primaryName, ...names],
  });
  return [writePacket(tags.signature, direct), ...packets, writePacket(tags.signature, body)];
}

/** Where `preferences` says that the user id is the first one, which is no matter of the key. */
const primaryUserIdAt = 5;

function notation(name: string, value: string): Uint8Array {
  const [named, said] = [fromAscii(name), fromAscii(value)];
  const lengths = [writeNumber(named.length, 2), writeNumber(said.length, 2)];
  const readable = new Uint8Array([0x80, 0, 0, 0]);
  return writeSubpacket(subpackets.notation, concat([readable, ...lengths, named, said]));
}

/** A signature, by the root if no other signer is given, over the root and what follows it. */
function signed(
  { form, part, signer: root }: Root,
  type: number,
  at: Time,
  more: {
    readonly over: Uint8Array | readonly Pick<KeyPart, "body">[];
    readonly hashed?: readonly Uint8Array[];
    readonly signer?: Signer;
  },
): Uint8Array {
  const { over, hashed = [], signer = root } = more;
  const rest =
    over instanceof Uint8Array ? over : concat(over.map(({ body }) => form.covered(body)));
  const data = concat([form.covered(part.body), rest]);
  return form.sign({ signer, type, created: at, hashed, data });
}

type Binding = {
  readonly part: Pick<KeyPart, "body">;
  readonly flags: number;
  readonly at: Time;
  /** The signing subkey's own signature over the pair. */
  readonly back?: Uint8Array;
  /** Seconds after its creation at which the subkey ends. */
  readonly life?: number;
};

function bind(root: Root, { part, flags, at, back, life }: Binding): Uint8Array {
  const hashed = [
    writeSubpacket(subpackets.keyFlags, new Uint8Array([flags]), true),
    ...(life === undefined ? [] : [writeSubpacket(subpackets.keyExpires, writeNumber(life, 4))]),
    ...(back === undefined ? [] : [writeSubpacket(subpackets.embedded, back)]),
  ];
  return signed(root, signatureTypes.subkeyBinding, at, { over: [part], hashed });
}

/** The earlier subkeys as the new certificate has them, oldest first. */
async function kept(root: Root, ceremony: Ceremony): Promise<readonly Uint8Array[]> {
  const { before, at, compromised } = ceremony;
  const subkeys = before?.subkeys.toSorted((a, b) => createdAt(a) - createdAt(b)) ?? [];
  const bound: Subkey[] = [];
  for (const subkey of subkeys) {
    // A certificate from elsewhere may hold anything: the root signs nothing that it had not bound.
    if (await isBound(subkey, at)) bound.push(subkey);
  }
  const sealing = bound.filter((subkey) => !maySign(subkey));
  const signing = subkeys.filter(maySign);
  const inUse = bound.findLast(maySign);
  const room = subkeysMax - 2 - sealing.length;
  if (room < 1) throw new Error("couldn't rotate: too many subkeys are in their time of grace");
  return [
    ...signing.slice(-room).flatMap((subkey) => {
      const isRevoked = compromised && subkey === inUse;
      return packetsOf(root, subkey, isRevoked ? at : undefined);
    }),
    ...sealing.flatMap((subkey) => ended(root, subkey, ceremony)),
  ];
}

/** Whether the primary key has bound it, and it has neither ended nor been revoked. */
async function isBound(subkey: Subkey, at: Time): Promise<boolean> {
  try {
    await subkey.verify(judgedAt(subkey.mainKey, at), openpgpConfig);
    return true;
  } catch {
    return false;
  }
}

/** An encryption subkey that was in use ends with the time of grace; earlier ones ended sooner. */
function ended(root: Root, subkey: Subkey, ceremony: Ceremony): readonly Uint8Array[] {
  const { at, grace, compromised } = ceremony;
  const body = subkey.keyPacket.write();
  const end = Math.min(endOf(subkey), at + grace);
  const life = Math.ceil((end - createdAt(subkey)) / 1000);
  const binding = bind(root, { part: { body }, flags: keyFlags.encrypt, at, life });
  return [
    writePacket(tags.publicSubkey, body),
    ...(compromised ? [revocation(root, body, at)] : []),
    writePacket(tags.signature, binding),
  ];
}

/** A subkey's packets as they are; revoked, if `revokedAt` is given. */
function packetsOf(root: Root, subkey: Subkey, revokedAt: Time | undefined): readonly Uint8Array[] {
  const body = subkey.keyPacket.write();
  const signatures = [...subkey.revocationSignatures, ...subkey.bindingSignatures];
  return [
    writePacket(tags.publicSubkey, body),
    ...(revokedAt === undefined ? [] : [revocation(root, body, revokedAt)]),
    ...signatures.map((signature) => writePacket(tags.signature, signature.write())),
  ];
}

/** Reason 2, compromised: what the subkey signed is worth nothing, whenever it says it was. */
function revocation(root: Root, body: Uint8Array, at: Time): Uint8Array {
  const reason = writeSubpacket(subpackets.reason, new Uint8Array([2]));
  const over = [{ body }];
  const made = signed(root, signatureTypes.subkeyRevocation, at, { over, hashed: [reason] });
  return writePacket(tags.signature, made);
}

function createdAt(subkey: Subkey): number {
  return subkey.keyPacket.created.getTime();
}

function maySign({ bindingSignatures }: Subkey): boolean {
  return bindingSignatures.some(({ keyFlags: flags }) => ((flags?.[0] ?? 0) & keyFlags.sign) !== 0);
}

/** When a subkey ends, by its newest binding; milliseconds since 1970. */
function endOf(subkey: Subkey): number {
  const [newest] = subkey.bindingSignatures.toSorted(
    (a, b) => (b.created?.getTime() ?? 0) - (a.created?.getTime() ?? 0),
  );
  const life = newest?.keyExpirationTime ?? 0;
  return life === 0 ? Number.POSITIVE_INFINITY : createdAt(subkey) + life * 1000;
}

/** The island's secrets of one certificate, and how many decryption keys were left out of them. */
export type Under = { readonly secret: string; readonly left: number };

/**
 * The island's keys under a certificate: of all the secrets that are given, those of the newest
 * signing subkey and of every encryption subkey that has not ended. The others are left out, and
 * with the old file they are gone. `undefined` if the signing secret is not among them.
 */
export async function operatingUnder(
  certificate: string,
  secrets: readonly string[],
  at: Time,
): Promise<Under | undefined> {
  const now = await readKey({ armoredKey: certificate, config: openpgpConfig });
  const ours = now.getFingerprint();
  const keys = await Promise.all(
    secrets.map((armoredKey) => readPrivateKey({ armoredKey, config: openpgpConfig })),
  );
  const [first] = keys;
  if (first === undefined || keys.some((key) => key.getFingerprint() !== ours)) {
    throw new Error("couldn't put the operating keys together: they are of another exchange");
  }
  const signing = newestSigning(now);
  const given = new Map(
    keys.flatMap((key) => key.subkeys.map((one) => [one.getFingerprint(), one] as const)),
  );
  if (signing === undefined || !given.has(signing.getFingerprint())) return undefined;
  const parts: Uint8Array[] = [];
  let taken = 0;
  for (const subkey of now.subkeys) {
    const secret = given.get(subkey.getFingerprint());
    const isWanted = subkey === signing || (!maySign(subkey) && endOf(subkey) > at);
    if (secret === undefined || !isWanted) continue;
    if (subkey !== signing) taken += 1;
    parts.push(writePacket(tags.secretSubkey, secret.keyPacket.write()));
    for (const one of subkey.bindingSignatures) {
      parts.push(writePacket(tags.signature, one.write()));
    }
  }
  const all = [...selfPacketsOf(first, now), ...parts];
  const opening = [...given.values()].filter((subkey) => !maySign(subkey)).length;
  return { secret: armored(enums.armor.privateKey, concat(all)), left: opening - taken };
}

/** The fingerprint of the subkey that signs for a certificate: the newest; armored. */
export async function signingSubkeyOf(certificate: string): Promise<string | undefined> {
  const key = await readKey({ armoredKey: certificate, config: openpgpConfig });
  return newestSigning(key)?.getFingerprint();
}

/** Whether a certificate goes on from an earlier one: it has the subkey that signed then. */
export async function goesOnFrom(certificate: string, earlier: string): Promise<boolean> {
  const now = await readKey({ armoredKey: certificate, config: openpgpConfig });
  const signing = await signingSubkeyOf(earlier);
  return now.subkeys.some((subkey) => subkey.getFingerprint() === signing);
}

function newestSigning({ subkeys }: PublicKey): Subkey | undefined {
  return subkeys.filter(maySign).sort((a, b) => createdAt(b) - createdAt(a))[0];
}

/** Whether a root key's file asks for a passphrase. */
export async function isLocked(armoredKey: string): Promise<boolean> {
  const key = await readPrivateKey({ armoredKey, config: openpgpConfig });
  return key.keyPacket.isDecrypted() === false;
}

/** The primary key without its secret, then what the certificate says of itself. */
function selfPacketsOf(secret: PrivateKey, certificate: PublicKey): readonly Uint8Array[] {
  const packets = readPackets(certificate.write(), certificatePacketsMax);
  assert(packets !== undefined, "what OpenPGP.js writes are packets");
  const end = packets.findIndex(({ tag }) => tag === tags.publicSubkey);
  const self = packets.slice(1, end === -1 ? undefined : end);
  return [
    writePacket(tags.secretKey, secret.keyPacket.write()),
    ...self.map(({ tag, body }) => writePacket(tag, body)),
  ];
}
