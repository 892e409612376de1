/**
 * A process in which the floor runs, as the island's does (src/floor/runtime.ts).
 *
 * Beside the island's options it has a cache of compiled code: where Node strips types itself, its
 * stripper detaches a buffer, and from then on V8 asks at every access of every column whether it
 * was detached (a tenth of the floor's time). From the cache nothing is stripped. The island has
 * none, as what it runs should come from the sources alone.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineEnvironment, engineFlags } from "../src/floor/runtime.ts";

/** Whether this process was started by `runEngine`. */
export function isEngineProcess(): boolean {
  return engineFlags.every((flag) => process.execArgv.includes(flag));
}

/**
 * Runs a file with its words in such a process, on this one's streams, and gives its exit code.
 * Before, it is run without words, which must do no more than load its modules.
 */
export function runEngine(file: string, words: readonly string[]): number {
  const cache = mkdtempSync(join(tmpdir(), "signet-bench-code-"));
  const env = { ...process.env, ...engineEnvironment, NODE_COMPILE_CACHE: cache };
  try {
    spawnSync(process.execPath, [...engineFlags, file], { stdio: "ignore", env });
    const run = spawnSync(process.execPath, [...engineFlags, file, ...words], {
      stdio: "inherit",
      env,
    });
    return run.status ?? 1;
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
