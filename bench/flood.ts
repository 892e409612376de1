/**
 * A relay under a flood of ten times its capacity: what share of honest stamped letters gets a
 * receipt, after how long, and how long `GET /v1/relay` takes meanwhile.
 *
 * The relay has a process of its own, those who flood another; this one is the honest customers and
 * a dock that takes as many letters a second as an exchange on such a machine. All of them share
 * its cores, so that the relay has less than it would have.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { testKey } from "../src/testing/publisher.ts";
import { sealedLetter } from "../src/testing/sealed.ts";
import { dockSignature } from "../src/testing/transcript.ts";
import type { Stage } from "./figure.ts";
import { quantile, residentMiB } from "./gauge.ts";
import { stampOf } from "./stamp.ts";

/** What the dock takes, letters a second. */
const dockRate = 700;
/** Honest letters a second. */
const honestRate = 3;
const defaultSeconds = 20;
/** An honest letter is given up after this time, milliseconds. */
const patienceMs = 30_000;
/** Between two polls of a dock without limit, milliseconds. */
const unlimitedMs = 20;
const cheapBits = 12;
const stock = 8000;

/** A child of this benchmark, and the first that it says. */
async function start(
  program: string,
  words: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly said: unknown }> {
  const child = fork(join(import.meta.dirname, program), [...words], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  return { child, said: await heard(child) };
}

function heard(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", () => reject(new Error("couldn't go on: a process ended")));
  });
}

/**
 * Takes letters as the dock does, so many a second at most. With no limit it says that it has them
 * all without fetching any: then nothing but the relay is measured.
 */
