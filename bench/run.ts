/**
 * `npm run bench -- NAME [--json] [--seconds N] [--records N]`: one benchmark after the other, each
 * against its peer in the same run (RESULTS.md keeps the figures). No name lists them. Figures go
 * to standard output, talk to standard error. Ctrl-C ends a benchmark early; what it started is
 * ended and removed.
 */
import { parseArgs } from "node:util";

import { engine } from "./enginefigures.ts";
import { isEngineProcess, runEngine } from "./engineprocess.ts";
import { append } from "./groupcommit.ts";
import { replay } from "./refold.ts";
import { catchup } from "./catchup.ts";
import { printFigure, type Stage } from "./figure.ts";
import { finder } from "./finder.ts";
import { runFlood } from "./flood.ts";
import { gas } from "./gas.ts";
import { hostile } from "./hostile.ts";
import { hour } from "./hour.ts";
import { latency } from "./latency.ts";
import { letters } from "./letters.ts";
import { memory } from "./memory.ts";
import { runMiner } from "./miner.ts";
import { runPage } from "./page.ts";
import { runRelay } from "./relay.ts";
import { restart } from "./restart.ts";
import { seal } from "./seal.ts";
import { secondsSince } from "./gauge.ts";

type Benchmark = {
  readonly says: string;
  readonly run: (stage: Stage) => Promise<void>;
  /** It runs the floor in its own process, started as the island's is. */
  readonly floor?: true;
};

const benchmarks: Readonly<Record<string, Benchmark>> = {
  letters: {
    says: "letters a second, sealed in, durable, sealed out; about 2 minutes",
    run: letters,
  },
  latency: { says: "50 letters a second for --seconds 60: p50, p99, most", run: latency },
  hour: { says: "40 letters a second for --seconds 3600: latency and memory by time", run: hour },
  hostile: {
    says: "hostile letters and certificates beside ordinary ones; half a minute",
    run: hostile,
  },
  memory: { says: "the island with 100,000 resting orders; about 1 minute", run: memory },
  engine: {
    says: "the trading floor on five order streams, against two books; 5 minutes",
    run: engine,
    floor: true,
  },
  append: {
    says: "commands a second into a durable journal, by batches of 1,000; half a minute",
    run: append,
    floor: true,
  },
  replay: {
    says: "a recorded journal folded again: letters and floor commands; half a minute",
    run: replay,
    floor: true,
  },
  finder: {
    says: "rings of five books beside their optimum, and seconds; about 1 minute",
    run: finder,
  },
  miner: {
    says: "ring orders vetted and kept, rings authored and simulated; half a minute",
    run: runMiner,
  },
  relay: {
    says: "a relay: letters, reads, stream to 1,000 readers; the log; a minute",
    run: runRelay,
  },
  page: {
    says: "the market page: weight, first verified price, proofs in Chromium; half a minute",
    run: runPage,
  },
  flood: {
    says: "a relay under ten times its capacity, and honest letters there; 2 minutes",
    run: runFlood,
  },
  catchup: {
    says: "a relay without anything: --records 1000000 leaves, two ways; about ten minutes",
    run: catchup,
  },
  seal: {
    says: "letters opened and reports sealed beside OpenPGP.js and bare operations; 3 minutes",
    run: seal,
    floor: true,
  },
  gas: { says: "gas of the ring venue beside its peers'; about 1 minute, no clock", run: gas },
  restart: { says: "recovery of --records 1000000; some minutes and 5 GB of disk", run: restart },
};

function usage(): number {
  console.error("npm run bench -- NAME … [--json] [--seconds N] [--records N]\n");
  for (const [name, { says }] of Object.entries(benchmarks)) {
    console.error(`  ${name.padEnd(9)} ${says}`);
  }
  return 0;
}

/** A whole number above 0, or nothing. */
function wholeNumber(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  console.error(`--${flag} wants a whole number above 0.`);
  process.exit(2);
}

async function main(): Promise<number> {
  const string = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean" }, seconds: string, records: string },
  });
  if (positionals.length === 0) return usage();
  const unknown = positionals.find((name) => benchmarks[name] === undefined);
  if (unknown !== undefined) {
    console.error(`There is no benchmark ${unknown}.`);
    usage();
    return 2;
  }
  if (positionals.some((name) => benchmarks[name]?.floor) && !isEngineProcess()) {
    // Ctrl-C is for the process that measures, which has the same terminal.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
    return runEngine(import.meta.filename, process.argv.slice(2));
  }
  const over = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => over.abort());
  const started = performance.now();
  const stage: Stage = {
    seconds: wholeNumber(values.seconds, "seconds"),
    records: wholeNumber(values.records, "records"),
    over: over.signal,
    say: (sentence) =>
      console.error(`${secondsSince(started).toFixed(1).padStart(7)} s  ${sentence}`),
    tell: (figure) => console.log(printFigure(figure, values.json === true)),
    print: values.json === true ? undefined : console.log,
  };
  for (const name of positionals) {
    if (over.signal.aborted) return 130;
    await benchmarks[name]?.run(stage);
  }
  return over.signal.aborted ? 130 : 0;
}

process.exitCode = await main();
