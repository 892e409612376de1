/**
 * Catching up: a relay without anything, and an exchange with a past of a million leaves (or
 * --records). Publication by publication, as ever; and from a signed snapshot with its tail, as a
 * relay that is far behind does: until it shows the present, and until all of the past is there
 * too. The dock's own code brings both, from memory, to relays in processes of their own. The peer
 * is checking every publication once, here, and storing nothing.
 *
 * A publication answers ten letters: twenty leaves of a market, ten reports with their replies of
 * 900 bytes. Every fiftieth is a second without letters.
 */
import { spawn } from "node:child_process";
import { hash, randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { behindMaxDefault, Jumper, NewestSnapshot } from "../src/dock/catchup.ts";
import { RelayLink } from "../src/dock/link.ts";
import { Publishing } from "../src/dock/publish.ts";
import { assert } from "../src/codec/assert.ts";
import { ref } from "../src/codec/names.ts";
import { printTime, time } from "../src/codec/time.ts";
import { checkPublication, decodePublication } from "../src/log/publication.ts";
import { emptyFrontier, type Frontier } from "../src/log/tree.ts";
import { Past } from "../src/testing/past.ts";
import { testKey, verifyEd25519 } from "../src/testing/publisher.ts";
import type { Stage } from "./figure.ts";
import { processorSeconds, secondsSince } from "./gauge.ts";

const bench = "catchup";
const leavesDefault = 1_000_000;
const replies = 10;
const sealedBytes = 900;
const began = Date.UTC(2026, 10, 21);

/** An exchange's past of so many leaves. */
function makePast(leaves: number, { over, say }: Stage): Past {
  const past = new Past();
  past.grow(1);
  const pool = randomFillSync(new Uint8Array(65_536));
  let trade = 1;
  for (let n = 1; past.view.size < leaves && !over.aborted; n += 1) {
    const now = printTime(time(began + n * 200));
    const lines = past.view.isSnapshotDue ? [past.snapshotLeaf()] : [];
    lines.push(`TICK|${now}`);
    const busy = n % 50 === 0 ? 0 : 19;
    for (let k = 0; k < busy; k += 1) {
      const [side, price] = k % 2 === 0 ? ["buy", 4199 - (k % 9)] : ["sell", 4201 + (n % 999)];
      if (k % 4 === 3) {
        trade += 1;
        lines.push(`TRADE|${trade}|GLD/BTC|${1 + k}|${4200 + (n % 20)}|${now}|buy`);
      } else lines.push(`LEVEL|GLD/BTC|${side}|${price}|${(n + k) % 50}`);
    }
    const sealed = Array.from({ length: n % 50 === 0 ? 0 : replies }, (_, k) => ({
      ref: ref(hash("sha256", `${n} ${k}`)),
      sealed: pool.slice((n * 37 + k) % 60_000, ((n * 37 + k) % 60_000) + sealedBytes),
    }));
    past.publish({ leaves: lines, replies: sealed });
    if (n % 5000 === 0) say(`${past.view.size} leaves made`);
  }
  return past;
}

/** Seconds to check everything once. */
function check(past: Past): number {
  const started = performance.now();
  let before: Frontier = emptyFrontier();
  for (const [i, bytes] of past.publications.entries()) {
    const decoded = decodePublication(bytes);
    const { log } = past.publisher;
    const place = { number: i + 1, before, log, verify: verifyEd25519 };
    const checked = decoded.ok ? checkPublication(decoded.value, place) : decoded;
    assert(checked.ok, "what was made is good");
    before = checked.value;
  }
  return secondsSince(started);
}

type Served = {
  readonly link: RelayLink;
  readonly url: string;
  /** Processor seconds that the relay has used. */
  readonly processor: () => number;
  readonly end: () => void;
};

async function serve(dir: string, name: string, stop: AbortSignal): Promise<Served> {
  const program = join(import.meta.dirname, "relayserver.ts");
  const child = spawn(process.execPath, [program, join(dir, name)], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (said: { relay: string }) => resolve(said.relay));
    child.once("exit", () => reject(new Error("couldn't start a relay")));
  });
  const end = (): void => void (child.removeAllListeners("exit") && child.kill("SIGKILL"));
  const processor = (): number => processorSeconds(child.pid ?? 0);
  return { link: new RelayLink({ name, url }, testKey(9), stop), url, processor, end };
}

/** Everything one by one; seconds. */
async function oneByOne({ link }: Served, past: Past, stage: Stage): Promise<number> {
  const started = performance.now();
  const publishing = new Publishing(link, past);
  for (let steps = 1; await publishing.step(); steps += 1) {
    if (stage.over.aborted) return secondsSince(started);
    if (steps % 20 === 0) stage.say(`${steps * 256} publications of ${past.last}`);
  }
  return secondsSince(started);
}

/** From a snapshot: seconds until the present is shown, and until all of the past is there. */
async function jump(
  { link, url }: Served,
  source: RelayLink,
  past: Past,
  stage: Stage,
): Promise<{ readonly present: number; readonly whole: number }> {
  const started = performance.now();
  const { say } = stage;
  const parts = { link, sources: [source], publications: past, behindMax: behindMaxDefault, say };
  const jumper = new Jumper({ ...parts, newest: new NewestSnapshot(past) });
  let present = NaN;
  const publishing = new Publishing(link, past, async (watermark) => {
    if (watermark === past.last && Number.isNaN(present)) present = secondsSince(started);
    return jumper.jump(watermark);
  });
  while (await publishing.step()) {
    if (stage.over.aborted) break;
  }
  while ((await fetch(`${url}/v1/proof?leaf=0`)).status !== 200 && !stage.over.aborted);
  return { present, whole: secondsSince(started) };
}

/** The benchmark; about five minutes. */
export async function catchup(stage: Stage): Promise<void> {
  const past = makePast(stage.records ?? leavesDefault, stage);
  const { size } = past.view;
  stage.say(`${size} leaves in ${past.last} publications`);
  const dir = mkdtempSync(join(tmpdir(), "signet-bench-catchup-"));
  const stop = new AbortController();
  const served: Served[] = [];
  try {
    const alone = check(past);
    const against = "checking alone";
    const tell = (figure: string, value: number, leaves: number = size): void => {
      stage.tell({ bench, figure, value, unit: "s", against, ratio: value / alone });
      stage.tell({ bench, figure: `${figure}: rate`, value: leaves / value, unit: "leaves/s" });
    };
    stage.tell({ bench, figure: `checking alone, ${size} leaves`, value: alone, unit: "s" });
    for (const name of ["alder", "birch"]) served.push(await serve(dir, name, stop.signal));
    const [first, second] = served;
    assert(first !== undefined && second !== undefined, "there are two relays");
    const straight = await oneByOne(first, past, stage);
    if (stage.over.aborted) return;
    tell(`${past.last} publications one by one`, straight);
    const used = (figure: string, value: number): void =>
      stage.tell({ bench, figure: `${figure}: the relay's processor time`, value, unit: "s" });
    used("one by one", first.processor());
    const { present, whole } = await jump(second, first.link, past, stage);
    if (stage.over.aborted) return;
    tell("snapshot and tail, until the present is shown", present);
    tell("snapshot and tail, until all of the past is there", whole);
    used("snapshot and tail, all of it", second.processor());
  } finally {
    stop.abort();
    for (const { end } of served) end();
    rmSync(dir, { recursive: true, force: true });
  }
}
