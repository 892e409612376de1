/**
 * OpenPGP packet framing (RFC 9580 §4.2): old and new format headers, definite lengths of one, two,
 * four or five octets, and partial lengths. Bodies are not looked into. An indeterminate length, a
 * partial length where it is not allowed, a first part below 512 bytes and more than 1,024 parts
 * are malformed.
 */
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";

/** One packet. */
export type Packet = {
  readonly tag: number;
  /** The body's parts in order: one, or several where partial lengths were used. */
  readonly parts: readonly Uint8Array[];
  /** Where the next packet begins. */
  readonly next: number;
};

/** Refusals of framing. */
export type PacketRefusal = "packet_malformed" | "packet_truncated";

/** Compressed, encrypted and literal data: the kinds that may come in parts. */
const partialTags: ReadonlySet<number> = new Set([8, 9, 11, 18, 20]);
const firstPartMin = 512;
/** Parts of one octet each would cost a reader far more than they cost the sender. */
const partsMax = 1024;

type Length = {
  readonly kind: "whole" | "part";
  readonly bytes: number;
  readonly bodyAt: number;
};

/** The tag in a packet's first octet; `undefined` if it is not one. */
export function tagOf(octet: number | undefined): number | undefined {
  if (octet === undefined || octet < 0x80) return undefined;
  return (octet & 0x40) === 0 ? (octet >> 2) & 0x0f : octet & 0x3f;
}

/** Reads the packet that begins at `offset`. */
export function readPacket(bytes: Uint8Array, offset: number): Verdict<Packet, PacketRefusal> {
  const octet = bytes[offset];
  const tag = tagOf(octet);
  if (octet === undefined || tag === undefined || tag === 0) {
    return refuse("packet_malformed", `At byte ${offset} no packet begins.`);
  }
  const isNew = (octet & 0x40) !== 0;
  let length = isNew ? newLength(bytes, offset + 1) : oldLength(bytes, offset + 1, octet & 3);
  if (!length.ok) return length;
  if (
    length.value.kind === "part" &&
    !(partialTags.has(tag) && length.value.bytes >= firstPartMin)
  ) {
    return refuse("packet_malformed", `The packet at byte ${offset} may not come in such parts.`);
  }
  const parts: Uint8Array[] = [];
  for (;;) {
    const { kind, bytes: count, bodyAt } = length.value;
    const next = bodyAt + count;
    if (next > bytes.length) return truncated(offset);
    parts.push(bytes.subarray(bodyAt, next));
    if (kind === "whole") return accept({ tag, parts, next });
    if (parts.length === partsMax) {
      return refuse("packet_malformed", `The packet at byte ${offset} comes in too many parts.`);
    }
    length = newLength(bytes, next);
    if (!length.ok) return length;
  }
}

function truncated(offset: number): Refused<PacketRefusal> {
  return refuse("packet_truncated", `The packet at byte ${offset} ends before it is whole.`);
}

function bigEndian(bytes: Uint8Array, offset: number, count: number): number | undefined {
  if (offset + count > bytes.length) return undefined;
  return bytes.subarray(offset, offset + count).reduce((sum, octet) => sum * 256 + octet, 0);
}

function whole(bytes: Uint8Array, offset: number, count: number): Verdict<Length, PacketRefusal> {
  const value = bigEndian(bytes, offset, count);
  if (value === undefined) return truncated(offset);
  return accept({ kind: "whole", bytes: value, bodyAt: offset + count });
}

function oldLength(
  bytes: Uint8Array,
  offset: number,
  type: number,
): Verdict<Length, PacketRefusal> {
  if (type === 3) {
    return refuse("packet_malformed", "A packet does not say its length.");
  }
  return whole(bytes, offset, 1 << type);
}

function newLength(bytes: Uint8Array, offset: number): Verdict<Length, PacketRefusal> {
  const first = bytes[offset];
  if (first === undefined) return truncated(offset);
  if (first < 192) return accept({ kind: "whole", bytes: first, bodyAt: offset + 1 });
  if (first < 224) {
    const second = bytes[offset + 1];
    if (second === undefined) return truncated(offset);
    return accept({ kind: "whole", bytes: (first - 192) * 256 + second + 192, bodyAt: offset + 2 });
  }
  if (first === 255) return whole(bytes, offset + 1, 4);
  // Up to 2^30, which no letter has room for; shifting stays exact.
  return accept({ kind: "part", bytes: 1 << (first & 31), bodyAt: offset + 1 });
}
