/**
 * `npm run bench -- engine`: the floor on the five order streams with everything on, against
 * nodejs-order-book and a pooled-object book in the same run; how long single commands take; what
 * ten million commands leave on the heap; a million orders and a million balances in memory and as
 * a snapshot; then the journal (`append`) and folding it again (`replay`). Seconds are processor
 * time, that of collecting garbage included. Every stream's trade hash must be the one on which
 * independent engines agree.
 */
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { PerformanceObserver } from "node:perf_hooks";
import { field, op } from "../src/floor/command.ts";
import { readSnapshot, writeSnapshot } from "../src/floor/snapshot.ts";
import { proceed, submit } from "../src/floor/steps.ts";
import type { Stream } from "../src/floor/stream.ts";
import { openFloor, play, playOne, type Play } from "../src/floor/streamplay.ts";
import { Peer } from "./enginepeer.ts";
import { append } from "./groupcommit.ts";
import { replay } from "./refold.ts";
import type { Stage } from "./figure.ts";
import { quantile, processSeconds } from "./gauge.ts";
import { playPooled } from "./pooledbook.ts";
import { filledFloor } from "./filledfloor.ts";
import { streamCommands, soundStream } from "./soundstream.ts";

const bench = "engine";
const commands = streamCommands;
/** A figure is the least disturbed of so many plays, in so many turns with the peers. */
const plays = 5;
const turns = 3;
/** It takes twenty times as long. */
const peerPlays = 2;

/** On what eight engines agree. */
const hashes: Readonly<Record<string, string>> = {
  "xcore-1": "9006d9acc5192cd5",
  "flow-1": "b478b057a1ea477b",
  "xcore-100": "04b8c21408515181",
  "flow-100": "8c75f8119a51cd11",
  "full-10": "377f700d5d5de299",
};

export async function engine(stage: Stage): Promise<void> {
  for (const name of Object.keys(hashes)) {
    if (stage.over.aborted) return;
    const stream = soundStream(name, stage);
    const { ours, ratios } = await beside(stage, stream, name);
    const value = commands / ours / 1e6;
    const figure = `${name}, everything on`;
    if (ratios.length === 0) stage.tell({ bench, figure, value, unit: "M/s" });
    for (const peer of ratios) stage.tell({ bench, figure, value, unit: "M/s", ...peer });
    if (stream.instruments === 1) latency(stage, stream, name);
  }
  for (const mix of ["xcore", "flow"]) {
    if (stage.over.aborted) return;
    manyMarkets(stage, mix);
  }
  if (stage.over.aborted) return;
  await garbage(stage);
  if (stage.over.aborted) return;
  capacity(stage);
  await append(stage);
  if (!stage.over.aborted) await replay(stage);
}

/** A command on a hundred markets and on one, in turns. */
function manyMarkets(stage: Stage, mix: string): void {
  const [one, hundred] = [`${mix}-1`, `${mix}-100`];
  const streams = [soundStream(one, stage), soundStream(hundred, stage)] as const;
  let [alone, among] = [Infinity, Infinity];
  for (let i = 0; i < plays * turns; i += 1) {
    alone = Math.min(alone, playFloor(streams[0], one));
    among = Math.min(among, playFloor(streams[1], hundred));
  }
  const figure = `${mix}: 100 markets, 10,000 accounts, a command`;
  const value = (among / commands) * 1e9;
  stage.tell({ bench, figure, value, unit: "ns", against: "one market", ratio: among / alone });
}

/** Processor seconds of the timed part. */
function playFloor(stream: Stream, name: string): number {
  const state = openFloor(stream, stream.words);
  play(state, 0, stream.prefill);
  const started = processSeconds();
  play(state, stream.prefill, stream.commands);
  const seconds = processSeconds() - started;
  const hash = state.hash.digest();
  if (hash !== hashes[name]) throw new Error(`couldn't reproduce the trades of ${name}: ${hash}`);
  return seconds;
}

type Ratio = { readonly against: string; readonly ratio: number };

/**
 * The best of some plays; on one instrument the peers play in turns with us, so that what else the
 * machine does meets all of them.
 */
async function beside(
  stage: Stage,
  stream: Stream,
  name: string,
): Promise<{ readonly ours: number; readonly ratios: readonly Ratio[] }> {
  const peer = stream.instruments === 1 ? new Peer(name) : undefined;
  let [ours, theirs, pooled] = [Infinity, Infinity, Infinity];
  for (let turn = 0; turn < turns; turn += 1) {
    for (let i = 0; i < plays; i += 1) {
      ours = Math.min(ours, playFloor(stream, name));
      if (peer !== undefined) pooled = Math.min(pooled, playPooled(stream).seconds);
    }
    if (peer === undefined) continue;
    stage.say("nodejs-order-book plays it");
    for (let i = 0; i < peerPlays; i += 1) theirs = Math.min(theirs, await peer.play());
  }
  peer?.end();
  if (peer === undefined) return { ours, ratios: [] };
  const ratios = [
    { against: "nodejs-order-book, bare book", ratio: theirs / ours },
    { against: "pooled objects, bare book", ratio: pooled / ours },
  ];
  return { ours, ratios };
}

