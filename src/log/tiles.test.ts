/** Tiles hold what the definition says, their paths are those of C2SP, and nothing else is read. */
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { array, assert, constantFrom, nat, property, string, uint8Array } from "fast-check";
import { toHex } from "../codec/bytes.ts";
import { runs } from "../testing/runs.ts";
import { inclusionProof, consistencyProof, rootFrom, type ReadHash } from "./proof.ts";
import {
  decodeEntries,
  encodeEntries,
  extendEdge,
  hashIn,
  parseTilePath,
  tileOf,
  tilePath,
  widthIn,
  type Edge,
} from "./tiles.ts";
import { appendHash, emptyFrontier, leafHash, rootHash } from "./tree.ts";

/** All tiles of a log, as a host of files would have them. */
class Tiles {
  edge: Edge = { size: 0, levels: [] };
  readonly full: Map<string, Uint8Array> = new Map();

  append(hashes: readonly Uint8Array[]): void {
    const grown = extendEdge(this.edge, hashes);
    this.edge = grown.edge;
    for (const { level, index, hashes } of grown.full) this.full.set(`${level}/${index}`, hashes);
  }

  readonly read: ReadHash = (subtree) => {
    const { level, index, width } = tileOf(subtree, this.edge.size);
    const last = this.edge.levels[Number(level)] ?? [];
    const tile = this.full.get(`${level}/${index}`) ?? Buffer.concat(last.slice(0, width));
    const hash = hashIn(subtree, tile);
    if (hash === undefined) throw new Error("couldn't find a subtree in its tile");
    return hash;
  };
}

test("the example of the specification: 70,000 leaves", () => {
  const tiles = new Tiles();
  let frontier = emptyFrontier();
  for (let n = 0; n < 70_000; n += 1000) {
    const hashes = Array.from({ length: 1000 }, (_, at) => leafHash(`NOTICE|${n + at}`));
    tiles.append(hashes);
    frontier = hashes.reduce(appendHash, frontier);
  }
  equal(toHex(rootFrom(70_000, tiles.read)), toHex(rootHash(frontier)));
  const widths = tiles.edge.levels.map((hashes) => hashes.length);
  deepEqual(widths, [112, 17, 1]);
  const full = [...tiles.full.keys()];
  equal(full.filter((name) => name.startsWith("0/")).length, 273);
  deepEqual(
    full.filter((name) => !name.startsWith("0/")),
    ["1/0"],
  );
  equal(widthIn({ level: 0, index: 273 }, 70_000), 112);
  equal(widthIn({ level: "entries", index: 273 }, 70_000), 112);
  equal(widthIn({ level: 0, index: 274 }, 70_000), 0);
  equal(widthIn({ level: 1, index: 1 }, 70_000), 17);
  equal(widthIn({ level: 2, index: 0 }, 70_000), 1);
  equal(widthIn({ level: 63, index: 0 }, 70_000), 0);
  deepEqual(tileOf({ level: 9, index: 136 }, 70_000), { level: 1, index: 1, width: 17 });
});

test("roots and proofs read from tiles are those read from leaves, in batches of any length", () => {
  const hashes = Array.from({ length: 900 }, (_, n) => leafHash(`NOTICE|${n}`));
  const direct: ReadHash = ({ level, index }) => {
    const part = hashes.slice(index * 2 ** level, (index + 1) * 2 ** level);
    return rootHash(part.reduce(appendHash, emptyFrontier()));
  };
  assert(
    property(array(nat(400), { maxLength: 5 }), nat(899), nat(899), (batches, a, b) => {
      const tiles = new Tiles();
      for (const count of batches) {
        const at = tiles.edge.size;
        tiles.append(hashes.slice(at, at + count));
      }
      const { size } = tiles.edge;
      if (size === 0) return;
      const [index, old] = [a % size, b % (size + 1)];
      const hex = (proof: readonly Uint8Array[]): readonly string[] => proof.map(toHex);
      deepEqual(
        hex(inclusionProof(index, size, tiles.read)),
        hex(inclusionProof(index, size, direct)),
      );
      deepEqual(
        hex(consistencyProof(old, size, tiles.read)),
        hex(consistencyProof(old, size, direct)),
      );
    }),
    { numRuns: runs(15) },
  );
});

test("a tile has one path", () => {
  const levels = constantFrom<number | "entries">(0, 1, 2, 10, 63, "entries");
  assert(
    property(levels, nat(Number.MAX_SAFE_INTEGER), nat(255), (level, index, width) => {
      const tile = { level, index, width: width + 1 };
      deepEqual(parseTilePath(tilePath(tile)), tile);
    }),
    { numRuns: runs(200) },
  );
  const pieces = string({ unit: constantFrom(..."0123456789x/.pentri%\\") });
  assert(
    property(pieces, (text) => {
      const tile = parseTilePath(`tile/${text}`);
      if (tile !== undefined) equal(tilePath(tile), `tile/${text}`);
    }),
    { numRuns: runs(500) },
  );
});

test("a bundle of entries has one text", () => {
  const line = string({ unit: "grapheme-ascii", maxLength: 40 }).filter((text) =>
    /^[ -~]*$/.test(text),
  );
  assert(
    property(array(line, { maxLength: 20 }), (lines) => {
      const bytes = encodeEntries(lines);
      const read = decodeEntries(bytes, lines.length);
      deepEqual(read.ok && read.value, lines);
      equal(decodeEntries(bytes, lines.length + 1).ok, false);
      if (lines.length > 0) equal(decodeEntries(bytes, lines.length - 1).ok, false);
    }),
    { numRuns: runs(100) },
  );
  assert(
    property(uint8Array({ maxLength: 300 }), nat(5), (bytes, width) => {
      const read = decodeEntries(bytes, width);
      if (read.ok) deepEqual(encodeEntries(read.value), new Uint8Array(bytes));
    }),
    { numRuns: runs(300) },
  );
});
