/**
 * What the dock hands to a relay that is far behind (docs/spec/log.md §12): a signed snapshot and
 * the publication that signs it, or publications of the past.
 *
 *   u8 kind, u32 length (big endian), bytes      repeated, kinds ascending
 *   1 index · 2 part … · 3 card · 4 publication …
 */
import { concat, fromLatin1, toLatin1 } from "../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";

/** What is handed over; texts are one character a byte. */
export type Handover = {
  readonly index?: string | undefined;
  /** In the order of the index. */
  readonly parts: readonly string[];
  /** The exchange's card and certificate, as they were published. */
  readonly card?: string | undefined;
  readonly publications: readonly Uint8Array[];
};

/** The longest handover of a snapshot, bytes. */
export const handoverBytesMax = 67_108_864;

const kinds = { index: 1, part: 2, card: 3, publication: 4 } as const;
const headBytes = 5;
const itemsMax = 10_000;

function item(kind: number, bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const head = Uint8Array.of(kind, length >>> 24, length >>> 16, length >>> 8, length);
  return concat([head, bytes]);
}

/** The handover's bytes. */
export function encodeHandover({ index, parts, card, publications }: Handover): Uint8Array {
  return concat([
    ...(index === undefined ? [] : [item(kinds.index, fromLatin1(index))]),
    ...parts.map((part) => item(kinds.part, fromLatin1(part))),
    ...(card === undefined ? [] : [item(kinds.card, fromLatin1(card))]),
    ...publications.map((bytes) => item(kinds.publication, bytes)),
  ]);
}

/** Reads a handover; says nothing about what is in it. */
export function decodeHandover(bytes: Uint8Array): Verdict<Handover, "handover_malformed"> {
  const malformed = (detail: string): ReturnType<typeof decodeHandover> =>
    refuse("handover_malformed", detail);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  const publications: Uint8Array[] = [];
  let [index, card]: [string?, string?] = [];
  let last = 0;
  for (let offset = 0, items = 0; offset < bytes.length; items += 1) {
    if (offset + headBytes > bytes.length) return malformed(`it ends inside the item at ${offset}`);
    if (items >= itemsMax) return malformed(`more than ${itemsMax} items`);
    const kind = view.getUint8(offset);
    const start = offset + headBytes;
    const end = start + view.getUint32(offset + 1);
    if (end > bytes.length) return malformed(`it ends inside the item at ${offset}`);
    const isRepeated = kind === last && kind !== kinds.part && kind !== kinds.publication;
    if (kind < last || isRepeated) return malformed(`kind ${kind} after ${last}`);
    const content = bytes.subarray(start, end);
    if (kind === kinds.index) index = toLatin1(content);
    else if (kind === kinds.part) parts.push(toLatin1(content));
    else if (kind === kinds.card) card = toLatin1(content);
    else if (kind === kinds.publication) publications.push(content);
    else return malformed(`kind ${kind} is unknown`);
    last = kind;
    offset = end;
  }
  return accept({ index, parts, card, publications });
}
