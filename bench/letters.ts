/**
 * Letters a second, end to end: sealed letters over HTTP to a relay, dock, airlock, island (open,
 * journal, decide, seal), back, and the sealed answer in the client's hand. Real processes, real
 * syncs, client included, all on this machine. Letters are sealed beforehand and 128 are on their
 * way at once.
 *
 *   resting   one order a letter, none trades: one letter opened, one answer sealed
 *   trading   one order a letter, every second one trades: one opened, one and a half sealed,
 *             because the owner of the resting order is told by mail
 *   hundred   a hundred orders a letter, none trades
 *
 * Peers, on the same letters in the same run: the cryptography alone, in one process with the
 * island's own functions and as many at once as the island has (the ceiling of this OpenPGP path);
 * and `gpg -d`, `gpg -se`, a process each, for each letter, which is what the original did.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { assert, at } from "../src/codec/assert.ts";
import { time } from "../src/codec/time.ts";
import { readSettings, type Settings } from "../src/island/settings.ts";
import { registrationIn } from "../src/letter/parse.ts";
import { readRegisteredCertificate, type Certificate } from "../src/seal/certificate.ts";
import { openLetter } from "../src/seal/open.ts";
import { sealReport } from "../src/seal/seal.ts";
import type { TestCustomer } from "../src/testing/customer.ts";
import { TestExchange } from "../src/testing/exchange.ts";
import { GpgCustomer, gpgBytes } from "../src/testing/gpg.ts";
import { readyCustomers } from "../src/testing/ready.ts";
import { Client, postAll } from "./client.ts";
import type { Stage } from "./figure.ts";
import {
  funds,
  readAnswer,
  restingOrder,
  tradingOrder,
  writeLetters,
  type FlowLetter,
} from "./flow.ts";
import { processorSeconds, secondsSince } from "./gauge.ts";

const bench = "letters";
const atOnce = 128;
const warmLetters = 600;
const oneOrderLetters = 2000;
const hundredLetters = 200;
const ordersInHundred = 100;
/** What the island opens or seals at once. */
const cryptographyAtOnce = 16;
const gpgLetters = 50;
/** One answer in so many is opened and read: of each customer, and of both sides. */
const readEvery = { one: 31, hundred: 3 } as const;

type Workload = {
  readonly name: string;
  readonly count: number;
  readonly orders: number;
  /** Sealed texts for each letter. */
  readonly seals: number;
  readonly commands: (i: number) => readonly string[];
};

const workloads: readonly Workload[] = [
  {
    name: "resting",
    count: oneOrderLetters,
    orders: 1,
    seals: 1,
    commands: (i) => [restingOrder(i)],
  },
  {
    name: "trading",
    count: oneOrderLetters,
    orders: 1,
    seals: 1.5,
    commands: (i) => [tradingOrder(i)],
  },
  {
    name: "hundred",
    count: hundredLetters,
    orders: ordersInHundred,
    seals: 1,
    commands: (i) =>
      Array.from({ length: ordersInHundred }, (_, k) => restingOrder(i * ordersInHundred + k)),
  },
];

/** A letter with its answer, sealed and as text. */
type Exchanged = { readonly letter: FlowLetter; readonly text: string };

export async function letters(stage: Stage): Promise<void> {
  const exchange = await TestExchange.create();
  try {
    await exchange.start();
    stage.say("an exchange runs; eight customers register and seal their letters");
    const customers = await readyCustomers(exchange, 8, funds);
    const client = new Client(exchange.url, atOnce);
    await postAll(
      client,
      await writeLetters(customers, warmLetters, (i) => [tradingOrder(i)]),
      atOnce,
    );
    const settings = await readSettings(join(exchange.dir, "island"));
    for (const workload of workloads) {
      if (stage.over.aborted) break;
      const written = await writeLetters(customers, workload.count, workload.commands);
      stage.say(`${workload.name}: ${written.length} letters are sealed`);
      const { rate, exchanged } = await exchangeAll(exchange, client, { workload, written, stage });
      const alone = await cryptographyAlone(exchanged, customers, settings, workload.seals);
      tellRate(workload, rate, stage, { against: "its cryptography alone", peer: alone });
      if (workload.orders > 1) continue;
      const gpg = gpgAlone(exchanged.slice(0, gpgLetters), exchange.dir);
      tellRate(workload, rate, stage, { against: "gpg -d and gpg -se", peer: gpg });
    }
    client.close();
  } finally {
    await exchange.remove();
  }
}

type Run = {
  readonly workload: Workload;
  readonly written: readonly FlowLetter[];
  readonly stage: Stage;
};

