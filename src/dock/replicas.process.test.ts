/**
 * Relays in processes of their own behind one dock: one is stopped, one is killed again and again,
 * one lies, one begins anew far behind. It changes nothing for the others, whose watermark goes on,
 * and in the end all say the same.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { openDirectory } from "../airlock/directory.ts";
import { signer, verifier } from "../airlock/lane.ts";
import { Sender } from "../airlock/send.ts";
import { verifierKey } from "../log/note.ts";
import { BentRelay } from "../testing/bentrelay.ts";
import { freePort } from "../testing/exchange.ts";
import { Past } from "../testing/past.ts";
import { rawPublicKey, testKey } from "../testing/publisher.ts";
import { startDock, type Dock } from "./dock.ts";

const program = `
  const { relayOptions } = await import(${JSON.stringify(new URL("../testing/relayworld.ts", import.meta.url).href)});
  const { startRelay } = await import(${JSON.stringify(new URL("../relay/server.ts", import.meta.url).href)});
  const [dir, port] = process.argv.slice(1);
  await startRelay({ ...relayOptions(dir), port: Number(port) });
  console.log("ready");`;

const patienceMs = 40_000;
/** Publications behind which a relay is handed a snapshot. */
const behindMax = 100;

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await isSo()); await sleep(5)) {
    if (Date.now() > end) throw new Error(`couldn't see in time that ${what}`);
  }
}

type Facts = {
  readonly watermark: { readonly publication: number };
  readonly history: { readonly filled: number; readonly from: number };
};

/** A relay that can be stopped and killed. */
class Replica {
  readonly name: string;
  readonly url: string;
  readonly #dir: string;
  #child: ChildProcess | undefined;

  constructor(name: string, dir: string, port: number) {
    this.name = name;
    this.url = `http://127.0.0.1:${port}`;
    this.#dir = join(dir, name);
  }

  async start(): Promise<void> {
    const words = ["--input-type=module", "-e", program, this.#dir, new URL(this.url).port];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"] });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve());
      child.once("exit", () => reject(new Error("couldn't start a relay")));
    });
  }

  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(name);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  async facts(): Promise<Facts | undefined> {
    const answer = await fetch(`${this.url}/v1/relay`).catch(() => undefined);
    return answer?.ok === true ? ((await answer.json()) as Facts) : undefined;
  }

  async has(publication: number): Promise<boolean> {
    return ((await this.facts())?.watermark.publication ?? 0) >= publication;
  }

  /** Whether nothing of the past is missing. */
  async isWhole(): Promise<boolean> {
    const proof = await fetch(`${this.url}/v1/proof?leaf=0`);
    await proof.body?.cancel();
    return (await this.facts())?.history.from === 0 && proof.status === 200;
  }

  async state(): Promise<readonly string[]> {
    const paths = ["book?market=GLD/BTC", "trades", "leaves", "leaves?after=3000", "checkpoint"]
      .concat(["proof?leaf=77", "candles?market=GLD/BTC&interval=1m", "counters", "exchange"])
      .map((path) => `/v1/${path}`);
    return Promise.all(paths.map(async (path) => (await fetch(this.url + path)).text()));
  }
}

let dir: string;
let dock: Dock;
let island: Sender;
let pump: NodeJS.Timeout;
let liar: BentRelay;
let replicas: readonly [Replica, Replica, Replica, Replica];
const past = new Past();
const said: string[] = [];

