/** What every route of one relay works with. */
import { createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import type { Fingerprint } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import type { Signer, Verifier, Verify } from "../log/note.ts";
import type { Intake } from "./intake.ts";
import type { Letters } from "./letters.ts";
import type { Mirror } from "./mirror.ts";
import type { Progress } from "./progress.ts";
import type { Toll } from "./postage.ts";
import type { Pages } from "./pages.ts";
import type { Waiters } from "./waiters.ts";

export type Context = {
  readonly exchange: Fingerprint;
  /** Signs receipts; its name is the relay's. */
  readonly signer: Signer;
  readonly log: Verifier;
  /** The dock's raw Ed25519 public key. */
  readonly dockKey: Uint8Array;
  /** The address that customers know the relay by, without a slash at the end. */
  readonly origin: () => string;
  readonly letters: Letters;
  readonly intake: Intake;
  /** What letters cost. */
  readonly toll: Toll;
  readonly mirror: Mirror;
  /** How far behind it is, and for how long. */
  readonly progress: Progress;
  /** The built pages, if it serves them. */
  readonly pages: Pages | undefined;
  /** By ref. */
  readonly customers: Waiters;
  /** All under one key. */
  readonly docks: Waiters;
  /** Who sends the ring venue's submissions; all under one key. */
  readonly senders: Waiters;
};

/** The relay's clock: for receipts and ages, never for a decision about an order. */
export function now(): Time {
  return time(Date.now());
}

/** Ed25519 by the machine's own library; a key that is none verifies nothing. */
export const verifyEd25519: Verify = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString("base64url");
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(undefined, message, key, signature);
  } catch {
    return false;
  }
};

/** The relay as a signer of notes. */
export function relaySigner(name: string, key: KeyObject): Signer {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  if (key.asymmetricKeyType !== "ed25519" || x === undefined) {
    throw new Error("couldn't use the relay's key: it is not Ed25519");
  }
  const publicKey = new Uint8Array(Buffer.from(x, "base64url"));
  return { name, publicKey, sign: (message) => new Uint8Array(sign(undefined, message, key)) };
}
