/**
 * One record of `said/` (docs/spec/journal.md §4), big endian: a publication that left the island,
 * and what the island keeps of it for itself.
 *
 *   upTo 8 | size 8, count 1, count × hash 32 | length 4, publication | count 4, count × document
 *   document = to 20, report 8, flags 1, [order id 32], [ref 32], length 4, text
 *
 * `upTo` is the last journal record that is answered by now, 0 if a later publication of the same
 * batch will say it. Size and hashes are the log's tree with this publication's leaves. Report 0 is
 * an unnumbered answer; flag 1 says that an order id follows, flag 2 a ref. The texts never leave
 * the island.
 */
import { assert } from "../codec/assert.ts";
import { toLatin1 } from "../codec/bytes.ts";
import {
  type Fingerprint,
  fingerprint,
  type OrderId,
  orderId,
  ref,
  type Ref,
} from "../codec/names.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { FieldReader, FieldWriter } from "./wire.ts";

/** Which document it is. */
export type DocumentName = {
  readonly to: Fingerprint;
  /** `undefined`: an unnumbered answer. */
  readonly report: number | undefined;
  readonly orderId: OrderId | undefined;
  readonly ref: Ref | undefined;
};

/** The clear text of one sealed document, for RESEND and for repeats. */
export type Archived = DocumentName & { readonly text: string };

type SaidOf<Document> = {
  readonly upTo: number;
  /** As src/log/tree.ts has it, so that a start does not hash the whole log again. */
  readonly frontier: { readonly size: number; readonly hashes: readonly Uint8Array[] };
  readonly publication: Uint8Array;
  readonly archive: readonly Document[];
};

export type Said = SaidOf<Archived>;

/** In order of precedence. */
export const saidRefusals = ["said_short", "said_invalid", "said_long"] as const;
export type SaidRefusal = (typeof saidRefusals)[number];

const orderIdFlag = 1;
const refFlag = 2;

/** The bytes of a record. */
export function encodeSaid(said: Said): Uint8Array {
  const { upTo, frontier, publication, archive } = said;
  assert(frontier.hashes.length === onesOf(frontier.size), "a tree's frontier fits its size");
  const treeBytes = 8 + 1 + 32 * frontier.hashes.length;
  const archiveBytes = archive.reduce((sum, archived) => sum + sizeOf(archived), 4);
  const fields = new FieldWriter(8 + treeBytes + 4 + publication.length + archiveBytes);
  fields.u64(upTo).u64(frontier.size).u8(frontier.hashes.length);
  for (const hash of frontier.hashes) {
    assert(hash.length === 32, "a hash is 32 bytes");
    fields.bytes(hash);
  }
  fields.u32(publication.length).bytes(publication).u32(archive.length);
  for (const archived of archive) {
    assert(archived.report !== 0, "reports count from 1");
    fields.hex(archived.to).u64(archived.report ?? 0);
    fields.u8(flagsOf(archived));
    if (archived.orderId !== undefined) fields.hex(archived.orderId);
    if (archived.ref !== undefined) fields.hex(archived.ref);
    fields.u32(archived.text.length).latin1(archived.text);
  }
  return fields.done();
}

/** The record, or the name of what is wrong. Hashes and publication are views of `bytes`. */
export function decodeSaid(bytes: Uint8Array): Verdict<Said, SaidRefusal> {
  return decode(bytes, (name, text) => ({ ...name, text: toLatin1(text) }));
}

/** As `decodeSaid` without the texts, which are most of it: for whoever only looks for records. */
export function decodeSaidNames(bytes: Uint8Array): Verdict<SaidOf<DocumentName>, SaidRefusal> {
  return decode(bytes, (name) => name);
}

function decode<Document>(
  bytes: Uint8Array,
  documentOf: (name: DocumentName, text: Uint8Array) => Document,
): Verdict<SaidOf<Document>, SaidRefusal> {
  const fields = new FieldReader(bytes);
  const upTo = fields.u64();
  const size = fields.u64();
  const hashes: Uint8Array[] = [];
  for (let left = fields.u8(); left > 0 && !fields.failed; left -= 1) hashes.push(fields.bytes(32));
  const publication = fields.bytes(fields.u32());
  const archive: Document[] = [];
  let valid = Number.isSafeInteger(upTo) && hashes.length === onesOf(size);
  for (let left = fields.u32(); left > 0 && !fields.failed; left -= 1) {
    const to = fingerprint(fields.hex(20));
    const report = fields.u64();
    const flags = fields.u8();
    valid &&= flags <= (orderIdFlag | refFlag) && Number.isSafeInteger(report);
    const name = {
      to,
      report: report === 0 ? undefined : report,
      orderId: flags & orderIdFlag ? orderId(fields.hex(32)) : undefined,
      ref: flags & refFlag ? ref(fields.hex(32)) : undefined,
    };
    archive.push(documentOf(name, fields.bytes(fields.u32())));
  }
  if (fields.failed) return refuse("said_short", "a said record is cut short");
  if (!valid) return refuse("said_invalid", "a number, a tree or a document's flags cannot be");
  if (fields.left > 0) return refuse("said_long", "a said record ends with its archive");
  return accept({ upTo, frontier: { size, hashes }, publication, archive });
}

function flagsOf(archived: Archived): number {
  return (
    (archived.orderId === undefined ? 0 : orderIdFlag) | (archived.ref === undefined ? 0 : refFlag)
  );
}

function sizeOf(archived: Archived): number {
  const names = [archived.orderId, archived.ref].filter((name) => name !== undefined).length;
  return 20 + 8 + 1 + 32 * names + 4 + archived.text.length;
}

/** The one-bits of a size: the perfect subtrees of a tree with so many leaves; -1 for no size. */
function onesOf(size: number): number {
  if (!Number.isSafeInteger(size)) return -1;
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
