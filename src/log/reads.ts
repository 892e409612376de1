/**
 * The tree over the refs that the engine read in a span of time (docs/spec/log.md §11): RFC 6962
 * over the refs in ascending order, a leaf being the ref's 64 hex digits. Because it is sorted, two
 * neighbours show that nothing lies between them.
 */
import { assert } from "../codec/assert.ts";
import { toHex } from "../codec/bytes.ts";
import { digest, type Digest, type Ref } from "../codec/names.ts";
import type { ReadHash } from "./proof.ts";
import { appendLeaf, emptyFrontier, leafHash, nodeHash, rootHash } from "./tree.ts";

/** Whether each ref stands before the next one. */
export function isAscending(refs: readonly Ref[]): boolean {
  return refs.every((ref, i) => i === 0 || (refs[i - 1] ?? "") < ref);
}

/** The root hash over refs that ascend. */
export function readsRoot(refs: readonly Ref[]): Digest {
  let frontier = emptyFrontier();
  for (const ref of refs) frontier = appendLeaf(frontier, ref);
  return digest(toHex(rootHash(frontier)));
}

/** The hashes of the perfect subtrees over refs that ascend, for proofs. */
export function readsHashes(refs: readonly Ref[]): ReadHash {
  const levels: Uint8Array[][] = [refs.map((ref) => leafHash(ref))];
  for (let below = levels[0] ?? []; below.length > 1; below = levels.at(-1) ?? []) {
    const level: Uint8Array[] = [];
    for (let i = 0; i + 1 < below.length; i += 2) {
      const [left, right] = [below[i], below[i + 1]];
      assert(left !== undefined && right !== undefined, "nodes stand in pairs");
      level.push(nodeHash(left, right));
    }
    levels.push(level);
  }
  return ({ level, index }) => {
    const hash = levels[level]?.[index];
    assert(hash !== undefined, "the subtree lies in the tree");
    return hash;
  };
}