async function dock(relay: string, rate: () => number, over: AbortSignal): Promise<void> {
  for (let after = 0; !over.aborted;) {
    const path = `/v1/dock/letters?after=${after}&wait=${rate() === Infinity ? 0 : 1}`;
    const signature = dockSignature(testKey(9), "GET", path, new Date().toISOString());
    const started = performance.now();
    const answer = await fetch(relay + path, { headers: { "signet-dock": signature } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (rate() === Infinity) {
      after = Number((answer.headers.get("signet-store") ?? "").split(" ")[1] ?? "0");
      await sleep(unlimitedMs);
      continue;
    }
    let count = 0;
    for (let offset = 0; offset < bytes.length; count += 1) {
      after = Number(bytes.readBigUInt64BE(offset));
      const paid = bytes.readUInt8(offset + 8);
      offset += 13 + paid + bytes.readUInt32BE(offset + 9 + paid);
    }
    const dueMs = (count * 1000) / rate() - (performance.now() - started);
    if (dueMs > 0) await sleep(dueMs);
  }
}

/** Times in milliseconds: of receipts since the letter was due, and since it was posted. */
type Honest = {
  readonly receipts: number[];
  readonly posts: number[];
  readonly facts: number[];
  sent: number;
  tries: number;
};

/** One honest letter: asks what it costs, pays, and pays more if it must. */
async function honestLetter(relay: string, word: string, honest: Honest): Promise<void> {
  const due = performance.now();
  const letter = sealedLetter(word, 600);
  honest.sent += 1;
  try {
    const response = await fetch(`${relay}/v1/relay`);
    honest.facts.push(performance.now() - due);
    let bits = bitsIn(Reflect.get(Object(await response.json()), "postage"));
    while (performance.now() - due < patienceMs) {
      honest.tries += 1;
      const headers = bits === 0 ? {} : { postage: await stampOf(letter, bits) };
      const body = new Uint8Array(letter);
      const began = performance.now();
      const posted = await fetch(`${relay}/v1/letters`, { method: "POST", headers, body });
      if (posted.status === 202) {
        await posted.arrayBuffer();
        honest.receipts.push(performance.now() - due);
        honest.posts.push(performance.now() - began);
        return;
      }
      bits = Math.max(bits, bitsIn(await posted.json()));
      if (posted.status === 503) await sleep(200);
    }
  } catch {
    // No receipt: it counts as lost.
  }
}

function bitsIn(value: unknown): number {
  const bits: unknown = Reflect.get(Object(value), "bits");
  return typeof bits === "number" ? bits : 0;
}

async function honestLetters(relay: string, seconds: number, over: AbortSignal): Promise<Honest> {
  const honest: Honest = { receipts: [], posts: [], facts: [], sent: 0, tries: 0 };
  const flying: Promise<void>[] = [];
  const started = performance.now();
  const word = `honest ${started}`;
  for (let i = 0; i < seconds * honestRate && !over.aborted; i += 1) {
    const early = started + (i * 1000) / honestRate - performance.now();
    if (early > 0) await sleep(early);
    flying.push(honestLetter(relay, `${word} ${i}`, honest));
  }
  await Promise.all(flying);
  return honest;
}

type Scene = { readonly stage: Stage; readonly relay: string; readonly pid: number };
type Kind = { readonly name: string; readonly words: readonly number[] };

/** Answers by status, and how many were offered, of one flood. */
function countsIn(said: unknown): { readonly offered: number; readonly taken: number } {
  const statuses: unknown = Reflect.get(Object(said), "byStatus");
  const count = (from: unknown, name: string): number =>
    Number(Reflect.get(Object(from), name) ?? 0);
  return { offered: count(said, "offered"), taken: count(statuses, "202") };
}

async function underFlood({ stage, relay, pid }: Scene, kind: Kind, rate: number): Promise<void> {
  const seconds = stage.seconds ?? defaultSeconds;
  const words = [relay, rate, seconds + 2, ...kind.words].map(String);
  const { child } = await start("floodsender.ts", words);
  const ended = heard(child);
  child.send("go");
  await sleep(1000);
  const honest = await honestLetters(relay, seconds, stage.over);
  const memory = residentMiB(pid);
  const said = await ended;
  const { offered } = countsIn(said);
  stage.say(`${kind.name}: ${JSON.stringify(said)}; honest tries ${honest.tries}`);
  const tell = (figure: string, value: number, unit: string): void =>
    stage.tell({ bench: "flood", figure: `${kind.name}: ${figure}`, value, unit });
  tell("offered", offered / (seconds + 2), "letters/s");
  tell("honest letters with a receipt", (honest.receipts.length * 100) / honest.sent, "%");
  tell("tries for each of them", honest.tries / honest.sent, "posts");
  tell("receipt after the post, p50", quantile(honest.posts, 0.5), "ms");
  tell("receipt after the post, p99", quantile(honest.posts, 0.99), "ms");
  tell("receipt, with asking, work and all tries, p99", quantile(honest.receipts, 0.99), "ms");
  tell("GET /v1/relay, p99", quantile(honest.facts, 0.99), "ms");
  tell("resident memory of the relay", memory, "MiB");
}

/** Letters a second that the relay stores for 64 connections, with a dock that keeps up. */
async function capacityOf({ stage, relay }: Scene): Promise<number> {
  const seconds = 4;
  const { child } = await start("floodsender.ts", [relay, 1e6, seconds, 64, 1].map(String));
  const ended = heard(child);
  child.send("go");
  const capacity = countsIn(await ended).taken / seconds;
  stage.tell({ bench: "flood", figure: "letters taken of free ones", value: capacity, unit: "/s" });
  return capacity;
}

/** The benchmark; about two minutes. */
export async function runFlood(stage: Stage): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "signet-bench-flood-"));
  const { child, said } = await start("relayserver.ts", [dir]);
  child.removeAllListeners("exit");
  const over = new AbortController();
  try {
    const relay = String(Reflect.get(Object(said), "relay"));
    const scene = { stage, relay, pid: child.pid ?? 0 };
    let rate = Infinity;
    const docked = dock(relay, () => rate, AbortSignal.any([over.signal, stage.over]));
    const capacity = await capacityOf(scene);
    rate = dockRate;
    const quiet = await honestLetters(relay, 5, stage.over);
    const value = quantile(quiet.receipts, 0.99);
    stage.tell({ bench: "flood", figure: "quiet: receipt, p99", value, unit: "ms" });
    const kinds: readonly Kind[] = [
      { name: "unpaid, one source", words: [512, 1] },
      { name: "unpaid, 32 sources", words: [512, 32] },
      { name: `stamps of ${cheapBits} bits`, words: [512, 32, cheapBits, stock] },
    ];
    for (const kind of kinds) {
      if (stage.over.aborted) break;
      await underFlood(scene, kind, capacity * 10);
    }
    over.abort();
    await docked;
  } finally {
    over.abort();
    child.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  }
}
