/**
 * `npm run soak -- node-major`: the same inputs folded by this Node and by others must give the
 * same bytes: statehashes.ts, and `signet replay` of the journals and streams in JOURNALS (paths,
 * with `:` between them). NODES says which majors (default 22 26); each is fetched from npm into a
 * folder that is removed again. Needs the network, so it is no part of `npm test`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const majorsDefault = "22 26";
const hashes = "src/testing/statehashes.ts";

/** Compares; the exit code. */
export function compareMajors(): number {
  const majors = (process.env["NODES"] ?? majorsDefault).split(" ").filter((word) => word !== "");
  const journals = (process.env["JOURNALS"] ?? "").split(":").filter((path) => path !== "");
  const ours = hashesBy(process.execPath, journals);
  process.stdout.write(`${process.version}: ${ours.split("\n").length - 1} hashes\n`);
  let exit = 0;
  for (const major of majors) {
    const dir = mkdtempSync(join(tmpdir(), "signet-node-"));
    try {
      const node = fetchNode(dir, major);
      const version = run(node, ["--version"]).trim();
      const theirs = hashesBy(node, journals);
      const same = theirs === ours;
      process.stdout.write(`${version}: ${same ? "the same, byte for byte" : "DIFFERENT"}\n`);
      if (same) continue;
      exit = 1;
      const lines = theirs.split("\n");
      const first = ours.split("\n").findIndex((line, i) => line !== lines[i]);
      process.stdout.write(`- ${ours.split("\n")[first]}\n+ ${lines[first]}\n`);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  return exit;
}

/** Another Node, as npm has it for this machine. */
function fetchNode(dir: string, major: string): string {
  writeFileSync(join(dir, "package.json"), "{}\n");
  const name = `node-${process.platform}-${process.arch}`;
  const words = ["install", "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${major}`];
  run("npm", words, dir);
  return join(dir, "node_modules", name, "bin", "node");
}

function hashesBy(node: string, journals: readonly string[]): string {
  const quiet = ["--disable-warning=ExperimentalWarning"];
  const parts = [run(node, [...quiet, hashes])];
  for (const path of journals) {
    // The program refuses a Node that is too old for it; what it folds does not care.
    const main = `import { main } from "./src/bin/program.ts";
      process.exitCode = await main(["node", "signet", "replay", ${JSON.stringify(path)}, "--json"]);`;
    const said = run(node, [...quiet, "--input-type=module", "--eval", main]);
    // Seconds are not the same.
    parts.push(`${path} ${said.replaceAll(/"(?:seconds|perSecond)":[0-9.]+,/g, "")}`);
  }
  return parts.join("");
}

function run(program: string, words: readonly string[], cwd = root): string {
  const done = spawnSync(program, words, { cwd, encoding: "utf8", maxBuffer: 2 ** 28 });
  if (done.status !== 0)
    throw new Error(`couldn't run ${program} ${words.join(" ")}: ${done.stderr}`);
  return done.stdout;
}
