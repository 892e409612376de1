/**
 * Whether one signed log is the beginning of another: RFC 6962 consistency, from a relay's tiles
 * (docs/spec/log.md §7). The hashes are believed only as far as they lead to the newer checkpoint's
 * root hash; then they tell the root hash that it has over as many leaves as the older one. If the
 * older one says otherwise, the exchange signed two histories, and the proof of that is made here.
 *
 * A relay that does not give the tiles, or others, has shown nothing: that is neither.
 */
import { assert } from "../../codec/assert.ts";
import { equalBytes } from "../../codec/bytes.ts";
import { printFork } from "../../log/fork.ts";
import {
  checkConsistency,
  consistencyProof,
  consistencySubtrees,
  rootFrom,
  rootSubtrees,
  type ReadHash,
  type Subtree,
} from "../../log/proof.ts";
import { hashIn, tileOf, tilePath, tileWidth, type Tile } from "../../log/tiles.ts";
import { ask } from "./ask.ts";
import type { SignedHead } from "./verify.ts";

/** What was found out. */
export type Continued =
  | { readonly kind: "continues" }
  | { readonly kind: "unproved" }
  /** docs/spec/log.md §10: whoever has the log's key checks it offline. */
  | { readonly kind: "forked"; readonly proof: string };

const bounds = { bytesMax: 8192, wholeMs: 3000 };

/** Whether `older` is the beginning of `newer`, by the tiles of the relay at `origin`. */
export async function continues(
  older: SignedHead,
  newer: SignedHead,
  origin: string,
): Promise<Continued> {
  const { size, root } = older.checkpoint;
  const tree = newer.checkpoint;
  assert(size <= tree.size, "the older log is no longer");
  const pair = { first: older.note, second: newer.note };
  if (size === tree.size) {
    if (equalBytes(root, tree.root)) return { kind: "continues" };
    return { kind: "forked", proof: printFork(pair) };
  }
  const subtrees = [...rootSubtrees(size), ...consistencySubtrees(size, tree.size)];
  const read = await readTiles(subtrees, tree.size, origin);
  if (read === undefined) return { kind: "unproved" };
  const beginning = rootFrom(size, read);
  const hashes = consistencyProof(size, tree.size, read);
  const held = checkConsistency({ size, root: beginning }, tree, hashes);
  if (!held.ok) return { kind: "unproved" };
  if (equalBytes(beginning, root)) return { kind: "continues" };
  return { kind: "forked", proof: printFork({ ...pair, proof: { root: beginning, hashes } }) };
}

/** The hashes of these subtrees: a few tiles for each level of tiles, however long the log. */
async function readTiles(
  subtrees: readonly Subtree[],
  size: number,
  origin: string,
): Promise<ReadHash | undefined> {
  const asked = new Map<string, Promise<Uint8Array | undefined>>();
  const hashes = new Map<string, Uint8Array>();
  for (const subtree of subtrees) {
    const tile = tileOf(subtree, size);
    const path = tilePath(tile);
    if (!asked.has(path)) asked.set(path, askTile(tile, origin));
  }
  await Promise.all(asked.values());
  for (const subtree of subtrees) {
    const tile = await asked.get(tilePath(tileOf(subtree, size)));
    const hash = tile && hashIn(subtree, tile);
    if (hash === undefined) return undefined;
    hashes.set(nameOf(subtree), hash);
  }
  return (subtree) => {
    const hash = hashes.get(nameOf(subtree));
    assert(hash !== undefined, "a proof reads the subtrees that it names");
    return hash;
  };
}

const nameOf = ({ level, index }: Subtree): string => `${level} ${index}`;

/** A tile, or the full one that it has become: a host may drop what it was before. */
async function askTile(tile: Tile, origin: string): Promise<Uint8Array | undefined> {
  const get = async (width: number): Promise<Uint8Array | undefined> => {
    const answer = await ask(origin, `/v1/log/${tilePath({ ...tile, width })}`, bounds);
    return answer.kind === "answer" ? answer.bytes : undefined;
  };
  return (await get(tile.width)) ?? (tile.width < tileWidth ? get(tileWidth) : undefined);
}
