/**
 * The exchange's reports by the fast path: the same message as seal.ts makes, on the machine's own
 * cryptography; sealed to RSA, ECDH Curve25519 and X25519 keys.
 */
import { constants, createPublicKey, publicEncrypt, type KeyObject } from "node:crypto";
import { assert } from "../../codec/assert.ts";
import { concat, fromHex } from "../../codec/bytes.ts";
import type { Time } from "../../codec/time.ts";
import { tags, writeMpi, writePacket } from "../packets.ts";
import { signedContent } from "../seal.ts";
import { sealContent } from "../seipd.ts";
import type { Signer } from "../signature.ts";
import {
  derivationOf,
  ecdhKey,
  ephemeral,
  shared,
  untraced,
  wrapKey,
  x25519Key,
  x25519WrapKey,
  type Derivation,
} from "./curves.ts";
import { judgedAtOf, stateAt, type DigestedCertificate, type DigestedRecipient } from "./digest.ts";

/** AES-256, as `sealContent` seals. */
const cipher = 9;

/**
 * A binary message that `gpg -d` opens and finds a good signature in; `undefined` if its recipient
 * is not one that is sealed to here. `text` is one character a byte.
 */
export function sealFast(
  text: string,
  options: { readonly signer: Signer; readonly to: DigestedCertificate; readonly at: Time },
): Uint8Array | undefined {
  const { signer, to, at } = options;
  const recipient = stateAt(to.recipients, judgedAtOf(to, at, 0));
  if (recipient === undefined || recipient.algorithm === "other") return undefined;
  return untraced(() => {
    const content = signedContent(Buffer.from(text, "latin1"), signer, to, at);
    const { packet, key } = sealContent(...content);
    const wrapped = wrap(readyOf(recipient), key);
    key.fill(0);
    return wrapped && Buffer.concat([writePacket(tags.sessionKey, wrapped), packet]);
  });
}

/** A recipient's key as OpenSSL wants it, and what goes with it. */
type Ready =
  | { readonly algorithm: "rsa"; readonly key: KeyObject }
  | { readonly algorithm: "ecdh"; readonly key: KeyObject; readonly derivation: Derivation }
  | { readonly algorithm: "x25519"; readonly key: KeyObject; readonly point: Uint8Array }
  | undefined;

const ready = new WeakMap<DigestedRecipient, Ready>();

/** Made once for each recipient. */
function readyOf(recipient: DigestedRecipient): Ready {
  if (ready.has(recipient)) return ready.get(recipient);
  const made = makeReady(recipient);
  ready.set(recipient, made);
  return made;
}

function makeReady(recipient: DigestedRecipient): Ready {
  switch (recipient.algorithm) {
    case "rsa": {
      const key = createPublicKey({ key: { ...recipient.jwk }, format: "jwk" });
      return { algorithm: "rsa", key };
    }
    case "ecdh": {
      const { hash, cipher: by, point } = recipient;
      const fingerprint = bytesOf(recipient.fingerprint);
      const derivation = derivationOf({ hash, cipher: by, fingerprint });
      return derivation && { algorithm: "ecdh", key: x25519Key(point), derivation };
    }
    case "x25519":
      return { algorithm: "x25519", key: x25519Key(recipient.point), point: recipient.point };
    case "other":
      return undefined;
  }
}

const hiddenKeyId = new Uint8Array(8);

/** The body of a session-key packet of version 3 with no key id in clear. */
function wrap(recipient: Ready, key: Uint8Array): Uint8Array | undefined {
  if (recipient === undefined) return undefined;
  if (recipient.algorithm === "rsa") {
    const padding = constants.RSA_PKCS1_PADDING;
    const summed = withSum(key);
    const sealed = publicEncrypt({ key: recipient.key, padding }, summed);
    summed.fill(0);
    return concat([head(1), writeMpi(sealed)]);
  }
  const { secret, point } = ephemeral();
  const both = shared(secret, recipient.key);
  if (both === undefined) return undefined;
  if (recipient.algorithm === "ecdh") {
    const summed = padded(withSum(key));
    const wrapped = wrapKey(ecdhKey(both, recipient.derivation), summed);
    summed.fill(0);
    const number = [Uint8Array.from([1, 7, 0x40]), point];
    return concat([head(18), ...number, Uint8Array.from([wrapped.length]), wrapped]);
  }
  const wrapped = wrapKey(x25519WrapKey(both, point, recipient.point), key);
  return concat([head(25), point, Uint8Array.from([wrapped.length + 1, cipher]), wrapped]);
}

function head(algorithm: number): Uint8Array {
  return concat([Uint8Array.from([3]), hiddenKeyId, Uint8Array.from([algorithm])]);
}

/** The cipher before the key, and the sum of its bytes behind it. */
function withSum(key: Uint8Array): Uint8Array {
  let sum = 0;
  for (const byte of key) sum += byte;
  return concat([Uint8Array.from([cipher]), key, Uint8Array.from([(sum >> 8) & 0xff, sum & 0xff])]);
}

/** To 40 bytes, so that its length does not tell the cipher (RFC 9580 §11.5). */
function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(40).fill(40 - bytes.length);
  whole.set(bytes);
  bytes.fill(0);
  return whole;
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  assert(bytes !== undefined, "a fingerprint is hex");
  return bytes;
}
