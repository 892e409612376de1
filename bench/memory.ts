/**
 * Memory of the island with 100,000 resting orders, brought by real letters of 1,000 orders each
 * from forty accounts, against the same island before them. The resident set holds what the
 * collector has not given back yet, so that three figures are told: after the letters, after a
 * restart, and the live heap of the engine's state alone, folded from the same journal in this
 * process.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { assert, at } from "../src/codec/assert.ts";
import { replayJournal } from "../src/island/replay.ts";
import { readSettings } from "../src/island/settings.ts";
import type { TestCustomer } from "../src/testing/customer.ts";
import { TestExchange } from "../src/testing/exchange.ts";
import { readyCustomers } from "../src/testing/ready.ts";
import { Client, postAll } from "./client.ts";
import type { Stage } from "./figure.ts";
import { funds, readAnswer, restingOrder, writeLetters } from "./flow.ts";
import { residentMiB } from "./gauge.ts";

const bench = "memory";
const accounts = 40;
const ordersPerLetter = 1000;
const orders = 100_000;
/** The island is left alone for so long before it is measured. */
const settleMs = 15_000;
const bytesPerMiB = 1_048_576;

export async function memory(stage: Stage): Promise<void> {
  const { say, tell } = stage;
  const exchange = await TestExchange.create();
  try {
    await exchange.start();
    const customers = await readyCustomers(exchange, accounts, funds);
    say("an exchange runs; forty customers are registered");
    await sleep(settleMs);
    const empty = residentMiB(exchange.islandPid);
    await placeOrders(exchange, customers, stage);
    await sleep(settleMs);
    const full = residentMiB(exchange.islandPid);
    await exchange.stop();
    await exchange.start();
    await sleep(settleMs);
    const restarted = residentMiB(exchange.islandPid);
    await exchange.stop();
    const against = "the empty island";
    const name = `island with ${orders} resting orders`;
    tell({ bench, figure: "the empty island, resident", value: empty, unit: "MiB" });
    const figures = [
      [`${name}, resident`, full],
      [`${name}, resident after a restart`, restarted],
    ] as const;
    for (const [figure, value] of figures) {
      tell({ bench, figure, value, unit: "MiB", against, ratio: value / empty });
    }
    const perOrder = ((restarted - empty) * bytesPerMiB) / orders;
    tell({
      bench,
      figure: "resident, a resting order (restarted)",
      value: perOrder,
      unit: "bytes",
    });
    const live = (await liveHeap(exchange)) / orders;
    tell({ bench, figure: "live heap, a resting order", value: live, unit: "bytes" });
  } finally {
    await exchange.remove();
  }
}

async function placeOrders(
  exchange: TestExchange,
  customers: readonly TestCustomer[],
  { say }: Stage,
): Promise<void> {
  const written = await writeLetters(customers, orders / ordersPerLetter, (i) =>
    Array.from({ length: ordersPerLetter }, (_, k) => restingOrder(i * ordersPerLetter + k)),
  );
  say(`${written.length} letters of ${ordersPerLetter} orders are sealed`);
  const client = new Client(exchange.url, 8);
  const answers = await postAll(client, written, 8);
  client.close();
  for (let i = 0; i < written.length; i += accounts + 1) {
    await readAnswer(at(written, i), at(answers, i));
  }
  say(`${answers.length} letters are answered`);
}

/** What the engine's state, folded from the journal, holds on the heap. */
async function liveHeap(exchange: TestExchange): Promise<number> {
  const settings = await readSettings(join(exchange.dir, "island"));
  const before = heapAfterCollection();
  const { state } = await replayJournal({
    journal: join(settings.dir, "journal"),
    dir: settings.dir,
    exchange: () => settings.exchange,
    passedOver: () => Promise.resolve(false),
    fromGenesis: true,
  });
  const after = heapAfterCollection();
  const open = [...state.accounts.values()].reduce((sum, account) => sum + account.orders.size, 0);
  assert(open === orders, "every order rests");
  return after - before;
}

function heapAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}
