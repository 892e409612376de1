/**
 * A customer's letter opened by the fast path: synchronous, on the machine's own cryptography, for
 * the forms that tools make every day (docs/decisions/0023). It reads with the same readers and
 * judges by the same policy as the reference path (open.ts); only the cryptography and the digested
 * certificates are its own.
 *
 *   read   session keys of version 3 and 6 to our X25519 and ECDH Curve25519 subkeys; the sealed
 *          packet of version 1, and of version 2 in OCB and GCM mode
 *
 * `unsupported` is said of the outside alone, before any private key is used: hidden recipients,
 * other ciphers. Whatever fails after that is refused here and tried nowhere else.
 */
import { toHex } from "../../codec/bytes.ts";
import type { Time } from "../../codec/time.ts";
import type { Verdict } from "../../codec/verdict.ts";
import { judging, signedText } from "../judge.ts";
import type { Opened } from "../open.ts";
import { letterContentMax, letterSealedMax } from "../policy.ts";
import { readNumber } from "../packets.ts";
import { openSealed } from "../seipd.ts";
import { signatureTypes } from "../signature.ts";
import {
  damaged,
  readContent,
  readOutside,
  toAnother,
  type Content,
  type UnsealRefusal,
} from "../unseal.ts";
import { knowsForm, openAead } from "./aead.ts";
import { ecdhKey, shared, untraced, unwrapKey, x25519Key, x25519WrapKey } from "./curves.ts";
import type { DigestedCertificate } from "./digest.ts";
import type { OpeningKey } from "./keys.ts";
import { answer } from "./verify.ts";

export type FastOpenOptions = {
  readonly keys: readonly OpeningKey[];
  /** The receipt: the instant at which everything is judged. */
  readonly at: Time;
  /** Our primary fingerprints. */
  readonly us: readonly string[];
  readonly certificateOf: (keyId: string) => DigestedCertificate | undefined;
  /** Whether a letter's text begins with a registration: its certificate is to be read first. */
  readonly isRegistration: (text: string) => boolean;
};

export type FastOpened =
  | Opened
  /** Not read here: `openLetter` is to be asked. */
  | { readonly kind: "unsupported"; readonly why: string };

/** Opens a binary letter. Never throws, whatever the bytes. */
export function openFast(sealed: Uint8Array, options: FastOpenOptions): FastOpened {
  return untraced(() => open(sealed, options));
}

function open(sealed: Uint8Array, options: FastOpenOptions): FastOpened {
  const content = unsealFast(sealed, {
    keys: options.keys,
    bytesMax: letterSealedMax,
    contentMax: letterContentMax,
  });
  if (content === "unsupported") return { kind: "unsupported", why: "a form not read here" };
  if (!content.ok) return { kind: "unopenable", why: `${content.name}: ${content.detail}` };
  const { bytes, signatures } = content.value;
  const course = judging(content.value, options);
  let step = course.next();
  while (step.done !== true) step = course.next(answer(step.value, bytes, options.at));
  const judged = step.value;
  if (judged.kind === "bad") {
    const type = signatures[0]?.facts.type ?? signatureTypes.binary;
    // Whatever is bad about the signature: see `openRegistration`.
    if (options.isRegistration(signedText(bytes, type))) {
      return { kind: "unsupported", why: "it registers a certificate" };
    }
    const { name, detail } = judged.refused;
    return { kind: "unopenable", why: `${name}: ${detail}` };
  }
  const signer = judged.signer.fingerprint;
  if (judged.kind === "good") {
    return { kind: "opened", signer, text: judged.text, evidence: judged.evidence };
  }
  const { name, detail } = judged.refused;
  return { kind: "refused", signer, text: judged.text, name, detail };
}

/** The content of a message, or `unsupported`. */
export function unsealFast(
  bytes: Uint8Array,
  options: {
    readonly keys: readonly OpeningKey[];
    readonly bytesMax: number;
    readonly contentMax: number;
  },
): Verdict<Content, UnsealRefusal> | "unsupported" {
  const outside = readOutside(bytes, options.bytesMax);
  if (!outside.ok) return outside;
  const { sessionKeys, sealed } = outside.value;
  const isAead = sealed[0] === 2;
  if (isAead && !knowsForm(sealed)) return "unsupported";
  const addressed: { readonly key: OpeningKey; readonly body: Uint8Array }[] = [];
  for (const packet of sessionKeys) {
    const read = isAead ? readVersion6(packet) : readVersion3(packet);
    if (read === undefined) continue;
    if (read.to === hidden) return "unsupported";
    const key = options.keys.find(({ keyId, fingerprint }) => {
      return isAead ? fingerprint === read.to : keyId === read.to;
    });
    // ECDH in version 6 is legal, and no tool has been seen to make it.
    if (isAead && key?.number === 18) return "unsupported";
    if (key?.number === read.algorithm) addressed.push({ key, body: read.body });
  }
  let found = false;
  for (const { key, body } of addressed) {
    const sessionKey = isAead ? unwrap6(key, body) : unwrap3(key, body);
    if (sessionKey === undefined) continue;
    found = true;
    const content = isAead ? openAead(sealed, sessionKey) : openWithCipher(sealed, sessionKey);
    sessionKey.fill(0);
    if (content !== undefined) return readContent(content, options.contentMax, isAead);
  }
  return found ? damaged() : toAnother();
}

