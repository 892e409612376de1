/**
 * Keeps an open wallet up to date by itself: letters are followed to their fate, mail is read,
 * public proofs are fetched for letters that were answered, relays are asked how they are, and the
 * exchange's card is looked at for news. Everything it learns is in the home when it tells; it
 * tells by `onNews`, never by itself what to draw.
 */
import type { Time } from "../../../codec/time.ts";
import type { Account } from "../../../wallet/account.ts";
import { askForNewer, isNumberTaken, otherCopyAt } from "../../../wallet/copies.ts";
import { loadExchange } from "../../../wallet/exchange.ts";
import type { Outcome, Trouble } from "../../../wallet/errors.ts";
import type { Step } from "../../../wallet/follow.ts";
import { NewestCard } from "../../../wallet/newest.ts";
import { readOutbox, type OutboxEntry } from "../../../wallet/outbox.ts";
import { pause } from "../../../wallet/pause.ts";
import { askEveryone, foundHere, keepProofs } from "../../../wallet/reads.ts";
import { askable, plainUrl } from "../../../wallet/relays.ts";
import { restoreAccount } from "../../../wallet/restore.ts";
import { sendEntry } from "../../../wallet/send.ts";
import { statementHere, synchronise } from "../../../wallet/sync.ts";
import { now } from "../../../wallet/times.ts";
import { chooseThread, keepPageSettings, pageSettings } from "./pagesettings.ts";
import { nothingMet, type LetterMet, type Met } from "./met.ts";
import { afterStep, afterWeather, relayOfStep } from "./steps.ts";
import { askWeather, judgeClock, type ClockFinding, type Weather } from "./weather.ts";

const syncMs = 2000;
const weatherMs = 5000;
const proofMs = 4000;
const cardMs = 60_000;
/** How often it is looked whether the exchange is to be asked for reports to other copies. */
const copiesLookMs = 5000;
/** Between two such questions; and while another copy is at work, which was seen not long ago. */
const copiesMs = 180_000;
const copiesBusyMs = 45_000;
const copiesBusyForMs = 900_000;
/** Of a letter that is older than this no public proof is looked for by itself. */
const proofAgeMs = 3_600_000;
const proofPatienceMs = 5000;
/** How much longer than the quickest relay others may take to tell the time. */
const strayMs = 300;
/** How long what slower relays give is looked at once a letter has its answer. */
const lingerMs = 2000;

