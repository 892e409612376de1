/**
 * The fold of everything that was published, kept on disk so that a start does not fold the whole
 * log: `snapshots/public-N.txt`, what was said up to record N of `said/`.
 *
 *   signet-public/1 N HASH-OF-INDEX        then the index and its parts (market/snapshot.ts)
 *
 * Texts may be longer here than readers of a snapshot take (docs/spec/log.md §12): the log goes on
 * without snapshots then, and a start still needs not fold all of it.
 *
 * It is worth no more than the time it saves: one that is torn, or of another `said/`, is passed
 * over, and the log is folded from the one before it or from the beginning. If we die while writing
 * one, the one before it is still there.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { assert } from "../codec/assert.ts";
import { concat, fromAscii, toLatin1 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { decodeSaidNames } from "../journal/said.ts";
import { parseLeaf } from "../log/leaf.ts";
import { leavesIn } from "../log/publication.ts";
import { printFrontier, type Frontier } from "../log/tree.ts";
import { PublicView } from "../market/publicview.ts";
import {
  indexDigest,
  parseIndex,
  restoreSnapshot,
  SnapshotPrinter,
  type Snapshot,
  type TextBounds,
} from "../market/snapshot.ts";
import { readIfPresent, writeDurably } from "../store/durable.ts";
import type { Segments } from "../store/segments.ts";

/** The newest, and one before it in case the newest cannot be read. */
const viewsKept = 2;
const firstWord = "signet-public/1";
const unbounded: TextBounds = { indexBytes: Infinity, partBytes: Infinity };

/** A view and the record of `said/` up to which it was folded; 0: from nothing. */
export type SavedView = { readonly view: PublicView; readonly said: number };

/** Takes the leaves of the publication in a record of `said/`. */
export function foldPublished(view: PublicView, publication: Uint8Array): void {
  for (const line of leavesIn(publication)) {
    const leaf = parseLeaf(line);
    assert(leaf !== undefined, "what was said is a leaf");
    view.apply(leaf);
  }
}

/** Writes what was said up to record `said`. */
export async function saveView(
  dir: string,
  exchange: Fingerprint,
  { view, frontier, said }: SavedView & { readonly frontier: Frontier },
): Promise<void> {
  const { index, parts, digest } = new SnapshotPrinter(view).print(exchange, frontier);
  const texts = [`${firstWord} ${said} ${digest}\n`, index, ...parts];
  mkdirSync(join(dir, "snapshots"), { recursive: true, mode: 0o700 });
  await writeDurably(pathOf(dir, said), concat(texts.map(fromAscii)));
  for (const old of savedNumbers(dir).slice(viewsKept)) rmSync(pathOf(dir, old));
}

/** The newest saved view that holds and is of this `said/`; else an empty one. */
export function loadView(dir: string, exchange: Fingerprint, said: Segments): SavedView {
  for (const number of savedNumbers(dir)) {
    if (number > said.last) continue;
    const bytes = readIfPresent(pathOf(dir, number));
    const snapshot = bytes === undefined ? undefined : parseSaved(bytes, number);
    const restored = snapshot && restoreSnapshot(exchange, snapshot, unbounded);
    if (restored?.ok !== true) continue;
    const record = decodeSaidNames(said.get(number));
    const isOurs = record.ok && isSame(record.value.frontier, restored.value.index.frontier);
    if (isOurs) return { view: restored.value.view, said: number };
  }
  return { view: new PublicView(), said: 0 };
}

function isSame(a: Frontier, b: Frontier): boolean {
  return printFrontier(a) === printFrontier(b);
}

function parseSaved(bytes: Uint8Array, number: number): Snapshot | undefined {
  const lineEnd = (from: number): number => bytes.indexOf(0x0a, from) + 1;
  const headEnd = lineEnd(0);
  const [word, said, digest] = toLatin1(bytes.subarray(0, Math.max(headEnd - 1, 0))).split(" ");
  if (word !== firstWord || said !== String(number)) return undefined;
  // Four lines, and then one for each part.
  let at = headEnd;
  for (let line = 0, end = lineEnd(at); end > 0; line += 1, end = lineEnd(at)) {
    if (line >= 4 && !toLatin1(bytes.subarray(at, at + 5)).startsWith("part ")) break;
    at = end;
  }
  const index = toLatin1(bytes.subarray(headEnd, at));
  if (!/^[\x20-\x7e\n]*$/.test(index) || indexDigest(index) !== digest) return undefined;
  const named = parseIndex(index, unbounded);
  if (!named.ok) return undefined;
  const parts = named.value.parts.map((part) => toLatin1(bytes.subarray(at, (at += part.bytes))));
  return { index, parts };
}

function pathOf(dir: string, said: number): string {
  return join(dir, "snapshots", `public-${said}.txt`);
}

/** Newest first. */
function savedNumbers(dir: string): readonly number[] {
  mkdirSync(join(dir, "snapshots"), { recursive: true, mode: 0o700 });
  return readdirSync(join(dir, "snapshots"))
    .map((name) => Number(/^public-([0-9]{1,15})\.txt$/.exec(name)?.[1] ?? Number.NaN))
    .filter((number) => Number.isSafeInteger(number) && number > 0)
    .sort((a, b) => b - a);
}
