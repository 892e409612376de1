/**
 * What makes a number of the page true: the leaves it comes from, appended to a tree that was true
 * before, give the root hash of a checkpoint that the log's key signed. Nothing is folded before
 * that holds, so that a false leaf never becomes a number.
 *
 * Long stretches are appended in pieces, so that the page goes on living meanwhile.
 */
import { equalBytes } from "../../codec/bytes.ts";
import { verifyEd25519 } from "../../codec/ed25519.ts";
import { accept, refuse, type Verdict } from "../../codec/verdict.ts";
import { openCheckpoint, type Checkpoint, type CheckpointRefusal } from "../../log/checkpoint.ts";
import { parseLeaf, type Leaf } from "../../log/leaf.ts";
import type { Verifier } from "../../log/note.ts";
import { appendLeaf, rootHash, type Frontier } from "../../log/tree.ts";

/** Leaves that are appended without a pause. */
const pieceLeaves = 400;

/** A checkpoint whose signature held. */
export type SignedHead = { readonly note: string; readonly checkpoint: Checkpoint };

/** Leaves that the checkpoint covers, up to its last. */
export type Step = {
  readonly head: SignedHead;
  readonly frontier: Frontier;
  readonly leaves: readonly Leaf[];
};

/** Why a relay's words are not believed. */
export type Lie =
  | CheckpointRefusal
  | "leaf_malformed"
  | "leaves_missing"
  | "root_wrong"
  | "snapshot_wrong"
  | "log_forked";

/** The checkpoint in a note, if the log's key signed it. */
export function openHead(note: string, log: Verifier): Verdict<SignedHead, CheckpointRefusal> {
  const opened = openCheckpoint(note, log, verifyEd25519);
  return opened.ok ? accept({ note, checkpoint: opened.value }) : opened;
}

/**
 * Appends `lines` to `frontier`; they must lead to exactly the checkpoint of `head`. `told` hears
 * how many are done.
 */
export async function verifyStep(
  head: SignedHead,
  frontier: Frontier,
  lines: readonly string[],
  told: (done: number) => void = () => {},
): Promise<Verdict<Step, Lie>> {
  const { size, root } = head.checkpoint;
  if (frontier.size + lines.length !== size) {
    const detail = `${frontier.size + lines.length} leaves came, the checkpoint is of ${size}`;
    return refuse("leaves_missing", detail);
  }
  const leaves: Leaf[] = [];
  let tree = frontier;
  for (const line of lines) {
    const leaf = parseLeaf(line);
    if (leaf === undefined) return refuse("leaf_malformed", `leaf ${tree.size} is no leaf`);
    leaves.push(leaf);
    tree = appendLeaf(tree, line);
    if (leaves.length % pieceLeaves === 0) {
      told(leaves.length);
      await breathe();
    }
  }
  if (!equalBytes(rootHash(tree), root)) {
    return refuse("root_wrong", `the leaves up to ${size} are not those that the exchange signed`);
  }
  return accept({ head, frontier: tree, leaves });
}

/** Lets whatever waits run first: drawing, above all. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
