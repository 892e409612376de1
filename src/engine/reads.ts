/**
 * What the engine was given to read, block by block (docs/spec/log.md §11): a READ leaf for each,
 * over the sorted refs of a span of time, gapless, so that a letter that stands in none of them was
 * read in none. Hours repeat their blocks' refs in one READS leaf, so that proofs stay short.
 *
 * Blocks are half open: what came in the very millisecond in which one ends belongs to the next.
 * The first block of an exchange begins at time 0. Where the journal has ticks that commit to
 * nothing (written before there were blocks), the next one that does begins a block anew.
 */
import type { Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { printLeaf, type ReadsLeaf } from "../log/leaf.ts";
import { readsRoot } from "../log/reads.ts";
import { hourMs, hourRefs, readBlockMs, readBlockRefs } from "./limits.ts";
import { tellSigned } from "./signed.ts";
import { newReads, type Reads, type State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** The engine was given this letter, whatever comes of it. */
export function noteRead(state: State, ref: Ref): void {
  const { reads, at } = state;
  if (reads === undefined) return;
  settle(reads, at);
  reads.now.add(ref);
}

/** Nothing is `now` any more that came before `at`. */
function settle(reads: Reads, at: Time): void {
  if (reads.at === at) return;
  for (const ref of reads.now) reads.refs.add(ref);
  reads.now.clear();
  reads.at = at;
}

/** A tick: ends the block if it is long enough, and the hour. */
export function commitReads(turn: Turn, commits: boolean): void {
  const { state, at } = turn;
  if (!commits) {
    state.reads = undefined;
    return;
  }
  const { reads } = state;
  if (reads === undefined) {
    state.reads = newReads(at);
    return;
  }
  settle(reads, at);
  const isFull = reads.refs.size >= readBlockRefs && at > reads.from;
  if (at - reads.from < readBlockMs && !isFull) return;
  const refs = [...reads.refs].sort();
  print(turn, { span: "block", from: reads.from, to: at }, refs);
  for (const ref of refs) {
    turn.reads.push(ref);
    reads.hour.add(ref);
  }
  reads.refs.clear();
  reads.from = at;
  if (at - reads.hourFrom < hourMs && reads.hour.size < hourRefs) return;
  print(turn, { span: "hour", from: reads.hourFrom, to: at }, [...reads.hour].sort());
  tellSigned(turn);
  reads.hour.clear();
  reads.hourFrom = at;
}

function print(
  turn: Turn,
  span: Pick<ReadsLeaf, "span" | "from" | "to">,
  refs: readonly Ref[],
): void {
  const leaf = { kind: "reads", ...span, count: refs.length, root: readsRoot(refs) } as const;
  turn.leaves.push(printLeaf(leaf));
}
