/**
 * Snapshots (docs/spec/log.md §12): a `PublicView` as canonical text, an index and its parts. One
 * state has one text, whatever leaves led to it, so that the hash of the index, which the exchange
 * puts into its log, is the same for everybody who folds.
 *
 *   signet-snapshot/1 EXCHANGE             index
 *   size N
 *   frontier BASE64 …                      the tree's perfect subtrees, the largest first
 *   tick TIME                              or -
 *   part exchange SHA256 BYTES             lastTrade, last snapshot, counters
 *   part market NAME SHA256 BYTES          in the order of their first leaves
 *   part ring SHA256 BYTES
 *
 * Parts are lines too; what a leaf says stands there as that leaf. `restoreSnapshot` takes nothing
 * that it would not print itself, byte for byte.
 */
import { assert } from "../codec/assert.ts";
import { fromBase64, sha256Hex, toBase64 } from "../codec/bytes.ts";
import { digest, isFingerprint, isHex64, type Digest, type Fingerprint } from "../codec/names.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { whole } from "../log/numbers.ts";
import type { Frontier } from "../log/tree.ts";
import { tradesKept } from "./board.ts";
import { intervalNames } from "./candle.ts";
import { PublicView, snapshotBounds } from "./publicview.ts";
import { candlesKept } from "./shelf.ts";
import { printParts, readParts } from "./snapshotparts.ts";

/** A part as the index names it. */
export type PartName = {
  /** `exchange`, `market NAME` or `ring`. */
  readonly name: string;
  readonly digest: Digest;
  readonly bytes: number;
};

/** What an index says. */
export type SnapshotIndex = {
  readonly exchange: Fingerprint;
  /** The tree of the leaves before the SNAPSHOT leaf. */
  readonly frontier: Frontier;
  readonly tick: Time | undefined;
  readonly parts: readonly PartName[];
};

/** A snapshot: `parts` are in the order of the index. */
export type Snapshot = { readonly index: string; readonly parts: readonly string[] };

/** Why texts are no snapshot, in order of precedence. */
export const snapshotRefusals = [
  "index_too_long",
  "index_malformed",
  "index_of_another",
  "part_missing",
  "part_wrong",
  "part_malformed",
  "snapshot_not_canonical",
] as const;
/** One of `snapshotRefusals`. */
export type SnapshotRefusal = (typeof snapshotRefusals)[number];

/** The longest index, bytes. */
export const indexBytesMax = 65_536;
/** The longest part, bytes. The `ring` part is bounded by what a view holds of it: 7 MiB. */
export const partBytesMax = 16_777_216;

/** The longest lines, bytes: all numbers have as many digits as they may have. */
const longest = { head: 2600, part: 113, market: 340, level: 39, trade: 120, candle: 240 } as const;
const candlesMost: number = intervalNames.reduce((sum, name) => sum + candlesKept[name], 0);
assert(
  longest.head + longest.part * (snapshotBounds.markets + 2) <= indexBytesMax,
  "an index of as many markets as may be is one that readers take",
);
assert(
  longest.market +
    longest.level * snapshotBounds.levels +
    longest.trade * tradesKept +
    longest.candle * candlesMost <=
    partBytesMax,
  "a part of as many levels as may be is one that readers take",
);

/** How long texts may be, where they are not those of a reader. */
export type TextBounds = { readonly indexBytes: number; readonly partBytes: number };
const ofReaders: TextBounds = { indexBytes: indexBytesMax, partBytes: partBytesMax };
const firstLine = "signet-snapshot/1";

/** What a leaf and an index have to say of each other: SHA-256 of the index. */
export function indexDigest(index: string): Digest {
  return digest(sha256Hex(index));
}

/** The texts of parts that did not change, with their hashes. One printer goes with one view. */
export class SnapshotPrinter {
  readonly #view: PublicView;
  readonly #hash: (text: string) => string;
  readonly #kept: Map<string, { readonly text: string; readonly digest: Digest }> = new Map();

  /** `hash`: SHA-256 in hex, if the machine has a quicker one. */
  constructor(view: PublicView, hash: (text: string) => string = sha256Hex) {
    this.#view = view;
    this.#hash = hash;
  }

