/**
 * `node bench/engine.ts STREAM…`: plays order streams (streams.ts) on the floor with everything on,
 * and prints one JSON line for each. A stream is played once to warm the compiler and once timed;
 * every play begins with empty books.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { auditPlay, openFloor, play } from "./streamfloor.ts";
import { readStream } from "./streams.ts";

const rounds = Number(process.env["ROUNDS"] ?? 3);

for (const path of process.argv.slice(2)) {
  const stream = readStream(readFileSync(path));
  let seconds = Infinity;
  let cpuSeconds = Infinity;
  let line = {};
  for (let round = 0; round < rounds; round += 1) {
    const state = openFloor(stream);
    play(state, 0, stream.prefill);
    const cpu = process.cpuUsage();
    const started = performance.now();
    play(state, stream.prefill, stream.commands);
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
    const { user, system } = process.cpuUsage(cpu);
    cpuSeconds = Math.min(cpuSeconds, (user + system) / 1e6);
    auditPlay(state);
    line = {
      tradeHash: state.hash.digest(),
      trades: state.hash.trades,
      rejects: state.rejects,
    };
  }
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  const name = basename(path).replace(/\.bin$/, "");
  const commands = stream.commands - stream.prefill;
  console.log(
    JSON.stringify({
      stream: name,
      engine: "signet floor",
      commands,
      seconds,
      cpuSeconds,
      ...line,
      peakMiB,
    }),
  );
}
