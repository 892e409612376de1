/**
 * What this folder demands of OpenPGP data, in one place: the frozen OpenPGP.js configuration that
 * every call gets, and the bounds that hold before any cryptography runs.
 *
 * Nothing here reads the machine's clock. OpenPGP.js defaults many `date` arguments to now; every
 * call of ours passes one, made by `dateOf` from an instant that the caller gave.
 */
import { config, enums, type Config } from "openpgp";
import { assert } from "../codec/assert.ts";
import type { Time } from "../codec/time.ts";

/**
 * A sealed letter or report, binary, bytes. A report with a hundred resent reports is the largest.
 */
export const sealedBytesMax = 9_437_184;
/** A sealed letter, binary, bytes: the text, four RSA-4096 session keys, slack. */
export const letterSealedMax = 131_072;
/** What a sealed letter may decompress to, bytes: 64 KiB of text and its packets. */
export const letterContentMax = 65_536 + 8_192;
/** Session-key packets in one message: each costs one private-key operation. */
export const sessionKeysMax = 4;
/** Signatures looked at in one message; only one is ever accepted. */
export const signaturesMax = 4;
/** A certificate, binary, bytes: RSA-4096 with several user ids and subkeys fits. */
export const certificateBytesMax = 16_384;
export const certificatePacketsMax = 160;
export const subkeysMax = 16;
export const userIdsMax = 32;
/** An RSA modulus, bits: the least that is safe and the most that is not a burden to verify. */
export const rsaBitsMin = 2048;
export const rsaBitsMax = 8192;
/** How far a customer's clock may run ahead of ours, milliseconds. */
export const clockAheadMax = 600_000;

assert(certificateBytesMax < letterContentMax, "a certificate fits into a letter");

/** Hashes that a signature over a letter may use: SHA-2 and SHA-3 of 256 bits and more. */
export const hashes: ReadonlySet<number> = new Set([8, 9, 10, 12, 14]);

/**
 * The one configuration of OpenPGP.js. SHA-1 is refused in certificates too, not only over letters.
 */
export const openpgpConfig: Config = Object.freeze({
  ...config,
  preferredHashAlgorithm: enums.hash.sha512,
  preferredSymmetricAlgorithm: enums.symmetric.aes256,
  preferredCompressionAlgorithm: enums.compression.uncompressed,
  showVersion: false,
  showComment: false,
  // Features 0x01 only: GnuPG 2.2 knows neither AEAD packets nor Argon2.
  aeadProtect: false,
  v6Keys: false,
  s2kType: enums.s2k.iterated,
  minRSABits: rsaBitsMin,
  enforceGrammar: true,
  allowUnauthenticatedMessages: false,
  allowUnauthenticatedStream: false,
  allowInsecureDecryptionWithSigningKeys: false,
  allowInsecureVerificationWithReformattedKeys: false,
  allowMissingKeyFlags: false,
  maxDecompressedMessageSize: letterContentMax,
  rejectHashAlgorithms: new Set([enums.hash.md5, enums.hash.ripemd, enums.hash.sha1]),
  rejectMessageHashAlgorithms: new Set([enums.hash.md5, enums.hash.ripemd, enums.hash.sha1]),
});

/** The instant as OpenPGP.js wants it. OpenPGP counts whole seconds; the rest is cut. */
export function dateOf(at: Time | number): Date {
  return new Date(Math.floor(at / 1000) * 1000);
}
