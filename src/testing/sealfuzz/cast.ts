/**
 * Who writes in the fuzzer of sealed letters: customers with every kind of key that is registered,
 * some whose key has ended, and one whom nobody knows; each can sign anything.
 */
import { createPrivateKey, hash as digestOf, sign, type KeyObject } from "node:crypto";
import { enums, generateKey, readPrivateKey, revokeKey, type Key, type Subkey } from "openpgp";
import { assert } from "../../codec/assert.ts";
import { makeSecretKey } from "../../seal/certify.ts";
import {
  customerOf,
  days,
  newCustomer,
  newExchange,
  now,
  type Customer,
  type Exchange,
} from "../../seal/attacks/forge.ts";
import { writeMpi } from "../../seal/packets.ts";
import { openpgpConfig } from "../../seal/policy.ts";
import { concat } from "../../codec/bytes.ts";
import { time } from "../../codec/time.ts";

/** The hashes of RFC 9580 §9.5 that Node knows, by their number. */
export const hashNames: ReadonlyMap<number, string> = new Map([
  [1, "md5"],
  [2, "sha1"],
  [8, "sha256"],
  [9, "sha384"],
  [10, "sha512"],
  [11, "sha224"],
  [12, "sha3-256"],
  [14, "sha3-512"],
]);

/** One who writes. */
export type Writer = {
  readonly name: string;
  readonly customer: Customer;
  readonly isKnown: boolean;
  /** Whether the key may sign at `now`. */
  readonly isAlive: boolean;
  /** 40 hex digits, of the key that signs. */
  readonly fingerprint: string;
  /** RFC 9580 §9.1. */
  readonly algorithm: number;
  /** The numbers of a signature over these bytes, as its packet ends. */
  readonly sign: (data: Uint8Array, hash: number) => Uint8Array;
};

export type Cast = { readonly exchange: Exchange; readonly writers: readonly Writer[] };

const born = now - 100 * days;

/** Everybody, with fresh keys where a seed makes none. */
export async function makeCast(): Promise<Cast> {
  const exchange = await newExchange(time(born));
  const make = async (name: string, options: object, ended = false): Promise<Writer> => {
    const { privateKey } = await generateKey({
      userIDs: { name },
      date: new Date(born),
      ...options,
      format: "object",
      config: openpgpConfig,
    });
    return writer(name, await customerOf(privateKey), { isAlive: !ended });
  };
  const legacy = { type: "ecc", curve: "ed25519Legacy" } as const;
  const writers = [
    await writer("seed", await newCustomer("Alice", 1)),
    await writer("subkey", await withSubkey()),
    await make("RSA", { type: "rsa", rsaBits: 2048 }),
    await make("P-256", { type: "ecc", curve: "nistP256" }),
    await make("Ed25519", { type: "curve25519" }),
    await make("expired", { ...legacy, keyExpirationTime: (50 * days) / 1000 }, true),
    await revoked(),
    await writer("stranger", await newCustomer("Bob", 9), { isKnown: false }),
  ];
  return { exchange, writers };
}

async function withSubkey(): Promise<Customer> {
  const secret = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
  const secrets = { primary: secret(40), signing: secret(41), encryption: secret(42) };
  const made = makeSecretKey({ secrets, userId: "Bob", created: born });
  return customerOf(await readPrivateKey({ binaryKey: made.binary }));
}

async function revoked(): Promise<Writer> {
  const { privateKey } = await generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: { name: "Alice" },
    date: new Date(born),
    format: "object",
    config: openpgpConfig,
  });
  const { publicKey } = await revokeKey({
    key: privateKey,
    reasonForRevocation: { flag: enums.reasonForRevocation.keyRetired },
    date: new Date(now - 10 * days),
    format: "object",
    config: openpgpConfig,
  });
  return writer("revoked", await customerOf(privateKey, publicKey), { isAlive: false });
}

