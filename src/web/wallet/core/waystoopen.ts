/**
 * How the data key of a kept wallet lies wrapped, once for each way to open it:
 *
 *   passphrase   Argon2id(passphrase as NFKC, salt 16, 64 MiB, 3 passes, 1 lane) → 32 bytes
 *   passkey      HKDF-SHA-256(what the authenticator's PRF gave for a salt of 32 bytes)
 *   wrapped      12 random bytes ∥ AES-256-GCM(one of these, AAD = way, data key)
 *
 * A guess at a passphrase costs about half a second and 64 MiB, here and for a thief.
 */
import { argon2id } from "hash-wasm";

import type { Lock, Opening, PasskeyRequest, WayToOpen } from "./protocol.ts";

/** What is stored of one way; none of it is secret. */
export type WrappedKey = {
  readonly way: WayToOpen;
  readonly salt: Uint8Array;
  readonly wrapped: Uint8Array<ArrayBuffer>;
  /** Of a passkey: which one. */
  readonly credential: Uint8Array | undefined;
};

const memoryKib = 65_536;
const passes = 3;
const ivBytes = 12;

/** Wraps a data key for one way. */
export async function wrapKey(
  dataKey: Uint8Array,
  lock: Exclude<Lock, { kind: "memory" }>,
): Promise<WrappedKey> {
  const salt =
    lock.kind === "passphrase"
      ? crypto.getRandomValues(new Uint8Array(16))
      : new Uint8Array(lock.request.salt);
  const key = await keyOf(lock, salt, "encrypt");
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const plain = new Uint8Array(dataKey);
  const sealed = await crypto.subtle.encrypt(gcm(iv, lock.kind), key, plain);
  plain.fill(0);
  const wrapped = new Uint8Array(ivBytes + sealed.byteLength);
  wrapped.set(iv);
  wrapped.set(new Uint8Array(sealed), ivBytes);
  const credential = lock.kind === "passkey" ? lock.request.credential : undefined;
  return { way: lock.kind, salt, wrapped, credential };
}

/** The data key; `undefined` if that is not what opens it. */
export async function unwrapKey(
  { salt, wrapped }: WrappedKey,
  opening: Opening,
): Promise<Uint8Array | undefined> {
  const key = await keyOf(opening, salt, "decrypt");
  const iv = wrapped.slice(0, ivBytes);
  try {
    const plain = await crypto.subtle.decrypt(gcm(iv, opening.kind), key, wrapped.slice(ivBytes));
    return new Uint8Array(plain);
  } catch {
    return undefined;
  }
}

/** What the page has to ask the authenticator. */
export function passkeyRequest(keys: readonly WrappedKey[]): PasskeyRequest | undefined {
  const found = keys.find(({ way }) => way === "passkey");
  if (found?.credential === undefined) return undefined;
  return { credential: found.credential, salt: found.salt };
}

function gcm(iv: Uint8Array<ArrayBuffer>, way: WayToOpen): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(way) };
}

async function keyOf(
  opening: Opening,
  salt: Uint8Array,
  use: "encrypt" | "decrypt",
): Promise<CryptoKey> {
  const secret = new Uint8Array(
    opening.kind === "passphrase"
      ? await stretched(opening.passphrase, salt)
      : await derived(opening.secret),
  );
  const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, [use]);
  secret.fill(0);
  return key;
}

function stretched(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  return argon2id({
    // However a keyboard writes an accent.
    password: passphrase.normalize("NFKC"),
    salt,
    parallelism: 1,
    iterations: passes,
    memorySize: memoryKib,
    hashLength: 32,
    outputType: "binary",
  });
}

async function derived(given: Uint8Array): Promise<Uint8Array> {
  const secret = new Uint8Array(given);
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  secret.fill(0);
  const info = new TextEncoder().encode("signet wallet passkey");
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(how, base, 256));
}
