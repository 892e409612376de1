/**
 * `node bench/engine.ts STREAM…`: plays order streams (src/floor/stream.ts) on the floor with
 * everything on, and prints one JSON line for each. Each has a process of its own, started as the
 * island's is, whose peak is its own; it is played ROUNDS times (3) from empty books, and the
 * quickest counts.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { readStream } from "../src/floor/stream.ts";
import { auditPlay, openFloor, play } from "../src/floor/streamplay.ts";
import { isEngineProcess, runEngine } from "./engineprocess.ts";

/** Plays one stream and prints its line; the exit code. */
function measure(path: string): number {
  const read = readStream(readFileSync(path));
  if (!read.ok) {
    console.error(`${path}: ${read.name}. ${read.detail}`);
    return 2;
  }
  const stream = read.value;
  const rounds = Number(process.env["ROUNDS"] ?? 3);
  let [seconds, cpuSeconds] = [Infinity, Infinity];
  let said = {};
  for (let round = 0; round < rounds; round += 1) {
    const state = openFloor(stream, stream.words);
    play(state, 0, stream.prefill);
    const cpu = process.cpuUsage();
    const started = performance.now();
    play(state, stream.prefill, stream.commands);
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
    const { user, system } = process.cpuUsage(cpu);
    cpuSeconds = Math.min(cpuSeconds, (user + system) / 1e6);
    auditPlay(state);
    const { hash, rejects } = state;
    said = { tradeHash: hash.digest(), trades: hash.trades, rejects };
  }
  const line = {
    stream: basename(path).replace(/\.bin$/, ""),
    engine: "signet floor",
    commands: stream.commands - stream.prefill,
    seconds,
    cpuSeconds,
    ...said,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  console.log(JSON.stringify(line));
  return 0;
}

function main(paths: readonly string[]): number {
  const [path] = paths;
  if (path === undefined) {
    console.error("node bench/engine.ts STREAM…");
    return 2;
  }
  if (isEngineProcess()) return measure(path);
  const ends = paths.map((one) => runEngine(import.meta.filename, [one]));
  return ends.find((code) => code !== 0) ?? 0;
}

process.exitCode = main(process.argv.slice(2));
