/** The sizes of a letter and of what it may ask for (docs/spec/letter.md). Each is a MUST there. */
import { assert } from "../codec/assert.ts";

/** The signed text, bytes. */
export const textBytesMax = 65_536;
/** The sealed letter, binary, bytes: the text in base64-free OpenPGP with room for four recipients and RSA-4096. */
export const sealedBytesMax = 98_304;
/** Armored, as posted: four thirds and line ends. */
export const armoredBytesMax = 140_000;
export const commandsMax = 1000;
/** Characters in one line; a REGISTER line carries a certificate and may be longer. */
export const lineMax = 1000;
export const registerLineMax = 24_000;
export const idMax = 36;
export const seqMax = 281_474_976_710_655;
export const threadMax = 255;
/** Sequence numbers remembered below the highest accepted one, and the largest jump above it. */
export const seqWindow = 1024;
/** How far ahead `by` may lie, milliseconds. */
export const byAheadMax = 7 * 86_400_000;
/** Reports in one RESEND. */
export const resendMax = 100;
/** Entries in one mailbox address before it rotates. */
export const mailboxEntries = 256;
/** A report's text is padded to a multiple of this, bytes. */
export const reportStep = 1024;

assert(registerLineMax < textBytesMax, "a REGISTER line fits into a letter");
assert(
  sealedBytesMax > textBytesMax + 4 * 640,
  "a full letter fits when sealed for four RSA-4096 keys",
);