  /** The snapshot of the view as it is now; `frontier` is the tree of its leaves. */
  print(exchange: Fingerprint, frontier: Frontier): Snapshot & { readonly digest: Digest } {
    const view = this.#view;
    assert(frontier.size === view.size, "the tree is of the leaves that were folded");
    const { tick } = view.board;
    const lines = [
      `${firstLine} ${exchange}`,
      `size ${frontier.size}`,
      ["frontier", ...frontier.hashes.map(toBase64)].join(" "),
      `tick ${tick === undefined ? "-" : printTime(tick)}`,
    ];
    const parts: string[] = [];
    for (const { name, version, print } of printParts(view)) {
      const key = `${name} ${version}`;
      const known = version === undefined ? undefined : this.#kept.get(key);
      const text = known?.text ?? print();
      const hash = known?.digest ?? digest(this.#hash(text));
      if (known === undefined && version !== undefined) this.#keep(name, key, text, hash);
      lines.push(`part ${name} ${hash} ${text.length}`);
      parts.push(text);
    }
    const index = `${lines.join("\n")}\n`;
    return { index, parts, digest: digest(this.#hash(index)) };
  }

  #keep(name: string, key: string, text: string, hash: Digest): void {
    for (const old of this.#kept.keys()) {
      if (old.startsWith(`${name} `)) this.#kept.delete(old);
    }
    this.#kept.set(key, { text, digest: hash });
  }
}

/** Reads an index; says nothing about its parts or its truth. */
export function parseIndex(
  text: string,
  { indexBytes, partBytes }: TextBounds = ofReaders,
): Verdict<SnapshotIndex, "index_too_long" | "index_malformed"> {
  if (text.length > indexBytes) {
    return refuse("index_too_long", `more than ${indexBytes} bytes`);
  }
  const malformed = (detail: string): ReturnType<typeof parseIndex> =>
    refuse("index_malformed", detail);
  if (!text.endsWith("\n")) return malformed("it does not end with a line");
  const [first = "", size = "", frontierLine = "", tickLine = "", ...rest] = text
    .slice(0, -1)
    .split("\n");
  const exchange = first.startsWith(`${firstLine} `) ? first.slice(firstLine.length + 1) : "";
  if (!isFingerprint(exchange)) return malformed(`it does not begin with ${firstLine} and a name`);
  const frontier = parseFrontierLines(size, frontierLine);
  if (frontier === undefined) return malformed("size and frontier are no tree");
  const tickText = tickLine.startsWith("tick ") ? tickLine.slice(5) : "";
  const tick = parseTime(tickText);
  if (tickText !== "-" && (tick === undefined || printTime(tick) !== tickText)) {
    return malformed("the tick is no time");
  }
  const parts: PartName[] = [];
  for (const line of rest) {
    const part = parsePartLine(line, partBytes);
    if (part === undefined) return malformed(`line ${5 + parts.length} names no part`);
    parts.push(part);
  }
  return accept({ exchange, frontier, tick, parts });
}

function parseFrontierLines(sizeLine: string, hashLine: string): Frontier | undefined {
  const size = sizeLine.startsWith("size ") ? whole(sizeLine.slice(5)) : undefined;
  const [word, ...texts] = hashLine.split(" ");
  if (size === undefined || word !== "frontier") return undefined;
  const ones = size.toString(2).replaceAll("0", "").length;
  if (texts.length !== ones) return undefined;
  const hashes = texts.flatMap((text) => {
    const hash = text.length === 44 ? fromBase64(text) : undefined;
    return hash?.length === 32 ? [hash] : [];
  });
  return hashes.length === ones ? { size, hashes } : undefined;
}

const partPattern =
  /^part (exchange|ring|market [A-Z][A-Z0-9.]{0,11}\/[A-Z][A-Z0-9.]{0,11}) ([0-9a-f]{64}) ([0-9]{1,9})$/;

function parsePartLine(line: string, bytesMax: number): PartName | undefined {
  const [, name, hash = "", length] = partPattern.exec(line) ?? [];
  const bytes = whole(length);
  if (name === undefined || bytes === undefined || !isHex64(hash)) return undefined;
  return bytes > bytesMax ? undefined : { name, digest: digest(hash), bytes };
}

/** A view where a snapshot was taken, and what the index says. */
export type Restored = { readonly view: PublicView; readonly index: SnapshotIndex };

/**
 * The view that a snapshot holds. It is as true as the hash of the index is the one of a SNAPSHOT
 * leaf under a signed checkpoint: that is the caller's to check. Texts are one character a byte.
 */
export function restoreSnapshot(
  exchange: Fingerprint,
  { index: text, parts }: Snapshot,
  bounds: TextBounds = ofReaders,
): Verdict<Restored, SnapshotRefusal> {
  const parsed = parseIndex(text, bounds);
  if (!parsed.ok) return parsed;
  const index = parsed.value;
  if (index.exchange !== exchange) {
    return refuse("index_of_another", `it is of exchange ${index.exchange}`);
  }
  if (parts.length !== index.parts.length) {
    return refuse("part_missing", `${parts.length} parts of ${index.parts.length}`);
  }
  for (const [at, { name, digest: wanted, bytes }] of index.parts.entries()) {
    const part = parts[at] ?? "";
    const isText = part.length === bytes && /^[\x20-\x7e\n]*$/.test(part);
    if (!isText || sha256Hex(part) !== wanted) {
      return refuse("part_wrong", `part ${name} is not the one that the index names`);
    }
  }
  const named = index.parts.map(({ name }, at) => ({ name, text: parts[at] ?? "" }));
  const read = readParts(named, { size: index.frontier.size, tick: index.tick });
  if (!read.ok) return read;
  const view = new PublicView(read.value);
  const printed = new SnapshotPrinter(view).print(exchange, index.frontier);
  if (printed.index !== text) {
    return refuse("snapshot_not_canonical", "what it holds has another text");
  }
  return accept({ view, index });
}
