/**
 * The island alone, in this process: a real folder, real syncs, its own threads. Sealed letters lie
 * in the airlock as a dock put them there; a round ends when all of them are journaled, decided,
 * sealed, durable in `said/` and handed out. No relay, no HTTP, nobody who reads.
 *
 *   wall        what two cores make of it
 *   processor   all threads of the process together, which others on the machine hardly move
 *
 * Beside it, the fast path on the same letters and the same answers in one thread: what of the
 * island's processor time is cryptography, and what the rest puts on top.
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openDirectory } from "../src/airlock/directory.ts";
import { laneStart, signer, verifier } from "../src/airlock/lane.ts";
import { Receiver } from "../src/airlock/receive.ts";
import { Sender } from "../src/airlock/send.ts";
import { assert, at } from "../src/codec/assert.ts";
import { concat, toBase64 } from "../src/codec/bytes.ts";
import type { Fingerprint } from "../src/codec/names.ts";
import { time, type Time } from "../src/codec/time.ts";
import { Island } from "../src/island/run.ts";
import { fastOpener, fastSealer, openingData, signingData } from "../src/island/workers/fast.ts";
import { decodeSaid } from "../src/journal/said.ts";
import { printLetter } from "../src/letter/print.ts";
import { digestCertificate, type DigestedCertificate } from "../src/seal/fast/digest.ts";
import { openSegments } from "../src/store/segments.ts";
import { plainConfiguration } from "../src/testing/floor.ts";
import {
  correspondent,
  islandNow,
  sealedBy,
  testIsland,
  type Correspondent,
  type TestIsland,
} from "../src/testing/island.ts";
import type { Stage } from "./figure.ts";
import { funds, restingOrder } from "./flow.ts";
import { processSeconds, secondsSince } from "./gauge.ts";

const bench = "seal";
const lane = "dock";
const people = 20;
/** Receipt is a little after everything was signed. */
const receiptAfterMs = 60_000;
const lettersLiveMs = 10 * 3_600_000;

type Workload = { readonly orders: number; readonly letters: number; readonly rounds: number };

const workloads: readonly Workload[] = [
  { orders: 1, letters: 1000, rounds: 5 },
  { orders: 100, letters: 160, rounds: 12 },
];

/** Seconds of one round. */
type Round = {
  readonly wall: number;
  readonly processor: number;
  /** Of the thread that decides. */
  readonly main: number;
  readonly cryptography: number;
};

