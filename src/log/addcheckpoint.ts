/**
 * What a witness is asked and how it judges (C2SP tlog-witness add-checkpoint, docs/spec/log.md
 * §9):
 *
 *   old SIZE                        of the checkpoint that the witness cosigned last; 0: none
 *   BASE64                          a consistency proof from there, at most 63 lines
 *
 *   the checkpoint, a signed note
 *
 * Invariant: of one log a witness accepts a chain of checkpoints, each the beginning of the next;
 * so never two with other root hashes at one size.
 */
import { toBase64 } from "../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { openCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { splitNote, type Verifier, type Verify } from "./note.ts";
import { whole } from "./numbers.ts";
import { checkConsistency, type TreeHead } from "./proof.ts";
import { parseHashLines } from "./tlogproof.ts";
import { emptyFrontier, rootHash } from "./tree.ts";

export type AddCheckpoint = {
  /** The size that the witness is thought to know. */
  readonly old: number;
  readonly hashes: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
};

/** Why a witness does not cosign, in order of precedence. */
export const witnessRefusals = [
  "request_too_long",
  "request_malformed",
  "origin_unknown",
  "checkpoint_unsigned",
  "checkpoint_malformed",
  "old_above_size",
  "old_size_differs",
  "root_differs",
  "proof_wrong",
] as const;
/** One of `witnessRefusals`. */
export type WitnessRefusal = (typeof witnessRefusals)[number];

/** The longest request, bytes. */
export const requestBytesMax = 65_536;

/** The request's text. */
export function printAddCheckpoint({ old, hashes, checkpoint }: AddCheckpoint): string {
  return `${[`old ${old}`, ...hashes.map(toBase64)].join("\n")}\n\n${checkpoint}`;
}

/** Reads a request; nothing about it was checked. */
export function parseAddCheckpoint(
  text: string,
): Verdict<AddCheckpoint, "request_too_long" | "request_malformed"> {
  if (text.length > requestBytesMax) {
    return refuse("request_too_long", `more than ${requestBytesMax} bytes`);
  }
  const split = text.indexOf("\n\n");
  const [first = "", ...lines] = text.slice(0, Math.max(split, 0)).split("\n");
  const old = first.startsWith("old ") ? whole(first.slice(4)) : undefined;
  if (old === undefined) return refuse("request_malformed", "it does not begin with an old size");
  const hashes = parseHashLines(lines);
  if (hashes === undefined) {
    return refuse("request_malformed", "too many hashes, or one that is none");
  }
  return accept({ old, hashes, checkpoint: text.slice(split + 2) });
}

/** What a witness knows of a log. */
export type Witnessed = {
  readonly log: Verifier;
  readonly verify: Verify;
  /** What it cosigned last; `undefined`: nothing yet. */
  readonly last: TreeHead | undefined;
};

/** The checkpoint that the witness may cosign now, if it may. */
export function judgeCheckpoint(
  request: AddCheckpoint,
  { log, verify, last }: Witnessed,
): Verdict<Checkpoint, WitnessRefusal> {
  const note = request.checkpoint;
  const parts = splitNote(note);
  if (!parts.ok) return refuse("request_malformed", parts.detail);
  const origin = parts.value.text.split("\n", 1)[0] ?? "";
  if (origin !== log.name) return refuse("origin_unknown", "this witness knows another log");
  const opened = openCheckpoint(note, log, verify);
  if (!opened.ok) {
    return refuse(
      opened.name === "checkpoint_malformed" ? opened.name : "checkpoint_unsigned",
      opened.detail,
    );
  }
  const checkpoint = opened.value;
  if (request.old > checkpoint.size) {
    return refuse("old_above_size", `old ${request.old}, size ${checkpoint.size}`);
  }
  const known = last?.size ?? 0;
  if (request.old !== known) return refuse("old_size_differs", `known is ${known}`);
  const before = last ?? { size: 0, root: rootHash(emptyFrontier()) };
  const held = checkConsistency(before, checkpoint, request.hashes);
  if (held.ok) return accept(checkpoint);
  return known === checkpoint.size && held.name === "proof_wrong"
    ? refuse("root_differs", `another root hash of ${known} leaves is cosigned`)
    : refuse("proof_wrong", held.detail);
}
