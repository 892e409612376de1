/**
 * The long run: 40 letters a second in an open loop for an hour, and what grows meanwhile. Latency
 * from the moment a letter was due, resident memory and processor time of the island and of the
 * start process (relay and dock), told for every ten minutes, and at the end their slopes over the
 * whole run.
 *
 * The flow keeps the book as it is: three letters of four are sales and purchases at one price by
 * two customers in turn, the fourth places an order and takes it back with a CANCELALL before it.
 * What grows is what must: the log, the stores, and the index over them.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { at } from "../src/codec/assert.ts";
import type { TestCustomer } from "../src/testing/customer.ts";
import { TestExchange } from "../src/testing/exchange.ts";
import { readyCustomers } from "../src/testing/ready.ts";
import { Client, openLoop } from "./client.ts";
import { rounded, type Stage } from "./figure.ts";
import { funds, market, readAnswer, tradingOrder, type FlowLetter } from "./flow.ts";
import { processorSeconds, quantile, residentMiB, slope } from "./gauge.ts";

const bench = "hour";
const rate = 40;
const secondsDefault = 3600;
/** Figures are told for so long a stretch. */
const stretchSeconds = 600;
const sampleMs = 5000;
/** Letters that lie sealed before they are due: a second's. */
const aheadMax = 40;
const readEvery = 400;
/** The first minutes, in which the processes fill their caches, stay out of the slopes. */
const warmHours = 5 / 60;

/** Memory in MiB, and processor seconds since the process began. */
type Sample = {
  readonly hours: number;
  readonly island: number;
  readonly start: number;
  readonly islandSeconds: number;
  readonly startSeconds: number;
};
type Stretch = { readonly latencies: number[]; readonly samples: Sample[] };

export async function hour(stage: Stage): Promise<void> {
  const seconds = stage.seconds ?? secondsDefault;
  const exchange = await TestExchange.create();
  const ended = new AbortController();
  try {
    await exchange.start();
    const customers = await readyCustomers(exchange, 8, funds);
    stage.say(`an exchange runs; ${rate} letters a second for ${seconds} s`);
    const client = new Client(exchange.url, 512);
    const stretches: Stretch[] = [];
    const stretchAt = (ms: number): Stretch => {
      const index = Math.floor(ms / 1000 / stretchSeconds);
      return (stretches[index] ??= { latencies: [], samples: [] });
    };
    const queue: FlowLetter[] = [];
    const sealing = sealAhead(queue, customers, ended.signal);
    const watching = watch(exchange, { stretchAt, stretches, stage, over: ended.signal });
    let read = Promise.resolve("");
    let answered = 0;
    const sent = await openLoop({
      client,
      rate,
      seconds,
      over: stage.over,
      async next() {
        while (queue.length === 0) await sleep(1);
        return at(queue.splice(0, 1), 0);
      },
      onAnswer({ letter, answer, latencyMs, dueMs }) {
        stretchAt(dueMs).latencies.push(latencyMs);
        answered += 1;
        if (answered % readEvery === 0) read = read.then(() => readAnswer(letter, answer));
      },
    });
    ended.abort();
    await Promise.all([sealing, read]);
    const told = await watching;
    client.close();
    stage.say(`${answered} of ${sent} letters answered, ${client.reposted} posted twice`);
    const ran = sent / rate;
    for (let index = told; index < stretches.length; index += 1) {
      const until = Math.min(ran, (index + 1) * stretchSeconds);
      tellStretch(stretches[index], { index, until }, stage);
    }
    tellWhole(stretches, ran, stage);
  } finally {
    ended.abort();
    await exchange.remove();
  }
}

/** Keeps some letters sealed ahead, so that sealing delays nothing that is due. */
async function sealAhead(
  queue: FlowLetter[],
  customers: readonly TestCustomer[],
  over: AbortSignal,
): Promise<void> {
  const traders = customers.slice(0, 6);
  const changers = customers.slice(6);
  for (let i = 0, traded = 0; !over.aborted; i += 1) {
    while (queue.length >= aheadMax && !over.aborted) await sleep(5);
    const changes = i % 4 === 3;
    const by = changes
      ? at(changers, Math.floor(i / 4) % changers.length)
      : at(traders, traded % traders.length);
    const commands = changes
      ? ["CANCELALL", `BUY|${market}|3|${4000 + (i % 100)}`]
      : [tradingOrder(roleOf(traded, traders.length))];
    if (!changes) traded += 1;
    queue.push({ ...(await by.write(commands)), by });
  }
}

