/**
 * Letters that a relay takes: from the post to the signed receipt, which it gives only once the
 * letter is on the disk; beside a bare `node:http` server that appends each body to a file and
 * waits for `fdatasync`. A dock collects meanwhile, as one must: otherwise letters cost postage.
 */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { testKey } from "../src/testing/publisher.ts";
import { sealedLetter } from "../src/testing/sealed.ts";
import { dockSignature } from "../src/testing/transcript.ts";
import type { Stage } from "./figure.ts";
import { quantile } from "./gauge.ts";

const atOnce = 32;
/** Letters of one customer who waits for each receipt, and of many at once. */
const letterSeconds = 4;
const lettersMax = 60_000;

type Taken = { readonly rate: number; readonly times: number[]; readonly refused: number };

function post(url: string, body: Uint8Array, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-length": body.length, "content-type": "application/octet-stream" };
    const sent = request(url, { method: "POST", headers, agent }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
}

async function postFor(
  url: string,
  letters: Iterator<Uint8Array>,
  how: { readonly seconds: number; readonly connections: number; readonly over: AbortSignal },
): Promise<Taken> {
  const { seconds, connections, over } = how;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  let refused = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end && !over.aborted) {
      const next = letters.next();
      if (next.done === true) return;
      const begun = performance.now();
      const status = await post(url, next.value, agent);
      times.push(performance.now() - begun);
      if (status !== 202 && status !== 200) refused += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  const rate = (times.length - refused) / ((performance.now() - started) / 1000);
  return { rate, times, refused };
}

/** Collects until it is told to stop. */
async function collect(relay: string, over: AbortSignal): Promise<void> {
  for (let after = 0; !over.aborted;) {
    const path = `/v1/dock/letters?after=${after}&wait=1`;
    const signature = dockSignature(testKey(9), "GET", path, new Date().toISOString());
    const answer = await fetch(relay + path, { headers: { "signet-dock": signature } });
    if (answer.status !== 200) throw new Error(`couldn't collect: ${answer.status}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    for (let offset = 0; offset < bytes.length;) {
      after = Number(bytes.readBigUInt64BE(offset));
      const paid = bytes.readUInt8(offset + 8);
      offset += 13 + paid + bytes.readUInt32BE(offset + 9 + paid);
    }
    if (bytes.length === 0) await sleep(5);
  }
}

/** Letters a second, and how long a receipt takes. */
export async function measureLetters(
  stage: Stage,
  served: { readonly relay: string; readonly bare: string },
): Promise<void> {
  const letters = Array.from({ length: lettersMax }, (_, i) =>
    sealedLetter(`letter ${i}`),
  ).values();
  const stop = new AbortController();
  const collecting = collect(served.relay, stop.signal);
  const { over } = stage;
  const seconds = (stage.seconds ?? letterSeconds) / 2;
  try {
    for (const connections of [1, atOnce]) {
      let [relay, bare] = [0, 0];
      const times: number[] = [];
      for (let turn = 0; turn < 2 && !over.aborted; turn += 1) {
        const how = { seconds, connections, over };
        const taken = await postFor(`${served.relay}/v1/letters`, letters, how);
        if (taken.refused > 0) stage.say(`${taken.refused} letters were refused`);
        relay += taken.rate / 2;
        times.push(...taken.times);
        bare += (await postFor(`${served.bare}/append`, letters, how)).rate / 2;
      }
      const what = connections === 1 ? "one at a time" : `${connections} at once`;
      stage.tell({
        bench: "relay",
        figure: `letters with durable receipts, ${what}`,
        value: relay,
        unit: "letters/s",
        against: "a bare node:http server that appends each and syncs",
        ratio: relay / bare,
      });
      for (const [name, part] of [
        ["p50", 0.5],
        ["p99", 0.99],
      ] as const) {
        const figure = `receipt, ${what}, ${name}`;
        stage.tell({ bench: "relay", figure, value: quantile(times, part), unit: "ms" });
      }
    }
  } finally {
    stop.abort();
    await collecting;
  }
}
