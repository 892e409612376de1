/**
 * The sealed message by hand (RFC 9580 §5.1, §5.13, §11.5): the session-key packets of versions 3
 * and 6 to Curve25519, and both versions of the sealed packet, with every field open to a lie.
 *
 * Written from the document and over `node:crypto` alone, so that it shares nothing with the code
 * it attacks but the writers of lengths and packets. Without any lie it makes what an honest
 * sender makes; tests begin by showing that.
 */
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import type { Key, PublicKey, Subkey } from "openpgp";
import { concat, fromAscii, fromHex } from "../../codec/bytes.ts";
import { tags, writeMpi, writeNumber, writePacket } from "../packets.ts";

/** A key that messages are sealed to: Curve25519 as ECDH (18) or X25519 (25). */
export type Target = {
  /** 40 or 64 hex digits, of the subkey. */
  readonly fingerprint: string;
  readonly point: Uint8Array;
  readonly algorithm: 18 | 25;
};

/** The newest Curve25519 key of a certificate that encrypts. */
export function targetOf(key: PublicKey): Target {
  const found = key.subkeys.map(targetOfPart).findLast((target) => target !== undefined);
  if (found === undefined) throw new Error("couldn't find a Curve25519 key");
  return found;
}

function targetOfPart(part: Key | Subkey): Target | undefined {
  const { algorithm } = part.getAlgorithmInfo();
  const params = new Map<string, unknown>(Object.entries(part.keyPacket.publicParams));
  const fingerprint = part.getFingerprint();
  const [modern, legacy] = [params.get("A"), params.get("Q")];
  if (algorithm === "x25519" && modern instanceof Uint8Array) {
    return { fingerprint, point: modern, algorithm: 25 };
  }
  if (algorithm === "ecdh" && legacy instanceof Uint8Array && legacy.length === 33) {
    return { fingerprint, point: legacy.subarray(1), algorithm: 18 };
  }
  return undefined;
}

/** What a session-key packet may lie about; an honest one without any. */
export type WrapLies = {
  /** The symmetric algorithm named beside the key: 9 is AES-256. */
  readonly cipher?: number;
  /** 16 hex digits; zeros for a hidden recipient. */
  readonly keyId?: string;
  readonly checksum?: (sum: number) => number;
  /** What is wrapped, padding included. */
  readonly padded?: (plain: Uint8Array) => Uint8Array;
  readonly wrapped?: (bytes: Uint8Array) => Uint8Array;
  /** In place of the sender's own: 32 bytes. The shared secret is then `shared` or zeros. */
  readonly ephemeral?: Uint8Array;
  readonly shared?: Uint8Array;
  /** The fingerprint in the derivation of the wrapping key. */
  readonly derivedFor?: string;
  /** The bit count of the point's MPI. */
  readonly bits?: number;
  /** The octet before the point. */
  readonly form?: number;
  /** The octet that counts the wrapped bytes. */
  readonly count?: number;
  readonly algorithm?: number;
  readonly version?: number;
  readonly body?: (body: Uint8Array) => Uint8Array;
};

/** One session-key packet for a key, of version 3, or 6 beside version 2 of the sealed packet. */
export function wrap(
  sessionKey: Uint8Array,
  target: Target,
  lies: WrapLies = {},
  version: 3 | 6 = 3,
): Uint8Array {
  const head = version === 3 ? headOf3(target, lies) : headOf6(target, lies);
  const ephemeral = privateX25519(randomBytes(32));
  const sent = lies.ephemeral ?? rawPublic(ephemeral);
  const shared =
    lies.ephemeral === undefined
      ? diffieHellman({ privateKey: ephemeral, publicKey: publicX25519(target.point) })
      : (lies.shared ?? new Uint8Array(32));
  const algorithm = new Uint8Array([lies.algorithm ?? target.algorithm]);
  const fields =
    target.algorithm === 18
      ? ecdhFields(sessionKey, { target, lies, sent, shared, version })
      : x25519Fields(sessionKey, { target, lies, sent, shared, version });
  const body = concat([head, algorithm, ...fields]);
  return writePacket(tags.sessionKey, lies.body?.(body) ?? body);
}

function headOf3(target: Target, lies: WrapLies): Uint8Array {
  const v4 = target.fingerprint.length === 40;
  const keyId = v4 ? target.fingerprint.slice(24) : target.fingerprint.slice(0, 16);
  return concat([new Uint8Array([lies.version ?? 3]), bytesOf(lies.keyId ?? keyId)]);
}

function headOf6(target: Target, lies: WrapLies): Uint8Array {
  const version = lies.version ?? 6;
  if (lies.keyId !== undefined) return new Uint8Array([version, 0]);
  const print = bytesOf(target.fingerprint);
  const keyVersion = print.length === 20 ? 4 : 6;
  return concat([new Uint8Array([version, 1 + print.length, keyVersion]), print]);
}

