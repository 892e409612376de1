/**
 * A long past for an island: a journal and `said/` as a year of customers would leave them, made by
 * the product's engine, encoders and stores. Left out is what recovery never looks into: OpenPGP.
 * Evidence, certificates and sealed bytes are random, of the size that real ones have; the log key
 * is real.
 *
 * The customers trade around a price, place orders that rest, and take them back, so that the book
 * keeps its size. Batches hold 1 to 16 letters and a lane record, as under a middling load. Nothing
 * is synced but at the end: the disk is not what is measured.
 */
import { generateKeyPairSync, hash, randomFillSync, sign } from "node:crypto";
import { join } from "node:path";

import { defaultConfiguration } from "../src/bin/defaults.ts";
import { assert, at } from "../src/codec/assert.ts";
import {
  digest,
  fingerprint,
  ref,
  type Digest,
  type Fingerprint,
  type Ref,
} from "../src/codec/names.ts";
import { time, type Time } from "../src/codec/time.ts";
import { apply } from "../src/engine/apply.ts";
import type { Document, Input, Output } from "../src/engine/input.ts";
import { stateHash } from "../src/engine/snapshot.ts";
import { newState, type State } from "../src/engine/state.ts";
import { saveSnapshot } from "../src/island/recovery.ts";
import { saveView } from "../src/island/savedview.ts";
import { encodeRecord } from "../src/journal/record.ts";
import { encodeSaid, type Archived } from "../src/journal/said.ts";
import { printLetter } from "../src/letter/print.ts";
import { logOrigin, printCheckpoint } from "../src/log/checkpoint.ts";
import { parseLeaf, printLeaf } from "../src/log/leaf.ts";
import { printNote } from "../src/log/note.ts";
import { encodePublication, type Mail, type Reply } from "../src/log/publication.ts";
import { appendLeaf, emptyFrontier, rootHash, type Frontier } from "../src/log/tree.ts";
import { PublicView } from "../src/market/publicview.ts";
import { nodeFiles } from "../src/store/files.ts";
import { openSegments, type Segments } from "../src/store/segments.ts";
import { randomFrom } from "../src/testing/seed.ts";
import type { Stage } from "./figure.ts";
import { market } from "./flow.ts";

/** What was made: the exchange's name, and the hash of the state after the last record. */
export type History = { readonly exchange: Fingerprint; readonly stateHash: Digest };

const seed = 20_261_121;
const accounts = 200;
const lettersMax = 16;
/** What everybody begins with, in units: together within the supply. */
const funds = { BTC: 1_000_000_000_000, GLD: 2_000_000 } as const;
/** As the wallet pads its letters. */
const pad = 512;
const depositsPerCredit = 40;
/** Milliseconds from one batch to the next. */
const pauseMs = 200;
const began = Date.UTC(2026, 10, 21);
/** Sizes as the product's own sealing makes them: v4 Ed25519 and Cv25519. */
const evidenceBytes = 119;
const certificateBytes = 385;
const sealedOverhead = 306;
/** Half of what the island lets pass between two snapshots. */
const behindSnapshot = 50_000;

const random = randomFrom(seed);
const pool = randomFillSync(new Uint8Array(4_194_304));

function randomBytes(length: number): Uint8Array {
  const from = random(pool.length - length);
  return pool.subarray(from, from + length);
}

function randomHex(bytes: number): string {
  return Buffer.from(randomBytes(bytes)).toString("hex");
}

type Author = { readonly name: Fingerprint; seq: number };

/** Makes `records` journal records and what was said to them below `dir`. */
export async function makeHistory(
  dir: string,
  records: number,
  { say, over }: Stage,
): Promise<History> {
  const files = {
    ...nodeFiles,
    openToWrite: async (...words: Parameters<typeof nodeFiles.openToWrite>) => ({
      ...(await nodeFiles.openToWrite(...words)),
      sync: () => Promise.resolve(),
    }),
  };
  const journal = await openSegments(join(dir, "journal"), { files });
  const said = await openSegments(join(dir, "said"), { files });
  const world = new World(journal, said);
  await world.begin();
  const snapshotAt = records - Math.min(behindSnapshot, Math.floor(records / 2));
  let isSaved = false;
  let told = 0;
  while (journal.last < records && !over.aborted) {
    await world.batch(records - journal.last);
    if (!isSaved && journal.last >= snapshotAt) {
      await saveSnapshot(dir, journal.last, world.state);
      await saveView(dir, world.exchange, { ...world.log, said: said.last });
      isSaved = true;
    }
    if (journal.last - told < records / 10) continue;
    told = journal.last;
    say(`${told} records`);
  }
  await journal.close();
  await said.close();
  return { exchange: world.exchange, stateHash: stateHash(world.state) };
}

class World {
  readonly exchange: Fingerprint = fingerprint(randomHex(20));
  readonly state: State = newState(this.exchange);
  readonly #journal: Segments;
  readonly #said: Segments;
  readonly #operator: Author = { name: fingerprint(randomHex(20)), seq: 0 };
  readonly #customers: readonly Author[];
  readonly #key = generateKeyPairSync("ed25519");
  readonly #view: PublicView = new PublicView();
  #frontier: Frontier = emptyFrontier();
  #now: number = began;
  #taken = 0;

