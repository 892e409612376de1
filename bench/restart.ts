/**
 * Restart: how long recovery takes for each million journal records, without a snapshot and with
 * one that is half an interval old, each in a fresh process. The peer is reading alone: opening
 * both stores, which checks every frame, and going through every record once without looking into
 * it.
 *
 * Journal and `said/` are made here (history.ts) by the product's own engine and stores, everything
 * but the OpenPGP, which recovery does not touch. The files lie in the page cache when they are
 * read.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { assert } from "../src/codec/assert.ts";
import type { Stage } from "./figure.ts";
import { secondsSince } from "./gauge.ts";
import { makeHistory, type History } from "./history.ts";

const bench = "restart";
const recordsDefault = 1_000_000;
const million = 1_000_000;

/** What recover.ts prints. */
type Measured = {
  readonly seconds: number;
  /** Processor seconds of the whole process. */
  readonly processor: number;
  readonly residentMiB: number;
  readonly bytes: number;
  readonly stateHash: string;
};

export async function restart(stage: Stage): Promise<void> {
  const records = stage.records ?? recordsDefault;
  const dir = mkdtempSync(join(tmpdir(), "signet-restart-"));
  try {
    const started = performance.now();
    const history = await makeHistory(dir, records, stage);
    if (stage.over.aborted) return;
    stage.say(`${records} records made in ${secondsSince(started).toFixed(0)} s`);
    measure(dir, history, records, stage);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function measure(dir: string, history: History, records: number, stage: Stage): void {
  const { exchange, stateHash } = history;
  const run = (mode: "read" | "recover"): Measured => measureIn(dir, mode, exchange);
  const snapshots = join(dir, "snapshots");
  const aside = join(dir, "snapshots.aside");
  renameSync(snapshots, aside);
  const reading = run("read");
  stage.say("reading is measured");
  const whole = run("recover");
  stage.say("recovery without a snapshot is measured");
  rmSync(snapshots, { recursive: true, force: true });
  renameSync(aside, snapshots);
  const short = run("recover");
  for (const { stateHash: found } of [whole, short]) {
    assert(found === stateHash, "recovery gives the state that was");
  }
  const scale = million / records;
  const figure = (name: string, measured: Measured): void => {
    const against = "reading alone";
    const head = { bench, figure: `${name}, a million records`, unit: "s" };
    const ratio = measured.seconds / reading.seconds;
    const peer = measured === reading ? {} : { against, ratio };
    stage.tell({ ...head, value: measured.seconds * scale, ...peer });
    const value = measured.processor * scale;
    stage.tell({ ...head, figure: `${name}: processor time`, value });
  };
  figure("reading alone", reading);
  figure("recovery without a snapshot", whole);
  figure("recovery with a snapshot", short);
  const gib = (reading.bytes * scale) / 2 ** 30;
  stage.tell({ bench, figure: "journal and said, a million records", value: gib, unit: "GiB" });
  const memory = whole.residentMiB;
  stage.tell({ bench, figure: `resident after ${records} records`, value: memory, unit: "MiB" });
}

function measureIn(dir: string, mode: string, exchange: string): Measured {
  const program = join(import.meta.dirname, "recover.ts");
  const done = spawnSync(process.execPath, [program, dir, mode, exchange], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`couldn't measure ${mode}: ${done.stderr}`);
  const measured: Measured = JSON.parse(done.stdout);
  return measured;
}
