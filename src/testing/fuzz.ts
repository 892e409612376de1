/**
 * `npm run fuzz -- seal --seconds N [--seed S]`: hostile letters by grammar, on every path, for so
 * many seconds (sealfuzz/fuzz.ts). Prints the seed first, progress, and what became of how many;
 * a finding is stored under build/findings/ and ends the process with 1. Put such a file into
 * src/testing/sealfuzz/found/ and the tests try it for ever.
 *
 * `npm run fuzz -- timing --seconds N`: how long the answers take that must look alike, compared
 * pair by pair (sealfuzz/timing.ts).
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fuzzSeals } from "./sealfuzz/fuzz.ts";
import { compareTimes } from "./sealfuzz/timing.ts";

const root = join(import.meta.dirname, "..", "..");

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

function usage(): number {
  process.stderr.write("npm run fuzz -- seal --seconds N [--seed S]\n");
  process.stderr.write("npm run fuzz -- timing --seconds N\n");
  return 2;
}

async function main(): Promise<number> {
  const string = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: string, seed: string },
  });
  const seconds = Number(values.seconds ?? 60);
  const seed = Number(values.seed ?? Date.now() % 4_294_967_296);
  if (!(seconds > 0) || !Number.isSafeInteger(seed) || positionals.length !== 1) return usage();
  switch (positionals[0]) {
    case "seal": {
      say(`seed ${seed}, ${seconds} s`);
      const into = join(root, "build", "findings");
      const { cases, findings } = await fuzzSeals({ seed, seconds, into, say });
      say(`${cases} cases, ${findings.length} findings, seed ${seed}`);
      return findings.length === 0 ? 0 : 1;
    }
    case "timing":
      await compareTimes({ seconds, say });
      return 0;
    default:
      return usage();
  }
}

process.exitCode = await main();
