/**
 * The log's Merkle tree (RFC 6962 §2.1), kept as its frontier: the roots of the largest perfect
 * subtrees, left to right, one for each bit of the size. That is all that is needed to append
 * leaves and to say the root hash, and it grows with the logarithm of the log.
 *
 *   leaf = SHA-256(0x00, line)    node = SHA-256(0x01, left, right)    empty tree = SHA-256()
 *
 * Invariant: `hashes.length` is the number of one-bits of `size`.
 */
import { assert } from "../codec/assert.ts";
import { fromAscii, fromHex, sha256, toHex } from "../codec/bytes.ts";

/** A tree, as far as appending needs to know it. Never changed: appending makes a new one. */
export type Frontier = {
  /** How many leaves. */
  readonly size: number;
  /** Root hashes of the perfect subtrees, the largest first. */
  readonly hashes: readonly Uint8Array[];
};

/** The tree without leaves. */
export function emptyFrontier(): Frontier {
  return { size: 0, hashes: [] };
}

/** The hash of a leaf's line. */
export function leafHash(line: string): Uint8Array {
  return sha256(fromAscii(`\0${line}`));
}

/** The hash of a node. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + left.length + right.length);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return sha256(bytes);
}

/** The tree with one more leaf. */
export function appendLeaf(frontier: Frontier, line: string): Frontier {
  return appendHash(frontier, leafHash(line));
}

/** The tree with one more leaf, of which only the hash is known. */
export function appendHash(frontier: Frontier, hash: Uint8Array): Frontier {
  assert(hash.length === 32, "a leaf's hash is 32 bytes");
  assert(Number.isSafeInteger(frontier.size + 1), "the log has fewer than 2^53 leaves");
  const hashes = [...frontier.hashes];
  let right = hash;
  // Each trailing one-bit of the size is a perfect subtree as large as what is being carried.
  for (let rest = frontier.size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = hashes.pop();
    assert(left !== undefined, "there is a subtree for each one-bit of the size");
    right = nodeHash(left, right);
  }
  hashes.push(right);
  return { size: frontier.size + 1, hashes };
}

/** The root hash: the subtrees joined from the right. */
export function rootHash(frontier: Frontier): Uint8Array {
  return joinSubtrees(frontier.hashes);
}

/** The hash over subtrees side by side, each smaller than the one to its left. */
export function joinSubtrees(hashes: readonly Uint8Array[]): Uint8Array {
  const root = hashes.reduceRight<Uint8Array | undefined>(
    (right, left) => (right === undefined ? left : nodeHash(left, right)),
    undefined,
  );
  return root ?? sha256(new Uint8Array(0));
}

/** One line for a snapshot: the size, then the hashes in hex, parted by blanks. */
export function printFrontier(frontier: Frontier): string {
  return [String(frontier.size), ...frontier.hashes.map((hash) => toHex(hash))].join(" ");
}

/** Reads what `printFrontier` printed; `undefined` for anything else. */
export function parseFrontier(text: string): Frontier | undefined {
  // 53 subtrees at most, 65 characters each.
  if (text.length > 4000) return undefined;
  const [sizeText, ...hashTexts] = text.split(" ");
  if (sizeText === undefined || !/^(0|[1-9][0-9]{0,15})$/.test(sizeText)) return undefined;
  const size = Number(sizeText);
  if (!Number.isSafeInteger(size)) return undefined;
  const ones = size.toString(2).replaceAll("0", "").length;
  const hashes: Uint8Array[] = [];
  for (const hashText of hashTexts) {
    const hash = fromHex(hashText);
    if (hash?.length !== 32) return undefined;
    hashes.push(hash);
  }
  return hashes.length === ones ? { size, hashes } : undefined;
}