const hidden = "0000000000000000";

type Addressed = {
  /** A key id (version 3) or a fingerprint (version 6). */
  readonly to: string;
  readonly algorithm: number;
  readonly body: Uint8Array;
};

/** RFC 9580 §5.1.1: version, key id, algorithm. */
function readVersion3(packet: Uint8Array): Addressed | undefined {
  if (packet.length < 10) return undefined;
  return {
    to: toHex(packet.subarray(1, 9)),
    algorithm: packet[9] ?? 0,
    body: packet.subarray(10),
  };
}

/** RFC 9580 §5.1.2: version, length, key version, fingerprint, algorithm; length 0 is hidden. */
function readVersion6(packet: Uint8Array): Addressed | undefined {
  const length = packet[1] ?? 0;
  const end = 2 + length;
  if (packet.length <= end) return undefined;
  const to = length === 0 ? hidden : toHex(packet.subarray(3, end));
  return { to, algorithm: packet[end] ?? 0, body: packet.subarray(end + 1) };
}

/** Of version 3: the cipher's number, then the key. */
function unwrap3(key: OpeningKey, body: Uint8Array): Uint8Array | undefined {
  if (key.number === 18) return unwrapEcdh(key, body);
  // RFC 9580 §5.1.6: point, length, the cipher in clear, wrapped key.
  const wrapped = body.subarray(34);
  if (body.length < 34 || body[32] !== wrapped.length + 1) return undefined;
  const sessionKey = unwrapX25519(key, body.subarray(0, 32), wrapped);
  if (sessionKey === undefined) return undefined;
  const whole = new Uint8Array(1 + sessionKey.length);
  whole[0] = body[33] ?? 0;
  whole.set(sessionKey, 1);
  return whole;
}

/** Of version 6: the key alone. */
function unwrap6(key: OpeningKey, body: Uint8Array): Uint8Array | undefined {
  const wrapped = body.subarray(33);
  if (body.length < 33 || body[32] !== wrapped.length) return undefined;
  return unwrapX25519(key, body.subarray(0, 32), wrapped);
}

function unwrapX25519(
  key: OpeningKey,
  point: Uint8Array,
  wrapped: Uint8Array,
): Uint8Array | undefined {
  const secret = shared(key.secret, x25519Key(point));
  return secret && unwrapKey(x25519WrapKey(secret, point, key.point), wrapped);
}

/** RFC 9580 §5.1.5: the point as a number of 263 bits, length, wrapped key; inside, padding. */
function unwrapEcdh(key: OpeningKey, body: Uint8Array): Uint8Array | undefined {
  const wrapped = body.subarray(36);
  if (body.length < 36 || readNumber(body.subarray(0, 2)) !== 263 || body[2] !== 0x40) {
    return undefined;
  }
  if (body[35] !== wrapped.length) return undefined;
  const secret = shared(key.secret, x25519Key(body.subarray(3, 35)));
  if (secret === undefined || key.derivation === undefined) return undefined;
  const padded = unwrapKey(ecdhKey(secret, key.derivation), wrapped);
  if (padded === undefined) return undefined;
  const padding = padded.at(-1) ?? 0;
  const end = padded.length - padding;
  if (padding < 1 || end < 3) return undefined;
  for (let i = end; i < padded.length; i += 1) if (padded[i] !== padding) return undefined;
  let sum = 0;
  for (let i = 1; i < end - 2; i += 1) sum += padded[i] ?? 0;
  if ((sum & 0xffff) !== readNumber(padded.subarray(end - 2, end))) return undefined;
  return padded.subarray(0, end - 2);
}

/** AES-192 is not among what our certificates ask for, and OpenPGP.js does not open it either. */
const cipherNames: Readonly<Record<number, string>> = { 7: "aes128", 9: "aes256" };

function openWithCipher(sealed: Uint8Array, sessionKey: Uint8Array): Uint8Array | undefined {
  const algorithm = cipherNames[sessionKey[0] ?? 0] ?? null;
  return openSealed(sealed, { algorithm, data: sessionKey.subarray(1) });
}
