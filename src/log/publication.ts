/**
 * Publications (docs/spec/log.md §5): what the island hands out for one batch, and the check that a
 * receiver makes before it applies one.
 *
 *   u8 kind, u32 length (big endian), bytes      repeated, kinds ascending
 *   1 number · 2 leaf … · 3 reply … · 4 mail … · 5 unopenable · 6 card · 7 checkpoint ·
 *   8 submission … · 9 reads …
 *
 * One publication has one encoding. A publication that passes `checkPublication` holds, for every
 * reply and letter of mail, a REPORT leaf under the checkpoint's signature, and for every REPORT
 * leaf its reply or mail: whoever carried it could neither add, nor change, nor leave out a text.
 * The same holds for the ring venue's submissions and their SUBMISSION leaves, and for the refs
 * that were read and their READ leaves.
 */
import { assert } from "../codec/assert.ts";
import { concat, equalBytes, fromAscii, fromHex, sha256, toHex, toLatin1 } from "../codec/bytes.ts";
import { ref, tag, type Ref, type Tag } from "../codec/names.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { leafBytesMax, parseLeaf } from "./leaf.ts";
import { decodeNote, encodeNote, openNote, type Verifier, type Verify } from "./note.ts";
import { parseNotice } from "./notice.ts";
import { isAscending, readsRoot } from "./reads.ts";
import { appendLeaf, rootHash, type Frontier } from "./tree.ts";

export type Reply = { readonly ref: Ref; readonly sealed: Uint8Array };
export type Mail = { readonly tag: Tag; readonly index: number; readonly sealed: Uint8Array };

/** What is sent to the ring venue's contract; anybody may. */
export type PublishedSubmission = { readonly number: number; readonly calldata: Uint8Array };

export type Publication = {
  /** 1, 2, 3 … without a gap. */
  readonly number: number;
  readonly leaves: readonly string[];
  readonly replies: readonly Reply[];
  readonly mail: readonly Mail[];
  /** A signed note that lists refs which did not open. */
  readonly unopenable?: string | undefined;
  /** The clear-signed exchange card and, after it, the exchange's armored certificate. */
  readonly card?: string | undefined;
  /** The signed checkpoint over the log up to here. */
  readonly checkpoint: string;
  /** By ascending number. */
  readonly submissions?: readonly PublishedSubmission[] | undefined;
  /** The refs of each READ leaf, sorted, one leaf after the other. */
  readonly reads?: readonly Ref[] | undefined;
};

/** Why bytes are no publication, or a publication is not applied, in order of precedence. */
export const publicationRefusals = [
  "publication_too_long",
  "publication_malformed",
  "number_wrong",
  "leaf_malformed",
  "checkpoint_signature_wrong",
  "checkpoint_malformed",
  "size_wrong",
  "root_wrong",
  "report_without_leaf",
  "leaf_without_report",
  "notice_wrong",
  "submission_without_leaf",
  "leaf_without_submission",
  "leaf_without_reads",
  "reads_wrong",
  "reads_without_leaf",
] as const;
/** One of `publicationRefusals`. */
export type PublicationRefusal = (typeof publicationRefusals)[number];

/** The longest publication: the airlock's largest payload. */
export const publicationBytesMax = 9_437_184;
/** The card and the certificate after it, bytes. */
const cardBytesMax = 131_072;
/** One submission's calldata, bytes. */
const calldataBytesMax = 65_536;
/** Refs in one item: every item but the last of a publication has as many. */
const readsItemRefs = 2048;

const kinds = {
  number: 1,
  leaf: 2,
  reply: 3,
  mail: 4,
  unopenable: 5,
  card: 6,
  checkpoint: 7,
  submission: 8,
  reads: 9,
} as const;
/** Those that may stand more than once. */
const manyKinds: ReadonlySet<number> = new Set([
  kinds.leaf,
  kinds.reply,
  kinds.mail,
  kinds.submission,
  kinds.reads,
]);

/** An item's bytes, in parts. */
function item(kind: number, ...parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [Uint8Array.of(kind, length >>> 24, length >>> 16, length >>> 8, length), ...parts];
}

