/**
 * Letters with valid OpenPGP framing and nothing inside: enough for a relay, which cannot open
 * any. The bytes follow from a seed, so that a ref is the same in every run.
 */
import { createHash } from "node:crypto";
import { concat } from "../codec/bytes.ts";

function filler(seed: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let offset = 0, block = 0; offset < length; offset += 32, block += 1) {
    const digest = createHash("sha256").update(`${seed} ${block}`).digest();
    bytes.set(digest.subarray(0, Math.min(32, length - offset)), offset);
  }
  return bytes;
}

function packet(tag: number, body: Uint8Array): Uint8Array {
  const { length } = body;
  const head = [0xc0 | tag, 0xff, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255];
  return concat([Uint8Array.of(...head, length & 255), body]);
}

/** A session-key packet for a hidden recipient (X25519 ECDH by its looks). */
function sessionKey(seed: string): Uint8Array {
  const head = Uint8Array.of(3, ...new Uint8Array(8), 18);
  return packet(1, concat([head, filler(`${seed} key`, 84)]));
}

/** A sealed letter of about `length` bytes; `keys` differ between copies of one ref. */
export function sealedLetter(seed: string, length = 500, keys = seed): Uint8Array {
  const body = concat([Uint8Array.of(1), filler(seed, length)]);
  return concat([sessionKey(keys), packet(18, body)]);
}