export class Follower {
  readonly #onNews: () => void;
  readonly #isAttended: () => boolean;
  readonly #stop = new AbortController();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #following = new Set<string>();
  /** Some relay has told the time. */
  readonly #heard = Promise.withResolvers<undefined>();
  /** What each relay said last: a round of questions begins with what the one before ended with. */
  readonly #weather = new Map<string, Weather>();
  /** The newest time that the exchange has signed. */
  #signed: Time | undefined;
  /** When the exchange was last asked for reports to other copies. */
  #askedCopies: Time | undefined;
  #account: Account;
  #met: Met = {
    relays: new Map(),
    letters: new Map(),
    clockOffset: undefined,
    clockWarning: undefined,
    lastHeard: undefined,
    isSynchronising: false,
    troubles: [],
  };

  /** `isAttended`: whether somebody is at the page, or was a moment ago. */
  constructor(account: Account, onNews: () => void, isAttended: () => boolean = () => true) {
    this.#account = account;
    this.#onNews = onNews;
    this.#isAttended = isAttended;
    this.#signed = statementHere(account.home).asOf?.at;
  }

  get account(): Account {
    return this.#account;
  }

  get met(): Met {
    return this.#met;
  }

  /** Begins to ask; until then, and on a cold device for ever, nothing leaves. */
  start(): void {
    this.#every(weatherMs, () => this.#lookAtRelays());
    this.#every(syncMs, () => this.#synchronise());
    this.#every(proofMs, () => this.#fetchProofs());
    this.#every(cardMs, () => this.#lookForCard());
    this.#every(copiesLookMs, () => this.#askForNewer());
    this.followAll();
  }

  stop(): void {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /**
   * What is wrong with our clock. At first the quickest relays are waited for, not the slow; but
   * before anybody is stopped, all are asked once more.
   */
  async clock(): Promise<Trouble | undefined> {
    if (this.#met.clockOffset === undefined) {
      const asked = this.#lookAtRelays();
      await Promise.race([asked, this.#heard.promise.then(() => pause(strayMs))]);
    }
    if (this.#judge().trouble !== undefined) await this.#lookAtRelays();
    return this.#judge().trouble;
  }

  #judge(): ClockFinding {
    return judgeClock([...this.#weather.values()], this.#signed, now());
  }

  /** Follows every letter that has no fate yet and is not followed. */
  followAll(): void {
    for (const entry of readOutbox(this.#account.home)) {
      if (entry.state === "written") void this.follow(entry);
    }
  }

  /** Follows a letter to its fate, or until its deadline has passed and a little. */
  async follow(entry: OutboxEntry): Promise<void> {
    const { name } = entry;
    // What is past its deadline is asked after by synchronising.
    if (this.#following.has(name) || entry.by < now() || this.#stop.signal.aborted) return;
    this.#following.add(name);
    this.#meetLetter(name, { isFollowed: true, trouble: undefined });
    try {
      const sent = await sendEntry(this.#account, entry, {
        wait: "read",
        stop: this.#stop.signal,
        lingerMs,
        onStep: (step) => this.#meetStep(name, step),
      });
      if (this.#stop.signal.aborted) return;
      const found = sent.kind === "trouble" ? sent.trouble : undefined;
      this.#meetLetter(name, { isFollowed: false, trouble: found });
      const now = readOutbox(this.#account.home).find((one) => one.name === name);
      if (now !== undefined && isNumberTaken(now)) await this.#leaveThread();
    } finally {
      this.#following.delete(name);
      this.#onNews();
    }
  }

  /** Learns what another copy of this wallet did: its numbers and reports. */
  async learn(): Promise<Outcome<unknown>> {
    return restoreAccount(this.#account);
  }

  /** Another copy numbers its letters on our thread: it has it from now on. */
  async #leaveThread(): Promise<void> {
    await this.learn();
    const { home } = this.#account;
    keepPageSettings(home, { ...pageSettings(home), thread: chooseThread(home) });
    await home.settled();
  }

  /** Reads again which relays there are. */
  async reload(): Promise<Outcome<undefined>> {
    const exchange = await loadExchange(this.#account.home, []);
    if (!exchange.ok) return exchange;
    this.#account = { ...this.#account, exchange: exchange.value };
    this.#onNews();
    return { ok: true, value: undefined };
  }

  #every(ms: number, work: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      try {
        await work();
      } catch (cause) {
        console.error("the wallet could not ask:", cause);
      }
      if (this.#stop.signal.aborted) return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        void run();
      }, ms);
      this.#timers.add(timer);
    };
    void run();
  }

  async #lookAtRelays(): Promise<void> {
    const { home, exchange } = this.#account;
    const urls = askable(home, exchange.urls);
    for (const url of this.#weather.keys()) if (!urls.includes(url)) this.#weather.delete(url);
    await askWeather(urls, (weather) => {
      if (this.#stop.signal.aborted) return;
      this.#weather.set(weather.url, weather);
      const { offset, warning: clockWarning } = this.#judge();
      const clockOffset = offset ?? this.#met.clockOffset;
      this.#met = { ...afterWeather(this.#met, weather), clockOffset, clockWarning };
      if (clockOffset !== undefined) this.#heard.resolve(undefined);
      this.#onNews();
    });
  }

  async #synchronise(): Promise<void> {
    this.#met = { ...this.#met, isSynchronising: true };
    const { reached, fresh, troubles, statement } = await synchronise(this.#account);
    this.#signed = statement.asOf?.at;
    const lastHeard = reached ? now() : this.#met.lastHeard;
    this.#met = { ...this.#met, isSynchronising: false, lastHeard, troubles };
    if (fresh > 0 || troubles.length > 0) await this.reload();
    this.followAll();
    this.#onNews();
  }

  /** The public proof that a letter was read comes some seconds after its answer. */
  async #fetchProofs(): Promise<void> {
    const { home, exchange } = this.#account;
    for (const entry of readOutbox(home)) {
      const isYoung = now() - entry.at < proofAgeMs;
      if (entry.state !== "answered" || !isYoung || this.#stop.signal.aborted) continue;
      if (foundHere(home, exchange, entry)?.kind === "read") continue;
      await this.proofOf(entry);
    }
  }

  /** Fetches the public proof of what became of a letter, if any relay has one. */
  async proofOf(entry: OutboxEntry): Promise<void> {
    const { home, exchange } = this.#account;
    const { found } = await askEveryone(exchange, entry, proofPatienceMs);
    if (found === undefined || found.finding.kind === "open") return;
    keepProofs(home, entry.ref, found.proofs);
    this.#onNews();
  }

  /**
   * Asks for what the exchange answered to other copies of this wallet: on opening, and then as
   * long as somebody is here and no letter is under way, whose answer would tell as much.
   */
  async #askForNewer(): Promise<void> {
    const { home } = this.#account;
    const isQuiet = this.#following.size === 0 && this.#isAttended();
    const mayAsk = this.#met.clockOffset !== undefined && this.#judge().trouble === undefined;
    if (!isQuiet || !mayAsk || statementHere(home).asOf === undefined) return;
    const other = otherCopyAt(home);
    const isBusy = other !== undefined && now() - other < copiesBusyForMs;
    const wait = isBusy ? copiesBusyMs : copiesMs;
    if (this.#askedCopies !== undefined && now() - this.#askedCopies < wait) return;
    this.#askedCopies = now();
    const came = await askForNewer(this.#account);
    if (came.ok && came.value > 0) this.#onNews();
  }

  async #lookForCard(): Promise<void> {
    const newest = new NewestCard(this.#account.home, this.#account.exchange);
    const exchange = await newest.patiently();
    newest.end();
    this.#account = { ...this.#account, exchange };
  }

  #meetLetter(name: string, change: Partial<LetterMet>): void {
    const before = this.#met.letters.get(name) ?? nothingMet;
    const letters = new Map(this.#met.letters).set(name, { ...before, ...change });
    this.#met = { ...this.#met, letters };
    this.#onNews();
  }

  #meetStep(name: string, step: Step): void {
    const letters = new Map(this.#met.letters).set(
      name,
      afterStep(this.#met.letters.get(name), step),
    );
    const relays = new Map(this.#met.relays);
    const url = this.#urlOf(step.relay);
    const relay = relayOfStep(step);
    if (relay !== undefined) {
      relays.set(url, { ...relay, ms: relay.ms ?? relays.get(url)?.ms });
    }
    this.#met = { ...this.#met, letters, relays };
    this.#onNews();
  }

  /** A relay's address by the name that steps call it by: the card's, or its address. */
  #urlOf(name: string): string {
    const { relays } = this.#account.exchange.card;
    return plainUrl(relays.find((relay) => relay.name === name)?.url ?? name);
  }
}