export async function sealIsland(stage: Stage): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "signet-bench-island-"));
  try {
    stage.say("an island in this process; its customers register and seal their letters");
    const world = await World.open(dir);
    for (const workload of workloads) {
      let best: Round | undefined;
      for (let i = 0; i < workload.rounds && !stage.over.aborted; i += 1) {
        const round = await world.round(workload);
        best = best === undefined ? round : leastOf(best, round);
      }
      if (best !== undefined) tellRound(stage, workload, best);
    }
    await world.close();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The least disturbed of each. */
function leastOf(a: Round, b: Round): Round {
  return {
    wall: Math.min(a.wall, b.wall),
    processor: Math.min(a.processor, b.processor),
    main: Math.min(a.main, b.main),
    cryptography: Math.min(a.cryptography, b.cryptography),
  };
}

function tellRound(stage: Stage, { orders, letters }: Workload, round: Round): void {
  const name = orders === 1 ? "one order a letter" : `${orders} orders a letter`;
  const { wall, processor, main, cryptography } = round;
  const tell = (what: string, value: number, unit: string): void =>
    stage.tell({ bench, figure: `island, ${name}: ${what}`, value, unit });
  tell("sealed in to durable and sealed out", letters / wall, "letters/s");
  if (orders > 1) tell("the same", (letters * orders) / wall, "orders/s");
  const perLetter = 1e6 / letters;
  stage.tell({
    bench,
    figure: `island, ${name}: processor time`,
    value: processor * perLetter,
    unit: "µs/letter",
    against: "cryptography alone (must with one order: 1.3)",
    ratio: processor / cryptography,
  });
  tell("of it the thread that decides", main * perLetter, "µs/letter");
  tell("cryptography alone, one thread", cryptography * perLetter, "µs/letter");
  tell("share of cryptography", cryptography / processor, "of 1");
}

/** The island, the dock's ends of its lanes, and the customers. */
class World {
  readonly #dir: string;
  readonly #made: TestIsland;
  readonly #island: Island;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #customers: readonly Correspondent[];
  readonly #digests: ReadonlyMap<Fingerprint, DigestedCertificate>;
  readonly #spool: Uint8Array[];
  readonly #seqs = new Map<Fingerprint, number>();
  #orders = 0;

  private constructor(parts: {
    readonly dir: string;
    readonly made: TestIsland;
    readonly island: Island;
    readonly ends: DockEnds;
    readonly customers: readonly Correspondent[];
    readonly digests: ReadonlyMap<Fingerprint, DigestedCertificate>;
  }) {
    this.#dir = parts.dir;
    this.#made = parts.made;
    this.#island = parts.island;
    this.#sender = parts.ends.sender;
    this.#receiver = parts.ends.receiver;
    this.#spool = parts.ends.spool;
    this.#customers = parts.customers;
    this.#digests = parts.digests;
  }

  static async open(dir: string): Promise<World> {
    const numbers = Array.from({ length: people + 1 }, (_, i) => i + 1);
    const customers = await Promise.all(numbers.map(correspondent));
    const operator = at(customers, people).fingerprint;
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
    const found = await testIsland(dir);
    const lanes = [{ name: lane, dockKey: new Uint8Array(raw) }];
    const configuration = plainConfiguration.replaceAll(/^operator .*\n/gm, "");
    const settings = {
      ...found.settings,
      lanes,
      configuration: `${configuration}operator ${operator}\n`,
    };
    const made = { ...found, settings };
    writeFileSync(join(dir, "certificate.asc"), found.certificate.key.armor());
    const airlock = join(dir, "airlock");
    for (const folder of ["in", "out"]) mkdirSync(join(airlock, folder), { recursive: true });
    const note = (sentence: string): void => console.error(sentence);
    const island = await Island.start({ settings, airlock, now, note });
    const ends = dockEnds(made, airlock, privateKey);
    const digests = new Map<Fingerprint, DigestedCertificate>();
    for (const { fingerprint, certificate } of customers) {
      digests.set(fingerprint, await digestCertificate(certificate));
    }
    const world = new World({ dir, made, island, ends, customers, digests });
    await world.#fund();
    return world;
  }

  /** Everybody registers and is given money by the operator. */
  async #fund(): Promise<void> {
    const register = ({ certificate }: Correspondent): string =>
      `REGISTER|${toBase64(certificate.binary)}`;
    const asks = Object.entries(funds).map(([asset, units]) => `DEPOSIT|${asset}|${units}`);
    const customers = this.#customers.slice(0, people);
    const operator = at(this.#customers, people);
    await this.#do([await this.#write(operator, [register(operator)])]);
    const credits: string[] = [];
    for (const customer of customers) {
      await this.#do([await this.#write(customer, [register(customer), ...asks])]);
      for (const [asset, units] of Object.entries(funds)) {
        const number = credits.length + 1;
        credits.push(`CREDIT|${number}|${customer.fingerprint}|${asset}|${units}|slip`);
      }
    }
    await this.#do([await this.#write(operator, credits)]);
    // Digested by now, so that nobody is served slowly any more.
    for (const text of ["STAT", "STAT"]) {
      await this.#do(await Promise.all(customers.map((each) => this.#write(each, [text]))));
    }
  }

  /** One round: letters are put into the airlock, and the island works until all are answered. */
  async round({ orders, letters }: Workload): Promise<Round> {
    const customers = this.#customers.slice(0, people);
    const written: Uint8Array[] = [];
    for (let i = 0; i < letters; i += 1) {
      const commands = Array.from({ length: orders }, () => restingOrder((this.#orders += 1)));
      written.push(await this.#write(at(customers, i % people), commands));
    }
    const before = await this.#saidLast();
    const spent = await this.#do(written);
    const cryptography = await this.#cryptography(written, before);
    await this.#do(await Promise.all(customers.map((each) => this.#write(each, ["CANCELALL"]))));
    return { ...spent, cryptography };
  }

  async close(): Promise<void> {
    await this.#island.close();
  }

  async #write(by: Correspondent, commands: readonly string[]): Promise<Uint8Array> {
    const { exchange } = this.#made.settings;
    const seq = (this.#seqs.get(by.fingerprint) ?? 0) + 1;
    this.#seqs.set(by.fingerprint, seq);
    const live = time(islandNow + lettersLiveMs);
    return sealedBy(by, this.#made, printLetter({ exchange, seq, by: live, commands }));
  }

  async #do(letters: readonly Uint8Array[]): Promise<Omit<Round, "cryptography">> {
    for (const letter of letters) this.#spool.push(concat([Uint8Array.of(1), letter]));
    this.#sender.kick();
    const processor = processSeconds();
    const main = process.threadCpuUsage();
    const started = performance.now();
    for (let left = letters.length; left > 0;) left -= await this.#island.step();
    const spent = process.threadCpuUsage(main);
    const seconds = {
      wall: secondsSince(started),
      processor: processSeconds() - processor,
      main: (spent.user + spent.system) / 1e6,
    };
    this.#receive();
    return seconds;
  }

  /** What was handed out goes, as the dock would take it. */
  #receive(): void {
    for (;;) {
      const { payloads, position } = this.#receiver.poll();
      if (payloads.length === 0) break;
      this.#receiver.acknowledge(position);
    }
    this.#island.handOut();
    this.#sender.kick();
  }

  async #saidLast(): Promise<number> {
    const said = await openSegments(join(this.#dir, "said"), { readOnly: true });
    const { last } = said;
    await said.close();
    return last;
  }

  /** Processor seconds of opening these letters and sealing what was answered since. */
  async #cryptography(letters: readonly Uint8Array[], before: number): Promise<number> {
    const answers: { readonly to: DigestedCertificate; readonly text: string }[] = [];
    const said = await openSegments(join(this.#dir, "said"), { readOnly: true });
    for (const { bytes } of said.read(before + 1)) {
      const record = decodeSaid(bytes);
      assert(record.ok, "the store returns what was written");
      for (const { to, text } of record.value.archive) {
        const digest = this.#digests.get(to);
        assert(digest !== undefined, "only customers are answered");
        answers.push({ to: digest, text });
      }
    }
    await said.close();
    assert(answers.length === letters.length, "every letter has one answer");
    const { operating } = this.#made.settings;
    const byKeyId = new Map(
      [...this.#digests.values()].flatMap((digest) => digest.keyIds.map((id) => [id, { digest }])),
    );
    const open = fastOpener(openingData(operating), (keyId) => byKeyId.get(keyId));
    const seal = fastSealer(signingData(operating));
    const started = processSeconds();
    for (const letter of letters) {
      assert(open(letter, now()).kind === "opened", "the letter opens again");
    }
    for (const { to, text } of answers) seal(text, to, now());
    return processSeconds() - started;
  }
}

/** The clock: some time after all keys were made. */
function now(): Time {
  return time(islandNow + receiptAfterMs + Math.floor(performance.now()));
}

type DockEnds = {
  readonly spool: Uint8Array[];
  readonly sender: Sender;
  readonly receiver: Receiver;
};

/** What a dock has of a lane: letters go in from the spool, publications come out. */
function dockEnds({ settings }: TestIsland, airlock: string, key: KeyObject): DockEnds {
  const spool: Uint8Array[] = [];
  const [inside, out] = [openDirectory(join(airlock, "in")), openDirectory(join(airlock, "out"))];
  const onFork = (detail: string): void => assert(false, detail);
  const both = { epoch: 1, clock: now, sign: signer(key), onFork };
  // The test island has one key for its log and its lanes.
  const verify = verifier(settings.log.publicKey);
  const sender = new Sender({
    ...both,
    lane,
    read: (from, max) => spool.slice(from - 1, from - 1 + max),
    bundles: inside,
    acks: out,
    load: () => undefined,
    save: () => Promise.resolve(),
    verify,
  });
  const from = laneStart;
  const receiver = new Receiver({
    ...both,
    lane: `${lane}-out`,
    from,
    bundles: out,
    acks: inside,
    verify,
  });
  return { spool, sender, receiver };
}