async function writer(
  name: string,
  customer: Customer,
  says: { readonly isKnown?: boolean; readonly isAlive?: boolean } = {},
): Promise<Writer> {
  const { isKnown = true, isAlive = true } = says;
  const { key } = customer.key;
  const part = await key.getSigningKey(undefined, new Date(born + 1000), undefined, openpgpConfig);
  const fingerprint = part.getFingerprint();
  return { name, customer, isKnown, isAlive, fingerprint, ...signing(part) };
}

function signing(part: Key | Subkey): Pick<Writer, "algorithm" | "sign"> {
  const { keyPacket } = part;
  const secrets = "privateParams" in keyPacket ? keyPacket.privateParams : null;
  const numbers = new Map<string, unknown>(Object.entries(keyPacket.publicParams));
  for (const [name, value] of Object.entries(secrets ?? {})) numbers.set(name, value);
  const text = (name: string): string => {
    const value = numbers.get(name);
    assert(value instanceof Uint8Array, "a key of ours has its numbers");
    return Buffer.from(value).toString("base64url");
  };
  switch (part.getAlgorithmInfo().algorithm) {
    case "rsaEncryptSign":
      return { algorithm: 1, sign: rsaSigning(text) };
    case "ecdsa":
      return { algorithm: 19, sign: ecdsaSigning(text) };
    case "ed25519": {
      const key = okp(text("seed"), text("A"));
      return { algorithm: 27, sign: (data, hash) => sign(null, digest(data, hash), key) };
    }
    default: {
      const point = Buffer.from(text("Q"), "base64url").subarray(1).toString("base64url");
      const key = okp(text("seed"), point);
      return {
        algorithm: 22,
        sign: (data, hash) => {
          const made = new Uint8Array(sign(null, digest(data, hash), key));
          return concat([writeMpi(made.subarray(0, 32)), writeMpi(made.subarray(32))]);
        },
      };
    }
  }
}

/** Also of hashes that Node does not know: then the signature is over something else. */
export function digest(data: Uint8Array, hash: number): Uint8Array {
  const name = hashNames.get(hash) ?? "sha256";
  return new Uint8Array(digestOf(name, data, "buffer"));
}

function okp(d: string, x: string): KeyObject {
  return createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", d, x }, format: "jwk" });
}

type Numbers = (name: string) => string;

function rsaSigning(text: Numbers): Writer["sign"] {
  const [p, q, d] = [big(text("p")), big(text("q")), big(text("d"))];
  const jwk = {
    kty: "RSA",
    n: text("n"),
    e: text("e"),
    d: text("d"),
    p: text("p"),
    q: text("q"),
    dp: small(d % (p - 1n)),
    dq: small(d % (q - 1n)),
    qi: small(inverse(q, p)),
  };
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  return (data, hash) => writeMpi(sign(hashNames.get(hash) ?? "sha256", data, key));
}

function ecdsaSigning(text: Numbers): Writer["sign"] {
  const point = Buffer.from(text("Q"), "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)];
  const jwk = {
    kty: "EC",
    crv: "P-256",
    d: text("d"),
    x: x.toString("base64url"),
    y: y.toString("base64url"),
  };
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  return (data, hash) => {
    const name = hashNames.get(hash) ?? "sha256";
    const made = new Uint8Array(sign(name, data, { key, dsaEncoding: "ieee-p1363" }));
    return concat([writeMpi(made.subarray(0, 32)), writeMpi(made.subarray(32))]);
  };
}

function big(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, "base64url").toString("hex")}`);
}

function small(number: bigint): string {
  const digits = number.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return Buffer.from(even, "hex").toString("base64url");
}

function inverse(a: bigint, m: bigint): bigint {
  let [oldR, r, oldS, s] = [a, m, 1n, 0n];
  while (r !== 0n) {
    const quotient = oldR / r;
    [oldR, r] = [r, oldR - quotient * r];
    [oldS, s] = [s, oldS - quotient * s];
  }
  return ((oldS % m) + m) % m;
}
