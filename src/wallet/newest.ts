/**
 * The exchange's card as relays have it now: asked for beside whatever the command does, from all
 * relays at once, so that a customer learns of new relays, markets and assets without asking. Only
 * what claims to be newer is verified; what is verified and newer is kept, and nothing else is ever
 * changed here. Relays that are slow or gone delay nobody.
 */
import { parseTime } from "../codec/time.ts";
import { fetchExchange } from "./client.ts";
import {
  keepLooked,
  lookedAt,
  pinExchange,
  pinnedIn,
  relaysAdded,
  verifyExchange,
  type Exchange,
} from "./exchange.ts";
import type { Home } from "./home.ts";
import { pause } from "./pause.ts";
import { askable } from "./relays.ts";
import { now } from "./times.ts";

/** How long a command that is done waits for the first relay's card. */
const patienceMs = 200;
/** How much longer than the quickest relay the others may take. */
const strayMs = 500;

const dayMs = 86_400_000;

/** One look for a newer card. */
export class NewestCard {
  readonly #home: Home;
  readonly #stop = new AbortController();
  readonly #first = Promise.withResolvers<undefined>();
  readonly #all: Promise<unknown>;
  #exchange: Exchange;

  constructor(home: Home, exchange: Exchange) {
    this.#home = home;
    this.#exchange = exchange;
    this.#all = Promise.allSettled(exchange.urls.map((url) => this.#ask(url)));
    void this.#all.then(() => this.#first.resolve(undefined));
  }

  /** The newest that is known by now. */
  get exchange(): Exchange {
    return this.#exchange;
  }

  /** The newest as the quickest relay has it, if it answers within a moment. */
  async soon(): Promise<Exchange> {
    const over = new AbortController();
    await Promise.race([this.#first.promise, pause(patienceMs, over.signal)]);
    over.abort();
    return this.#exchange;
  }

  /** The newest of all relays, but for those that are much slower than the quickest. */
  async patiently(): Promise<Exchange> {
    const over = new AbortController();
    const strays = this.#first.promise.then(() => pause(strayMs, over.signal));
    await Promise.race([this.#all, strays]);
    over.abort();
    return this.#exchange;
  }

  /** Stops asking. */
  end(): void {
    this.#stop.abort();
  }

  async #ask(url: string): Promise<void> {
    const answer = await fetchExchange(url, this.#stop.signal);
    if (answer.kind === "failed") return;
    if (claimedAt(answer.card) > this.#exchange.card.at) await this.#take(answer);
    else this.#keepLooked();
    this.#first.resolve(undefined);
  }

  /** That there is nothing newer is worth a line of the home once a day. */
  #keepLooked(): void {
    const looked = lookedAt(this.#home);
    if (pinnedIn(this.#home) !== this.#exchange.fingerprint) return;
    if (looked === undefined || now() - looked > dayMs) keepLooked(this.#home);
  }

  async #take(claimed: { readonly card: string; readonly certificate: string }): Promise<void> {
    const { fingerprint } = this.#exchange;
    const relays = relaysAdded(this.#home);
    const verified = await verifyExchange({ ...claimed, relays }, fingerprint, now());
    if (!verified.ok || verified.value.card.at <= this.#exchange.card.at) return;
    pinExchange(this.#home, verified.value);
    // Relays that were named for this command alone stay for this command alone.
    const named = new Set(this.#exchange.card.relays.map((relay) => relay.url.replace(/\/+$/, "")));
    const given = this.#exchange.urls.filter((url) => !named.has(url));
    this.#exchange = {
      ...verified.value,
      urls: askable(this.#home, [...new Set([...verified.value.urls, ...given])]),
    };
  }
}

/** What a card that nobody has verified yet says of its age. */
function claimedAt(card: string): number {
  const [, text = ""] = /^at (\S+)\r?$/m.exec(card) ?? [];
  return parseTime(text) ?? 0;
}
