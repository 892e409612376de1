/**
 * Inclusion proofs (RFC 6962 §2.1.1): the siblings on the way from a leaf to the root, its own
 * first. Made from the hashes of perfect subtrees, wherever those are kept.
 *
 * Invariant: a proof has at most one hash for each bit of the size, so at most 53.
 */
import { assert } from "../codec/assert.ts";
import { equalBytes } from "../codec/bytes.ts";
import { joinSubtrees, nodeHash } from "./tree.ts";

/** `2^level` leaves, from leaf `index * 2^level` on. */
export type Subtree = { readonly level: number; readonly index: number };
/** The hash of a perfect subtree that lies wholly in the tree. */
export type ReadHash = (subtree: Subtree) => Uint8Array;

/** Leaves from `start` up to, not including, `end`. */
type Range = { readonly start: number; readonly end: number };

/** The siblings' ranges, the leaf's own first. */
function siblings(index: number, size: number): readonly Range[] {
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    let half = 1;
    while (half * 2 < end - start) half *= 2;
    const middle = start + half;
    ranges.push(index < middle ? { start: middle, end } : { start, end: middle });
    if (index < middle) end = middle;
    else start = middle;
  }
  return ranges.toReversed();
}

function hashOf({ start, end }: Range, read: ReadHash): Uint8Array {
  const hashes: Uint8Array[] = [];
  for (let at = start; at < end;) {
    let level = 0;
    let width = 1;
    for (; width * 2 <= end - at; width *= 2) level += 1;
    hashes.push(read({ level, index: at / width }));
    at += width;
  }
  return joinSubtrees(hashes);
}

/** That leaf `index` is in the tree of `size` leaves. */
export function inclusionProof(index: number, size: number, read: ReadHash): readonly Uint8Array[] {
  assert(index >= 0 && index < size, "the leaf is in the tree");
  return siblings(index, size).map((range) => hashOf(range, read));
}

/** Whether `proof` shows that `leaf.hash` is leaf `leaf.index` of `tree`. */
export function isIncluded(
  leaf: { readonly index: number; readonly hash: Uint8Array },
  tree: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  const { index } = leaf;
  if (!Number.isSafeInteger(index) || index < 0 || index >= tree.size) return false;
  const ranges = siblings(index, tree.size);
  if (proof.length !== ranges.length) return false;
  let { hash } = leaf;
  for (const [step, range] of ranges.entries()) {
    const sibling = proof[step];
    assert(sibling !== undefined, "there is a hash for each range");
    hash = range.start > index ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
  }
  return equalBytes(hash, tree.root);
}