/** Posts everything, counts the answers, opens some of them; the rate is in letters a second. */
async function exchangeAll(
  exchange: TestExchange,
  client: Client,
  { workload, written, stage }: Run,
): Promise<{ readonly rate: number; readonly exchanged: readonly Exchanged[] }> {
  const pids = [exchange.islandPid, exchange.pid, process.pid];
  const before = pids.map(processorSeconds);
  const started = performance.now();
  const answers = await postAll(client, written, atOnce);
  const seconds = secondsSince(started);
  const used = pids.map((pid, i) => processorSeconds(pid) - (before[i] ?? 0));
  assert(answers.length === written.length, "every letter was answered");
  ["the island", "relay and dock", "the client"].forEach((who, i) => {
    const value = (1000 * (used[i] ?? 0)) / written.length;
    const figure = `${workload.name}: processor time of ${who}`;
    stage.tell({ bench, figure, value, unit: "ms/letter" });
  });
  const every = workload.orders === 1 ? readEvery.one : readEvery.hundred;
  const exchanged: Exchanged[] = [];
  for (let i = 0; i < written.length; i += every) {
    const letter = at(written, i);
    exchanged.push({ letter, text: await readAnswer(letter, at(answers, i)) });
  }
  stage.say(`${answers.length} answers came, ${exchanged.length} were opened and read`);
  return { rate: written.length / seconds, exchanged };
}

function tellRate(
  { name, orders }: Workload,
  rate: number,
  { tell }: Stage,
  { against, peer }: { readonly against: string; readonly peer: number },
): void {
  const ratio = rate / peer;
  tell({ bench, figure: `${name}: ${against}`, value: peer, unit: "letters/s" });
  tell({ bench, figure: `${name}: end to end`, value: rate, unit: "letters/s", against, ratio });
  if (orders === 1) return;
  tell({ bench, figure: `${name}: end to end`, value: rate * orders, unit: "orders/s" });
}

/** How many letters a second could be opened and answered if there were nothing but OpenPGP. */
async function cryptographyAlone(
  exchanged: readonly Exchanged[],
  customers: readonly TestCustomer[],
  { operating: keys }: Settings,
  seals: number,
): Promise<number> {
  const certificates = await Promise.all(
    customers.map(({ key }) => readRegisteredCertificate(key.key.toPublic().write())),
  );
  const byKeyId = new Map(
    certificates.flatMap((certificate) => certificate.keyIds.map((id) => [id, certificate])),
  );
  const certificateOf = (id: string): Certificate | undefined => byKeyId.get(id);
  const seal = async (one: Exchanged): Promise<void> => {
    const to = certificates.find(
      ({ fingerprint }) => fingerprint === one.letter.by.key.fingerprint,
    );
    assert(to !== undefined, "the letter is by one of the customers");
    await sealReport(one.text, { keys, to, at: time(Date.now()) });
  };
  const open = async ({ letter }: Exchanged): Promise<void> => {
    const opened = await openLetter(letter.sealed, {
      keys,
      at: time(Date.now()),
      certificateOf,
      registrationIn,
    });
    assert(opened.kind === "opened", "the letter opens again");
  };
  const whole = exchanged.slice(0, exchanged.length - (exchanged.length % cryptographyAtOnce));
  let seconds = 0;
  let count = 0;
  // The first rounds are not counted: the code is compiled meanwhile.
  for (let round = -3; round < 20 || seconds < 3; round += 1) {
    const started = performance.now();
    for (let i = 0; i < whole.length; i += cryptographyAtOnce) {
      const some = whole.slice(i, i + cryptographyAtOnce);
      await Promise.all(some.map(open));
      const more = some.slice(0, Math.round(some.length * (seals - 1)));
      await Promise.all([...some, ...more].map(seal));
    }
    if (round < 0) continue;
    seconds += secondsSince(started);
    count += whole.length;
  }
  return count / seconds;
}

/** How many letters a second stock GnuPG opens and answers, a process for each step. */
function gpgAlone(exchanged: readonly Exchanged[], exchangeDir: string): number {
  const gpg = GpgCustomer.create();
  try {
    gpg.import(readFileSync(join(exchangeDir, "island/keys/operating.key.asc"), "utf8"));
    const customers = new Set(exchanged.map(({ letter }) => letter.by));
    for (const { key } of customers) gpg.import(key.key.toPublic().armor());
    const signer = at(exchanged, 0).letter.by.exchange.fingerprint;
    const started = performance.now();
    for (const { letter, text } of exchanged) {
      const opened = gpg.open(letter.sealed);
      assert(opened.status.includes("GOODSIG"), "gpg opens the letter too");
      const words = ["-u", signer, "-R", letter.by.key.fingerprint, "--trust-model", "always"];
      gpgBytes(gpg.home, [...words, "-se"], text);
    }
    return exchanged.length / secondsSince(started);
  } finally {
    gpg.remove();
  }
}