function bigEndian(value: number, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  let rest = value;
  for (let i = width - 1; i >= 0; i -= 1) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

function hexBytes(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  assert(bytes?.length === 32, "refs and tags are 32 bytes in hex");
  return bytes;
}

/** The publication's bytes. */
export function encodePublication(publication: Publication): Uint8Array {
  const { number, leaves, replies, mail, unopenable, card, checkpoint } = publication;
  const { submissions = [], reads = [] } = publication;
  assert(Number.isSafeInteger(number) && number > 0, "publications count from 1");
  const whole = concat([
    ...item(kinds.number, bigEndian(number, 8)),
    ...leaves.flatMap((line) => item(kinds.leaf, fromAscii(line))),
    ...replies.flatMap((reply) => item(kinds.reply, hexBytes(reply.ref), reply.sealed)),
    ...mail.flatMap((entry) =>
      item(kinds.mail, hexBytes(entry.tag), bigEndian(entry.index, 4), entry.sealed),
    ),
    ...(unopenable === undefined ? [] : item(kinds.unopenable, encodeNote(unopenable))),
    ...(card === undefined ? [] : item(kinds.card, fromAscii(card))),
    ...item(kinds.checkpoint, encodeNote(checkpoint)),
    ...submissions.flatMap((each) =>
      item(kinds.submission, bigEndian(each.number, 8), each.calldata),
    ),
    ...readsItems(reads),
  ]);
  assert(whole.length <= publicationBytesMax, "a publication fits into one airlock payload");
  return whole;
}

function readsItems(reads: readonly Ref[]): readonly Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let i = 0; i < reads.length; i += readsItemRefs) {
    items.push(...item(kinds.reads, concat(reads.slice(i, i + readsItemRefs).map(hexBytes))));
  }
  return items;
}

type Draft = {
  number: number | undefined;
  leaves: string[];
  replies: Reply[];
  mail: Mail[];
  unopenable: string | undefined;
  card: string | undefined;
  checkpoint: string | undefined;
  submissions: PublishedSubmission[];
  reads: Ref[];
};

function number(bytes: Uint8Array): number | undefined {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return Number.isSafeInteger(value) ? value : undefined;
}

function malformed(detail: string): Refused<"publication_malformed"> {
  return refuse("publication_malformed", detail);
}

/** Reads one item into the draft; says what is wrong with it, or nothing. */
function take(draft: Draft, kind: number, bytes: Uint8Array): string | undefined {
  switch (kind) {
    case kinds.number:
      draft.number = bytes.length === 8 ? number(bytes) : undefined;
      return draft.number === undefined || draft.number === 0 ? "the number" : undefined;
    case kinds.leaf: {
      const line = bytes.length <= leafBytesMax ? toLatin1(bytes) : "\n";
      if (!/^[\x20-\x7e]*$/.test(line)) return "a leaf is too long or not ASCII";
      draft.leaves.push(line);
      return undefined;
    }
    case kinds.reply:
      if (bytes.length <= 32) return "a reply is too short";
      draft.replies.push({ ref: ref(toHex(bytes.subarray(0, 32))), sealed: bytes.slice(32) });
      return undefined;
    case kinds.mail: {
      const index = number(bytes.subarray(32, 36));
      if (bytes.length <= 36 || index === undefined) return "an entry of mail is too short";
      const address = tag(toHex(bytes.subarray(0, 32)));
      draft.mail.push({ tag: address, index, sealed: bytes.slice(36) });
      return undefined;
    }
    case kinds.unopenable:
      draft.unopenable = decodeNote(bytes);
      return draft.unopenable === undefined ? "the notice" : undefined;
    case kinds.card: {
      const text = bytes.length <= cardBytesMax ? toLatin1(bytes) : "\x00";
      if (!/^[\x20-\x7e\n]+$/.test(text)) return "the card";
      draft.card = text;
      return undefined;
    }
    case kinds.checkpoint:
      draft.checkpoint = decodeNote(bytes);
      return draft.checkpoint === undefined ? "the checkpoint" : undefined;
    case kinds.submission:
      return takeSubmission(draft, bytes);
    case kinds.reads:
      return takeReads(draft, bytes);
    default:
      return "a kind is unknown";
  }
}

