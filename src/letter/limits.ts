/** The sizes of a letter and of what it may ask for (docs/spec/letter.md). Each is a MUST there. */
import { assert } from "../codec/assert.ts";

/** The signed text, bytes. */
export const textBytesMax = 65_536;
/**
 * The sealed letter, binary, bytes: the text in base64-free OpenPGP with room for four recipients
 * and RSA-4096.
 */
export const sealedBytesMax = 98_304;
/** Armored, as posted: four thirds and line ends. */
export const armoredBytesMax = 140_000;
export const commandsMax = 1000;
/** Each RING costs a decryption and work on two curves before the letter is journaled. */
export const ringCommandsMax = 16;
/** Those that carry a certificate or a revocation, each a check of signatures likewise. */
export const keyCommandsMax = 4;
/** Characters in one line; a line that carries a certificate may be longer. */
export const lineMax = 1000;
export const certificateLineMax = 24_000;
/** A REVOKE line carries one signature. */
export const revokeLineMax = 8000;
/** A RING line carries an order, its signature and a sealed key. */
export const ringLineMax = 8000;
/** Bytes of an owner's signature: a key's has 64, a contract may take more (ERC-1271). */
export const ringSignatureMin = 64;
export const ringSignatureMax = 1024;
/** Characters of a sealed auth key, in base64. */
export const ringAuthMax = 4000;
/** Characters of an `id=` or `tag=`. */
export const idMax = 36;
/** Characters of an address or of the operators' evidence. */
export const remarkMax = 100;
/** Hex digits that name an order: at least 80 bits, at most all of them. */
export const prefixMin = 20;
export const prefixMax = 64;
export const seqMax = 281_474_976_710_655;
export const threadMax = 255;
/** Sequence numbers remembered below the highest accepted one, and the largest jump above it. */
export const seqWindow = 1024;
/** How far ahead `by` may lie, milliseconds. */
export const byAheadMax: number = 7 * 86_400_000;
/** Reports in one RESEND. */
export const resendMax = 100;
/** Entries in one mailbox address before it rotates. */
export const mailboxEntries = 256;
/** A report's text is padded to a multiple of this, bytes. */
export const reportStep = 1024;
/** The longest report or answer that a customer's software reads, bytes. */
export const reportBytesMax = 6_291_456;
/** Characters of a sentence in a record, and of a refusal's name. */
export const sentenceMax = 400;
export const nameMax = 40;
/** Session-key packets in one letter, and bytes in one of them (RSA-8192 needs 1,037). */
export const sessionKeysMax = 4;
export const sessionKeyBytesMax = 1100;

assert(certificateLineMax < textBytesMax, "a certificate's line fits into a letter");
assert(
  ringLineMax > ringAuthMax + 2 * ringSignatureMax + 2 * idMax + 1500,
  "a RING line has room for the longest order as we print it",
);
assert(
  sealedBytesMax > textBytesMax + sessionKeysMax * sessionKeyBytesMax,
  "a full letter fits when sealed for four of the largest keys",
);
assert(
  armoredBytesMax > Math.ceil(sealedBytesMax / 3) * 4 + Math.ceil(sealedBytesMax / 48) * 2 + 400,
  "the largest letter fits in armor with CRLF line ends and a few header lines",
);
assert(idMax >= prefixMin, "an own id could look like an order id and is refused then");
