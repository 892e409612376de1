/**
 * What a relay takes and serves: letters (relayletters.ts), book and trade reads a second over
 * kept-alive connections, beside a bare `node:http` answer of the same size from the same process,
 * and the stream to a thousand readers: the time from the moment when a publication is handed in
 * until each reader has its diff. Then the island's log (append.ts).
 *
 * Relay and bare server run in a process of their own, the readers in this one, on one machine: a
 * reader's latency has the time in which this process reads for the others.
 */
import { type ChildProcess, fork } from "node:child_process";
import { Agent, get } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";

import { printTime, time } from "../src/codec/time.ts";
import { encodePublication } from "../src/log/publication.ts";
import { Publisher, testKey } from "../src/testing/publisher.ts";
import { dockSignature } from "../src/testing/transcript.ts";
import { measureAppends } from "./append.ts";
import type { Stage } from "./figure.ts";
import { quantile } from "./gauge.ts";
import { measureLetters } from "./relayletters.ts";

const exchange = "49979888511191774776929750563049979888ab";
const market = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";
/** 2026-11-21T10:00:00Z. */
const firstTrade = 1_795_255_200_000;
const readers = 1000;
const fanOuts = 20;
const connections = 32;
const readSeconds = 2;
/** Bytes of the bare answers stand in the path: the server fills them. */
const barePath = "/bare/";

type Served = { readonly relay: string; readonly bare: string };

/** The relay in its process; `stop` ends it. */
async function serve(dir: string): Promise<{ served: Served; child: ChildProcess }> {
  const child = fork(join(import.meta.dirname, "relayserver.ts"), [dir], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const served = await new Promise<Served>((resolve, reject) => {
    child.once("message", (message) => resolve(servedIn(message)));
    child.once("exit", () => reject(new Error("couldn't start the relay")));
  });
  return { served, child };
}

function servedIn(message: unknown): Served {
  const text = (name: string): string => {
    const found: unknown = Reflect.get(Object(message), name);
    if (typeof found !== "string") throw new Error(`couldn't learn where the ${name} listens`);
    return found;
  };
  return { relay: text("relay"), bare: text("bare") };
}

/** Hands publications to the relay as the dock does. */
class Hand {
  readonly #publisher: Publisher = new Publisher(exchange, testKey(1));
  readonly #relay: string;

  constructor(relay: string) {
    this.#relay = relay;
  }

  async publish(leaves: readonly string[]): Promise<void> {
    const publication = this.#publisher.next({ leaves });
    const path = `/v1/dock/publications/${publication.number}`;
    const signature = dockSignature(testKey(9), "PUT", path, new Date().toISOString());
    const response = await fetch(this.#relay + path, {
      method: "PUT",
      headers: { "signet-dock": signature },
      body: new Uint8Array(encodePublication(publication)),
    });
    if (response.status !== 200) throw new Error(`couldn't publish: ${response.status}`);
    await response.body?.cancel();
  }
}

function read(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let bytes = 0;
      response.on("data", (part: Buffer) => (bytes += part.length));
      response.on("end", () => resolve(bytes));
      response.on("error", reject);
    }).on("error", reject);
  });
}

/** Answers a second for one address. */
async function readRate(url: string, seconds: number, over: AbortSignal): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const started = performance.now();
  const end = started + seconds * 1000;
  let count = 0;
  const worker = async (): Promise<void> => {
    for (; performance.now() < end && !over.aborted; count += 1) await read(url, agent);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return (count * 1000) / (performance.now() - started);
}

async function measureReads(stage: Stage, served: Served): Promise<void> {
  const paths = {
    "book reads, 20 levels a side": "/v1/book?market=GLD/BTC",
    "trade reads, the last 100": "/v1/trades?market=GLD/BTC",
    "ticker reads": "/v1/ticker?market=GLD/BTC",
    "candle reads, the last 100": "/v1/candles?market=GLD/BTC&interval=1m",
  };
  for (const [what, path] of Object.entries(paths)) {
    if (stage.over.aborted) return;
    const agent = new Agent();
    const bytes = await read(served.relay + path, agent);
    agent.destroy();
    // Twice half the time each, in turns: the machine's mood falls on both.
    const seconds = (stage.seconds ?? readSeconds) / 2;
    let [relay, bare] = [0, 0];
    for (let turn = 0; turn < 2; turn += 1) {
      relay += (await readRate(served.relay + path, seconds, stage.over)) / 2;
      bare += (await readRate(`${served.bare}${barePath}${bytes}`, seconds, stage.over)) / 2;
    }
    const against = `a bare node:http answer of ${bytes} bytes`;
    const ratio = relay / bare;
    stage.tell({ bench: "relay", figure: what, value: relay, unit: "reads/s", against, ratio });
  }
}

/** A thousand readers of one book; each diff's arrival is noted. */
async function measureFanOut(stage: Stage, served: Served, hand: Hand): Promise<void> {
  const latencies: number[] = [];
  let began = 0;
  let arrived = 0;
  const url = `${served.relay.replace("http", "ws")}/v1/stream`;
  const sockets: WebSocket[] = [];
  for (let i = 0; i < readers && !stage.over.aborted; i += 1) {
    const socket = new WebSocket(url);
    sockets.push(socket);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    socket.on("message", (data) => {
      if (!String(data).includes('"type":"diff"')) return;
      arrived += 1;
      latencies.push(performance.now() - began);
    });
    socket.send('{"subscribe":"book","market":"GLD/BTC"}');
  }
  stage.say(`${sockets.length} readers are there`);
  await sleep(500);
  for (let i = 0; i < fanOuts && !stage.over.aborted; i += 1) {
    arrived = 0;
    began = performance.now();
    await hand.publish([`LEVEL|GLD/BTC|buy|${4000 + i}|${i + 1}`]);
    for (let waits = 0; arrived < sockets.length; waits += 1) {
      if (waits > 2000) throw new Error(`couldn't reach ${sockets.length - arrived} readers`);
      await sleep(5);
    }
    await sleep(50);
  }
  for (const socket of sockets) socket.terminate();
  const tell = (figure: string, value: number): void =>
    stage.tell({ bench: "relay", figure, value, unit: "ms" });
  tell(`diff to ${sockets.length} readers, p50`, quantile(latencies, 0.5));
  tell(`diff to ${sockets.length} readers, p99`, quantile(latencies, 0.99));
  tell(`diff to ${sockets.length} readers, most`, quantile(latencies, 1));
}

/** The benchmark; about a minute. */
export async function runRelay(stage: Stage): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "signet-bench-relay-"));
  const { served, child } = await serve(dir);
  try {
    const hand = new Hand(served.relay);
    const levels = Array.from({ length: 400 }, (_, i) =>
      i < 200 ? `LEVEL|GLD/BTC|buy|${4200 - i}|${i + 7}` : `LEVEL|GLD/BTC|sell|${4100 + i}|${i}`,
    );
    const trades = Array.from({ length: 1000 }, (_, i) => {
      const at = printTime(time(firstTrade + i * 7000));
      return `TRADE|${i + 1}|GLD/BTC|${i + 1}|${4200 + (i % 9)}|${at}|buy`;
    });
    await hand.publish([market, ...levels, "TICK|2026-11-21T12:59:30.000Z"]);
    await hand.publish(trades);
    await measureReads(stage, served);
    if (!stage.over.aborted) await measureLetters(stage, served);
    if (!stage.over.aborted) await measureFanOut(stage, served, hand);
  } finally {
    child.removeAllListeners("exit");
    child.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  }
  await measureAppends(stage);
}