type Wrapping = {
  readonly target: Target;
  readonly lies: WrapLies;
  readonly sent: Uint8Array;
  readonly shared: Uint8Array;
  readonly version: 3 | 6;
};

function ecdhFields(sessionKey: Uint8Array, wrapping: Wrapping): readonly Uint8Array[] {
  const { target, lies, sent, shared, version } = wrapping;
  const sum = sessionKey.reduce((total, byte) => (total + byte) & 0xffff, 0);
  const checksum = writeNumber((lies.checksum?.(sum) ?? sum) & 0xffff, 2);
  const cipher = version === 3 ? [lies.cipher ?? 9] : [];
  const plain = concat([new Uint8Array(cipher), sessionKey, checksum]);
  const pad = 8 - (plain.length % 8);
  const padded = concat([plain, new Uint8Array(pad).fill(pad)]);
  const oid = [10, 0x2b, 6, 1, 4, 1, 0x97, 0x55, 1, 5, 1];
  const param = concat([
    new Uint8Array([...oid, 18, 3, 1, 8, 7]),
    fromAscii("Anonymous Sender    "),
    bytesOf(lies.derivedFor ?? target.fingerprint),
  ]);
  const kek = createHash("sha256")
    .update(new Uint8Array([0, 0, 0, 1]))
    .update(shared)
    .update(param)
    .digest()
    .subarray(0, 16);
  const esk = wrapAes(kek, lies.padded?.(padded) ?? padded, lies);
  const point = concat([new Uint8Array([lies.form ?? 0x40]), sent]);
  const mpi = lies.bits === undefined ? writeMpi(point) : concat([bits(lies.bits), point]);
  return [mpi, new Uint8Array([(lies.count ?? esk.length) & 0xff]), esk];
}

function x25519Fields(sessionKey: Uint8Array, wrapping: Wrapping): readonly Uint8Array[] {
  const { target, lies, sent, shared, version } = wrapping;
  const secret = concat([sent, target.point, shared]);
  const info = fromAscii("OpenPGP X25519");
  const kek = new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), info, 16));
  const esk = wrapAes(kek, lies.padded?.(sessionKey) ?? sessionKey, lies);
  const named = version === 3 ? concat([new Uint8Array([lies.cipher ?? 9]), esk]) : esk;
  return [sent, new Uint8Array([(lies.count ?? named.length) & 0xff]), named];
}

function bits(count: number): Uint8Array {
  return writeNumber(count & 0xffff, 2);
}

/** RFC 3394. */
function wrapAes(kek: Uint8Array, plain: Uint8Array, lies: WrapLies): Uint8Array {
  const iv = new Uint8Array(8).fill(0xa6);
  const made = new Uint8Array(createCipheriv("id-aes128-wrap", kek, iv).update(plain));
  return lies.wrapped?.(made) ?? made;
}

/** What a sealed packet of version 1 may lie about. */
export type SealLies = {
  readonly version?: number;
  /** The two octets that repeat the end of the random ones. */
  readonly repeated?: (two: Uint8Array) => Uint8Array;
  readonly codeHeader?: Uint8Array;
  readonly code?: (digest: Uint8Array) => Uint8Array;
  readonly body?: (body: Uint8Array) => Uint8Array;
};

/** The body of a sealed packet, version 1. */
export function seal1(content: Uint8Array, key: Uint8Array, lies: SealLies = {}): Uint8Array {
  const random = randomBytes(16);
  const two = random.subarray(14);
  const header = lies.codeHeader ?? new Uint8Array([0xd3, 0x14]);
  const plain = concat([random, lies.repeated?.(two) ?? two, content, header]);
  const digest = createHash("sha1").update(plain).digest();
  const whole = concat([plain, lies.code?.(digest) ?? digest]);
  const cipher = createCipheriv(`aes-${8 * key.length}-cfb`, key, new Uint8Array(16));
  const body = concat([new Uint8Array([lies.version ?? 1]), cipher.update(whole)]);
  return lies.body?.(body) ?? body;
}

/** What a sealed packet of version 2 may lie about. */
export type AeadLies = {
  /** 1 EAX, 2 OCB, 3 GCM. What is said, if it is not what was done. */
  readonly aead?: 2 | 3;
  readonly saysAead?: number;
  readonly saysCipher?: number;
  readonly chunk?: number;
  readonly saysChunk?: number;
  /** Each with its tag. */
  readonly chunks?: (list: readonly Uint8Array[]) => readonly Uint8Array[];
  readonly final?: (tag: Uint8Array) => Uint8Array;
  readonly total?: (octets: number) => number;
  readonly body?: (body: Uint8Array) => Uint8Array;
};

