/**
 * Start-up of the island: the same fold as its life (journal/replay.ts). Loads the newest good
 * snapshot, replays the journal behind it, and finds what was journaled but not yet said, to be
 * said now (P5, P9).
 *
 * Refusals to start, each with a way out: refusal.ts.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { assert } from "../codec/assert.ts";
import { concat, fromAscii, toLatin1 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { apply } from "../engine/apply.ts";
import type { Input, Output } from "../engine/input.ts";
import { parseSnapshot, printSnapshot, stateHash } from "../engine/snapshot.ts";
import { newState, type State } from "../engine/state.ts";
import { encodeRecord, type LaneRecord, RecordUnreadable } from "../journal/record.ts";
import { Fold, MarksSeen, type Numbered, RecordFaulted } from "../journal/replay.ts";
import { decodeSaidNames } from "../journal/said.ts";
import { emptyFrontier, type Frontier } from "../log/tree.ts";
import type { PublicView } from "../market/publicview.ts";
import { readIfPresent, writeDurably } from "../store/durable.ts";
import {
  openSegments,
  StoreDamaged,
  type Segments,
  type SegmentsOptions,
} from "../store/segments.ts";
import { Archive } from "./archive.ts";
import { journalShort, journalUnreadable, letterFaults, storeDamaged } from "./refusal.ts";
import { foldPublished, loadView } from "./savedview.ts";

/** The newest, and one before it in case the newest cannot be read. */
const snapshotsKept = 2;
const snapshotVersion = "signet-snapshot/2";

/** An output with the journal record that caused it. */
export type Decided = { readonly number: number; readonly output: Output };

export type Recovered = {
  readonly state: State;
  readonly journal: Segments;
  readonly said: Segments;
  readonly archive: Archive;
  readonly frontier: Frontier;
  /** The fold of every leaf that was said. */
  readonly view: PublicView;
  /** Leaves of `unsaid` that the log holds already: a crash cut a long input short. */
  readonly already: number;
  /** What the journal decided and `said/` does not hold yet, in order. */
  readonly unsaid: readonly Decided[];
  /** Where each inbound lane stands. */
  readonly lanes: ReadonlyMap<string, LaneRecord>;
};

/**
 * Which letters the operators passed over, judged with the state in which record `number` faulted.
 */
export type PassedOver = (number: number, state: State) => Promise<boolean>;

export type RecoveryOptions = {
  readonly dir: string;
  readonly exchange: Fingerprint;
  readonly passedOver: PassedOver;
  /** The engine; tests hand in one that faults. */
  readonly apply?: typeof apply;
};

/** Opens the stores and folds; throws StartRefused if a person has to decide something. */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { dir } = options;
  const said = await openStore(join(dir, "said"));
  const archive = new Archive(said);
  let answered = 0;
  let frontier = emptyFrontier();
  const kept = loadView(dir, options.exchange, said);
  const { view } = kept;
  let leavesAnswered = view.engineLeaves;
  for (const { number, bytes } of said.read(1)) {
    const record = decodeSaidNames(bytes);
    if (!record.ok) throw new Error(`couldn't read said record ${number}: ${record.detail}`);
    archive.note(number, record.value.archive);
    frontier = record.value.frontier;
    if (number > kept.said) foldPublished(view, record.value.publication);
    if (record.value.upTo === 0) continue;
    answered = record.value.upTo;
    leavesAnswered = view.engineLeaves;
  }
  assert(view.size === frontier.size, "what was folded is what was said");
  const marks = new MarksSeen();
  const onRecord = (record: Numbered): void => marks.see(record);
  const journal = await openStore(join(dir, "journal"), { onRecord });
  if (journal.last < answered) throw journalShort(journal.last, answered);
  const { lanes, skips } = marks;
  const unsaid: Decided[] = [];
  const { state, passed } = await foldWithSkips(options, journal, {
    // A snapshot beyond what was said would swallow outputs that still have to be said.
    upTo: answered,
    skips,
    onOutput(output, number) {
      if (number > answered) unsaid.push({ number, output });
    },
    restart: () => unsaid.splice(0),
  });
  // A mended engine must not obey what was answered as a fault: the journal remembers it.
  const skipped = passed.map((record) => ({ kind: "skip", at: state.at, record }) as const);
  if (skipped.length > 0) await journal.append(skipped.map(encodeRecord));
  const already = view.engineLeaves - leavesAnswered;
  return { state, journal, said, archive, frontier, view, already, unsaid, lanes };
}