/** Single commands: each one's time is the least disturbed of some plays. */
function latency(stage: Stage, stream: Stream, name: string): void {
  stage.say(`${name}: single commands`);
  const count = stream.commands - stream.prefill;
  const least = new Float64Array(count).fill(Infinity);
  for (let i = 0; i < plays; i += 1) {
    const state = openFloor(stream, stream.words);
    play(state, 0, stream.prefill);
    for (let k = 0; k < count; k += 1) {
      const started = performance.now();
      playOne(state, stream.prefill + k);
      const took = performance.now() - started;
      if (took < (least[k] ?? 0)) least[k] = took;
    }
  }
  const micros = Array.from(least, (ms) => ms * 1000);
  for (const [figure, q, goal] of [
    ["p50", 0.5, undefined],
    ["p99", 0.99, 2],
    ["p99.99", 0.9999, undefined],
    ["longest", 1, 1000],
  ] as const) {
    const value = quantile(micros, q);
    const peer = goal === undefined ? {} : { against: `the goal, ${goal} µs`, ratio: value / goal };
    stage.tell({ bench, figure: `${name}: one command, ${figure}`, value, unit: "µs", ...peer });
  }
}

/** Ten million commands on one floor: the same stream ten times, emptied in between. */
async function garbage(stage: Stage): Promise<void> {
  const stream = soundStream("flow-1", stage);
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  const state = openFloor(stream, stream.words);
  play(state, 0, stream.commands);
  empty(state);
  await settled();
  collect();
  const before = process.memoryUsage();
  observer.observe({ entryTypes: ["gc"] });
  for (let i = 0; i < 10; i += 1) {
    play(state, 0, stream.commands);
    empty(state);
  }
  await settled();
  observer.disconnect();
  collect();
  const after = process.memoryUsage();
  const mib = 1024 * 1024;
  const figure = "10 M commands: growth of the heap";
  stage.tell({ bench, figure, value: (after.heapUsed - before.heapUsed) / mib, unit: "MiB" });
  const columns = (after.arrayBuffers - before.arrayBuffers) / mib;
  stage.tell({ bench, figure: "10 M commands: growth of columns", value: columns, unit: "MiB" });
  stage.tell({ bench, figure: "10 M commands: collections", value: collections, unit: "" });
}

/** Cancels what rests, so that the stream's ids are free again. */
function empty({ floor }: Play): void {
  const { command } = floor;
  for (let account = 2; account < floor.accounts.count; account += 1) {
    command[field.op] = op.cancelAll;
    command[field.account] = account;
    command[field.market] = -1;
    command[field.side] = -1;
    let pending = submit(floor);
    while (pending) pending = proceed(floor);
  }
  floor.time = 0;
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

/** A million resting orders and a million balances. */
function capacity(stage: Stage): void {
  stage.say("a million orders and a million balances");
  const mib = 1024 * 1024;
  const before = process.memoryUsage();
  const floor = filledFloor({ markets: 100, accounts: 10_000, orders: 1_000_000 });
  const after = process.memoryUsage();
  const tell = (figure: string, value: number, unit: string, peer = {}): void =>
    stage.tell({ bench, figure: `1 M orders, 1 M balances: ${figure}`, value, unit, ...peer });
  const goal = (ratio: number): object => ({ against: "the goal, 1 s", ratio });
  const grown = after.arrayBuffers - before.arrayBuffers + after.heapUsed - before.heapUsed;
  tell("memory", grown / mib, "MiB");
  let [write, read, hash] = [Infinity, Infinity, Infinity];
  let bytes: Uint8Array = new Uint8Array();
  for (let i = 0; i < 3; i += 1) {
    let started = processSeconds();
    bytes = writeSnapshot(floor);
    write = Math.min(write, processSeconds() - started);
    started = processSeconds();
    createHash("sha256").update(bytes).digest();
    hash = Math.min(hash, processSeconds() - started);
    started = processSeconds();
    const restored = readSnapshot(bytes);
    read = Math.min(read, processSeconds() - started);
    if (restored.orders.count !== floor.orders.count) throw new Error("couldn't restore all");
  }
  tell("snapshot", bytes.length / mib, "MiB");
  tell("snapshot written", write, "s", goal(write));
  tell("its SHA-256", hash, "s");
  tell("restored", read, "s", goal(read));
}
