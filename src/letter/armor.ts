/**
 * ASCII armor (RFC 9580 §6), strictly one `PGP MESSAGE` block and nothing around it but blank
 * lines:
 *
 *   -----BEGIN PGP MESSAGE-----
 *   Comment: only Version, Comment and Charset are known
 *
 *   base64 …
 *   =CRC4                        read: optional, only its form is checked; written: always
 *   -----END PGP MESSAGE-----
 *
 * CR before LF and blanks at line ends are forgiven, since mail and browsers add them. What was
 * forgiven never reaches a signature: only the bytes inside do.
 */
import { at } from "../codec/assert.ts";
import { fromBase64, toBase64 } from "../codec/bytes.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";

const begin = "-----BEGIN PGP MESSAGE-----";
const end = "-----END PGP MESSAGE-----";
const lineLength = 64;

/**
 * The block for a binary message, LF line ends. With the checksum that RFC 9580 §6.1 calls
 * superfluous: without it GnuPG 2.2 misreads the end line and fails after it has decrypted all
 * (measured).
 */
export function armor(binary: Uint8Array): string {
  const body = toBase64(binary);
  const lines = [begin, ""];
  for (let i = 0; i < body.length; i += lineLength) lines.push(body.slice(i, i + lineLength));
  return [...lines, `=${toBase64(crc24(binary))}`, end, ""].join("\n");
}

/** CRC-24 of RFC 9580 §6.1.1, three octets. */
function crc24(bytes: Uint8Array): Uint8Array {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return Uint8Array.of((crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff);
}

/** The bytes inside the one block of a text. Time linear in the text's length. */
export function dearmor(text: string): Verdict<Uint8Array, "armor_malformed"> {
  if (/[^\t\n\r -~]/.test(text)) return malformed("contains bytes that are not plain ASCII");
  const lines = text.split("\n").map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line !== "");
  const last = lines.findLastIndex((line) => line !== "");
  if (lines[first] !== begin) return malformed(`does not begin with ${begin}`);
  if (lines[last] !== end || last === first) return malformed(`does not end with ${end}`);
  const blank = lines.indexOf("", first);
  if (blank < 0 || blank > last) return malformed("has no empty line before its base64");
  const headers = lines.slice(first + 1, blank);
  if (!headers.every((line) => /^(Version|Comment|Charset): /.test(`${line} `))) {
    return malformed("has a header other than Version, Comment and Charset");
  }
  const body = lines.slice(blank + 1, last);
  if (/^=[A-Za-z0-9+/]{4}$/.test(body.at(-1) ?? "")) body.pop();
  for (let i = 0; i < body.length; i += 1) {
    if (!/^[A-Za-z0-9+/]+=*$/.test(at(body, i))) {
      return malformed(`has a line that is not base64, number ${blank + i + 2}`);
    }
  }
  const bytes = fromBase64(body.join(""));
  if (bytes === undefined || bytes.length === 0) return malformed("is not whole base64");
  return accept(bytes);
}

function malformed(fact: string): Refused<"armor_malformed"> {
  return refuse("armor_malformed", `The armored message ${fact}.`);
}
