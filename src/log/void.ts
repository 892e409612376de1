/**
 * Proofs of reading and of not reading (docs/spec/log.md §11). A proof walks through blocks of
 * reads without a gap; in each it shows the ref itself, or the neighbours between which it would
 * stand.
 *
 *   signet-reads/1 EXCHANGE
 *   ref REF
 *   leaf NUMBER LINE                 a READ or READS leaf, and its number in the log
 *   path HASH …                      that it is in the log: RFC 6962 inclusion, base64
 *   at INDEX REF HASH …              the ref, or a neighbour, in the block's tree: 0 to 2 of them
 *   …
 *   checkpoint
 *   NOTE                             the signed checkpoint, as it is
 *
 * A long way may take several proofs, each under a checkpoint of its own, each beginning where the
 * one before ended. What is missing makes nothing void: it leaves the fate open.
 */
import { fromBase64, fromHex, toBase64 } from "../codec/bytes.ts";
import { isFingerprint, isHex64, ref, type Fingerprint, type Ref } from "../codec/names.ts";
import { printTime, type Time } from "../codec/time.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { parseLeaf, type ReadsLeaf } from "./leaf.ts";
import { openNote, type Verifier, type Verify } from "./note.ts";
import { whole } from "./numbers.ts";
import { checkInclusion } from "./proof.ts";
import { leafHash } from "./tree.ts";

/** A ref in the tree of a block. */
export type Placed = {
  readonly ref: Ref;
  readonly index: number;
  readonly path: readonly Uint8Array[];
};

/** One block (or hour) of the way. */
export type BlockProof = {
  /** The leaf's number in the log. */
  readonly leaf: number;
  readonly line: string;
  /** That the log has it: an inclusion proof under the proof's checkpoint. */
  readonly leafProof: readonly Uint8Array[];
  /** The ref alone if it was read; else its neighbours, ascending. */
  readonly refs: readonly Placed[];
};

export type ReadsProof = {
  readonly exchange: Fingerprint;
  readonly ref: Ref;
  readonly blocks: readonly BlockProof[];
  /** The signed note. */
  readonly checkpoint: string;
};

/** Why a proof proves nothing, in order of precedence. */
export const readsRefusals = [
  "reads_malformed",
  "reads_of_another",
  "checkpoint_signature_wrong",
  "checkpoint_malformed",
  "reads_leaf_wrong",
  "leaf_not_in_log",
  "reads_gap",
  "ref_not_in_block",
  "neighbours_wrong",
] as const;
/** One of `readsRefusals`. */
export type ReadsRefusal = (typeof readsRefusals)[number];

/** The longest proof, characters; a longer way takes several. */
const readsProofMax = 4_194_304;
const blocksMax = 1000;

/** The proof's text. */
export function printReadsProof({ exchange, ref, blocks, checkpoint }: ReadsProof): string {
  const line = (words: readonly string[], hashes: readonly Uint8Array[]): string =>
    `${[...words, ...hashes.map((hash) => toBase64(hash))].join(" ")}\n`;
  const body = blocks.map(({ leaf, line: text, leafProof, refs }) =>
    [
      `leaf ${leaf} ${text}\n`,
      line(["path"], leafProof),
      ...refs.map((placed) => line(["at", String(placed.index), placed.ref], placed.path)),
    ].join(""),
  );
  const head = `signet-reads/1 ${exchange}\nref ${ref}\n`;
  return `${head}${body.join("")}checkpoint\n${checkpoint}`;
}

/** Reads a proof's text; says nothing about its truth. */
export function parseReadsProof(text: string): Verdict<ReadsProof, "reads_malformed"> {
  if (text.length > readsProofMax) return malformed("it is too long");
  const split = text.indexOf("\ncheckpoint\n");
  if (split < 0) return malformed("it has no checkpoint");
  const [first = "", second = "", ...lines] = text.slice(0, split).split("\n");
  const exchange = first.startsWith("signet-reads/1 ") ? first.slice(15) : "";
  const name = second.startsWith("ref ") ? second.slice(4) : "";
  if (!isFingerprint(exchange) || !isHex64(name)) return malformed("its head");
  const blocks: BlockProof[] = [];
  for (let at = 0; at < lines.length;) {
    const leaf = /^leaf (\d{1,16}) ([!-~]{1,200})$/.exec(lines[at] ?? "");
    const number = whole(leaf?.[1]);
    const leafProof = hashesIn(lines[at + 1] ?? "", "path");
    const line = leaf?.[2];
    if (number === undefined || line === undefined || leafProof === undefined) {
      return malformed(`a block (line ${at + 3})`);
    }
    at += 2;
    const refs: Placed[] = [];
    for (; refs.length < 2 && lines[at]?.startsWith("at ") === true; at += 1) {
      const placed = placedIn(lines[at] ?? "");
      if (placed === undefined) return malformed(`a ref (line ${at + 3})`);
      refs.push(placed);
    }
    blocks.push({ leaf: number, line, leafProof, refs });
    if (blocks.length > blocksMax) return malformed(`more than ${blocksMax} blocks`);
  }
  if (blocks.length === 0) return malformed("it has no block");
  return accept({ exchange, ref: ref(name), blocks, checkpoint: text.slice(split + 12) });
}

function malformed(detail: string): Refused<"reads_malformed"> {
  return refuse("reads_malformed", detail);
}

function placedIn(line: string): Placed | undefined {
  const match = /^at (\d{1,16}) ([0-9a-f]{64})/.exec(line);
  const index = whole(match?.[1]);
  if (match === null || index === undefined) return undefined;
  const path = hashesIn(line, match[0]);
  return path && { ref: ref(match[2] ?? ""), index, path };
}