before(async () => {
  dir = mkdtempSync(join(tmpdir(), "signet-replicas-"));
  for (const name of ["in", "out"]) mkdirSync(join(dir, "airlock", name), { recursive: true });
  const [a, b, c, d] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const [steady, stopped] = [new Replica("alder", dir, a), new Replica("birch", dir, b)];
  const [killed, late] = [new Replica("cedar", dir, c), new Replica("elder", dir, d)];
  replicas = [steady, stopped, killed, late];
  for (const each of [steady, stopped, killed]) await each.start();
  // It serves alder's snapshot, but for a price.
  liar = await BentRelay.before(steady.url, (path, body) =>
    path.startsWith("/v1/snapshot") ? Buffer.from(body.toString().replace("buy 4", "buy 5")) : body,
  );
  let saved: Uint8Array | undefined;
  const [islandKey, laneKey] = [testKey(11), testKey(12)];
  island = new Sender({
    lane: "dock-1-out",
    epoch: 1,
    *read(from, max) {
      for (let n = from; n <= Math.min(past.last, from + max - 1); n += 1) yield past.get(n);
    },
    bundles: openDirectory(join(dir, "airlock/out")),
    acks: openDirectory(join(dir, "airlock/in")),
    load: () => saved,
    save: (bytes) => Promise.resolve(void (saved = bytes)),
    sign: signer(islandKey),
    verify: verifier(rawPublicKey(laneKey)),
    clock: () => Date.now(),
    onFork: (detail) => assert.fail(detail),
  });
  pump = setInterval(() => island.kick(), 20);
  const { log, exchange } = past.publisher;
  dock = await startDock({
    dir: join(dir, "dock"),
    airlock: join(dir, "airlock"),
    lane: "dock-1",
    laneKey,
    islandKey: rawPublicKey(islandKey),
    exchange,
    logKey: verifierKey(log.name, log.publicKey),
    relaysKey: testKey(9),
    relays: [{ name: "liar", url: liar.url }, ...replicas.map(({ name, url }) => ({ name, url }))],
    say: (sentence) => said.push(sentence),
    behindMax,
  });
});

after(async () => {
  clearInterval(pump);
  for (const each of replicas) {
    each.signal("SIGCONT");
    await each.kill();
  }
  await dock.close();
  await liar.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Publishes one after the other; how long alder took for each, milliseconds, sorted. */
async function publishTimed(count: number): Promise<readonly number[]> {
  const [steady] = replicas;
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    past.grow(1);
    const began = performance.now();
    island.kick();
    await until("alder has the publication", () => steady.has(past.last));
    times.push(performance.now() - began);
  }
  return times.toSorted((a, b) => a - b);
}

function middle(times: readonly number[]): string {
  const [p50, most] = [times[Math.floor(times.length / 2)], times.at(-1)];
  return `${p50?.toFixed(0)} ms, at most ${most?.toFixed(0)} ms`;
}

test("one stopped, one killed, one that lies, one far behind: the others go on", async () => {
  const [steady, stopped, killed, late] = replicas;
  past.grow(120, { leaves: 30 });
  for (const each of [steady, stopped, killed]) {
    await until(`${each.name} has the beginning`, () => each.has(past.last));
  }
  const quiet = await publishTimed(15);
  stopped.signal("SIGSTOP");
  await killed.kill();
  past.grow(110, { leaves: 12 });
  past.grow(10, { signs: true });
  await until("alder has what came meanwhile", () => steady.has(past.last));
  const troubled = publishTimed(15);
  // Killed while it catches up, twice; and one that begins with nothing, killed while it fills.
  for (const each of [killed, killed]) {
    await each.start();
    await sleep(30);
    await each.kill();
  }
  await killed.start();
  await late.start();
  await until("elder has the present", () => late.has(past.last - 15));
  await until("elder fills its past", async () => {
    const history = (await late.facts())?.history;
    return history !== undefined && history.filled > 0;
  });
  await late.kill();
  await late.start();
  console.log(`# to alder in quiet ${middle(quiet)}; in trouble ${middle(await troubled)}`);
  stopped.signal("SIGCONT");
  for (const each of replicas) {
    await until(`${each.name} is up to date`, () => each.has(past.last));
    await until(`${each.name} has all of the past`, () => each.isWhole());
  }
  const wanted = await steady.state();
  for (const each of [stopped, killed, late]) assert.deepEqual(await each.state(), wanted);
  const lie = said.find((line) => /snapshot for elder from liar: .*part_wrong/.test(line));
  assert.ok(lie, said.join("\n"));
  assert.ok(said.some((line) => /elder, \d+ publications behind, took the snapshot/.test(line)));
});
