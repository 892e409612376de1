/**
 * A customer for tests under load: the product's own sealing in this process, letters posted over
 * HTTP. Keeps what it sent, so that a test can ask for every answer afterwards.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { toBase64 } from "../codec/bytes.ts";
import type { OrderId, Ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { orderIdOf } from "../letter/orderid.ts";
import { findStamp } from "../letter/postage.ts";
import { printLetter } from "../letter/print.ts";
import { parseReport, type Report } from "../letter/report.ts";
import { openReport, sealLetter } from "../seal/customer.ts";
import { readCertificate, type Certificate } from "../seal/certificate.ts";
import { customerKeyFromSeed, readCustomerKey, type CustomerKey } from "../seal/keys.ts";
import { readMailbox } from "../wallet/client.ts";
import { numberOf, objectOf, parseJson } from "../wallet/json.ts";

/** A letter as it was sent. */
export type SentLetter = {
  readonly text: string;
  readonly sealed: Uint8Array;
  readonly ref: Ref;
  readonly orderId: OrderId;
};

export class TestCustomer {
  readonly key: CustomerKey;
  readonly exchange: Certificate;
  readonly certificate: string;
  readonly thread: number;
  /** Letters whose answer `say` has waited for. */
  readonly sent: SentLetter[] = [];
  #seq = 0;

  private constructor(key: CustomerKey, exchange: Certificate, thread: number) {
    this.key = key;
    this.exchange = exchange;
    this.certificate = toBase64(key.key.toPublic().write());
    this.thread = thread;
  }

  /** A new customer whose key comes from a number. */
  static async create(relay: string, number: number): Promise<TestCustomer> {
    const seed = new Uint8Array(32);
    new DataView(seed.buffer).setUint32(0, number);
    const made = await customerKeyFromSeed(seed, { userId: "customer" });
    return new TestCustomer(await readCustomerKey(made.secret), await exchangeOf(relay), 0);
  }

  /** The operator of a founded exchange, writing on a thread that the command line does not use. */
  static async operator(relay: string, exchangeDir: string): Promise<TestCustomer> {
    const armored = readFileSync(join(exchangeDir, "hands/key.asc"), "utf8");
    return new TestCustomer(await readCustomerKey(armored), await exchangeOf(relay), 200);
  }

  /** Writes and seals the next letter. */
  async write(commands: readonly string[], byMs = 600_000): Promise<SentLetter> {
    this.#seq += 1;
    const text = printLetter({
      exchange: this.exchange.fingerprint,
      seq: this.#seq,
      thread: this.thread,
      by: time(Math.floor((Date.now() + byMs) / 1000) * 1000),
      commands,
    });
    const at = time(Date.now());
    const sealed = await sealLetter(text, { key: this.key, exchange: this.exchange, at });
    const envelope = readEnvelope(sealed);
    if (!envelope.ok) throw new Error(`couldn't seal a letter: ${envelope.name}`);
    const { ref } = envelope.value;
    return { text, sealed, ref, orderId: orderIdOf(this.key.fingerprint, text) };
  }

  /** Opens an answer; throws if it is not the exchange's word to this customer. */
  async open(sealed: Uint8Array): Promise<{ readonly text: string; readonly report: Report }> {
    const { key, exchange } = this;
    const opened = await openReport(sealed, { key, exchange, at: time(Date.now()) });
    if (!opened.ok) throw new Error(`couldn't open an answer: ${opened.name}`);
    const report = parseReport(opened.value);
    if (!report.ok) throw new Error(`couldn't read a report: ${report.name}, ${report.detail}`);
    return { text: opened.value, report: report.value };
  }

  /** Writes, posts, waits for the answer. */
  async say(relay: string, commands: readonly string[]): Promise<Report> {
    const letter = await this.write(commands);
    this.sent.push(letter);
    return (await this.open(await postAndWait(relay, letter))).report;
  }

  register(relay: string): Promise<Report> {
    return this.say(relay, [`REGISTER|${this.certificate}`]);
  }
}

async function exchangeOf(relay: string): Promise<Certificate> {
  const armored = await (await fetch(`${relay}/v1/exchange/certificate`)).text();
  const read = await readCertificate(armored, time(Date.now()));
  if (!read.ok) throw new Error(`couldn't read the exchange's certificate: ${read.detail}`);
  return read.value;
}

const binary = { accept: "application/octet-stream" };

/** Posts a letter, with a stamp if the relay asks for one; true if it gave a receipt. */
export async function post(relay: string, letter: SentLetter): Promise<boolean> {
  const body = new Uint8Array(letter.sealed);
  let headers: Readonly<Record<string, string>> = {};
  for (let tries = 0; tries < 4; tries += 1) {
    const response = await fetch(`${relay}/v1/letters`, { method: "POST", body, headers });
    const problem = objectOf(parseJson(await response.text()));
    if (response.status !== 402) return response.status === 202;
    const bits = numberOf(problem["bits"]) ?? 0;
    const at = time(Date.now());
    const postage = findStamp({ ref: letter.ref, at, bits }, 0, 2 ** Math.min(bits + 4, 24));
    if (postage === undefined) return false;
    headers = { postage };
  }
  return false;
}

/** Posts a letter and waits for its sealed answer. */
async function postAndWait(relay: string, letter: SentLetter): Promise<Uint8Array> {
  const body = new Uint8Array(letter.sealed);
  for (let tries = 0; tries < 4; tries += 1) {
    const url = `${relay}/v1/letters?wait=30`;
    const response = await fetch(url, { method: "POST", body, headers: binary });
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.status === 200) return bytes;
    if (response.status !== 202) throw new Error(`couldn't post: ${response.status}`);
  }
  throw new Error(`couldn't get an answer to ${letter.ref}`);
}

/** The sealed answer to a letter, if the relay has it. */
export async function fetchReply(relay: string, ref: Ref): Promise<Uint8Array | undefined> {
  const response = await fetch(`${relay}/v1/letters/${ref}/reply`, { headers: binary });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return response.status === 200 ? bytes : undefined;
}

/** All sealed entries of a mailbox address. */
export async function fetchMail(relay: string, tag: string): Promise<readonly Uint8Array[]> {
  const mail: Uint8Array[] = [];
  for (let query = ""; ;) {
    const response = await fetch(`${relay}/v1/mailboxes/${tag}${query}`);
    const page = readMailbox(parseJson(await response.text()));
    if (page === undefined) throw new Error("couldn't read a mailbox");
    mail.push(...page.entries.map(({ sealed }) => sealed));
    const last = page.entries.at(-1);
    if (!page.more || last === undefined) return mail;
    query = `?after=${last.index}`;
  }
}
