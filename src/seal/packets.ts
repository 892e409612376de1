/**
 * OpenPGP packet framing (RFC 9580 §4.2), read strictly and written minimally.
 *
 * Both header formats and partial lengths are read, because GnuPG uses all of them. Refused:
 * partial lengths on anything but data packets, a first part below 512 bytes, an indeterminate
 * length on anything but compressed data, a length that overruns, and more packets than the caller
 * allows.
 */
import { at, assert } from "../codec/assert.ts";
import { concat } from "../codec/bytes.ts";

/** Packet types (RFC 9580 §5) that this folder handles. */
export const tags = {
  sessionKey: 1,
  signature: 2,
  onePass: 4,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  compressed: 8,
  literal: 11,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
  sealed: 18,
  padding: 21,
} as const;

/** Compressed, symmetrically encrypted, literal, sealed, AEAD: the types that may come in parts. */
const dataTags: ReadonlySet<number> = new Set([8, 9, 11, 18, 20]);
const firstPartMin = 512;

export type Packet = {
  readonly tag: number;
  /** The body, partial lengths joined. */
  readonly body: Uint8Array;
};

/** A cursor that never reads past the end. */
type Span = { readonly from: number; readonly length: number; readonly partial: boolean };

/**
 * The packets that the bytes consist of, whole; `undefined` if they do not, or are more than
 * `most`.
 */
export function readPackets(bytes: Uint8Array, most: number): readonly Packet[] | undefined {
  const packets: Packet[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const packet = packets.length < most ? readPacket(bytes, offset) : undefined;
    if (packet === undefined) return undefined;
    packets.push({ tag: packet.tag, body: packet.body });
    offset = packet.end;
  }
  return packets;
}

function readPacket(bytes: Uint8Array, offset: number): (Packet & { end: number }) | undefined {
  const first = at(bytes, offset);
  if ((first & 0x80) === 0) return undefined;
  if ((first & 0x40) === 0) return readOldPacket(bytes, offset);
  const tag = first & 0x3f;
  const parts: Uint8Array[] = [];
  let next = offset + 1;
  for (;;) {
    const span = readLength(bytes, next);
    if (span === undefined || span.from + span.length > bytes.length) return undefined;
    const mayBePart = dataTags.has(tag) && (parts.length > 0 || span.length >= firstPartMin);
    if (span.partial && !mayBePart) return undefined;
    parts.push(bytes.subarray(span.from, span.from + span.length));
    next = span.from + span.length;
    if (!span.partial) break;
  }
  return { tag, body: parts.length === 1 ? at(parts, 0) : concat(parts), end: next };
}

/** RFC 9580 §4.2.2: the old format, with one, two or four length octets, or none. */
function readOldPacket(bytes: Uint8Array, offset: number): (Packet & { end: number }) | undefined {
  const first = at(bytes, offset);
  const tag = (first >> 2) & 0x0f;
  const kind = first & 3;
  if (kind === 3) {
    if (tag !== tags.compressed) return undefined;
    return { tag, body: bytes.subarray(offset + 1), end: bytes.length };
  }
  const octets = 1 << kind;
  const from = offset + 1 + octets;
  if (from > bytes.length) return undefined;
  const end = from + readNumber(bytes.subarray(offset + 1, from));
  if (end > bytes.length) return undefined;
  return { tag, body: bytes.subarray(from, end), end };
}

/** RFC 9580 §4.2.1: one, two or five octets, or the length of a part. */
function readLength(bytes: Uint8Array, offset: number): Span | undefined {
  const first = bytes[offset];
  if (first === undefined) return undefined;
  if (first < 192) return { from: offset + 1, length: first, partial: false };
  if (first >= 224 && first < 255) {
    return { from: offset + 1, length: 2 ** (first & 0x1f), partial: true };
  }
  const octets = first === 255 ? 4 : 1;
  const from = offset + 1 + octets;
  if (from > bytes.length) return undefined;
  const rest = readNumber(bytes.subarray(offset + 1, from));
  const length = first === 255 ? rest : ((first - 192) << 8) + rest + 192;
  return { from, length, partial: false };
}

/** Big endian. At most six octets, so that a number holds it. */
export function readNumber(bytes: Uint8Array): number {
  let number = 0;
  for (const byte of bytes) number = number * 256 + byte;
  return number;
}

/** Big endian in so many octets. */
export function writeNumber(number: number, octets: number): Uint8Array {
  const bytes = new Uint8Array(octets);
  let rest = number;
  for (let i = octets - 1; i >= 0; i -= 1) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  assert(rest === 0, "the number fits into its octets");
  return bytes;
}

/** The length octets of the new format, which subpackets use as well. */
export function writeLength(length: number): Uint8Array {
  if (length < 192) return writeNumber(length, 1);
  if (length < 8384) {
    return new Uint8Array([((length - 192) >> 8) + 192, (length - 192) & 0xff]);
  }
  return concat([new Uint8Array([255]), writeNumber(length, 4)]);
}

/** The header of a packet in the new format. */
export function writePacketHead(tag: number, length: number): Uint8Array {
  return concat([new Uint8Array([0xc0 | tag]), writeLength(length)]);
}

/** One packet in the new format, its body given in parts. */
export function writePacket(tag: number, ...body: readonly Uint8Array[]): Uint8Array {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  return concat([writePacketHead(tag, length), ...body]);
}

/** A multiprecision integer (RFC 9580 §3.2): bit count, then the bytes without leading zeros. */
export function writeMpi(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  if (digits.length === 0) return new Uint8Array(2);
  const bits = (digits.length - 1) * 8 + (32 - Math.clz32(at(digits, 0)));
  return concat([writeNumber(bits, 2), digits]);
}
