/**
 * What both halves of the airlock agree on (docs/spec/airlock.md): the sizes, the names of a lane's
 * files and the chain, which makes one history of all payloads of a lane:
 *
 *   chain(0) = 64 zeros     chain(n) = SHA-256(chain(n − 1), payload n)
 *
 * A Position says how far that history has come: payloads below `next` are had, `chain` is
 * chain(next − 1).
 */
import { createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto";
import { assert } from "../codec/assert.ts";
import { digest, type Digest } from "../codec/names.ts";

/** One bundle, whole, bytes. */
export const bundleBytesMax: number = 10 * 1024 * 1024;
export const payloadsMax = 256;
export const payloadBytesMax: number = 9 * 1024 * 1024;
/** Bundles that a sender has out, and that a receiver keeps aside. */
export const windowMax = 64;
/** An acknowledgement, whole, bytes. */
export const ackBytesMax = 4096;
export const signatureBytes = 64;
/** The head of a bundle, with its empty line, bytes. */
export const headBytesMax = 320;

assert(
  bundleBytesMax >= headBytesMax + 4 + payloadBytesMax + signatureBytes,
  "the largest payload fits into a bundle",
);

/** Ed25519 over the message. */
export type Sign = (message: Uint8Array) => Uint8Array;
export type Verify = (message: Uint8Array, signature: Uint8Array) => boolean;

export type Position = {
  readonly next: number;
  readonly chain: Digest;
};

/** Where every lane begins. */
export const laneStart: Position = { next: 1, chain: digest("0".repeat(64)) };

/** The chain with one more payload. */
export function chainAfter(chain: Digest, payload: Uint8Array): Digest {
  const bytes = Buffer.allocUnsafe(32 + payload.length);
  bytes.write(chain, "hex");
  bytes.set(payload, 32);
  return digest(hash("sha256", bytes, "hex"));
}

export type BundleName = {
  readonly lane: string;
  readonly epoch: number;
  readonly first: number;
  readonly count: number;
};

/** `dock-1-1-4711-3.bundle`. */
export function printBundleName({ lane, epoch, first, count }: BundleName): string {
  return `${lane}-${epoch}-${first}-${count}.bundle`;
}

/** Only a hint, since carriers may rename: what counts stands in the bundle's head. */
export function parseBundleName(name: string): BundleName | undefined {
  const match = /^([a-z0-9-]{1,32})-([1-9]\d{0,14})-([1-9]\d{0,14})-([1-9]\d{0,2})\.bundle$/.exec(
    name,
  );
  if (match === null) return undefined;
  const [lane = "", epoch, first, count] = match.slice(1);
  return { lane, epoch: Number(epoch), first: Number(first), count: Number(count) };
}

/** `dock-1.ack`. */
export function printAckName(lane: string): string {
  return `${lane}.ack`;
}

/**
 * `dock-1-out.checkpoint`: the newest checkpoint that the outer half has, beside its acks; at start
 * the island compares it with its own log.
 */
export function checkpointName(lane: string): string {
  return `${lane}-out.checkpoint`;
}

export function isLaneName(text: string): boolean {
  return /^[a-z0-9-]{1,32}$/.test(text);
}

/** Signs with a private Ed25519 key. */
export function signer(key: KeyObject): Sign {
  return (message) => sign(null, message, key);
}

/** Verifies with a raw Ed25519 public key, 32 bytes. */
export function verifier(publicKey: Uint8Array): Verify {
  assert(publicKey.length === 32, "an Ed25519 public key is 32 bytes");
  const x = Buffer.from(publicKey).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return (message, signature) => verify(null, message, key, signature);
}