/** The hashes behind `head`, each after a blank. */
function hashesIn(line: string, head: string): readonly Uint8Array[] | undefined {
  if (line === head) return [];
  if (!line.startsWith(`${head} `)) return undefined;
  const hashes = line.slice(head.length + 1).split(" ");
  if (hashes.length > 63) return undefined;
  const read = hashes.flatMap((text) => {
    const hash = fromBase64(text);
    return hash?.length === 32 && toBase64(hash) === text ? [hash] : [];
  });
  return read.length === hashes.length ? read : undefined;
}

/** What is asked, and of whose log. */
export type ReadsQuestion = {
  readonly exchange: Fingerprint;
  readonly ref: Ref;
  /** The letter cannot have been read before this. */
  readonly from: Time;
  /** Its deadline: read after it, it has no effect. */
  readonly by: Time;
  readonly log: Verifier;
  readonly verify: Verify;
};

/** What proofs say of a letter. */
export type ReadsFinding =
  /** It was read in this block. */
  | { readonly kind: "read"; readonly leaf: number; readonly from: Time; readonly to: Time }
  /** In no block that covers the time from `from` to past `by`. */
  | {
      readonly kind: "void";
      readonly from: Time;
      readonly to: Time;
      readonly blocks: number;
      /** Of the last checkpoint. */
      readonly size: number;
    }
  /** Nothing is shown yet: blocks are missing at the beginning, or (after `upTo`) at the end. */
  | { readonly kind: "open"; readonly from: Time | undefined; readonly upTo: Time | undefined };

type Way = { from: Time | undefined; to: Time | undefined; blocks: number; size: number };

/** What the proofs say, one after the other; the name of the first thing that does not hold. */
export function judgeReads(
  proofs: readonly ReadsProof[],
  question: ReadsQuestion,
): Verdict<ReadsFinding, ReadsRefusal> {
  const way: Way = { from: undefined, to: undefined, blocks: 0, size: 0 };
  for (const proof of proofs) {
    const checkpoint = checkpointOf(proof, question);
    if (!checkpoint.ok) return checkpoint;
    way.size = checkpoint.value.size;
    for (const block of proof.blocks) {
      const found = walk(way, block, checkpoint.value, question.ref);
      if (!found.ok) return found;
      const { value: leaf } = found;
      way.from ??= leaf.from;
      way.to = leaf.to;
      way.blocks += 1;
      if (block.refs[0]?.ref === question.ref) {
        return accept({ kind: "read", leaf: block.leaf, from: leaf.from, to: leaf.to });
      }
    }
  }
  const { from, to, blocks, size } = way;
  const isWhole = from !== undefined && from <= question.from;
  return isWhole && to !== undefined && to > question.by
    ? accept({ kind: "void", from, to, blocks, size })
    : accept({ kind: "open", from, upTo: to });
}

function checkpointOf(
  proof: ReadsProof,
  { exchange, ref: asked, log, verify }: ReadsQuestion,
): Verdict<Checkpoint, ReadsRefusal> {
  if (proof.exchange !== exchange || proof.ref !== asked) {
    return refuse("reads_of_another", "the proof is about another letter or exchange");
  }
  const signed = openNote(proof.checkpoint, log, verify);
  if (!signed.ok) return refuse("checkpoint_signature_wrong", signed.detail);
  const checkpoint = parseCheckpoint(signed.value);
  return checkpoint?.origin === log.name
    ? accept(checkpoint)
    : refuse("checkpoint_malformed", `not a checkpoint of ${log.name}`);
}

/** One step: the leaf is in the log, follows the one before, and the block shows what it says. */
function walk(
  way: Way,
  block: BlockProof,
  checkpoint: Checkpoint,
  asked: Ref,
): Verdict<ReadsLeaf, ReadsRefusal> {
  const leaf = parseLeaf(block.line);
  if (leaf?.kind !== "reads") {
    return refuse("reads_leaf_wrong", `leaf ${block.leaf} is of no block of reads`);
  }
  const placed = { index: block.leaf, hash: leafHash(block.line) };
  if (!checkInclusion(placed, checkpoint, block.leafProof).ok) {
    return refuse("leaf_not_in_log", `the log of ${checkpoint.size} leaves has it not there`);
  }
  if (way.to !== undefined && leaf.from !== way.to) {
    const where = `${printTime(way.to)} and ${printTime(leaf.from)}`;
    return refuse("reads_gap", `blocks do not join between ${where}`);
  }
  const root = fromHex(leaf.root) ?? new Uint8Array(0);
  const tree = { size: leaf.count, root };
  const isIn = ({ ref: name, index, path }: Placed): boolean =>
    checkInclusion({ index, hash: leafHash(name) }, tree, path).ok;
  if (!block.refs.every(isIn)) {
    return refuse("ref_not_in_block", `leaf ${block.leaf} has another root hash`);
  }
  return isShown(block.refs, leaf.count, asked)
    ? accept(leaf)
    : refuse("neighbours_wrong", `leaf ${block.leaf}: nothing shows where the ref is missing`);
}

/** Whether the refs that were shown are the one that was asked for, or leave no room for it. */
function isShown(refs: readonly Placed[], count: number, asked: Ref): boolean {
  const [first, second] = refs;
  if (first === undefined) return count === 0;
  if (second === undefined) {
    if (first.ref === asked) return true;
    return asked < first.ref ? first.index === 0 : first.index === count - 1;
  }
  return first.index + 1 === second.index && first.ref < asked && asked < second.ref;
}