/** The body of a sealed packet, version 2, with AES. */
export function seal2(content: Uint8Array, key: Uint8Array, lies: AeadLies = {}): Uint8Array {
  const { aead = 2, chunk = 6 } = lies;
  const cipher = new Map([
    [16, 7],
    [24, 8],
    [32, 9],
  ]).get(key.length);
  const said = [2, lies.saysCipher ?? cipher ?? 9, lies.saysAead ?? aead, lies.saysChunk ?? chunk];
  const info = new Uint8Array([0xd2, ...said]);
  const salt = randomBytes(32);
  const nonceLength = aead === 2 ? 15 : 12;
  const made = hkdf(key, salt, info, key.length + nonceLength - 8);
  const iv = made.subarray(key.length);
  const name = `aes-${8 * key.length}-${aead === 2 ? "ocb" : "gcm"}`;
  const sealChunk = (plain: Uint8Array, index: number, data: Uint8Array): Uint8Array => {
    const nonce = concat([iv, writeNumber(index, 8)]);
    return oneChunk({ name, key: made.subarray(0, key.length), nonce, data }, plain);
  };
  const size = 2 ** (chunk + 6);
  const chunks: Uint8Array[] = [];
  for (let i = 0; i * size < content.length; i += 1) {
    chunks.push(sealChunk(content.subarray(i * size, (i + 1) * size), i, info));
  }
  const total = lies.total?.(content.length) ?? content.length;
  const data = concat([info, writeNumber(total, 8)]);
  const final = sealChunk(new Uint8Array(0), chunks.length, data);
  const body = concat([
    new Uint8Array(said),
    salt,
    ...(lies.chunks?.(chunks) ?? chunks),
    lies.final?.(final) ?? final,
  ]);
  return lies.body?.(body) ?? body;
}

type Aead = {
  readonly name: string;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly data: Uint8Array;
};

function oneChunk({ name, key, nonce, data }: Aead, plain: Uint8Array): Uint8Array {
  const length = { authTagLength: 16, plaintextLength: plain.length };
  const ocb = name.endsWith("ocb");
  const cipher = ocb
    ? createCipheriv(ocbOf(name), key, nonce, length)
    : createCipheriv(gcmOf(name), key, nonce, length);
  cipher.setAAD(data, { plaintextLength: plain.length });
  return concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function ocbOf(name: string): "aes-128-ocb" | "aes-192-ocb" | "aes-256-ocb" {
  if (name === "aes-128-ocb" || name === "aes-192-ocb") return name;
  return "aes-256-ocb";
}

function gcmOf(name: string): "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm" {
  if (name === "aes-128-gcm" || name === "aes-192-gcm") return name;
  return "aes-256-gcm";
}

/** RFC 5869 with a salt, by hand. */
function hkdf(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const secret = createHmac("sha256", salt).update(key).digest();
  let block = new Uint8Array(0);
  const blocks: Uint8Array[] = [];
  for (let i = 1; blocks.length * 32 < length; i += 1) {
    const hmac = createHmac("sha256", secret).update(block).update(info);
    block = new Uint8Array(hmac.update(new Uint8Array([i])).digest());
    blocks.push(block);
  }
  return concat(blocks).subarray(0, length);
}

/** A whole message: one session key of 32 bytes, wrapped for one key, and version 1 or 2. */
export function message(
  content: Uint8Array,
  target: Target,
  lies: {
    readonly key?: Uint8Array;
    readonly wrap?: WrapLies;
    readonly seal?: SealLies;
    readonly aead?: AeadLies;
  } = {},
): Uint8Array {
  const { key = randomBytes(32) } = lies;
  const version = lies.aead === undefined ? 3 : 6;
  const body =
    lies.aead === undefined ? seal1(content, key, lies.seal) : seal2(content, key, lies.aead);
  return concat([wrap(key, target, lies.wrap, version), writePacket(tags.sealed, body)]);
}

function bytesOf(digits: string): Uint8Array {
  const bytes = fromHex(digits);
  if (bytes === undefined) throw new Error("couldn't read hex digits");
  return bytes;
}

function privateX25519(secret: Uint8Array): KeyObject {
  const head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20];
  const key = Buffer.from(concat([new Uint8Array(head), secret]));
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function publicX25519(point: Uint8Array): KeyObject {
  const head = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0];
  const key = Buffer.from(concat([new Uint8Array(head), point]));
  return createPublicKey({ key, format: "der", type: "spki" });
}

function rawPublic(secret: KeyObject): Uint8Array {
  const spki = createPublicKey(secret).export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(-32));
}
