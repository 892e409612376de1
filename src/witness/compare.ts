/**
 * Whether several relays tell one history, and the one that was known before. The largest tree
 * whose tiles check is the measure: every other checkpoint must be its beginning, proved from its
 * tiles. One that is not, though the log signed it, is a fork, and the proof of that is made here.
 *
 * Nobody's age is judged by a relay's own clock: the log tells the time in its leaves.
 */
import { equalBytes } from "../codec/bytes.ts";
import type { Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { printFork } from "../log/fork.ts";
import type { Verifier } from "../log/note.ts";
import {
  checkConsistency,
  consistencyProof,
  consistencySubtrees,
  rootFrom,
  rootSubtrees,
} from "../log/proof.ts";
import { LogSource, type Head, type SourceRefusal } from "./source.ts";

/** What is said of one relay. */
export type RelayFinding =
  | { readonly kind: "told"; readonly head: Head; readonly at: Time | undefined }
  | { readonly kind: "refused"; readonly name: SourceRefusal; readonly detail: string };

/** A checkpoint that somebody holds; `from` says who. */
export type Claim = Pick<Head, "note" | "checkpoint"> & { readonly from: string };

/** Two checkpoints that the log signed and that cannot both be true. */
export type ForkFound = {
  readonly between: readonly [string, string];
  /** Of the shorter history. */
  readonly size: number;
  /** The proof, for anybody (log/fork.ts). */
  readonly text: string;
};

export type Comparison = {
  readonly relays: ReadonlyMap<string, RelayFinding>;
  /** The measure, and its tiles; `undefined`: no relay told a log that checks. */
  readonly newest: { readonly head: Head; readonly source: LogSource } | undefined;
  readonly forks: readonly ForkFound[];
  /** Claims that are larger than anything a relay showed: nothing was proved about them. */
  readonly ahead: readonly Claim[];
};

type Measure = { readonly head: Head; readonly source: LogSource };

/** Asks every relay and compares what they tell with each other and with `known`. */
export async function compareRelays(
  urls: readonly string[],
  log: Verifier,
  known: readonly Claim[],
): Promise<Comparison> {
  const sources = urls.map((url) => new LogSource(url, log));
  const told = await Promise.all(sources.map(readOne));
  const relays = new Map(sources.map(({ url }, at) => [url, told[at]] as const).filter(isTold));
  const measures = sources
    .flatMap((source): readonly Measure[] => {
      const finding = relays.get(source.url);
      return finding?.kind === "told" ? [{ head: finding.head, source }] : [];
    })
    .toSorted((a, b) => b.head.checkpoint.size - a.head.checkpoint.size);
  for (const newest of measures) {
    const claims = [
      ...known,
      ...measures.flatMap(({ head }) => (head === newest.head ? [] : [claimOf(head)])),
    ].filter((claim) => relays.get(claim.from)?.kind !== "refused");
    const forks = await forksAmong(claims, newest);
    if (forks.ok) {
      const { size } = newest.head.checkpoint;
      const ahead = claims.filter((claim) => claim.checkpoint.size > size);
      return { relays, newest, forks: forks.value, ahead };
    }
    // Its tiles contradict the checkpoint that it showed: the next one is the measure.
    relays.set(newest.source.url, { kind: "refused", name: forks.name, detail: forks.detail });
  }
  return { relays, newest: undefined, forks: [], ahead: known };
}

function isTold(
  entry: readonly [string, RelayFinding | undefined],
): entry is readonly [string, RelayFinding] {
  return entry[1] !== undefined;
}

function claimOf({ url, note, checkpoint }: Head): Claim {
  return { from: url, note, checkpoint };
}

async function readOne(source: LogSource): Promise<RelayFinding> {
  const head = await source.head();
  if (!head.ok) return { kind: "refused", name: head.name, detail: head.detail };
  const at = await source.lastTime(head.value);
  if (!at.ok) return { kind: "refused", name: at.name, detail: at.detail };
  return { kind: "told", head: head.value, at: at.value };
}

/** Which of the claims contradict the measure; a refusal: its own tiles do. */
async function forksAmong(
  claims: readonly Claim[],
  measure: Measure,
): Promise<Verdict<readonly ForkFound[], SourceRefusal>> {
  const forks: ForkFound[] = [];
  for (const claim of claims) {
    if (claim.checkpoint.size > measure.head.checkpoint.size) continue;
    const fork = await contradiction(claim, measure);
    if (!fork.ok) return fork;
    if (fork.value !== undefined) forks.push(fork.value);
  }
  return accept(forks);
}

async function contradiction(
  claim: Claim,
  { head, source }: Measure,
): Promise<Verdict<ForkFound | undefined, SourceRefusal>> {
  const { size, root } = claim.checkpoint;
  const tree = head.checkpoint;
  const subtrees = [...rootSubtrees(size), ...consistencySubtrees(size, tree.size)];
  const read = await source.reader(subtrees, tree.size);
  if (!read.ok) return read;
  const beginning = rootFrom(size, read.value);
  const hashes = consistencyProof(size, tree.size, read.value);
  const held = checkConsistency({ size, root: beginning }, tree, hashes);
  if (!held.ok) return refuse("tile_wrong", `its tiles contradict its checkpoint: ${held.detail}`);
  if (equalBytes(beginning, root)) return accept(undefined);
  const proof = size === tree.size ? {} : { proof: { root: beginning, hashes } };
  return accept({
    between: [claim.from, head.url],
    size,
    text: printFork({ first: claim.note, second: head.note, ...proof }),
  });
}
