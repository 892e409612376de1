/**
 * Latency: one order a letter, 50 letters a second in an open loop from one client process, from
 * the moment a letter was due to its sealed answer in hand. Letters are sealed beforehand; half of
 * them trade. The peer is the same path with nobody else on it: one letter at a time.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { at } from "../src/codec/assert.ts";
import { TestExchange } from "../src/testing/exchange.ts";
import { readyCustomers } from "../src/testing/ready.ts";
import { Client, openLoop, postAll } from "./client.ts";
import type { Stage } from "./figure.ts";
import { funds, readAnswer, tradingOrder, writeLetters, type FlowLetter } from "./flow.ts";
import { quantile } from "./gauge.ts";

const bench = "latency";
const rate = 50;
const secondsDefault = 60;
const warmLetters = 500;
const aloneLetters = 200;
/** One answer in so many is opened and read. */
const readEvery = 50;

export async function latency(stage: Stage): Promise<void> {
  const seconds = stage.seconds ?? secondsDefault;
  const exchange = await TestExchange.create();
  try {
    await exchange.start();
    stage.say("an exchange runs; four customers register and seal their letters");
    const customers = await readyCustomers(exchange, 4, funds);
    const write = (count: number) => writeLetters(customers, count, (i) => [tradingOrder(i)]);
    const client = new Client(exchange.url, 256);
    await postAll(client, await write(warmLetters), 32);
    const alone = await measureAlone(client, await write(aloneLetters));
    const letters = await write(rate * seconds);
    stage.say(`${letters.length} letters, ${rate} a second`);
    const latencies = await measure(client, letters, stage);
    client.close();
    if (latencies.length === 0) return;
    const median = quantile(alone, 0.5);
    const ran = Math.round(latencies.length / rate);
    const figure = (name: string, value: number, from?: number): void =>
      stage.tell({
        bench,
        figure: `${name}, ${rate} letters/s for ${ran} s`,
        value,
        unit: "ms",
        ...(from === undefined ? {} : { against: "a letter alone (p50)", ratio: value / from }),
      });
    stage.tell({ bench, figure: "p50, one letter at a time", value: median, unit: "ms" });
    figure("p50", quantile(latencies, 0.5), median);
    figure("p99", quantile(latencies, 0.99), median);
    figure("p99.9", quantile(latencies, 0.999));
    figure("most", quantile(latencies, 1));
  } finally {
    await exchange.remove();
  }
}

async function measureAlone(client: Client, letters: readonly FlowLetter[]): Promise<number[]> {
  const latencies: number[] = [];
  for (const letter of letters) {
    const started = performance.now();
    await client.answer(letter);
    latencies.push(performance.now() - started);
    await sleep(5);
  }
  return latencies;
}

async function measure(
  client: Client,
  letters: readonly FlowLetter[],
  { over, say }: Stage,
): Promise<number[]> {
  const latencies: number[] = [];
  const read: { readonly letter: FlowLetter; readonly answer: Uint8Array }[] = [];
  let given = 0;
  const sent = await openLoop({
    client,
    rate,
    seconds: letters.length / rate,
    over,
    next: () => at(letters, given++),
    onAnswer({ letter, answer, latencyMs }) {
      latencies.push(latencyMs);
      if (latencies.length % readEvery === 0) read.push({ letter, answer });
    },
  });
  for (const { letter, answer } of read) await readAnswer(letter, answer);
  say(`${latencies.length} of ${sent} letters answered, ${read.length} answers opened and read`);
  return latencies;
}
