/**
 * The sealed letter as anyone can see it: 1 to 4 session-key packets (tag 1), one
 * integrity-protected data packet (SEIPD, tag 18), nothing else (docs/spec/letter.md §2, receipt.md
 * §1). Relays and the dock check this much, without a key; everything is bounded before it is
 * looked at.
 *
 * The ref is SHA-256 over the SEIPD body, partial lengths joined. Armor, framing and session-key
 * packets do not enter it, so the same letter keeps its ref however it was carried.
 */
import { at } from "../codec/assert.ts";
import { concat, sha256, toHex, toLatin1 } from "../codec/bytes.ts";
import { ref, type Ref } from "../codec/names.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { dearmor } from "./armor.ts";
import { armoredBytesMax, sealedBytesMax, sessionKeyBytesMax, sessionKeysMax } from "./limits.ts";
import { readPacket, tagOf, type Packet } from "./packets.ts";

/** Refusals of what was posted, in order of precedence. */
export const envelopeRefusals = [
  "empty",
  "too_large",
  "secret_key_block",
  "key_block",
  "not_encrypted",
  "not_openpgp",
  "armor_malformed",
  "packet_truncated",
  "packet_malformed",
  "session_keys_too_many",
  "password_not_offered",
  "packet_unexpected",
  "encryption_not_offered",
  "session_key_missing",
  "sealed_data_missing",
  "session_key_malformed",
  "sealed_data_malformed",
  "trailing_data",
] as const;
/** A name from `envelopeRefusals`. */
export type EnvelopeRefusal = (typeof envelopeRefusals)[number];

/** A letter that is sealed as it must be. */
export type Envelope = {
  /** The binary message, as it came. */
  readonly binary: Uint8Array;
  readonly ref: Ref;
};

/** Packet tags (RFC 9580 §5). */
const tags = { sessionKey: 1, password: 3, noIntegrity: 9, sealed: 18, libreOcb: 20 } as const;
const secretKeyTags: ReadonlySet<number> = new Set([5, 7]);
const publicKeyTags: ReadonlySet<number> = new Set([6, 14, 13, 17]);
/** Signature, one-pass signature, compressed data, literal data. */
const clearTags: ReadonlySet<number> = new Set([2, 4, 8, 11]);
/** What may begin some OpenPGP message; anything else is not OpenPGP at all. */
const messageTags: ReadonlySet<number> = new Set([1, 3, 9, 10, 18, 20, 21]);

/**
 * Octets of the shortest SEIPD bodies: version 1 with an AES block, version 2 with salt and two
 * tags.
 */
const sealedBytesMin = { v1: 1 + 18 + 22, v2: 4 + 32 + 2 * 16 } as const;
/** More packets than this before the data are refused by their kind, unread. */
const packetsMax = sessionKeysMax + 4;

/** Checks a posted letter, binary or armored. */
export function readEnvelope(bytes: Uint8Array): Verdict<Envelope, EnvelopeRefusal> {
  if (bytes.length === 0) return refuse("empty", "Nothing was posted.");
  const isText = at(bytes, 0) < 0x80 || startsWithBom(bytes);
  const max = isText ? armoredBytesMax : sealedBytesMax;
  if (bytes.length > max) return tooLarge(bytes.length);
  if (!isText) return readBinary(bytes);
  const text = toLatin1(bytes);
  const other = refuseOtherText(text);
  if (other) return other;
  const binary = dearmor(text);
  if (!binary.ok) return binary;
  const { length } = binary.value;
  return length > sealedBytesMax ? tooLarge(length) : readBinary(binary.value);
}

/** Also for what is not read to its end. */
export function tooLarge(length: number): Refused<EnvelopeRefusal> {
  const most = `a letter has at most ${sealedBytesMax}, or ${armoredBytesMax} armored`;
  return refuse("too_large", `${length} bytes are too many: ${most}.`);
}

