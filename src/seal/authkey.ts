/**
 * The inner message of a ring order (docs/spec/ring.md): the private auth key, sealed by its maker
 * to the miner, or to each of several. It travels inside a sealed letter, and whoever opens that
 * letter without being the miner sees these bytes and no more.
 *
 *   plaintext = 64 lower-case hex digits, optionally one LF
 *
 * Encrypted and not signed: the owner's signature over the order names the auth address, and that
 * says whose key this must be. It is what `gpg -e -r MINER` makes; v4 keys, so that stock gpg does.
 */
import { randomBytes } from "#primitives";
import { armor, enums, readPrivateKey, type PrivateKey } from "openpgp";

import { assert } from "../codec/assert.ts";
import { concat } from "../codec/bytes.ts";
import type { Time } from "../codec/time.ts";
import { wrapSessionKey, type Certificate } from "./certificate.ts";
import { makeSecretKey } from "./certify.ts";
import { tags, writeNumber, writePacket } from "./packets.ts";
import { openpgpConfig, sessionKeysMax } from "./policy.ts";
import { sealContent } from "./seipd.ts";
import { unsealLiteral } from "./unseal.ts";

/** An inner message, binary, bytes: 4,000 characters of base64 in a letter's line. */
export const authMessageMax = 3000;
/** What it may decompress to, bytes: a literal of 65 with any file name. */
const contentMax = 1024;
const keyBytes = 32;
const lf = 0x0a;

/** What opens inner messages. */
export type MinerSecret = { readonly key: PrivateKey };

/** A new key for inner messages: the secret armored for its file, the certificate binary. */
export async function makeMinerKeys(options: {
  readonly at: Time;
}): Promise<{ readonly secret: string; readonly certificate: Uint8Array }> {
  const made = makeSecretKey({
    secrets: { primary: randomBytes(keyBytes), encryption: randomBytes(keyBytes) },
    userId: "Signet miner",
    created: options.at,
  });
  const key = await readPrivateKey({ binaryKey: made.binary, config: openpgpConfig });
  const secret = armor(
    enums.armor.privateKey,
    made.binary,
    undefined,
    undefined,
    undefined,
    true,
    openpgpConfig,
  );
  return { secret, certificate: key.toPublic().write() };
}

/** The miner's secret key from its file, unlocked. Throws if it is none. */
export async function readMinerSecret(armored: string): Promise<MinerSecret> {
  try {
    const key = await readPrivateKey({ armoredKey: armored, config: openpgpConfig });
    if (key.isDecrypted()) return { key };
  } catch (cause) {
    throw new Error("couldn't read the miner's secret key: not armored OpenPGP", { cause });
  }
  throw new Error("couldn't take the miner's secret key: it is under a passphrase");
}

/**
 * Seals a private auth key of 32 bytes. The certificates are what the exchange or the miners
 * announce now, so their own expiry is not judged; the newest key in each is sealed to.
 */
export async function sealAuthKey(
  key: Uint8Array,
  to: readonly Certificate[],
): Promise<Uint8Array> {
  assert(key.length === keyBytes, "an auth key has 32 bytes");
  assert(to.length > 0 && to.length <= sessionKeysMax, "sealed to one to four miners");
  // Never a text: bytes can be wiped.
  const digits = new Uint8Array(2 * keyBytes);
  key.forEach((byte, i) => digits.set([hexDigit(byte >> 4), hexDigit(byte & 15)], 2 * i));
  const body = concat([new Uint8Array([0x62, 0]), writeNumber(0, 4), digits]);
  const content = writePacket(tags.literal, body);
  const { packet, key: sessionKey } = sealContent(content);
  for (const wiped of [digits, body, content]) wiped.fill(0);
  const wrapped: Uint8Array[] = [];
  for (const one of to) wrapped.push(await wrapSessionKey(one, sessionKey, undefined, true));
  sessionKey.fill(0);
  const sealed = concat([...wrapped, packet]);
  assert(sealed.length <= authMessageMax, "the inner message fits into its field");
  return sealed;
}

/** The private auth key in an inner message; `undefined` for anything else, whatever the bytes. */
export async function openAuthKey(
  message: Uint8Array,
  secret: MinerSecret,
): Promise<Uint8Array | undefined> {
  const opened = await unsealLiteral(message, {
    key: secret.key,
    bytesMax: authMessageMax,
    contentMax,
  });
  if (!opened.ok) return undefined;
  const key = readDigits(opened.value);
  opened.value.fill(0);
  return key;
}

function hexDigit(nibble: number): number {
  return nibble < 10 ? 0x30 + nibble : 0x57 + nibble;
}

/** 64 lower-case hex digits, optionally one LF. */
function readDigits(bytes: Uint8Array): Uint8Array | undefined {
  const digits = bytes.at(-1) === lf ? bytes.subarray(0, -1) : bytes;
  if (digits.length !== 2 * keyBytes) return undefined;
  const nibbles = Array.from(digits, nibbleOf);
  const isHex = nibbles.every((nibble) => nibble >= 0);
  if (!isHex) return undefined;
  return Uint8Array.from(
    { length: keyBytes },
    (_, i) => (nibbles[2 * i] ?? 0) * 16 + (nibbles[2 * i + 1] ?? 0),
  );
}

function nibbleOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}