function takeSubmission(draft: Draft, bytes: Uint8Array): string | undefined {
  const count = number(bytes.subarray(0, 8));
  const calldata = bytes.slice(8);
  if (count === undefined || count <= (draft.submissions.at(-1)?.number ?? 0)) {
    return "submissions count from 1 and ascend";
  }
  if (calldata.length === 0 || calldata.length > calldataBytesMax) return "a submission's length";
  draft.submissions.push({ number: count, calldata });
  return undefined;
}

function takeReads(draft: Draft, bytes: Uint8Array): string | undefined {
  const count = bytes.length / 32;
  if (!Number.isSafeInteger(count) || count < 1 || count > readsItemRefs) return "reads' length";
  if (draft.reads.length % readsItemRefs !== 0) return "reads before the last item are not full";
  for (let i = 0; i < bytes.length; i += 32) {
    draft.reads.push(ref(toHex(bytes.subarray(i, i + 32))));
  }
  return undefined;
}

/** Reads a publication's bytes. Says nothing about its truth: that is `checkPublication`. */
export function decodePublication(
  bytes: Uint8Array,
): Verdict<Publication, "publication_too_long" | "publication_malformed"> {
  if (bytes.length > publicationBytesMax) {
    return refuse("publication_too_long", `more than ${publicationBytesMax} bytes`);
  }
  const draft: Draft = {
    number: undefined,
    leaves: [],
    replies: [],
    mail: [],
    unopenable: undefined,
    card: undefined,
    checkpoint: undefined,
    submissions: [],
    reads: [],
  };
  let last = 0;
  for (let offset = 0; offset < bytes.length;) {
    const kind = bytes[offset] ?? 0;
    const length = number(bytes.subarray(offset + 1, offset + 5)) ?? 0;
    const start = offset + 5;
    if (start + length > bytes.length) return malformed(`it ends inside the item at ${offset}`);
    if (kind < last || (kind === last && !manyKinds.has(kind)))
      return malformed(`kind ${kind} after ${last}`);
    const wrong = take(draft, kind, bytes.subarray(start, start + length));
    if (wrong !== undefined) return malformed(`${wrong} (item at ${offset})`);
    last = kind;
    offset = start + length;
  }
  const { checkpoint } = draft;
  if (draft.number === undefined) return malformed("it has no number");
  if (checkpoint === undefined) return malformed("it has no checkpoint");
  return accept({
    number: draft.number,
    leaves: draft.leaves,
    replies: draft.replies,
    mail: draft.mail,
    unopenable: draft.unopenable,
    card: draft.card,
    checkpoint,
    submissions: draft.submissions,
    reads: draft.reads,
  });
}

/**
 * The leaves of a publication that was checked before, without looking at the rest of it; what is
 * not one has none.
 */
export function leavesIn(bytes: Uint8Array): readonly string[] {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const kind = bytes[offset] ?? 0;
    const length = number(bytes.subarray(offset + 1, offset + 5)) ?? 0;
    if (kind > kinds.leaf) break;
    const start = offset + 5;
    if (kind === kinds.leaf) lines.push(toLatin1(bytes.subarray(start, start + length)));
    offset = start + length;
  }
  return lines;
}

/** Who checks and what is known so far. */
export type PublicationContext = {
  /** The number that must come: one above the watermark. */
  readonly number: number;
  /** The tree before this publication. */
  readonly before: Frontier;
  /** The log key; its name is the log's origin. */
  readonly log: Verifier;
  readonly verify: Verify;
};

