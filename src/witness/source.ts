/**
 * One relay's copy of a log, read over HTTP and believed in nothing: the checkpoint by its
 * signature, tiles by what they hash to. What is wrong has a name, so that the relay can be told
 * from one that is merely silent.
 */
import { equalBytes } from "../codec/bytes.ts";
import type { Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { openCheckpoint, type Checkpoint } from "../log/checkpoint.ts";
import { parseLeaf } from "../log/leaf.ts";
import { decodeNote, type Verifier } from "../log/note.ts";
import {
  checkInclusion,
  inclusionProof,
  inclusionSubtrees,
  rootFrom,
  rootSubtrees,
  type ReadHash,
  type Subtree,
} from "../log/proof.ts";
import { decodeEntries, hashIn, tileOf, tilePath, tileWidth, type Tile } from "../log/tiles.ts";
import { leafHash } from "../log/tree.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { fetchBounded } from "./fetch.ts";

/** Why a relay's copy is not taken. The first is silence; the others are its fault. */
export type SourceRefusal =
  | "relay_silent"
  | "checkpoint_wrong"
  | "tile_missing"
  | "tile_wrong"
  | "entries_wrong";

/** A checkpoint and the relay that told it. */
export type Head = {
  readonly url: string;
  readonly note: string;
  readonly checkpoint: Checkpoint;
};

const noteBytesMax = 65_536;
const bundleBytesMax = 300_000;
const tileBytesMax = 8192;
/** Tiles asked for at once. */
const togetherMax = 8;
/** Bundles that are searched for the last leaf with a time. */
const bundlesMax = 4;

export class LogSource {
  readonly url: string;
  readonly #log: Verifier;
  #prefix: string;
  readonly #tiles: Map<string, Uint8Array> = new Map();

  constructor(url: string, log: Verifier) {
    this.url = url.replace(/\/+$/, "");
    this.#prefix = this.url;
    this.#log = log;
  }

  /** The relay's newest checkpoint, if the log signed it and the relay's tiles hash to it. */
  async head(): Promise<Verdict<Head, SourceRefusal>> {
    let got = await this.#get("/checkpoint", noteBytesMax);
    if (!got.ok && got.name === "tile_missing") {
      // A blind proxy passes little more than /v1/: the log begins there as well.
      this.#prefix = `${this.url}/v1/log`;
      got = await this.#get("/checkpoint", noteBytesMax);
    }
    if (!got.ok) return got.name === "tile_missing" ? refuse("relay_silent", got.detail) : got;
    const note = decodeNote(got.value);
    if (note === undefined) return refuse("checkpoint_wrong", "its checkpoint is no note");
    const opened = openCheckpoint(note, this.#log, verifyEd25519);
    if (!opened.ok) return refuse("checkpoint_wrong", opened.detail);
    const checkpoint = opened.value;
    const read = await this.reader(rootSubtrees(checkpoint.size), checkpoint.size);
    if (!read.ok) return read;
    if (!equalBytes(rootFrom(checkpoint.size, read.value), checkpoint.root)) {
      return refuse("tile_wrong", "its tiles do not hash to its checkpoint");
    }
    return accept({ url: this.url, note, checkpoint });
  }

  /** The hashes of these subtrees, from the relay's tiles of a tree of `size` leaves. */
  async reader(
    subtrees: readonly Subtree[],
    size: number,
  ): Promise<Verdict<ReadHash, SourceRefusal>> {
    const wanted = new Map(
      subtrees.map((subtree) => {
        const tile = tileOf(subtree, size);
        return [tilePath(tile), tile] as const;
      }),
    );
    const missing = [...wanted].filter(([path]) => !this.#tiles.has(path));
    for (let at = 0; at < missing.length; at += togetherMax) {
      const part = missing.slice(at, at + togetherMax);
      const got = await Promise.all(part.map(([path, tile]) => this.#tile(path, tile)));
      const failed = got.find((verdict) => !verdict.ok);
      if (failed !== undefined && !failed.ok) return failed;
    }
    return accept((subtree) => {
      const tile = this.#tiles.get(tilePath(tileOf(subtree, size)));
      const hash = tile && hashIn(subtree, tile);
      if (hash === undefined) throw new Error("couldn't find a hash that was fetched");
      return hash;
    });
  }

  async #tile(path: string, tile: Tile): Promise<Verdict<true, SourceRefusal>> {
    const got = await this.#whole(tile, tileBytesMax);
    if (!got.ok) return got;
    const bytes = got.value.bytes.subarray(0, tile.width * 32);
    const isWhole = got.value.bytes.length === got.value.width * 32;
    if (!isWhole) return refuse("tile_wrong", `${path} has ${got.value.bytes.length} bytes`);
    this.#tiles.set(path, bytes);
    return accept(true);
  }

  /** A tile, or the full one that it has become: a host may drop what it was before. */
  async #whole(
    tile: Tile,
    bytesMax: number,
  ): Promise<Verdict<{ readonly bytes: Uint8Array; readonly width: number }, SourceRefusal>> {
    const got = await this.#get(`/${tilePath(tile)}`, bytesMax);
    if (got.ok) return accept({ bytes: got.value, width: tile.width });
    if (got.name !== "tile_missing" || tile.width === tileWidth) return got;
    const full = await this.#get(`/${tilePath({ ...tile, width: tileWidth })}`, bytesMax);
    return full.ok ? accept({ bytes: full.value, width: tileWidth }) : got;
  }

  /**
   * The last time that the log itself tells, by the newest leaf with one, proved to be in the tree;
   * `undefined` if none of the newest leaves has any.
   */
  async lastTime({ checkpoint }: Head): Promise<Verdict<Time | undefined, SourceRefusal>> {
    const { size } = checkpoint;
    const newest = Math.ceil(size / tileWidth) - 1;
    for (let index = newest; index >= 0 && index > newest - bundlesMax; index -= 1) {
      const width = Math.min(size - index * tileWidth, tileWidth);
      const got = await this.#whole({ level: "entries", index, width }, bundleBytesMax);
      if (!got.ok) return got;
      const lines = decodeEntries(got.value.bytes, got.value.width);
      if (!lines.ok) return refuse("entries_wrong", lines.detail);
      const own = lines.value.slice(0, width);
      const at = own.findLastIndex((line) => timeOf(line) !== undefined);
      const line = own[at];
      if (line === undefined) continue;
      const held = await this.#holds(line, index * tileWidth + at, checkpoint);
      return held.ok ? accept(timeOf(line)) : held;
    }
    return accept(undefined);
  }

  /** Whether a line that the relay told is the leaf of that number. */
  async #holds(
    line: string,
    index: number,
    checkpoint: Checkpoint,
  ): Promise<Verdict<true, SourceRefusal>> {
    const { size } = checkpoint;
    const read = await this.reader(inclusionSubtrees(index, size), size);
    if (!read.ok) return read;
    const proof = inclusionProof(index, size, read.value);
    const held = checkInclusion({ index, hash: leafHash(line) }, checkpoint, proof);
    return held.ok ? held : refuse("entries_wrong", `leaf ${index} is not what it tells`);
  }

  async #get(path: string, bytesMax: number): Promise<Verdict<Uint8Array, SourceRefusal>> {
    const got = await fetchBounded(this.#prefix + path, { bytesMax });
    if (got.kind === "failed") return refuse("relay_silent", got.why);
    if (got.status === 200) return accept(got.body);
    return got.status === 404
      ? refuse("tile_missing", `it has no ${path}`)
      : refuse("relay_silent", `status ${got.status}`);
  }
}

function timeOf(line: string): Time | undefined {
  const leaf = parseLeaf(line);
  return leaf?.kind === "tick" || leaf?.kind === "trade" ? leaf.at : undefined;
}
