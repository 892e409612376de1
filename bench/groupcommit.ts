/**
 * `npm run bench -- append`: floor commands of 32 bytes each, journaled in the store's frames, a
 * record for each batch of a thousand; everything on. What a batch gave is held back until its
 * frame is on disk (fdatasync). Batches that come while a frame is synced share the next one.
 *
 *   one by one   a batch is handed in when the one before is durable
 *   group        up to `waitingMax` batches are on their way at once
 *
 * The peer is the same floor without a journal.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { headerBytes, recordBytes, type Stream } from "../src/floor/stream.ts";
import { openFloor, play, playTelling, type Play } from "../src/floor/streamplay.ts";
import { openSegments, type Segments } from "../src/store/segments.ts";
import type { Stage } from "./figure.ts";
import { processSeconds, quantile, secondsSince } from "./gauge.ts";
import { soundStream } from "./soundstream.ts";

const bench = "append";
const batchCommands = 1000;
const waitingMax = 8;
/** A figure is the least disturbed of so many plays. */
const plays = 3;
/** Of each event: kind, account, id, price, quantity. */
const factsPerEvent = 5;

export async function append(stage: Stage): Promise<void> {
  for (const name of ["xcore-1", "flow-1"]) {
    const stream = soundStream(name, stage);
    let bare = Infinity;
    for (let i = 0; i < plays; i += 1) bare = Math.min(bare, playBare(stream));
    const rate = (seconds: number): number => (stream.commands - stream.prefill) / seconds;
    for (const [how, waiting] of [
      ["one by one", 1],
      ["group", waitingMax],
    ] as const) {
      let best: Measured | undefined;
      for (let i = 0; i < plays && !stage.over.aborted; i += 1) {
        const measured = await journaled(stream, waiting);
        if (best === undefined || measured.seconds < best.seconds) best = measured;
      }
      if (best === undefined) return;
      const { seconds, processor, held } = best;
      const figure = `${name}: batches of ${batchCommands}, durable, ${how}`;
      const against = "the same without a journal";
      const value = rate(seconds) / 1e6;
      stage.tell({ bench, figure, value, unit: "M/s", against, ratio: bare / seconds });
      const busy = rate(processor) / 1e6;
      stage.tell({ bench, figure: `${figure}: by the processor`, value: busy, unit: "M/s" });
      for (const [which, q] of [
        ["p50", 0.5],
        ["p99", 0.99],
      ] as const) {
        const most = quantile(held, q);
        stage.tell({ bench, figure: `${figure}: held, ${which}`, value: most, unit: "ms" });
      }
    }
  }
}

/** Seconds of the timed commands without a journal. */
function playBare(stream: Stream): number {
  const state = openFloor(stream, stream.words);
  play(state, 0, stream.prefill);
  const started = performance.now();
  play(state, stream.prefill, stream.commands);
  return secondsSince(started);
}

type Measured = {
  readonly seconds: number;
  /** Of all threads. */
  readonly processor: number;
  readonly held: number[];
};

async function journaled(stream: Stream, waiting: number): Promise<Measured> {
  const dir = mkdtempSync(join(tmpdir(), "signet-bench-commit-"));
  try {
    const store = await openSegments(join(dir, "journal"));
    // The first append makes a segment.
    await store.append([new Uint8Array(recordBytes)]);
    const state = openFloor(stream, stream.words);
    play(state, 0, stream.prefill);
    const commits = new GroupCommit(store);
    const busy = processSeconds();
    const started = performance.now();
    for (let from = stream.prefill; from < stream.commands; from += batchCommands) {
      while (commits.waiting >= waiting) await commits.next();
      const to = Math.min(stream.commands, from + batchCommands);
      // The disk works while the floor does: nobody hears of the batch before both are done.
      const results = commits.handIn(recordOf(stream, from, to));
      decide(state, from, to, results);
      await turn();
    }
    while (commits.waiting > 0) await commits.next();
    const seconds = secondsSince(started);
    const processor = processSeconds() - busy;
    await store.close();
    if (commits.released !== stream.commands - stream.prefill)
      throw new Error("couldn't release every command");
    return { seconds, processor, held: commits.held };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function recordOf({ bytes }: Stream, from: number, to: number): Uint8Array {
  return bytes.subarray(headerBytes + from * recordBytes, headerBytes + to * recordBytes);
}

/** What is told once the batch is durable. */
type Results = { numbers: Float64Array; count: number };

function decide(state: Play, from: number, to: number, results: Results): void {
  for (let i = from; i < to; i += 1) {
    playTelling(state, i, (events, at) => {
      const first = results.count;
      if (first + factsPerEvent > results.numbers.length) {
        const longer = new Float64Array(results.numbers.length * 2);
        longer.set(results.numbers);
        results.numbers = longer;
      }
      const { numbers } = results;
      numbers[first] = events.kind(at);
      numbers[first + 1] = events.account(at);
      numbers[first + 2] = events.id(at);
      numbers[first + 3] = events.price(at);
      numbers[first + 4] = events.quantity(at);
      results.count = first + factsPerEvent;
    });
  }
}

type Batch = {
  readonly record: Uint8Array;
  readonly results: Results;
  readonly since: number;
};

/** Frames in order; a batch is released when its frame is on disk. */
class GroupCommit {
  /** How long each batch's results were held, milliseconds. */
  readonly held: number[] = [];
  /** Commands whose results were let go. */
  released = 0;
  waiting = 0;
  readonly #store: Segments;
  #queue: Batch[] = [];
  #committing: Promise<void> | undefined;

  constructor(store: Segments) {
    this.#store = store;
  }

  handIn(record: Uint8Array): Results {
    const numbers = new Float64Array(batchCommands * factsPerEvent * 2);
    const results = { numbers, count: 0 };
    this.#queue.push({ record, results, since: performance.now() });
    this.waiting += 1;
    this.#committing ??= this.#commit();
    return results;
  }

  /** Until the frame in hand is durable. */
  async next(): Promise<void> {
    await this.#committing;
  }

  async #commit(): Promise<void> {
    const batches = this.#queue;
    this.#queue = [];
    await this.#store.append(batches.map(({ record }) => record));
    for (const { record, results, since } of batches) {
      if (results.count === 0) throw new Error("couldn't release a batch: nothing was decided");
      this.held.push(performance.now() - since);
      this.released += record.length / recordBytes;
    }
    this.waiting -= batches.length;
    this.#committing = this.#queue.length > 0 ? this.#commit() : undefined;
  }
}
