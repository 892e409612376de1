/**
 * A certificate pre-digested for the fast path: raw numbers of its keys, and for each key when it
 * may do what. It is plain data that can be posted to a worker.
 *
 * Whether a key may sign or be sealed to at an instant changes only where something in the
 * certificate begins or ends. So the reference path is asked once for each of these instants, and
 * its answers stand in a table: the fast path never judges a certificate by rules of its own.
 */
import type { Key, Subkey } from "openpgp";
import { assert } from "../../codec/assert.ts";
import { toHex } from "../../codec/bytes.ts";
import type { Fingerprint } from "../../codec/names.ts";
import { time, type Time } from "../../codec/time.ts";
import type { Refused } from "../../codec/verdict.ts";
import { clockAheadMax, dateOf } from "../policy.ts";
import { instantsOf, sealingKey, madeAt, type Certificate } from "../certificate.ts";
import { refuseKey, type SignatureRefusal } from "../judge.ts";

/** What holds from an instant (milliseconds since 1970) until that of the next row. */
export type Row<State> = { readonly from: number; readonly state: State };

/** A key that verifies signatures. */
export type DigestedSigner = {
  /** 16 hex digits. */
  readonly keyId: string;
  /** 40 hex digits. */
  readonly fingerprint: string;
  readonly algorithm: "rsa" | "ecdsa" | "eddsa" | "ed25519";
  /** As RFC 7517 writes it, for import. */
  readonly jwk: Readonly<Record<string, string>>;
  /** Why it may not sign, by time. */
  readonly rows: readonly Row<Refused<SignatureRefusal> | undefined>[];
};

/** A key that can be sealed to. */
export type DigestedRecipient = {
  readonly keyId: string;
  readonly fingerprint: string;
} & (
  | { readonly algorithm: "rsa"; readonly jwk: Readonly<Record<string, string>> }
  | {
      readonly algorithm: "ecdh";
      readonly point: Uint8Array;
      readonly hash: number;
      readonly cipher: number;
    }
  | { readonly algorithm: "x25519"; readonly point: Uint8Array }
  /** One that only the reference path seals to. */
  | { readonly algorithm: "other" }
);

export type DigestedCertificate = {
  readonly fingerprint: Fingerprint;
  /** The ids, 16 hex digits each, of every key in it that may sign or once could. */
  readonly keyIds: readonly string[];
  readonly signers: readonly DigestedSigner[];
  /** To which key is sealed, by time. */
  readonly recipients: readonly Row<DigestedRecipient | undefined>[];
  /** When something in it was made (`judgedAt`). */
  readonly made: readonly number[];
};

/** Digests a certificate. */
export async function digestCertificate(certificate: Certificate): Promise<DigestedCertificate> {
  const { fingerprint, key, keyIds } = certificate;
  const instants = instantsOf(key);
  const signers: DigestedSigner[] = [];
  for (const part of key.getKeys()) {
    const keyId = part.getKeyID().toHex();
    if (!keyIds.includes(keyId)) continue;
    const rows = await tabulate(instants, (when) => refuseKey(key, part, when));
    signers.push({ keyId, fingerprint: part.getFingerprint(), ...signerOf(part), rows });
  }
  const recipients = await tabulate(instants, async (when) => {
    const part = await sealingKey(certificate, when);
    return part === undefined ? undefined : recipientOf(part);
  });
  return { fingerprint, keyIds, signers, recipients, made: madeAt(key) };
}

/** Judges at every instant and a second later; equal neighbours become one row. */
async function tabulate<State>(
  instants: readonly number[],
  judge: (when: Date) => Promise<State>,
): Promise<readonly Row<State>[]> {
  const rows: Row<State>[] = [];
  let last: string | undefined;
  for (const from of [0, ...new Set(instants.flatMap((at) => [at, at + 1000]))]) {
    const state = await judge(new Date(from));
    const text = JSON.stringify(state, (_, value: unknown) =>
      value instanceof Uint8Array ? toHex(value) : value,
    );
    if (rows.length === 0 || text !== last) rows.push({ from, state });
    last = text;
  }
  return rows;
}

/** What holds at an instant. */
export function stateAt<State>(rows: readonly Row<State>[], when: number): State {
  let found = rows[0];
  for (const row of rows) if (row.from <= when) found = row;
  assert(found !== undefined, "a table begins in 1970");
  return found.state;
}

/** The instant to judge a digested certificate at: `judgedAt` of the reference path. */
export function judgedAtOf({ made }: DigestedCertificate, at: Time, more: number): Time {
  let latest: number = at;
  for (const moment of made) if (moment <= at + clockAheadMax) latest = Math.max(latest, moment);
  if (more <= at + clockAheadMax) latest = Math.max(latest, more);
  return time(dateOf(latest).getTime());
}

function signerOf(part: Key | Subkey): Pick<DigestedSigner, "algorithm" | "jwk"> {
  const { algorithm } = part.getAlgorithmInfo();
  const number = (name: string): Uint8Array => parameterOf(part, name);
  switch (algorithm) {
    case "eddsaLegacy":
      return { algorithm: "eddsa", jwk: okp(number("Q").subarray(1)) };
    case "ed25519":
      return { algorithm: "ed25519", jwk: okp(number("A")) };
    case "ecdsa": {
      const point = number("Q");
      const [x, y] = [base64url(point.subarray(1, 33)), base64url(point.subarray(33))];
      return { algorithm: "ecdsa", jwk: { kty: "EC", crv: "P-256", x, y } };
    }
    default:
      return { algorithm: "rsa", jwk: rsaOf(part) };
  }
}

function recipientOf(part: Key | Subkey): DigestedRecipient {
  const names = { keyId: part.getKeyID().toHex(), fingerprint: part.getFingerprint() };
  const { algorithm, curve } = part.getAlgorithmInfo();
  if (algorithm === "x25519") return { ...names, algorithm, point: parameterOf(part, "A").slice() };
  if (algorithm === "ecdh" && curve === "curve25519Legacy") {
    const { hash, cipher } = derivationOf(part);
    const point = parameterOf(part, "Q").slice(1);
    return { ...names, algorithm: "ecdh", point, hash, cipher };
  }
  if (algorithm === "rsaEncryptSign" || algorithm === "rsaEncrypt") {
    return { ...names, algorithm: "rsa", jwk: rsaOf(part) };
  }
  return { ...names, algorithm: "other" };
}

function rsaOf(part: Key | Subkey): Readonly<Record<string, string>> {
  const [n, e] = [parameterOf(part, "n"), parameterOf(part, "e")];
  return { kty: "RSA", n: base64url(n), e: base64url(e) };
}

function okp(point: Uint8Array): Readonly<Record<string, string>> {
  return { kty: "OKP", crv: "Ed25519", x: base64url(point) };
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function parameterOf(part: Key | Subkey, name: string): Uint8Array {
  const value: unknown = Object.entries(part.keyPacket.publicParams).find(([n]) => n === name)?.[1];
  assert(value instanceof Uint8Array, "a key that was taken has its numbers");
  return value;
}

function derivationOf(part: Key | Subkey): { readonly hash: number; readonly cipher: number } {
  const params: object = { ...part.keyPacket.publicParams };
  const found: unknown = new Map<string, unknown>(Object.entries(params)).get("kdfParams");
  const { hash = 0, cipher = 0 }: { hash?: number; cipher?: number } = Object(found);
  return { hash, cipher };
}
