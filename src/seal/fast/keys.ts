/**
 * The exchange's own keys for the fast path: as plain data that a worker is given once, apart for
 * those that open and the one that signs, and as the machine's key objects that are made of it.
 */
import { sign, type KeyObject } from "node:crypto";
import { assert } from "../../codec/assert.ts";
import { equalBytes, fromHex } from "../../codec/bytes.ts";
import type { PrivateKey } from "openpgp";
import type { OperatingKeys } from "../keys.ts";
import type { Signer } from "../signature.ts";
import { derivationOf, rawPublicOf, secretKey, type Derivation } from "./curves.ts";

/** A subkey that opens, as data. */
export type OpeningKeyData = {
  readonly fingerprint: string;
  readonly keyId: string;
  /** RFC 9580 §9.1: 18 ECDH (Curve25519), 25 X25519. */
  readonly number: 18 | 25;
  /** The raw secret, 32 bytes. */
  readonly secret: Uint8Array;
  readonly hash: number;
  readonly cipher: number;
};

/** The same, ready. */
export type OpeningKey = {
  readonly fingerprint: string;
  readonly keyId: string;
  readonly number: 18 | 25;
  readonly secret: KeyObject;
  readonly point: Uint8Array;
  /** Of an ECDH key. */
  readonly derivation: Derivation | undefined;
};

/** The key that signs, as data. */
export type SigningKeyData = { readonly fingerprint: string; readonly seed: Uint8Array };

/** Every subkey of ours that can open on this path. */
export function openingKeysOf({
  key,
  v6,
}: Pick<OperatingKeys, "key" | "v6">): readonly OpeningKeyData[] {
  const all = [key, ...(v6 === undefined ? [] : [v6.key])];
  return all.flatMap((each) => each.subkeys.flatMap((part) => openingKeyOf(part)));
}

function openingKeyOf(part: PrivateKey["subkeys"][number]): readonly OpeningKeyData[] {
  const { algorithm, curve } = part.getAlgorithmInfo();
  const { keyPacket } = part;
  if (!("privateParams" in keyPacket)) return [];
  const secrets = new Map<string, unknown>(Object.entries(keyPacket.privateParams ?? {}));
  const publics = new Map<string, unknown>(Object.entries(keyPacket.publicParams));
  const names = { fingerprint: part.getFingerprint(), keyId: part.getKeyID().toHex() };
  if (algorithm === "x25519") {
    const secret = secrets.get("k");
    assert(secret instanceof Uint8Array, "an open key has its secret");
    return [{ ...names, number: 25, secret: secret.slice(), hash: 0, cipher: 0 }];
  }
  if (algorithm !== "ecdh" || curve !== "curve25519Legacy") return [];
  const [backwards, point] = [secrets.get("d"), publics.get("Q")];
  const { hash = 0, cipher = 0 }: { hash?: number; cipher?: number } = Object(
    publics.get("kdfParams"),
  );
  assert(backwards instanceof Uint8Array && point instanceof Uint8Array, "an open key is whole");
  // Curve25519 in this old form is written the wrong way round (RFC 9580 §5.5.5.6.1).
  const secret = backwards.toReversed();
  const made = rawPublicOf(secretKey("x25519", secret));
  assert(equalBytes(made, point.subarray(1)), "a secret belongs to its public key");
  return [{ ...names, number: 18, secret, hash, cipher }];
}

/** The subkey of ours that signs. */
export function signingKeyOf({ key, signer }: OperatingKeys): SigningKeyData {
  const part = key.getKeys().find((each) => each.getFingerprint() === signer.fingerprint);
  const packet = part?.keyPacket;
  const secrets = packet !== undefined && "privateParams" in packet ? packet.privateParams : null;
  const seed: unknown = new Map<string, unknown>(Object.entries(secrets ?? {})).get("seed");
  assert(seed instanceof Uint8Array, "the key that signs is open");
  return { fingerprint: signer.fingerprint, seed: seed.slice() };
}

/** Makes a key ready to open with. */
export function openingKey(data: OpeningKeyData): OpeningKey {
  const { fingerprint, keyId, number, hash, cipher } = data;
  const secret = secretKey("x25519", data.secret);
  const bytes = fromHex(fingerprint);
  assert(bytes !== undefined, "a fingerprint is hex");
  const derivation = derivationOf({ hash, cipher, fingerprint: bytes });
  return { fingerprint, keyId, number, secret, point: rawPublicOf(secret), derivation };
}

/** Makes the signing key ready. */
export function signingKey({ fingerprint, seed }: SigningKeyData): Signer {
  const secret = secretKey("ed25519", seed);
  return { fingerprint, sign: (message) => sign(null, message, secret) };
}
