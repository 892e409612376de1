/** The test runner itself: what it refuses, and that a failing test fails the run. */
import { test } from "node:test";
import { equal, match } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { runs } from "./runs.ts";

const root = join(import.meta.dirname, "..", "..");
const runner = join(import.meta.dirname, "run.ts");

function run(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  // A test that runs inside a test reports to its parent, unless it does not know that it has one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, words, { encoding: "utf8", cwd: root, env });
}

test("an older Node is refused in one sentence", () => {
  const older = "Object.defineProperty(process.versions, 'node', { value: '22.18.0' })";
  const { status, stderr } = run("--import", `data:text/javascript,${older}`, runner);
  equal(status, 1);
  match(stderr, /^Signet needs Node 24 or newer; .*npm ci/);
});

test("a folder that does not exist is a usage error", () => {
  const { status, stderr } = run(runner, "nowhere");
  equal(status, 2);
  match(stderr, /no nowhere here/);
});

test("a failing test fails the run, in either kind of process, and the last lines count it", () => {
  mkdirSync(join(root, "build"), { recursive: true });
  const folder = mkdtempSync(join(root, "build", "run-"));
  const file = (name: string, passes: boolean): void =>
    writeFileSync(
      join(folder, name),
      `import { test } from "node:test";\ntest("x", () => { if (!${passes}) throw new Error("x"); });\n`,
    );
  try {
    file("a.test.ts", true);
    file("b.process.test.ts", true);
    const good = run(runner, relative(root, folder)).stdout;
    match(good, /\btests: passed/);
    match(good, /b\.process\.test\.ts: passed/);
    match(good, /\nℹ tests 2\n[^]*ℹ pass 2\nℹ fail 0\n[^]*ℹ duration_ms \d+\n$/);
    file("b.process.test.ts", false);
    const bad = run(runner, relative(root, folder));
    equal(bad.status, 1);
    match(bad.stdout, /FAILED:.*b\.process\.test\.ts\n/);
    match(bad.stdout, /✖ x/);
    match(bad.stdout, /\nℹ tests 2\n[^]*ℹ pass 1\nℹ fail 1\n[^]*ℹ duration_ms \d+\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("SOAK multiplies the runs of random tests, and nonsense is refused", () => {
  const code = (soak: string): string =>
    run(
      "-e",
      `process.env.SOAK = ${JSON.stringify(soak)}; import("./src/testing/runs.ts").then((m) => console.log(m.runs(7)))`,
    ).stdout.trim();
  equal(code("1"), "140");
  equal(code("3"), "420");
  equal(code("many"), "");
  equal(runs(7) % 7, 0);
});