  constructor(journal: Segments, said: Segments) {
    this.#journal = journal;
    this.#said = said;
    this.#customers = Array.from({ length: accounts }, () => {
      return { name: fingerprint(randomHex(20)), seq: 0 };
    });
  }

  /** Configuration, registrations, and money for everybody. */
  async begin(): Promise<void> {
    const text = defaultConfiguration(this.#operator.name);
    await this.#commit([{ kind: "configure", at: this.#time(), text }]);
    for (const author of [this.#operator, ...this.#customers]) {
      const certificate = Buffer.from(randomBytes(certificateBytes)).toString("base64");
      await this.#commit([this.#letter(author, [`REGISTER|${certificate}`])]);
    }
    const asks = Object.entries(funds).map(([asset, units]) => `DEPOSIT|${asset}|${units}`);
    for (const author of this.#customers) await this.#commit([this.#letter(author, asks)]);
    const credits = [...this.state.awaited.values()].map(
      ({ number, account, asset, announced }) =>
        `CREDIT|${number}|${account}|${asset}|${announced}|slip-${number}`,
    );
    for (let i = 0; i < credits.length; i += depositsPerCredit) {
      const some = credits.slice(i, i + depositsPerCredit);
      await this.#commit([this.#letter(this.#operator, some)]);
    }
    assert(this.state.awaited.size === 0, "everybody has money");
  }

  /** The log so far. */
  get log(): { readonly frontier: Frontier; readonly view: PublicView } {
    return { frontier: this.#frontier, view: this.#view };
  }

  /** One batch as the island makes it, of at most `most` records. */
  async batch(most: number): Promise<void> {
    const before = this.#now;
    this.#now += pauseMs;
    const count = Math.min(1 + random(lettersMax), most - 1);
    const inputs = Array.from({ length: count }, () => {
      const author = at(this.#customers, random(accounts));
      return this.#letter(author, [this.#command()]);
    });
    const isTick = Math.floor(before / 1000) < Math.floor(this.#now / 1000) && count > 1;
    await this.#commit(
      isTick ? [...inputs.slice(1), { kind: "tick", at: this.#time() }] : inputs,
      count > 0 || most === 1,
    );
  }

  #time(): Time {
    return time(this.#now);
  }

  #command(): string {
    const side = random(2) === 0 ? "BUY" : "SELL";
    const dice = random(100);
    if (dice < 5) return `CANCELALL|${market}`;
    const away = dice < 60 ? 5 - random(10) : -(10 + random(200));
    return `${side}|${market}|${1 + random(20)}|${side === "BUY" ? 4200 + away : 4200 - away}`;
  }

  #letter(author: Author, commands: readonly string[]): Input {
    author.seq += 1;
    const by = time(this.#now + 60_000);
    const text = printLetter({ exchange: this.exchange, seq: author.seq, by, commands, pad });
    return {
      kind: "letter",
      at: this.#time(),
      ref: ref(randomHex(32)),
      signer: author.name,
      text,
      random: randomHex(32),
      vetted: [],
    };
  }

  /** Journals, decides and says one batch: island/run.ts without its cryptography. */
  async #commit(inputs: readonly Input[], withLane: boolean = true): Promise<void> {
    const records = inputs.map((input) => {
      const evidence = randomBytes(input.kind === "letter" ? evidenceBytes : 0);
      return encodeRecord({ kind: "input", input, evidence });
    });
    this.#taken += inputs.length;
    const lane = { lane: "dock-1", epoch: 1, next: 1 + this.#taken, chain: digest(randomHex(32)) };
    if (withLane) records.push(encodeRecord({ kind: "lane", at: this.#time(), ...lane }));
    const first = this.#journal.last + 1;
    await this.#journal.append(records);
    const outputs = inputs.map((input) => apply(this.state, input));
    await this.#say(outputs, first + inputs.length - 1);
  }

  async #say(outputs: readonly Output[], upTo: number): Promise<void> {
    const leaves: string[] = [];
    const replies: Reply[] = [];
    const mail: Mail[] = [];
    const archive: Archived[] = [];
    for (const output of outputs) {
      leaves.push(...output.leaves);
      for (const document of output.documents) {
        const sealed = randomBytes(document.text.length + sealedOverhead);
        leaves.push(printLeaf({ kind: "report", digest: digest(hash("sha256", sealed)) }));
        archive.push(archivedOf(document));
        const { delivery } = document;
        if (delivery.kind === "mail") mail.push({ ...delivery, sealed });
        else replies.push({ ref: delivery.ref, sealed });
      }
    }
    if (leaves.length === 0) return;
    for (const line of leaves) {
      const leaf = parseLeaf(line);
      assert(leaf !== undefined, "what is said is a leaf");
      this.#view.apply(leaf);
      this.#frontier = appendLeaf(this.#frontier, line);
    }
    const number = this.#said.last + 1;
    const publication = { number, leaves, replies, mail, checkpoint: this.#checkpoint() };
    const bytes = encodePublication(publication);
    await this.#said.append([
      encodeSaid({ upTo, frontier: this.#frontier, publication: bytes, archive }),
    ]);
    assert(this.#frontier.size === this.state.logSize, "engine and log count the same leaves");
  }

  #checkpoint(): string {
    const name = logOrigin(this.exchange);
    const { size } = this.#frontier;
    const text = printCheckpoint({ origin: name, size, root: rootHash(this.#frontier) });
    const { publicKey, privateKey } = this.#key;
    const { x } = publicKey.export({ format: "jwk" });
    return printNote(text, {
      name,
      publicKey: new Uint8Array(Buffer.from(x ?? "", "base64url")),
      sign: (message) => new Uint8Array(sign(undefined, message, privateKey)),
    });
  }
}

function archivedOf({ to, report, text, delivery }: Document): Archived {
  const named: { orderId: Archived["orderId"]; ref: Ref | undefined } =
    delivery.kind === "reply" ? delivery : { orderId: undefined, ref: undefined };
  return { to, report, orderId: named.orderId, ref: named.ref, text };
}