/** Buyer or seller by turns, and each customer is the other one in the next round. */
function roleOf(traded: number, traders: number): number {
  return traded + Math.floor(traded / traders);
}

type Watch = {
  readonly stretchAt: (ms: number) => Stretch;
  readonly stretches: readonly Stretch[];
  readonly stage: Stage;
  readonly over: AbortSignal;
};

/**
 * Samples memory, and tells each stretch when it is over, so that a run that breaks off has told
 * something. Returns how many it told.
 */
async function watch(
  exchange: TestExchange,
  { stretchAt, stretches, stage, over }: Watch,
): Promise<number> {
  const started = performance.now();
  let told = 0;
  while (!over.aborted) {
    const ms = performance.now() - started;
    stretchAt(ms).samples.push({
      hours: ms / 3_600_000,
      island: residentMiB(exchange.islandPid),
      start: residentMiB(exchange.pid),
      islandSeconds: processorSeconds(exchange.islandPid),
      startSeconds: processorSeconds(exchange.pid),
    });
    // A stretch's last answers come a moment after its end.
    if (ms > ((told + 1) * stretchSeconds + 5) * 1000) {
      tellStretch(stretches[told], { index: told, until: (told + 1) * stretchSeconds }, stage);
      told += 1;
    }
    await sleep(sampleMs, undefined, { signal: over }).catch(() => undefined);
  }
  return told;
}

function tellStretch(
  stretch: Stretch | undefined,
  { index, until }: { readonly index: number; readonly until: number },
  { tell }: Stage,
): void {
  if (stretch === undefined || stretch.latencies.length === 0) return;
  const { latencies, samples } = stretch;
  const minutes = [index * stretchSeconds, until].map((seconds) => rounded(seconds / 60));
  const when = `minutes ${minutes.join(" to ")}`;
  const [first, last] = [samples[0], samples.at(-1)];
  tell({ bench, figure: `${when}: letters answered`, value: latencies.length, unit: "letters" });
  tell({ bench, figure: `${when}: p50`, value: quantile(latencies, 0.5), unit: "ms" });
  tell({ bench, figure: `${when}: p99`, value: quantile(latencies, 0.99), unit: "ms" });
  tell({ bench, figure: `${when}: most`, value: quantile(latencies, 1), unit: "ms" });
  if (first === undefined || last === undefined || first === last) return;
  tell({ bench, figure: `${when}: island's memory at the end`, value: last.island, unit: "MiB" });
  tell({ bench, figure: `${when}: relay and dock's at the end`, value: last.start, unit: "MiB" });
  const letters = (last.hours - first.hours) * 3600 * rate;
  for (const [who, seconds] of [
    ["the island", last.islandSeconds - first.islandSeconds],
    ["relay and dock", last.startSeconds - first.startSeconds],
  ] as const) {
    const value = (1000 * seconds) / letters;
    tell({ bench, figure: `${when}: processor time of ${who}`, value, unit: "ms/letter" });
  }
}

function tellWhole(stretches: readonly Stretch[], seconds: number, { tell }: Stage): void {
  const all = stretches.flatMap(({ latencies }) => latencies);
  const samples = stretches.flatMap((stretch) => stretch.samples);
  const late = samples.filter(({ hours }) => hours >= warmHours);
  const whole = `whole run (${Math.round(seconds)} s)`;
  tell({ bench, figure: `${whole}: p50`, value: quantile(all, 0.5), unit: "ms" });
  tell({ bench, figure: `${whole}: p99`, value: quantile(all, 0.99), unit: "ms" });
  const full = stretches.filter(({ latencies }) => latencies.length > 0);
  const medians = full.map(({ latencies }) => quantile(latencies, 0.5));
  const [first, last] = [medians[0] ?? Number.NaN, medians.at(-1) ?? Number.NaN];
  const ratio = last / first;
  const against = "the first stretch";
  tell({ bench, figure: "p50 of the last stretch", value: last, unit: "ms", against, ratio });
  if (late.length < 2) return;
  const growth = (name: "island" | "start"): number =>
    slope(late.map((sample) => [sample.hours, sample[name]] as const));
  tell({ bench, figure: "growth of the island", value: growth("island"), unit: "MiB/h" });
  tell({ bench, figure: "growth of relay and dock", value: growth("start"), unit: "MiB/h" });
}
