/**
 * The proof that a log told two histories (docs/spec/log.md §10): two checkpoints that it signed
 * and that cannot both be true. Anybody can check it, offline, with the log's key alone.
 *
 *   signet-fork/1
 *   BASE64                     only if the second is larger: the root hash over as many of its
 *   BASE64                     leaves as the first has, and the consistency proof from there
 *
 *   the first checkpoint, a signed note
 *
 *   the second, no smaller
 */
import { equalBytes, toBase64 } from "../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { openCheckpoint, type Checkpoint, type CheckpointRefusal } from "./checkpoint.ts";
import type { Verifier, Verify } from "./note.ts";
import { checkConsistency, type ProofRefusal } from "./proof.ts";
import { parseHashLines } from "./tlogproof.ts";

export type Fork = {
  /** Signed notes; the second's log is no shorter. */
  readonly first: string;
  readonly second: string;
  /** If the second's is longer. */
  readonly proof?: {
    /** The root hash over the beginning of the second, as long as the first. */
    readonly root: Uint8Array;
    /** From there to the second. */
    readonly hashes: readonly Uint8Array[];
  };
};

/** Why a text proves no fork. */
export type ForkRefusal =
  | "fork_too_long"
  | "fork_malformed"
  | CheckpointRefusal
  | ProofRefusal
  | "histories_agree";

const firstLine = "signet-fork/1";
const forkBytesMax = 131_072;

/** The proof's text. */
export function printFork({ first, second, proof }: Fork): string {
  const hashes = proof === undefined ? [] : [proof.root, ...proof.hashes];
  return `${[firstLine, ...hashes.map(toBase64)].join("\n")}\n\n${first}\n${second}`;
}

function parseFork(text: string): Verdict<Fork, "fork_too_long" | "fork_malformed"> {
  if (text.length > forkBytesMax) return refuse("fork_too_long", `more than ${forkBytesMax} bytes`);
  const split = text.indexOf("\n\n");
  const [head, ...lines] = text.slice(0, Math.max(split, 0)).split("\n");
  if (head !== firstLine) {
    return refuse("fork_malformed", `it does not begin with ${firstLine}`);
  }
  const [root, ...hashes] = parseHashLines(lines) ?? [];
  if (root === undefined && lines.length > 0) {
    return refuse("fork_malformed", "too many hashes, or one that is none");
  }
  const notes = text.slice(split + 2);
  // The first note ends with the last of its signature lines.
  const end = /\n\n(?:\u2014 [^\n]*\n)+/.exec(notes);
  const first = notes.slice(0, (end?.index ?? 0) + (end?.[0].length ?? 0));
  if (end === null || notes[first.length] !== "\n") {
    return refuse("fork_malformed", "there are no two notes in it");
  }
  const second = notes.slice(first.length + 1);
  return accept({ first, second, ...(root === undefined ? {} : { proof: { root, hashes } }) });
}

/** The two checkpoints, if the text proves that the log signed both and cannot have grown so. */
export function openFork(
  text: string,
  log: Verifier,
  verify: Verify,
): Verdict<readonly [Checkpoint, Checkpoint], ForkRefusal> {
  const fork = parseFork(text);
  if (!fork.ok) return fork;
  const first = openCheckpoint(fork.value.first, log, verify);
  if (!first.ok) return first;
  const second = openCheckpoint(fork.value.second, log, verify);
  if (!second.ok) return second;
  const { proof } = fork.value;
  const { size } = first.value;
  if (proof === undefined && size !== second.value.size) {
    return refuse("fork_malformed", "two sizes, and no proof of what the second begins with");
  }
  if (proof !== undefined) {
    const held = checkConsistency({ size, root: proof.root }, second.value, proof.hashes);
    if (!held.ok) return held;
  }
  return equalBytes(first.value.root, proof?.root ?? second.value.root)
    ? refuse("histories_agree", `both say the same of the first ${size} leaves`)
    : accept([first.value, second.value]);
}
