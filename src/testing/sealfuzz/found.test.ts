/**
 * The fuzzer of sealed letters for a moment, and every case that it ever found. `npm run fuzz --
 * seal` searches as long as it is told.
 */
import assert from "node:assert/strict";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { runs } from "../runs.ts";
import { fuzzSeals } from "./fuzz.ts";
import { replay } from "./judge.ts";

test("letters by grammar: all paths agree, and nothing opens that nobody signed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const into = mkdtempSync(join(tmpdir(), "signet-findings-"));
      try {
        const said: string[] = [];
        const options = { seed, seconds: 60, casesMax: 250, into };
        const { findings } = await fuzzSeals({ ...options, say: (line) => void said.push(line) });
        assert.deepEqual(findings, [], said.join("\n"));
      } finally {
        rmSync(into, { recursive: true });
      }
    }),
    { numRuns: runs(1), endOnFailure: true },
  );
});

const stored = join(import.meta.dirname, "found");
for (const file of existsSync(stored) ? globSync("*.json", { cwd: stored }) : []) {
  test(`found once: ${file}`, async () => {
    const { wrong } = await replay(JSON.parse(readFileSync(join(stored, file), "utf8")));
    assert.equal(wrong, undefined);
  });
}
