/**
 * C2SP tlog-tiles (docs/spec/log.md §7): the tree cut into files that never change, so that any
 * host of files can serve it and any cache may keep them.
 *
 *   tile/LEVEL/N          256 hashes; level 0: of leaves; above: one hash for each full tile below
 *   tile/entries/N        the 256 leaves themselves, each after its length in two bytes
 *   … .p/W                the first W of them, while there are no more
 *
 * N is written in groups of three digits, all but the last after an `x`: x001/x234/067.
 *
 * Invariant: a tile is always full or the first W of what will be the full one.
 */
import { assert } from "../codec/assert.ts";
import { concat, fromAscii, toLatin1 } from "../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { leafBytesMax } from "./leaf.ts";
import type { Subtree } from "./proof.ts";
import { nodeHash } from "./tree.ts";

/** Hashes in a full tile. */
export const tileWidth = 256;
/** Levels of the tree that one level of tiles spans. */
const tileHeight = 8;
const hashBytes = 32;

/** Which tile: `entries` are the leaves of the level 0 tile of the same index. */
export type Tile = {
  readonly level: number | "entries";
  readonly index: number;
  /** 256: a full one. */
  readonly width: number;
};

/** The tile's path under a log's address, without a slash before it. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.../g) ?? [];
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${name}${width === tileWidth ? "" : `.p/${width}`}`;
}

/** The tile that a path names; `undefined` for anything but the one path of a tile. */
export function parseTilePath(path: string): Tile | undefined {
  // Six groups hold every number below 2^53.
  const match =
    /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(
      path,
    );
  const [, levelText = "", name = "", widthText] = match ?? [];
  if (match === null) return undefined;
  const level: Tile["level"] = levelText === "entries" ? "entries" : Number(levelText);
  const index = Number(name.replaceAll(/[x/]/g, ""));
  const width = widthText === undefined ? tileWidth : Number(widthText);
  if ((level !== "entries" && level > 63) || !Number.isSafeInteger(index)) return undefined;
  const tile = { level, index, width };
  return tilePath(tile) === path ? tile : undefined;
}

/** How many hashes (or leaves) of this tile a tree of `size` leaves has: 0 to 256. */
export function widthIn(tile: Pick<Tile, "level" | "index">, size: number): number {
  const level = tile.level === "entries" ? 0 : tile.level;
  const count = Math.floor(size / tileWidth ** level) - tile.index * tileWidth;
  return Math.max(0, Math.min(count, tileWidth));
}

/** The tile that holds the hash of a subtree, as it is in a tree of `size` leaves. */
export function tileOf(subtree: Subtree, size: number): Tile {
  const level = Math.floor(subtree.level / tileHeight);
  const span = 2 ** (subtree.level % tileHeight);
  const index = Math.floor((subtree.index * span) / tileWidth);
  return { level, index, width: widthIn({ level, index }, size) };
}

/** The hash of a subtree, from the hashes of its tile; `undefined` if that is too short. */
export function hashIn(subtree: Subtree, tile: Uint8Array): Uint8Array | undefined {
  const span = 2 ** (subtree.level % tileHeight);
  const first = ((subtree.index * span) % tileWidth) * hashBytes;
  const last = first + span * hashBytes;
  if (tile.length < last) return undefined;
  return perfectRoot(hashesOf(tile.subarray(first, last)));
}

/** The hashes that a tile's bytes are. */
export function hashesOf(tile: Uint8Array): readonly Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < tile.length; at += hashBytes) hashes.push(tile.slice(at, at + hashBytes));
  return hashes;
}

/** The hash over as many hashes as a power of two. */
export function perfectRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < row.length; at += 2) {
      const [left, right] = [row[at], row[at + 1]];
      assert(left !== undefined && right !== undefined, "a perfect subtree has pairs");
      above.push(nodeHash(left, right));
    }
    row = above;
  }
  const [root] = row;
  assert(root !== undefined, "a subtree has a leaf");
  return root;
}

/** A bundle of leaves: each line after its length. */
export function encodeEntries(lines: readonly string[]): Uint8Array {
  return concat(
    lines.flatMap((line) => [Uint8Array.of(line.length >>> 8, line.length), fromAscii(line)]),
  );
}

/** The lines of a bundle of `width` leaves. Our leaves are ASCII and short; others are refused. */
export function decodeEntries(
  bytes: Uint8Array,
  width: number,
): Verdict<readonly string[], "entries_malformed"> {
  const malformed = (detail: string): ReturnType<typeof decodeEntries> =>
    refuse("entries_malformed", detail);
  const lines: string[] = [];
  let at = 0;
  for (; at < bytes.length && lines.length < width;) {
    const length = (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    const end = at + 2 + length;
    if (end > bytes.length) return malformed(`it ends inside entry ${lines.length}`);
    if (length > leafBytesMax) return malformed(`entry ${lines.length} is too long`);
    const line = toLatin1(bytes.subarray(at + 2, end));
    if (!/^[\x20-\x7e]*$/.test(line)) return malformed(`entry ${lines.length} is not ASCII`);
    lines.push(line);
    at = end;
  }
  if (lines.length < width) return malformed(`${lines.length} entries in place of ${width}`);
  return at === bytes.length ? accept(lines) : malformed("bytes after the last entry");
}

/** A tile that has become full. */
export type FullTile = {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
};

/** The tiles that are not full yet: for each level the hashes of its last one, 0 to 255 of them. */
export type Edge = {
  readonly size: number;
  readonly levels: readonly (readonly Uint8Array[])[];
};

/** The edge with more leaves, and the tiles that became full on the way, in that order. */
export function extendEdge(
  edge: Edge,
  leafHashes: readonly Uint8Array[],
): { readonly edge: Edge; readonly full: readonly FullTile[] } {
  const levels = edge.levels.map((hashes) => [...hashes]);
  const full: FullTile[] = [];
  let { size } = edge;
  for (const leaf of leafHashes) {
    size += 1;
    let hash = leaf;
    for (let level = 0; ; level += 1) {
      const hashes = (levels[level] ??= []);
      hashes.push(hash);
      if (hashes.length < tileWidth) break;
      const index = size / tileWidth ** (level + 1) - 1;
      full.push({ level, index, hashes: concat(hashes) });
      hash = perfectRoot(hashes);
      levels[level] = [];
    }
  }
  return { edge: { size, levels }, full };
}