/** A byte order mark of UTF-8: text, though its first byte is above 127. */
function startsWithBom(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function refuseSecretKey(): Refused<EnvelopeRefusal> {
  return refuse(
    "secret_key_block",
    "This is a secret key, not a letter. It has left your hands: revoke it.",
  );
}

function refuseKey(): Refused<EnvelopeRefusal> {
  return refuse("key_block", "This is a public key, not a letter; it belongs into REGISTER.");
}

function refuseClear(): Refused<EnvelopeRefusal> {
  return refuse("not_encrypted", "This letter is not sealed: whoever carried it could read it.");
}

/** What people post by mistake in place of a sealed letter. */
function refuseOtherText(text: string): Refused<EnvelopeRefusal> | undefined {
  if (text.includes("-----BEGIN PGP PRIVATE KEY BLOCK")) return refuseSecretKey();
  if (text.includes("-----BEGIN PGP PUBLIC KEY BLOCK")) return refuseKey();
  if (/-----BEGIN PGP SIGN(ED MESSAGE|ATURE)/.test(text) || text.startsWith("signet/")) {
    return refuseClear();
  }
  if (text.includes("-----BEGIN PGP MESSAGE")) return undefined;
  return refuse("not_openpgp", "This is no OpenPGP message.");
}

function readBinary(bytes: Uint8Array): Verdict<Envelope, EnvelopeRefusal> {
  const first = tagOf(bytes[0]) ?? 0;
  if (secretKeyTags.has(first)) return refuseSecretKey();
  if (publicKeyTags.has(first)) return refuseKey();
  if (clearTags.has(first)) return refuseClear();
  if (!messageTags.has(first)) return refuse("not_openpgp", "This is no OpenPGP message.");

  const packets: Packet[] = [];
  let offset = 0;
  while (offset < bytes.length && packets.length < packetsMax && !endsKeys(packets.at(-1))) {
    const packet = readPacket(bytes, offset);
    if (!packet.ok) return packet;
    packets.push(packet.value);
    offset = packet.value.next;
  }
  const sealed = readSequence(packets);
  if (!sealed.ok) return sealed;
  if (offset < bytes.length) {
    return refuse("trailing_data", `${bytes.length - offset} bytes follow the sealed data.`);
  }
  return accept({ binary: bytes, ref: ref(toHex(sha256(sealed.value))) });
}

function isSealedData(tag: number): boolean {
  return tag === tags.sealed || tag === tags.noIntegrity || tag === tags.libreOcb;
}

function endsKeys(packet: Packet | undefined): boolean {
  return packet !== undefined && isSealedData(packet.tag);
}

/** The body of the SEIPD packet, if the packets before and including it are what a letter has. */
function readSequence(packets: readonly Packet[]): Verdict<Uint8Array, EnvelopeRefusal> {
  const keys = packets.filter((packet) => packet.tag === tags.sessionKey);
  if (keys.length > sessionKeysMax) {
    return refuse("session_keys_too_many", `A letter has 1 to ${sessionKeysMax} recipients.`);
  }
  if (packets.some((packet) => packet.tag === tags.password)) {
    return refuse("password_not_offered", "A letter is sealed to a key, not with a password.");
  }
  const data = packets.find((packet) => isSealedData(packet.tag));
  const unexpected = packets.find((packet) => packet !== data && packet.tag !== tags.sessionKey);
  if (unexpected !== undefined) {
    return refuse("packet_unexpected", `A packet of kind ${unexpected.tag} has no place here.`);
  }
  if (data !== undefined && data.tag !== tags.sealed) {
    return refuse(
      "encryption_not_offered",
      "The data are encrypted in a way that is not offered: use SEIPD, packet kind 18.",
    );
  }
  if (keys.length === 0) return refuse("session_key_missing", "The letter is sealed to nobody.");
  if (data === undefined) return refuse("sealed_data_missing", "Nothing follows the session keys.");
  return readBodies(keys, concat(data.parts));
}

function readBodies(
  keys: readonly Packet[],
  body: Uint8Array,
): Verdict<Uint8Array, EnvelopeRefusal> {
  const [version] = body;
  // Session keys of version 3 go with data of version 1, and 6 with 2 (RFC 9580 §10.3.2.1).
  const keyVersion = version === 2 ? 6 : 3;
  for (const { parts } of keys) {
    const key = concat(parts);
    if (key.length < 12 || key.length > sessionKeyBytesMax || key[0] !== keyVersion) {
      return refuse(
        "session_key_malformed",
        `A session-key packet has version ${keyVersion} here, and at most ${sessionKeyBytesMax} bytes.`,
      );
    }
  }
  const isWhole =
    (version === 1 && body.length >= sealedBytesMin.v1) ||
    (version === 2 && body.length >= sealedBytesMin.v2);
  if (isWhole) return accept(body);
  return refuse("sealed_data_malformed", "The sealed data are of no known version, or too short.");
}
