/**
 * `npm test [-- FOLDER …]`: everything that a change must pass, what fails fastest first.
 *
 *   1 types      tsc -b, every project
 *   2 lint       oxlint, warnings are errors
 *   3 format     oxfmt --check
 *   then, in three lanes, what takes longest first:
 *     tests      *.test.ts, all in one process: quick, and they must not leak state
 *     build      the contracts; what they are made of is what the next two test
 *     solidity   *.t.sol under contracts/ on Hardhat's EVM, fuzz and invariants included
 *     contracts  *.test.ts under contracts/, in one process: the same contracts from TypeScript
 *     processes  *.process.test.ts, each in a process of its own: they start gpg, nginx, the
 *                island, a chain, and wait a good deal
 *
 * A lane does one thing at a time; its output comes when it has ended, in one piece. FOLDER
 * (`engine`, `src/engine`, `tidy.test.ts`) restricts all but the first. What fails does not stop
 * the rest; the exit code is 1 if anything failed. The last lines are Node's test summary, summed
 * over all that ran tests. Programs that the tests start again and again keep what Node compiled
 * of them in build/compiled.
 */
import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { assert } from "../codec/assert.ts";

const root = join(import.meta.dirname, "..", "..");
const bin = join(root, "node_modules", ".bin");
const nodeMajorMin = 24;
/** A step that hangs is killed, and says so, before whoever waits for the whole run gives up. */
const stepSecondsMax = 600;
const saySecondsMax = 5;
const testMillisecondsMax = 180_000;
/** More than the cores of a small machine: half of what processes do is to wait. */
const lanesMax = 3;
/** Begun before the others, in this order: none of them shall be what everybody waits for. */
const longest: readonly string[] = ["src/island/kill.process.test.ts"];

type Step = {
  readonly name: string;
  /** What it does, for the reader of the log. */
  readonly says: string;
  readonly words: readonly string[];
};
/** Steps of which each needs what the one before made. */
type Chain = readonly Step[];

type Outcome = { readonly step: Step; readonly code: number; readonly output: string };

const started = performance.now();

function elapsed(): string {
  return `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s`;
}

function say(sentence: string): void {
  process.stdout.write(`${elapsed()}  ${sentence}\n`);
}

type Plan = { readonly first: readonly Step[]; readonly lanes: readonly Chain[] };

/** What there is to do for these folders; a step without files is left out. */
function planFor(folders: readonly string[]): Plan {
  const places = folders.map(placeOf);
  const under = places.length === 0 ? ["."] : places;
  const tests = testsUnder(places);
  const alone = tests.filter((path) => path.endsWith(".process.test.ts"));
  const evm = tests.filter((path) => path.startsWith("contracts/") && !alone.includes(path));
  const together = tests.filter((path) => !alone.includes(path) && !evm.includes(path));
  const solidity = globSync(
    places.length === 0
      ? "contracts/test/**/*.t.sol"
      : places.map((place) => `${place}/**/*.t.sol`),
    { cwd: root },
  );
  const code = under.filter((place) => place === "." || !/\.(?:md|json)$/.test(place));
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  const first = [
    { name: "types", says: "type check", words: [process.execPath, tsc, "-b"] },
    { name: "lint", says: "lint", words: ["oxlint", "--deny-warnings", ...code] },
    { name: "format", says: "format", words: ["oxfmt", "--check", ...code] },
  ];
  assert(
    longest.every((path) => existsSync(join(root, path))),
    "the longest test is there",
  );
  const quick = inOneProcess("tests", `${together.length} test files in one process`, together);
  const processes = [...longest.filter((path) => alone.includes(path)), ...alone]
    .filter((path, index, all) => all.indexOf(path) === index)
    .map((path): Chain => [{ name: path, says: path, words: nodeTest(path) }]);
  const [head = [], ...others] = processes;
  const lanes = [head, quick, contractSteps(solidity, evm), ...others];
  return { first, lanes: lanes.filter((chain) => chain.length > 0) };
}

function nodeTest(...words: string[]): readonly string[] {
  return [process.execPath, "--test", `--test-timeout=${testMillisecondsMax}`, ...words];
}

function inOneProcess(name: string, says: string, files: readonly string[]): Chain {
  if (files.length === 0) return [];
  return [{ name, says, words: nodeTest("--test-isolation=none", ...files) }];
}

function contractSteps(solidity: readonly string[], evm: readonly string[]): Chain {
  if (solidity.length + evm.length === 0) return [];
  const hardhat = (config: string): string[] => ["hardhat", "--config", config];
  const build = [...hardhat("contracts/hardhat.config.ts"), "build", "--no-tests"];
  const test = [...hardhat("contracts/hardhat.test.config.ts"), "test", "solidity", ...solidity];
  const says = `${solidity.length} Solidity test files on an EVM`;
  return [
    { name: "build", says: "compile the contracts", words: build },
    ...(solidity.length === 0 ? [] : [{ name: "solidity", says, words: test }]),
    ...inOneProcess("contracts", `${evm.length} test files against the contracts`, evm),
  ];
}

