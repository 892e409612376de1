/**
 * The fuzzer of sealed letters: makes letters by grammar and bends them (grammar.ts) until the time
 * is over, and judges each (judge.ts). A case is made anew from its seed and number but for the
 * keys, which are fresh; a finding is stored whole, keys included, for `found.test.ts`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCast } from "./cast.ts";
import { chanceOf } from "./chance.ts";
import { makeLetter } from "./grammar.ts";
import { findingOf, judge, type Bench } from "./judge.ts";

const sayEveryMs = 10_000;
const findingsMax = 20;

/** How it went. */
export type Fuzzed = { readonly cases: number; readonly findings: readonly string[] };

/** Runs for so many seconds, or so many cases. */
export async function fuzzSeals(options: {
  readonly seed: number;
  readonly seconds: number;
  readonly casesMax?: number;
  /** Where findings are stored. */
  readonly into: string;
  readonly say: (sentence: string) => void;
}): Promise<Fuzzed> {
  const { seed, seconds, casesMax = Infinity, into, say } = options;
  const cast = await makeCast();
  const registered = cast.writers.filter(({ isKnown }) => isKnown).map(({ customer }) => customer);
  const bench: Bench = { exchange: cast.exchange, registered };
  const outcomes = new Map<string, number>();
  const findings: string[] = [];
  const started = performance.now();
  let said = started;
  let index = 0;
  for (; index < casesMax && findings.length < findingsMax; index += 1) {
    const passed = performance.now();
    if (passed - started > seconds * 1000) break;
    if (passed - said > sayEveryMs) {
      said = passed;
      say(
        `${Math.round((passed - started) / 1000)} s, ${index} cases, ${findings.length} findings`,
      );
    }
    const made = makeLetter(cast, chanceOf(seed, index));
    const { outcome, wrong } = await judge(bench, made);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (wrong === undefined) continue;
    mkdirSync(into, { recursive: true });
    const file = join(into, `seal-${seed}-${index}.json`);
    writeFileSync(
      file,
      `${JSON.stringify(findingOf(bench, made, { seed, index, wrong }), null, 2)}\n`,
    );
    findings.push(file);
    say(`FOUND in case ${index}: ${wrong} (${made.bent.join(", ")}); stored in ${file}`);
  }
  for (const [outcome, count] of [...outcomes].toSorted(([, a], [, b]) => b - a)) {
    say(`${String(count).padStart(8)} ${outcome}`);
  }
  return { cases: index, findings };
}
