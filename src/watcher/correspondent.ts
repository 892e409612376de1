/**
 * Somebody who writes to the exchange all day and keeps nothing of it: letters that are only good
 * while they are new, mail that is taken in and forgotten. Its sequence number it asks the exchange
 * when it starts; how far it has read its mail, whoever uses it may keep.
 *
 * Every letter goes to every relay, the same bytes until one has its answer or its time is up.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { assert } from "../codec/assert.ts";
import type { Ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { mailboxEntries } from "../letter/limits.ts";
import { printLetter } from "../letter/print.ts";
import { mailboxOf, parseReport, type Report } from "../letter/report.ts";
import { sealLetter } from "../seal/customer.ts";
import type { Account } from "../wallet/account.ts";
import { askExchange } from "../wallet/ask.ts";
import { fetchMailbox, fetchReply } from "../wallet/client.ts";
import { learnKeys, signingKey } from "../wallet/keyring.ts";
import { Payer } from "../wallet/postage.ts";
import { exchangeToSealTo, openSealed } from "../wallet/sealed.ts";
import { now } from "../wallet/times.ts";

/** How long a letter is good for: clocks differ. */
const byMs = 300_000;
const pollMs = 200;
const againMs = 5000;
const padStep = 512;

export class Correspondent {
  readonly #account: Account;
  readonly #stop: AbortSignal;
  readonly #secret: string;
  #seq: number;
  #mail: number;

  private constructor(
    account: Account,
    stop: AbortSignal,
    at: { readonly secret: string; readonly seq: number; readonly mail: number },
  ) {
    this.#account = account;
    this.#stop = stop;
    this.#secret = at.secret;
    this.#seq = at.seq;
    this.#mail = at.mail;
  }

  /** Asks where the account stands; its mail is read from entry `mail` on. */
  static async begin(account: Account, stop: AbortSignal, mail: number): Promise<Correspondent> {
    return new Correspondent(account, stop, { ...(await standingOf(account, stop)), mail });
  }

  /** Takes the sequence number from the exchange again. */
  async resume(): Promise<void> {
    this.#seq = (await standingOf(this.#account, this.#stop)).seq;
  }

  /** The next entry of mail. */
  get next(): number {
    return this.#mail;
  }

  /** Says it; gives the answer, or `undefined` if none came while it was good. */
  async say(commands: readonly string[]): Promise<Report | undefined> {
    const { exchange } = this.#account;
    const key = signingKey(this.#account, now());
    if (!key.ok) throw new Error(`couldn't sign a letter: ${key.what}`);
    this.#seq += 1;
    const by = time(Math.ceil((now() + byMs) / 1000) * 1000);
    const head = { exchange: exchange.fingerprint, seq: this.#seq, thread: 0, by };
    const text = printLetter({ ...head, commands, pad: padStep });
    const { certificate } = await exchangeToSealTo(this.#account);
    const sealed = await sealLetter(text, { key: key.value, exchange: certificate, at: now() });
    const envelope = readEnvelope(sealed);
    assert(envelope.ok, "what we seal is a letter");
    const { ref } = envelope.value;
    const payer = new Payer({ ref, sealed }, undefined);
    let posted = 0;
    while (now() < by + againMs && !this.#stop.aborted) {
      if (now() - posted >= againMs && now() < by) {
        posted = now();
        await Promise.all(exchange.urls.map((url) => payer.post(url, this.#stop)));
      }
      const answer = await this.#answerTo(ref);
      if (answer !== undefined) return answer;
      await this.#pause();
    }
    return undefined;
  }

  async #answerTo(ref: Ref): Promise<Report | undefined> {
    for (const url of this.#account.exchange.urls) {
      const fetched = await fetchReply(url, ref, this.#stop);
      const report = fetched.kind === "reply" ? await this.#open(fetched.sealed) : undefined;
      if (report?.answers?.ref === ref) return report;
    }
    return undefined;
  }

  /** What came by mail since the last time, in order. */
  async mail(): Promise<readonly Report[]> {
    const came: Report[] = [];
    for (const url of this.#account.exchange.urls) {
      for (;;) {
        const { tag, index } = mailboxOf(this.#secret, this.#mail);
        const after = index === 0 ? undefined : index - 1;
        const page = await fetchMailbox(url, tag, after, this.#stop);
        const before = this.#mail;
        for (const entry of page?.entries ?? []) {
          if (entry.index !== this.#mail % mailboxEntries) break;
          const report = await this.#open(entry.sealed);
          if (report === undefined) break;
          came.push(report);
          this.#mail += 1;
        }
        if (this.#mail === before || page?.more !== true) break;
      }
    }
    return came;
  }

  /** What the exchange says; `undefined` for anything that it does not, or not to us. */
  async #open(sealed: Uint8Array): Promise<Report | undefined> {
    const { exchange, fingerprint } = this.#account;
    const opened = await openSealed(this.#account, sealed);
    const report = opened.ok ? parseReport(opened.value) : undefined;
    if (report?.ok !== true) return undefined;
    const isOurs =
      report.value.exchange === exchange.fingerprint && report.value.to === fingerprint;
    if (!isOurs) return undefined;
    learnKeys(this.#account.home, report.value);
    return report.value;
  }

  async #pause(): Promise<void> {
    await sleep(pollMs, undefined, { signal: this.#stop }).catch(() => undefined);
  }
}

async function standingOf(
  account: Account,
  stop: AbortSignal,
): Promise<{ readonly secret: string; readonly seq: number }> {
  const asked = await askExchange(account, ["STAT"], { stop });
  if (!asked.ok) throw new Error(`couldn't ask the exchange where it stands: ${asked.what}`);
  const { records } = asked.value;
  const mailbox = records.find((record) => record.kind === "mailbox");
  assert(mailbox !== undefined, "a statement tells the mailbox");
  const seq = records.find((record) => record.kind === "seq" && record.thread === 0);
  return { secret: mailbox.secret, seq: seq?.kind === "seq" ? seq.highest : 0 };
}
