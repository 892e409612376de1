/**
 * C2SP tlog-proof (docs/spec/log.md §8): one text that shows, for ever and without asking anybody,
 * that a leaf stands in the log at a number.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra BASE64                    may be left out; nobody signed it
 *   index N
 *   BASE64                          one line each, from the leaf's sibling up to the root's child
 *
 *   the checkpoint, a signed note
 */
import { fromBase64, toBase64 } from "../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { openCheckpoint, type Checkpoint, type CheckpointRefusal } from "./checkpoint.ts";
import type { Verifier, Verify } from "./note.ts";
import { whole } from "./numbers.ts";
import { checkInclusion, proofHashesMax, type ProofRefusal } from "./proof.ts";
import { leafHash } from "./tree.ts";

export type TlogProof = {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
  /** What the writer added; not signed by anybody. */
  readonly extra?: Uint8Array;
};

/** Why a text proves nothing: its form, then its checkpoint, then its hashes. */
export type TlogProofRefusal =
  | "tlog_proof_too_long"
  | "tlog_proof_malformed"
  | CheckpointRefusal
  | ProofRefusal;

const firstLine = "c2sp.org/tlog-proof@v1";
/** Bytes: 63 hashes, a checkpoint with a hundred cosignatures, and some extra data. */
const proofBytesMax = 65_536;

/** The proof's text. */
export function printTlogProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  const lines = [
    firstLine,
    ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...hashes.map(toBase64),
  ];
  return `${lines.join("\n")}\n\n${checkpoint}`;
}

/** The hashes that lines of base64 are; `undefined` if there are too many or one is none. */
export function parseHashLines(lines: readonly string[]): readonly Uint8Array[] | undefined {
  if (lines.length > proofHashesMax) return undefined;
  const hashes = lines.flatMap((line) => {
    const hash = line.length === 44 ? fromBase64(line) : undefined;
    return hash?.length === 32 ? [hash] : [];
  });
  return hashes.length === lines.length ? hashes : undefined;
}

/** Reads a proof's text; nothing about it was checked. */
export function parseTlogProof(
  text: string,
): Verdict<TlogProof, "tlog_proof_too_long" | "tlog_proof_malformed"> {
  if (text.length > proofBytesMax) {
    return refuse("tlog_proof_too_long", `more than ${proofBytesMax} bytes`);
  }
  const malformed = (detail: string): ReturnType<typeof parseTlogProof> =>
    refuse("tlog_proof_malformed", detail);
  const split = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(split, 0)).split("\n");
  if (first !== firstLine) return malformed(`it does not begin with ${firstLine}`);
  const hasExtra = lines[0]?.startsWith("extra ") === true;
  const extra = hasExtra ? fromBase64(lines[0]?.slice(6) ?? "") : undefined;
  if (hasExtra && extra === undefined) return malformed("the extra data is not base64");
  const [indexLine = "", ...hashLines] = hasExtra ? lines.slice(1) : lines;
  const index = indexLine.startsWith("index ") ? whole(indexLine.slice(6)) : undefined;
  if (index === undefined) return malformed("it has no index");
  const hashes = parseHashLines(hashLines);
  if (hashes === undefined) return malformed("too many hashes, or one that is none");
  const checkpoint = text.slice(split + 2);
  return accept({ index, hashes, checkpoint, ...(extra === undefined ? {} : { extra }) });
}

/** The index and checkpoint under which `line` stands in the log, if the text proves it. */
export function openTlogProof(
  text: string,
  line: string,
  log: { readonly key: Verifier; readonly verify: Verify },
): Verdict<{ readonly index: number; readonly checkpoint: Checkpoint }, TlogProofRefusal> {
  const proof = parseTlogProof(text);
  if (!proof.ok) return proof;
  const { index, hashes } = proof.value;
  const checkpoint = openCheckpoint(proof.value.checkpoint, log.key, log.verify);
  if (!checkpoint.ok) return checkpoint;
  const held = checkInclusion({ index, hash: leafHash(line) }, checkpoint.value, hashes);
  return held.ok ? accept({ index, checkpoint: checkpoint.value }) : held;
}
