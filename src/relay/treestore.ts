/**
 * The log's tree as a relay keeps it: full tiles in the database, written when they become full and
 * never again, and the edge, at most 255 hashes a level, in memory. So an append costs what is
 * new, a proof reads a few tiles, and nothing is ever hashed from the first leaf again.
 *
 * Full tiles are written in the transaction that adds the leaves. If we die before its commit,
 * neither is there; after it, the edge is made anew at the next start from the last leaves and the
 * full tiles above them. A database from before there were tiles gets them then.
 */
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../codec/assert.ts";
import { concat } from "../codec/bytes.ts";
import type { ReadHash } from "../log/proof.ts";
import {
  encodeEntries,
  extendEdge,
  hashesOf,
  hashIn,
  perfectRoot,
  tileOf,
  tileWidth,
  widthIn,
  type Edge,
  type FullTile,
  type Tile,
} from "../log/tiles.ts";
import { leafHash } from "../log/tree.ts";
import { bytesIn, numberIn, textIn, transaction } from "./database.ts";

/** Leaves that are hashed in one transaction where tiles are made for an older database. */
const catchUpLeaves = tileWidth * 64;

export class TreeStore {
  readonly #database: DatabaseSync;
  #edge: Edge;

  /** Over a database that holds the first `size` leaves. */
  constructor(database: DatabaseSync, size: number) {
    this.#database = database;
    this.#edge = this.#storedEdge();
    while (this.#edge.size < size) {
      const lines = this.#lines(this.#edge.size, Math.min(catchUpLeaves, size - this.#edge.size));
      assert(lines.length > 0, "the leaves up to the watermark are stored");
      transaction(database, () => this.store(lines))();
    }
  }

  /** How many leaves. */
  get size(): number {
    return this.#edge.size;
  }

  /**
   * Stores what the next leaves make full; within the caller's transaction. What it returns is to
   * be called after the commit: the leaves count from then on.
   */
  store(lines: readonly string[]): () => void {
    const { edge, full } = extendEdge(this.#edge, lines.map(leafHash));
    const insert = this.#database.prepare("INSERT INTO tiles VALUES (?, ?, ?)");
    for (const { level, index, hashes } of full) insert.run(level, index, hashes);
    return () => void (this.#edge = edge);
  }

  /** The edge after the leaves whose tiles are stored: a multiple of 256 of them. */
  #storedEdge(): Edge {
    const sql = "SELECT count(*) AS n FROM tiles WHERE level = ?";
    const count = this.#database.prepare(sql);
    const levels: (readonly Uint8Array[])[] = [[]];
    let size = 0;
    for (let level = 0; ; level += 1) {
      const row = count.get(level);
      const full = row === undefined ? 0 : numberIn(row, "n");
      if (level === 0) size = full * tileWidth;
      if (full === 0) return { size, levels };
      // Each full tile is one hash above; those of full tiles there are in them already.
      const first = Math.floor(full / tileWidth) * tileWidth;
      const hashes: Uint8Array[] = [];
      for (let index = first; index < full; index += 1) {
        hashes.push(perfectRoot(hashesOf(this.#fullTile({ level, index }))));
      }
      levels.push(hashes);
    }
  }

  #fullTile({ level, index }: Pick<FullTile, "level" | "index">): Uint8Array {
    const sql = "SELECT hashes FROM tiles WHERE level = ? AND number = ?";
    const row = this.#database.prepare(sql).get(level, index);
    assert(row !== undefined, "a tile that is full is stored");
    return bytesIn(row, "hashes");
  }

  #lines(from: number, count: number): readonly string[] {
    const sql = "SELECT line FROM leaves WHERE number >= ? ORDER BY number LIMIT ?";
    return this.#database
      .prepare(sql)
      .all(from, count)
      .map((row) => textIn(row, "line"));
  }

  /** A tile's bytes; `undefined` for one that the tree does not have, or not in this width yet. */
  tile(tile: Tile): Uint8Array | undefined {
    if (widthIn(tile, this.size) < tile.width) return undefined;
    if (tile.level === "entries") {
      return encodeEntries(this.#lines(tile.index * tileWidth, tile.width));
    }
    return this.#hashes(tile.level, tile.index).subarray(0, tile.width * 32);
  }

  #hashes(level: number, index: number): Uint8Array {
    const isFull = widthIn({ level, index }, this.size) === tileWidth;
    return isFull ? this.#fullTile({ level, index }) : concat(this.#edge.levels[level] ?? []);
  }

  /** Reads hashes for one proof: each tile is fetched once. */
  reader(): ReadHash {
    const tiles = new Map<string, Uint8Array>();
    return (subtree) => {
      const { level, index } = tileOf(subtree, this.size);
      assert(level !== "entries", "hashes are in tiles of hashes");
      const name = `${level}/${index}`;
      const tile = tiles.get(name) ?? this.#hashes(level, index);
      tiles.set(name, tile);
      const hash = hashIn(subtree, tile);
      assert(hash !== undefined, "the subtree is in the tree");
      return hash;
    };
  }
}
