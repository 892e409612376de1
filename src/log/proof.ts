/**
 * Inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2; docs/spec/log.md §6): made from the
 * hashes of perfect subtrees, wherever those are kept, and checked.
 *
 * A proof is the hashes of certain ranges of leaves. Which ranges is a question of numbers alone;
 * the same list makes a proof and says to its reader what each hash stands for, so that the two
 * cannot disagree. Every range splits into perfect subtrees, which are what tiles hold.
 *
 * Invariant: a proof has at most one hash for each bit of the size, so at most 53.
 */
import { assert } from "../codec/assert.ts";
import { equalBytes } from "../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { joinSubtrees, nodeHash } from "./tree.ts";

/** `2^level` leaves, from leaf `index * 2^level` on. */
export type Subtree = { readonly level: number; readonly index: number };
/** The hash of a perfect subtree that lies wholly in the tree. */
export type ReadHash = (subtree: Subtree) => Uint8Array;

/** Leaves from `start` up to, not including, `end`. */
type Range = { readonly start: number; readonly end: number };

/** Why a proof does not hold, in order of precedence. */
export const proofRefusals = ["proof_out_of_range", "proof_length_wrong", "proof_wrong"] as const;
/** One of `proofRefusals`. */
export type ProofRefusal = (typeof proofRefusals)[number];

/** How many hashes C2SP lets a proof have. */
export const proofHashesMax = 63;

/** Where RFC 6962 splits `count` leaves: at the largest power of two below. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function subtreesOf({ start, end }: Range): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = start; at < end;) {
    let level = 0;
    let width = 1;
    for (; width * 2 <= end - at; width *= 2) level += 1;
    subtrees.push({ level, index: at / width });
    at += width;
  }
  return subtrees;
}

/** The siblings on the way from a leaf to the root, the leaf's own first. */
function inclusionRanges(index: number, size: number): readonly Range[] {
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    ranges.push(index < middle ? { start: middle, end } : { start, end: middle });
    if (index < middle) end = middle;
    else start = middle;
  }
  return ranges.toReversed();
}

/**
 * What proves that the tree of `old` leaves is the beginning of the one of `size`: the last part
 * that both share (not said if it is all of the old tree: its root hash is known), and the siblings
 * from there to the root.
 */
function consistencyRanges(
  old: number,
  size: number,
): { readonly first: Range | undefined; readonly siblings: readonly Range[] } {
  const siblings: Range[] = [];
  let [start, end] = [0, size];
  while (end !== old) {
    const middle = start + splitOf(end - start);
    siblings.push(old <= middle ? { start: middle, end } : { start, end: middle });
    if (old <= middle) end = middle;
    else start = middle;
  }
  const first = start === 0 ? undefined : { start, end };
  return { first, siblings: siblings.toReversed() };
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function consistencyParts(old: number, size: number): readonly Range[] {
  assert(isSize(old) && isSize(size) && old <= size, "a tree grows");
  if (old === 0) return [];
  const { first, siblings } = consistencyRanges(old, size);
  return first === undefined ? siblings : [first, ...siblings];
}

/** The subtrees that a root hash over `size` leaves is made of. */
export function rootSubtrees(size: number): readonly Subtree[] {
  return subtreesOf({ start: 0, end: size });
}

/** The subtrees that `inclusionProof` reads. */
export function inclusionSubtrees(index: number, size: number): readonly Subtree[] {
  return inclusionRanges(index, size).flatMap(subtreesOf);
}

/** The subtrees that `consistencyProof` reads. */
export function consistencySubtrees(old: number, size: number): readonly Subtree[] {
  return consistencyParts(old, size).flatMap(subtreesOf);
}

function rangeHash(range: Range, read: ReadHash): Uint8Array {
  return joinSubtrees(subtreesOf(range).map(read));
}

/** The root hash over the first `size` leaves. */
export function rootFrom(size: number, read: ReadHash): Uint8Array {
  return joinSubtrees(rootSubtrees(size).map(read));
}

/** That leaf `index` is in the tree of `size` leaves. */
export function inclusionProof(index: number, size: number, read: ReadHash): readonly Uint8Array[] {
  assert(isSize(index) && isSize(size) && index < size, "the leaf is in the tree");
  return inclusionRanges(index, size).map((range) => rangeHash(range, read));
}

/** That the tree of `old` leaves is the beginning of the tree of `size` leaves. */
export function consistencyProof(old: number, size: number, read: ReadHash): readonly Uint8Array[] {
  return consistencyParts(old, size).map((range) => rangeHash(range, read));
}

/** A tree as a checkpoint names it. */
export type TreeHead = { readonly size: number; readonly root: Uint8Array };

/** Whether `proof` shows that `leafHash` is leaf `index` of `tree`. */
export function checkInclusion(
  leaf: { readonly index: number; readonly hash: Uint8Array },
  tree: TreeHead,
  proof: readonly Uint8Array[],
): Verdict<true, ProofRefusal> {
  const { index } = leaf;
  if (!isSize(index) || !isSize(tree.size) || index >= tree.size) {
    return refuse("proof_out_of_range", `there is no leaf ${index} among ${tree.size}`);
  }
  const ranges = inclusionRanges(index, tree.size);
  if (proof.length !== ranges.length) return wrongLength(proof.length, ranges.length);
  let { hash } = leaf;
  for (const [step, range] of ranges.entries()) {
    const sibling = proof[step];
    assert(sibling !== undefined, "there is a hash for each range");
    hash = range.start > index ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
  }
  return equalBytes(hash, tree.root)
    ? accept(true)
    : refuse("proof_wrong", `it leads to another root hash than that over ${tree.size} leaves`);
}

/** Whether `proof` shows that `old` is the beginning of `tree`. */
export function checkConsistency(
  old: TreeHead,
  tree: TreeHead,
  proof: readonly Uint8Array[],
): Verdict<true, ProofRefusal> {
  if (!isSize(old.size) || !isSize(tree.size) || old.size > tree.size) {
    return refuse("proof_out_of_range", `${old.size} leaves are not before ${tree.size}`);
  }
  if (old.size === 0) {
    if (proof.length > 0) return wrongLength(proof.length, 0);
    return equalBytes(old.root, joinSubtrees([]))
      ? accept(true)
      : refuse("proof_wrong", "the tree without leaves has another root hash");
  }
  const { first, siblings } = consistencyRanges(old.size, tree.size);
  const wanted = siblings.length + (first === undefined ? 0 : 1);
  if (proof.length !== wanted) return wrongLength(proof.length, wanted);
  const seed = first === undefined ? old.root : proof[0];
  assert(seed !== undefined, "there is a hash for each range");
  let [before, after] = [seed, seed];
  for (const [step, range] of siblings.entries()) {
    const sibling = proof[step + wanted - siblings.length];
    assert(sibling !== undefined, "there is a hash for each range");
    // To the right of the old tree is only what came after it.
    if (range.start >= old.size) after = nodeHash(after, sibling);
    else [before, after] = [nodeHash(sibling, before), nodeHash(sibling, after)];
  }
  return equalBytes(before, old.root) && equalBytes(after, tree.root)
    ? accept(true)
    : refuse("proof_wrong", `the tree of ${tree.size} leaves does not begin with that`);
}

function wrongLength(is: number, wanted: number): Verdict<true, ProofRefusal> {
  return refuse("proof_length_wrong", `${is} hashes, there must be ${wanted}`);
}
