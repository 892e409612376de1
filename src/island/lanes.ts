/**
 * The island's end of its lanes (docs/spec/airlock.md). Each dock has an inbound lane under its
 * name and an outbound one, NAME-out, that carries every publication. A lane that stops, stops
 * alone.
 */
import { join } from "node:path";

import { equalBytes } from "../codec/bytes.ts";
import { time, type Time } from "../codec/time.ts";
import { openDirectory } from "../airlock/directory.ts";
import {
  ackBytesMax,
  checkpointName,
  laneStart,
  signer,
  verifier,
  type Position,
} from "../airlock/lane.ts";
import { Receiver } from "../airlock/receive.ts";
import { Sender } from "../airlock/send.ts";
import type { LaneRecord } from "../journal/record.ts";
import { decodeSaidNames } from "../journal/said.ts";
import { parseCheckpoint } from "../log/checkpoint.ts";
import { decodeNote, openNote, type Verify } from "../log/note.ts";
import { rootHash, type Frontier } from "../log/tree.ts";
import { readIfPresent, writeDurably } from "../store/durable.ts";
import type { Segments } from "../store/segments.ts";
import { restoredBackup } from "./refusal.ts";
import type { Lane, Settings } from "./settings.ts";

const epoch = 1;
/** The first byte of an inbound payload: a sealed letter follows. */
const letterKind = 1;

type Note = (sentence: string) => void;

/** One dock's letters. */
export class InboundLane {
  readonly #name: string;
  readonly #receiver: Receiver;
  #position: Position;

  constructor(name: string, receiver: Receiver, from: Position) {
    this.#name = name;
    this.#receiver = receiver;
    this.#position = from;
  }

  /** What came next, at most `max` payloads; `moved` if there were any, letters or not. */
  take(max: number): { readonly letters: readonly Uint8Array[]; readonly moved: boolean } {
    const { payloads, position } = this.#receiver.poll(max);
    this.#position = position;
    const letters = payloads.filter((payload) => payload[0] === letterKind);
    return { letters: letters.map((payload) => payload.subarray(1)), moved: payloads.length > 0 };
  }

  /** What the journal says of this lane once it holds what was taken. */
  record(at: Time): LaneRecord {
    return { kind: "lane", at, lane: this.#name, epoch, ...this.#position };
  }

  /** The journal holds it: the dock may forget it. */
  acknowledge(): void {
    this.#receiver.acknowledge(this.#position);
  }
}

export function openInboundLanes(
  settings: Settings,
  airlock: string,
  journaled: ReadonlyMap<string, LaneRecord>,
  note: Note,
): readonly InboundLane[] {
  return settings.lanes.map(({ name, dockKey }) => {
    const record = journaled.get(name);
    const from = record === undefined ? laneStart : { next: record.next, chain: record.chain };
    const receiver = new Receiver({
      lane: name,
      epoch,
      from,
      bundles: openDirectory(join(airlock, "in")),
      acks: openDirectory(join(airlock, "out")),
      verify: verifier(dockKey),
      sign: signer(settings.airlockKey),
      clock: () => time(Date.now()),
      onFork: (detail) => note(`ALARM: lane ${name} stopped: ${detail}`),
    });
    return new InboundLane(name, receiver, from);
  });
}

/**
 * Hands `said/` out to every dock, from where each acknowledged. A dock that claims to have more
 * than we ever said stops its lane, and no more: only our own signature proves a restored backup.
 */
export function openOutboundLanes(
  settings: Settings,
  airlock: string,
  said: Segments,
  note: Note,
): readonly Sender[] {
  return settings.lanes.map((lane) => openOutboundLane(settings, lane, { airlock, said, note }));
}

function openOutboundLane(
  settings: Settings,
  { name, dockKey }: Lane,
  { airlock, said, note }: { airlock: string; said: Segments; note: Note },
): Sender {
  const file = join(settings.dir, `${name}-out.sent`);
  return new Sender({
    lane: `${name}-out`,
    epoch,
    *read(from, max) {
      // A frame holds a whole batch: it is read once, not once for each publication in it.
      for (const { number, bytes } of said.read(from)) {
        if (number >= from + max) return;
        yield publicationIn(number, bytes);
      }
    },
    bundles: openDirectory(join(airlock, "out")),
    acks: openDirectory(join(airlock, "in")),
    load: () => readIfPresent(file),
    save: (bytes) => writeDurably(file, bytes),
    sign: signer(settings.airlockKey),
    verify: verifier(dockKey),
    clock: () => Date.now(),
    onFork: (detail) => note(`ALARM: lane ${name}-out stopped: ${detail}`),
  });
}

/**
 * Refuses to go on if the outer half shows a checkpoint of ours that is ahead of this log, or of
 * its size with another root: this is then an older copy, and would tell a second history (PROTOCOL
 * §6).
 */
export function refuseOlderCopy(settings: Settings, airlock: string, frontier: Frontier): void {
  const { log } = settings;
  const verify: Verify = (key, message, signature) => verifier(key)(message, signature);
  for (const { name } of settings.lanes) {
    const bytes = readPlanted(join(airlock, "in"), checkpointName(name));
    const opened = openNote(decodeNote(bytes) ?? "", log, verify);
    const seen = opened.ok ? parseCheckpoint(opened.value) : undefined;
    if (seen === undefined || seen.origin !== log.name || seen.size < frontier.size) continue;
    if (seen.size > frontier.size || !equalBytes(seen.root, rootHash(frontier))) {
      throw restoredBackup(seen.size, frontier.size);
    }
  }
}

function publicationIn(number: number, bytes: Uint8Array): Uint8Array {
  const record = decodeSaidNames(bytes);
  if (!record.ok) throw new Error(`couldn't read said record ${number}: ${record.detail}`);
  return record.value.publication;
}

/** What lies there, or nothing: a link that a carrier planted must not stop the island. */
function readPlanted(dir: string, name: string): Uint8Array {
  try {
    return openDirectory(dir).read(name, ackBytesMax) ?? new Uint8Array();
  } catch {
    return new Uint8Array();
  }
}