/** The tree after the publication, if it may be applied after what `context` says is known. */
export function checkPublication(
  publication: Publication,
  context: PublicationContext,
): Verdict<Frontier, PublicationRefusal> {
  if (publication.number !== context.number) {
    return refuse("number_wrong", `number ${publication.number}, expected ${context.number}`);
  }
  for (const [index, line] of publication.leaves.entries()) {
    if (parseLeaf(line) === undefined) return refuse("leaf_malformed", `leaf ${index} of it`);
  }
  let frontier = context.before;
  for (const line of publication.leaves) frontier = appendLeaf(frontier, line);
  const signed = openNote(publication.checkpoint, context.log, context.verify);
  if (!signed.ok) return refuse("checkpoint_signature_wrong", signed.detail);
  const checkpoint = parseCheckpoint(signed.value);
  if (checkpoint?.origin !== context.log.name) {
    return refuse("checkpoint_malformed", `not a checkpoint of ${context.log.name}`);
  }
  if (checkpoint.size !== frontier.size) {
    return refuse("size_wrong", `the checkpoint says ${checkpoint.size}, here ${frontier.size}`);
  }
  if (!equalBytes(checkpoint.root, rootHash(frontier))) {
    return refuse("root_wrong", `the tree of ${frontier.size} leaves has another root hash here`);
  }
  const wrong =
    checkReports(publication) ??
    checkNotice(publication, context) ??
    checkSubmissions(publication) ??
    checkReads(publication);
  return wrong ?? accept(frontier);
}

/** One REPORT leaf for one reply or entry of mail, counted: equal texts have as many leaves. */
function checkReports(publication: Publication): Refused<PublicationRefusal> | undefined {
  const leaves = new Map<string, number>();
  for (const line of publication.leaves) {
    const leaf = parseLeaf(line);
    if (leaf?.kind === "report") leaves.set(leaf.digest, (leaves.get(leaf.digest) ?? 0) + 1);
  }
  for (const { sealed } of [...publication.replies, ...publication.mail]) {
    const hash = toHex(sha256(sealed));
    const left = leaves.get(hash) ?? 0;
    if (left === 0) return refuse("report_without_leaf", `no REPORT leaf for ${hash}`);
    if (left === 1) leaves.delete(hash);
    else leaves.set(hash, left - 1);
  }
  const [hash] = leaves.keys();
  return hash === undefined
    ? undefined
    : refuse("leaf_without_report", `the text with the hash ${hash} was left out`);
}

/** One SUBMISSION leaf for one submission: its number, and the hash of its calldata. */
function checkSubmissions(publication: Publication): Refused<PublicationRefusal> | undefined {
  const leaves = publication.leaves.flatMap((line) => {
    const leaf = parseLeaf(line);
    return leaf?.kind === "submission" ? [`${leaf.number} ${leaf.digest}`] : [];
  });
  const left = new Set(leaves);
  for (const { number, calldata } of publication.submissions ?? []) {
    if (!left.delete(`${number} ${toHex(sha256(calldata))}`)) {
      return refuse("submission_without_leaf", `no SUBMISSION leaf for submission ${number}`);
    }
  }
  // Counted in the list, not in the set: an honest exchange does not say one leaf twice.
  const missing = leaves.length - (publication.submissions ?? []).length;
  return missing === 0
    ? undefined
    : refuse("leaf_without_submission", `${missing} submissions were left out`);
}

/** For each READ leaf its refs, as many as it says, ascending, and their root; none besides. */
function checkReads({ leaves, reads = [] }: Publication): Refused<PublicationRefusal> | undefined {
  let at = 0;
  for (const line of leaves) {
    const leaf = parseLeaf(line);
    if (leaf?.kind !== "reads" || leaf.span !== "block") continue;
    const refs = reads.slice(at, at + leaf.count);
    at += refs.length;
    if (refs.length < leaf.count) return refuse("leaf_without_reads", `the refs of ${line}`);
    if (!isAscending(refs) || readsRoot(refs) !== leaf.root) {
      return refuse("reads_wrong", `the refs are not those of ${line}`);
    }
  }
  const more = reads.length - at;
  return more === 0 ? undefined : refuse("reads_without_leaf", `${more} refs have no READ leaf`);
}

function checkNotice(
  publication: Publication,
  context: PublicationContext,
): Refused<PublicationRefusal> | undefined {
  if (publication.unopenable === undefined) return undefined;
  const signed = openNote(publication.unopenable, context.log, context.verify);
  if (!signed.ok) return refuse("notice_wrong", signed.detail);
  const notice = parseNotice(signed.value);
  return notice !== undefined && context.log.name.endsWith(`/${notice.exchange}`)
    ? undefined
    : refuse("notice_wrong", "not a notice of this exchange");
}
