/**
 * Hashes of the log's perfect subtrees, made from the stored leaves when asked for. Those of
 * 256 leaves and more never change and are remembered: two hashes for each 256 leaves.
 */
import { assert } from "../codec/assert.ts";
import type { ReadHash } from "../log/proof.ts";
import { leafHash, nodeHash } from "../log/tree.ts";

/** Subtrees of this level and above are remembered. */
const keptLevel = 8;

/** Reads hashes of a log whose `leaves(from, count)` are lines that never change. */
export function logHashes(leaves: (from: number, count: number) => readonly string[]): ReadHash {
  const kept = new Map<string, Uint8Array>();
  const made = (level: number, index: number): Uint8Array => {
    if (level > keptLevel)
      return nodeHash(read(level - 1, index * 2), read(level - 1, index * 2 + 1));
    const width = 2 ** level;
    const lines = leaves(index * width, width);
    assert(lines.length === width, "the subtree lies in the log");
    let hashes = lines.map(leafHash);
    while (hashes.length > 1) hashes = pairs(hashes);
    const [root] = hashes;
    assert(root !== undefined, "a subtree has a root");
    return root;
  };
  const read = (level: number, index: number): Uint8Array => {
    if (level < keptLevel) return made(level, index);
    const name = `${level} ${index}`;
    const hash = kept.get(name) ?? made(level, index);
    kept.set(name, hash);
    return hash;
  };
  return ({ level, index }) => read(level, index);
}

function pairs(hashes: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < hashes.length; i += 2) {
    const [left, right] = [hashes[i], hashes[i + 1]];
    assert(left !== undefined && right !== undefined, "nodes stand in pairs");
    above.push(nodeHash(left, right));
  }
  return above;
}
