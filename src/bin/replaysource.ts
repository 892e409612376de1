/**
 * What `signet replay` is given: an exchange's folder, its island's, a folder of journal segments
 * or one of them, or a file that begins as an order stream does. Told apart by what is there.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { streamMagic } from "../floor/stream.ts";
import { trouble, type Outcome, type Trouble } from "../wallet/errors.ts";

/** Larger than any that an island makes; a segment is read whole. */
const segmentBytesMax = 2 ** 30;
const segmentName = /^[0-9]{8}\.seg$/;

export type JournalSource = {
  readonly kind: "journal";
  /** The folder with the segments. */
  readonly dir: string;
  /** The folder that holds it: snapshots and settings, if they came along. */
  readonly island: string;
  /** Whose journal it is, if something beside it says so. */
  readonly exchange: Fingerprint | undefined;
  /** The bytes of all segments. */
  readonly bytes: number;
};

export type StreamSource = { readonly kind: "stream"; readonly path: string };

export type Source = JournalSource | StreamSource;

/** That nothing was done, and why. */
export function unreadableSource(what: string): Trouble {
  return trouble("E115", what, {
    meaning: "Nothing was folded.",
    next: "Name an exchange's folder, a journal or a stream: signet replay PATH",
  });
}

/** What lies at a path. */
export function sourceAt(path: string): Outcome<Source> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return unreadableSource(`There is no file or folder ${path}.`);
  if (found.isDirectory()) return folderAt(path);
  if (!found.isFile()) return unreadableSource(`${path} is no plain file.`);
  if (firstWord(path) === streamMagic) return { ok: true, value: { kind: "stream", path } };
  // One segment means nothing by itself: its frames go on from the one before.
  if (path.endsWith(".seg")) return folderAt(dirname(path));
  return unreadableSource(
    `${path} is no journal and no stream: another magic is at its beginning (stream_magic).`,
  );
}

function folderAt(path: string): Outcome<Source> {
  const journals = [join(path, "island/journal"), join(path, "journal"), path];
  const dir = journals.find((one) => segmentsIn(one).length > 0) ?? journals.find(isJournal);
  if (dir === undefined) {
    return unreadableSource(`There is no journal in ${path}: no segment such as 00000001.seg.`);
  }
  let bytes = 0;
  for (const name of segmentsIn(dir)) {
    const { size } = statSync(join(dir, name));
    bytes += size;
    if (size <= segmentBytesMax) continue;
    return unreadableSource(`${join(dir, name)} has ${size} bytes: no journal has such a segment.`);
  }
  const island = dirname(dir);
  return { ok: true, value: { kind: "journal", dir, island, exchange: whose(island), bytes } };
}

/** An empty journal is one if its place says so. */
function isJournal(dir: string): boolean {
  return dir.endsWith("/journal") && existsSync(dir) && statSync(dir).isDirectory();
}

function segmentsIn(dir: string): readonly string[] {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(dir).filter((name) => segmentName.test(name));
}

/** The fingerprint that the exchange's folder or the island's settings name. */
function whose(island: string): Fingerprint | undefined {
  const said = [
    plainText(join(dirname(island), "exchange")).trim(),
    /^exchange ([0-9a-f]{40})$/m.exec(plainText(join(island, "island.conf")))?.[1] ?? "",
  ];
  return said.find(isFingerprint);
}

function plainText(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? readFileSync(path, "latin1") : "";
}

/** The first four bytes, little endian. */
function firstWord(path: string): number | undefined {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(4);
    if (fstatSync(fd).size < 4 || readSync(fd, bytes, 0, 4, 0) < 4) return undefined;
    return bytes.readUInt32LE(0);
  } finally {
    closeSync(fd);
  }
}
