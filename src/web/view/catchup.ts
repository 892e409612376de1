/**
 * From nothing to a verified view. If the relay has a snapshot: its index is believed because a
 * SNAPSHOT leaf with its hash stands under the signed checkpoint, in the tree that continues the
 * index's own frontier to the checkpoint's root; its parts by their hashes. Otherwise all leaves
 * are folded from the first.
 */
import { accept, refuse, type Refused, type Verdict } from "../../codec/verdict.ts";
import type { Fingerprint } from "../../codec/names.ts";
import type { Leaf } from "../../log/leaf.ts";
import { emptyFrontier, type Frontier } from "../../log/tree.ts";
import { PublicView, snapshotBounds, snapshotLeaves } from "../../market/publicview.ts";
import { indexDigest, parseIndex, restoreSnapshot } from "../../market/snapshot.ts";
import { askIndex, askLeaves, askPart } from "./source.ts";
import { lately, nothingLately, type Lately } from "./lately.ts";
import { breathe, verifyStep, type Lie, type SignedHead } from "./verify.ts";

/** A fold and the tree of its leaves. */
export type Folded = {
  readonly view: PublicView;
  readonly frontier: Frontier;
  readonly head: SignedHead;
  readonly lately: Lately;
};

/** Why it did not come to that: the relay lied, did not answer, or is none. */
export type Failed = Refused<Lie | "silent" | "no_relay">;
export type Progress = (done: number, total: number) => void;

/** Beside the markets there are two; nobody signs more. */
const partsMax = snapshotBounds.markets + 2;
/** Leaves that are folded without a pause. */
const pieceLeaves = 2000;

/** The view at `head`, as the relay at `origin` tells it. */
export async function catchUp(
  origin: string,
  exchange: Fingerprint,
  head: SignedHead,
  told: Progress,
): Promise<Verdict<Folded, Failed["name"]>> {
  const { size } = head.checkpoint;
  const isLong = size >= snapshotLeaves;
  const begun = isLong ? await fromSnapshot(origin, exchange, size) : accept(genesis());
  if (!begun.ok) return begun;
  const start = begun.value;
  const lines = await leavesBetween(origin, start.frontier.size, size, told);
  if (!lines.ok) return lines;
  const step = await verifyStep(head, start.frontier, lines.value);
  if (!step.ok) return step;
  const { leaves, frontier } = step.value;
  if (start.index !== undefined && !isVouched(start.index, start.frontier.size, leaves)) {
    return refuse("snapshot_wrong", "the exchange put no such snapshot into its log");
  }
  await fold(start.view, leaves);
  const newest = lately(nothingLately, leaves, start.frontier.size);
  return accept({ view: start.view, frontier, head, lately: newest });
}

/** Folds leaves that were verified. */
export async function fold(view: PublicView, leaves: readonly Leaf[]): Promise<void> {
  for (const [index, leaf] of leaves.entries()) {
    view.apply(leaf);
    if ((index + 1) % pieceLeaves === 0) await breathe();
  }
}

/** Whether one of the leaves, the first after the snapshot's, says that the index is right. */
function isVouched(index: string, size: number, leaves: readonly Leaf[]): boolean {
  const wanted = indexDigest(index);
  return leaves.some(
    (leaf) => leaf.kind === "snapshot" && leaf.size === size && leaf.digest === wanted,
  );
}

type Start = {
  readonly view: PublicView;
  readonly frontier: Frontier;
  /** The index, which a leaf still has to vouch for; `undefined`: from the first leaf. */
  readonly index: string | undefined;
};

const genesis = (): Start => {
  return { view: new PublicView(), frontier: emptyFrontier(), index: undefined };
};

async function fromSnapshot(
  origin: string,
  exchange: Fingerprint,
  sizeMax: number,
): Promise<Verdict<Start, Failed["name"]>> {
  const asked = await askIndex(origin);
  // A relay without one says so; what else it says instead is its own affair: leaves do as well.
  if (asked.kind === "unanswered") {
    return asked.why === "silent" ? silent("did not send its snapshot") : accept(genesis());
  }
  if (!asked.text.startsWith("signet-snapshot/")) return refuse("no_relay", "its index is none");
  const index = parseIndex(asked.text);
  if (!index.ok) return refuse("snapshot_wrong", index.detail);
  const { parts, frontier } = index.value;
  // One that was made after the checkpoint came: the leaf that vouches for it is not covered.
  if (frontier.size >= sizeMax) return silent("shows a snapshot newer than its checkpoint");
  if (parts.length > partsMax) return accept(genesis());
  const answers = await Promise.all(parts.map(({ digest }) => askPart(origin, digest)));
  const texts: string[] = [];
  for (const answer of answers) {
    if (answer.kind === "unanswered") return silent("did not send all of its snapshot");
    texts.push(answer.text);
  }
  const restored = restoreSnapshot(exchange, { index: asked.text, parts: texts });
  if (!restored.ok) return refuse("snapshot_wrong", restored.detail);
  return accept({ view: restored.value.view, frontier, index: asked.text });
}

/** All lines from leaf `from` up to, not including, `to`. */
export async function leavesBetween(
  origin: string,
  from: number,
  to: number,
  told: Progress = () => {},
): Promise<Verdict<readonly string[], Failed["name"]>> {
  const lines: string[] = [];
  while (from + lines.length < to) {
    const page = await askLeaves(origin, from + lines.length);
    if (page.kind === "unanswered") return silent("did not send its leaves");
    if (page.kind === "nonsense") return refuse("no_relay", "its leaves are none");
    if (page.lines.length === 0) {
      const detail = `it has ${from + lines.length} leaves, and a checkpoint of ${to}`;
      return refuse("leaves_missing", detail);
    }
    lines.push(...page.lines);
    told(Math.min(lines.length, to - from), to - from);
  }
  return accept(lines.slice(0, to - from));
}

function silent(detail: string): Refused<"silent"> {
  return refuse("silent", detail);
}
