/** Stock gpg on the same letters, for scale: a process a letter, and one process for many. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { time } from "../src/codec/time.ts";
import { sealLetter } from "../src/seal/customer.ts";
import { GpgCustomer } from "../src/testing/gpg.ts";
import type { Stage } from "./figure.ts";
import { secondsSince } from "./gauge.ts";
import type { Pair } from "./seal.ts";

const bench = "seal";
const letters = 50;
const filesAtOnce = 200;

/** Opens letters by gpg, by the clock: what it uses of the processor is spread over its agent. */
export async function sealByGpg(stage: Stage, { keys, exchange, key }: Pair): Promise<void> {
  stage.say("gpg opens letters");
  const gpg = GpgCustomer.create();
  const dir = mkdtempSync(join(tmpdir(), "signet-bench-gpg-"));
  try {
    gpg.import(keys.key.armor());
    gpg.import(key.key.toPublic().armor());
    const sealed = await sealLetter("x".repeat(300), { key, exchange, at: time(Date.now()) });
    const names = Array.from({ length: filesAtOnce }, (_, i) => join(dir, `${i}.gpg`));
    for (const name of names) writeFileSync(name, sealed);
    let started = performance.now();
    for (let i = 0; i < letters; i += 1) gpg.open(sealed);
    const value = (secondsSince(started) / letters) * 1e6;
    stage.tell({ bench, figure: "gpg -d, a process a letter, by the clock", value, unit: "µs" });
    started = performance.now();
    const words = ["--homedir", gpg.home, "--batch", "--quiet", "--trust-model", "always"];
    const run = spawnSync("gpg", [...words, "--decrypt-files", ...names]);
    if (run.status !== 0) throw new Error(`couldn't open by gpg: ${run.stderr.toString()}`);
    const each = (secondsSince(started) / filesAtOnce) * 1e6;
    stage.tell({ bench, figure: "gpg --decrypt-files, by the clock", value: each, unit: "µs" });
  } finally {
    gpg.remove();
    rmSync(dir, { recursive: true, force: true });
  }
}
