/**
 * `npm test [-- FOLDER …]`: everything that a change must pass, what fails fastest first.
 *
 *   1 types      tsc -b, every project
 *   2 lint       oxlint, warnings are errors
 *   3 format     oxfmt --check
 *   4 tests      *.test.ts, all in one process: quick, and they must not leak state
 *   5 build      the contracts; what they are made of is what the next two test
 *     solidity   *.t.sol under contracts/ on Hardhat's EVM, fuzz and invariants included
 *   6 contracts  *.test.ts under contracts/, in one process: the same contracts from TypeScript
 *   7 processes  *.process.test.ts, each in a process of its own, two at a time: they start gpg,
 *                nginx, the island, a chain, and wait a good deal
 *
 * FOLDER (`engine`, `src/engine`, `tidy.test.ts`) restricts all but the first. A step that fails
 * does not stop the next ones; the exit code is 1 if any failed. The last lines are Node's test
 * summary, summed over steps 4 to 7.
 */
import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";

const root = join(import.meta.dirname, "..", "..");
const bin = join(root, "node_modules", ".bin");
const nodeMajorMin = 24;
/** A step that hangs is killed, and says so, before whoever waits for the whole run gives up. */
const stepSecondsMax = 780;
const testMillisecondsMax = 180_000;

type Step = {
  readonly name: string;
  /** What it does, for the reader of the log. */
  readonly says: string;
  readonly words: readonly string[];
};

type Outcome = { readonly step: Step; readonly code: number; readonly output: string };

const started = performance.now();

function elapsed(): string {
  return `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s`;
}

function say(sentence: string): void {
  process.stdout.write(`${elapsed()}  ${sentence}\n`);
}

/** The steps for these folders; a step without files is left out. */
function stepsFor(folders: readonly string[]): readonly Step[] {
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
  const timeout = `--test-timeout=${testMillisecondsMax}`;
  const node = process.execPath;
  const hardhat = (config: string): string[] => ["hardhat", "--config", config];
  return [
    { name: "types", says: "type check", words: [node, tsc, "-b"] },
    { name: "lint", says: "lint", words: ["oxlint", "--deny-warnings", ...code] },
    { name: "format", says: "format", words: ["oxfmt", "--check", ...code] },
    {
      name: "tests",
      says: `${together.length} test files in one process`,
      words:
        together.length === 0
          ? []
          : [node, "--test", "--test-isolation=none", timeout, ...together],
    },
    {
      name: "build",
      says: "compile the contracts",
      words:
        solidity.length + evm.length === 0
          ? []
          : [...hardhat("contracts/hardhat.config.ts"), "build", "--no-tests"],
    },
    {
      name: "solidity",
      says: `${solidity.length} Solidity test files on an EVM`,
      words:
        solidity.length === 0
          ? []
          : [...hardhat("contracts/hardhat.test.config.ts"), "test", "solidity", ...solidity],
    },
    {
      name: "contracts",
      says: `${evm.length} test files against the contracts, in one process`,
      words: evm.length === 0 ? [] : [node, "--test", "--test-isolation=none", timeout, ...evm],
    },
    {
      name: "processes",
      says: `${alone.length} test files that start processes, two at a time`,
      words: alone.length === 0 ? [] : [node, "--test", "--test-concurrency=2", timeout, ...alone],
    },
  ].filter(({ words }) => words.length > 0);
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

function runStep(step: Step): Promise<Outcome> {
  const [program = "", ...words] = step.words;
  say(`── ${step.says}`);
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that a test file's own children end with it.
      detached: true,
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` },
    });
    let output = "";
    const copy = (to: NodeJS.WriteStream) => (chunk: Buffer) => {
      output += chunk.toString("utf8");
      to.write(chunk);
    };
    child.stdout.on("data", copy(process.stdout));
    child.stderr.on("data", copy(process.stderr));
    const killer = setTimeout(() => {
      say(`${step.name}: still running after ${stepSecondsMax} s, killed`);
      killGroup(child.pid);
    }, stepSecondsMax * 1000);
    const interrupted = (): void => {
      killGroup(child.pid);
      process.exit(130);
    };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    const end = (code: number): void => {
      clearTimeout(killer);
      process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
      say(code === 0 ? `${step.name}: passed` : `${step.name}: FAILED`);
      resolve({ step, code, output });
    };
    child.on("error", (cause) => {
      process.stderr.write(`couldn't start ${program}: ${cause.message}. Did npm ci run?\n`);
      end(1);
    });
    child.on("close", (code) => end(code ?? 1));
  });
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
  const outcomes: Outcome[] = [];
  for (const step of stepsFor(folders)) {
    outcomes.push(await runStep(step));
  }
  const failed = outcomes.filter(({ code }) => code !== 0).map(({ step }) => step.name);
  say(failed.length === 0 ? "everything passed" : `FAILED: ${failed.join(", ")}`);
  process.stdout.write(summary(outcomes));
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
