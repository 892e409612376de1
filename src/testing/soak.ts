/**
 * `npm run soak [-- FOLDER …]`: the random tests again and again, with longer searches, until
 * MINUTES (default 10) have passed or one fails. Each round takes fresh seeds; SOAK (default 1)
 * says how many times longer than `npm test` each search is (runs.ts). The failing property prints
 * its seed and path: keep them in the test, as an example.
 *
 * `floor` alone with SOAK=1 is twenty million random commands to both floors. `node-major` is
 * another soak: the same inputs folded by other majors of Node, byte for byte (nodemajor.ts).
 *
 * First come the Solidity searches, once, SOAK times as long (also by `-- contracts` alone): with
 * SOAK=1000 a million random calls of actors against the invariants, in about 40 minutes.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { compareMajors } from "./nodemajor.ts";

const root = join(import.meta.dirname, "..", "..");
const minutes = Number(process.env["MINUTES"] ?? 10);
const soak = process.env["SOAK"] ?? "1";
const folders = process.argv.slice(2);

if (folders.includes("node-major")) process.exit(compareMajors());

const files = globSync("{src,sim,contracts}/**/*.test.ts", { cwd: root })
  .filter((path) => folders.length === 0 || folders.some((folder) => path.includes(`${folder}/`)))
  .filter((path) => /\bnumRuns: runs\(/.test(readFileSync(join(root, path), "utf8")))
  .toSorted();

if (!(minutes > 0) || files.length === 0) {
  process.stderr.write(
    files.length === 0
      ? "No random tests there: they are the *.test.ts that say numRuns: runs(…).\n"
      : "MINUTES is how long to search: a number above 0.\n",
  );
  process.exit(2);
}

const started = performance.now();
if (folders.length === 0 || folders.includes("contracts")) searchSolidity();
for (let round = 1; ; round += 1) {
  for (const file of files) {
    const passed = Math.round((performance.now() - started) / 1000);
    process.stdout.write(
      `${String(passed).padStart(6)} s  round ${round}  SOAK=${soak}  ${file}\n`,
    );
    const run = spawnSync(process.execPath, ["--test", "--test-isolation=none", file], {
      cwd: root,
      env: { ...process.env, SOAK: soak },
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
    });
    if (run.status !== 0) {
      process.stdout.write(`${run.stdout}${run.stderr}`);
      process.stdout.write(`FAILED in round ${round}: SOAK=${soak} npm test -- ${file}\n`);
      process.exit(1);
    }
    if (performance.now() - started > minutes * 60_000) {
      process.stdout.write(`${minutes} minutes, ${round} rounds begun, nothing failed\n`);
      process.exit(0);
    }
  }
}

/** Fuzz and invariants of the Solidity tests; ends the process if one fails. */
function searchSolidity(): void {
  const hardhat = join(root, "node_modules", ".bin", "hardhat");
  const [product, tests] = ["contracts/hardhat.config.ts", "contracts/hardhat.test.config.ts"];
  process.stdout.write(`     0 s  Solidity  SOAK=${soak}\n`);
  for (const words of [
    ["--config", product, "build", "--no-tests"],
    ["--config", tests, "test", "solidity"],
  ]) {
    const env = { ...process.env, SOAK: soak };
    const { status } = spawnSync(hardhat, words, { cwd: root, env, stdio: "inherit" });
    if (status !== 0) process.exit(1);
  }
}