/** `src/engine` for `engine`; the place as given if it exists from the root. */
function placeOf(folder: string): string {
  const found = [join("src", folder), folder].find((place) => existsSync(join(root, place)));
  if (found === undefined) {
    process.stderr.write(`There is no ${folder} here. npm test -- engine runs src/engine.\n`);
    process.exit(2);
  }
  return found;
}

function testsUnder(places: readonly string[]): readonly string[] {
  const patterns = places.map((place) => (place.endsWith(".ts") ? place : `${place}/**/*.test.ts`));
  const everywhere = ["*.test.ts", "{src,sim,bench,contracts}/**/*.test.ts"];
  return globSync(places.length === 0 ? everywhere : patterns, { cwd: root })
    .filter((path) => path.endsWith(".test.ts"))
    .toSorted();
}

/** What is running: it is ended, and what it said so far is printed, if the run is interrupted. */
const running = new Map<Step, { readonly pid: number | undefined; output: string }>();

function interrupted(): void {
  for (const [step, { pid, output }] of running) {
    killGroup(pid);
    process.stdout.write(output);
    say(`${step.name}: interrupted`);
  }
  process.exit(130);
}

function runStep(step: Step): Promise<Outcome> {
  const [program = "", ...words] = step.words;
  const begun = performance.now();
  say(`── ${step.says}`);
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that a test file's own children end with it.
      detached: true,
      env: {
        NODE_COMPILE_CACHE: join(root, "build", "compiled"),
        ...process.env,
        PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`,
      },
    });
    const state = { pid: child.pid, output: "" };
    running.set(step, state);
    const take = (text: string): void => void (state.output += text);
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    const killer = setTimeout(() => {
      state.output += `${step.name}: still running after ${stepSecondsMax} s, killed\n`;
      // Node's test runner says what failed and what hangs before it goes.
      child.kill("SIGINT");
      setTimeout(() => killGroup(child.pid), saySecondsMax * 1000);
    }, stepSecondsMax * 1000);
    const end = (code: number): void => {
      clearTimeout(killer);
      running.delete(step);
      process.stdout.write(state.output);
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      say(`${step.name}: ${code === 0 ? "passed" : "FAILED"} in ${seconds} s`);
      resolve({ step, code, output: state.output });
    };
    child.on("error", (cause) => {
      state.output += `couldn't start ${program}: ${cause.message}. Did npm ci run?\n`;
      end(1);
    });
    child.on("close", (code) => end(code ?? 1));
  });
}

/** Does all chains, as many at a time as there are lanes; each takes the next as it gets free. */
async function runLanes(chains: readonly Chain[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...chains];
  const lane = async (): Promise<void> => {
    for (let chain = waiting.shift(); chain !== undefined; chain = waiting.shift()) {
      for (const step of chain) outcomes.push(await runStep(step));
    }
  };
  await Promise.all(Array.from({ length: lanesMax }, lane));
  return outcomes;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself in the meantime.
  }
}

const counted = ["tests", "suites", "pass", "fail", "cancelled", "skipped", "todo"];

/** Node's own summary lines, summed over the steps that ran tests; Hardhat's words made its. */
function summary(outcomes: readonly Outcome[]): string {
  const lines = counted.map((name) => {
    const numbers = outcomes.map(({ step, output }) => {
      const text = stripVTControlCharacters(output);
      if (step.name === "solidity") return solidityCount(name, text);
      return Number([...text.matchAll(new RegExp(`^ℹ ${name} (\\d+)$`, "gm"))].at(-1)?.[1] ?? 0);
    });
    return `ℹ ${name} ${numbers.reduce((sum, number) => sum + number, 0)}`;
  });
  return `${lines.join("\n")}\nℹ duration_ms ${Math.round(performance.now() - started)}\n`;
}

function solidityCount(name: string, text: string): number {
  const said = (word: string): number =>
    Number(new RegExp(`^ +(\\d+) ${word}`, "m").exec(text)?.[1] ?? 0);
  if (name === "tests") return said("passing") + said("failing") + said("skipped");
  if (name === "pass") return said("passing");
  if (name === "fail") return said("failing");
  return name === "skipped" ? said("skipped") : 0;
}

async function main(folders: readonly string[]): Promise<number> {
  if (Number(process.versions.node.split(".")[0]) < nodeMajorMin) {
    process.stderr.write(
      `Signet needs Node ${nodeMajorMin} or newer; this is ${process.version}. On linux-x64 npm ci brings one: ` +
        `run npm test, not node. Elsewhere install it first.\n`,
    );
    return 1;
  }
  const soak = process.env["SOAK"] ?? "";
  say(`Node ${process.version} ${process.platform}-${process.arch}`);
  if (soak !== "") say(`SOAK=${soak}: longer random searches`);
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  const { first, lanes } = planFor(folders);
  const outcomes: Outcome[] = [];
  for (const step of first) outcomes.push(await runStep(step));
  outcomes.push(...(await runLanes(lanes)));
  const failed = outcomes.filter(({ code }) => code !== 0).map(({ step }) => step.name);
  say(failed.length === 0 ? "everything passed" : `FAILED: ${failed.join(", ")}`);
  process.stdout.write(summary(outcomes));
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