/** What is folded, and who is told of it. */
export type FoldOptions = {
  /** No snapshot of a later record is begun with. */
  readonly upTo: number;
  /** The last record to fold; without it, all of them. */
  readonly until?: number;
  readonly skips: ReadonlySet<number>;
  readonly onOutput: (output: Output, number: number, input: Input) => void;
  /** The fold begins anew: what was heard so far is void. */
  readonly restart: () => void;
  /** Now and then: after which record. The fold ends here if it gives false. */
  readonly pause?: (number: number) => Promise<boolean>;
};

/** What was folded: from which snapshot (0: none) up to which record. */
export type FoldedJournal = {
  readonly state: State;
  readonly from: number;
  readonly last: number;
  readonly passed: readonly number[];
};

const recordsPerPause = 64;

/** Folds, and once more without a letter that faulted if the operators passed it over. */
export async function foldWithSkips(
  options: RecoveryOptions,
  journal: Segments,
  told: FoldOptions,
): Promise<FoldedJournal> {
  const { upTo, until = journal.last, skips: known, onOutput, restart, pause } = told;
  const passed: number[] = [];
  for (;;) {
    const { state, from } = loadSnapshot(options, upTo);
    // What the snapshot holds was passed over when it was made.
    const skips = new Set([...known, ...passed].filter((number) => number > from));
    const folded = new Fold({ state, apply: options.apply ?? apply, skips, onOutput });
    let last = from;
    try {
      for (const record of journal.read(from + 1)) {
        if (record.number > until) break;
        folded.step(record);
        last = record.number;
        if (pause === undefined || last % recordsPerPause !== 0) continue;
        if (!(await pause(last))) break;
      }
      // A fold that ended early has not come to every letter that was passed over.
      if (last === journal.last) folded.end();
      return { state, from, last, passed };
    } catch (cause) {
      if (cause instanceof RecordUnreadable) throw journalUnreadable(cause);
      if (!(cause instanceof RecordFaulted)) throw cause;
      const { number, isLetter } = cause;
      if (!isLetter || skips.has(number) || !(await options.passedOver(number, state))) {
        throw letterFaults(number, cause);
      }
      passed.push(number);
      restart();
    }
  }
}

async function openStore(dir: string, options: SegmentsOptions = {}): Promise<Segments> {
  try {
    return await openSegments(dir, options);
  } catch (cause) {
    if (cause instanceof StoreDamaged) throw storeDamaged(cause);
    throw cause;
  }
}

/**
 * The newest snapshot of a record up to `upTo` whose hash holds; the empty exchange if there is
 * none.
 */
function loadSnapshot(
  { dir, exchange }: Pick<RecoveryOptions, "dir" | "exchange">,
  upTo: number,
): { readonly state: State; readonly from: number } {
  for (const from of snapshotNumbers(dir).filter((number) => number <= upTo)) {
    const bytes = readIfPresent(snapshotPath(dir, from));
    if (bytes === undefined) continue;
    const end = bytes.indexOf(10) + 1;
    const [kind, number, hash] = toLatin1(bytes.subarray(0, Math.max(end - 1, 0))).split(" ");
    if (kind !== snapshotVersion || Number(number) !== from) continue;
    const state = parseSnapshot(bytes.subarray(end));
    if (stateHash(state) === hash) return { state, from };
  }
  return { state: newState(exchange), from: 0 };
}

/** Writes a snapshot of the state after journal record `number`, all of which was said. */
export async function saveSnapshot(dir: string, number: number, state: State): Promise<void> {
  const head = fromAscii(`${snapshotVersion} ${number} ${stateHash(state)}\n`);
  mkdirSync(join(dir, "snapshots"), { recursive: true, mode: 0o700 });
  await writeDurably(snapshotPath(dir, number), concat([head, printSnapshot(state)]));
  // If we die here there is one snapshot more than needed.
  for (const old of snapshotNumbers(dir).slice(snapshotsKept)) rmSync(snapshotPath(dir, old));
}

function snapshotPath(dir: string, number: number): string {
  return join(dir, "snapshots", `snapshot-${number}`);
}

/** Newest first. */
function snapshotNumbers(dir: string): readonly number[] {
  if (!existsSync(join(dir, "snapshots"))) return [];
  return readdirSync(join(dir, "snapshots"))
    .map((name) => Number(/^snapshot-([1-9][0-9]*)$/.exec(name)?.[1] ?? Number.NaN))
    .filter((number) => Number.isSafeInteger(number))
    .sort((a, b) => b - a);
}
