/**
 * Paying for a letter's way where a relay asks for it (docs/spec/postage.md): with a ticket of an
 * earlier report, or with work. The letter stays the same bytes; one stamp is good at every relay,
 * a ticket is shown to one relay alone, because whoever sees it could spend it elsewhere.
 *
 *   tickets.json   {"spent": {NONCE: TIME}}   until when a ticket would have been good
 *
 * A ticket is noted as spent before it is sent, so that no second letter ever has it.
 */
import type { Ref } from "../codec/names.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import {
  findStamp,
  forgetTicketAt,
  isExpired,
  parsePostage,
  parseTicket,
  printPostage,
  stampWork,
  type Ticket,
} from "../letter/postage.ts";
import { loadArchive } from "./archive.ts";
import { postLetter, type Posted } from "./client.ts";
import { keep, readJson, type Home } from "./home.ts";
import { objectOf, textOf } from "./json.ts";
import { pause } from "./pause.ts";
import { now } from "./times.ts";

/** More work than this no honest relay asks for: minutes of a whole processor. */
const bitsMax = 26;
/** A price may rise while its stamp is made, a ticket may have been stolen. */
const triesMax = 6;
/** Numbers tried in one turn, some milliseconds; then a page or Ctrl-C has its turn. */
const turnTries = 4000;
/** Between two words about the work, milliseconds. */
const tellMs = 500;
/** Reports in which tickets are looked for: those of older ones have expired or were spent. */
const reportsMax = 200;

/** What is paid, as it is done. */
export type Paying =
  | { readonly kind: "ticket" }
  /** `tried` numbers of the 2^bits that it takes on average. */
  | { readonly kind: "stamp"; readonly bits: number; readonly tried: number };

/** The unspent tickets of a home, those first that end first. */
export function ticketsIn(home: Home): readonly Ticket[] {
  const spent = spentIn(home);
  const tickets = loadArchive(home)
    .reports.slice(-reportsMax)
    .flatMap(({ report }) => report.records)
    .flatMap((record) => (record.kind === "ticket" ? (parseTicket(record.text) ?? []) : []));
  return tickets
    .filter((ticket) => !spent.has(ticket.nonce) && !isExpired(ticket, now()))
    .sort((a, b) => a.expires - b.expires);
}

function spentIn(home: Home): ReadonlyMap<string, Time> {
  const spent = Object.entries(objectOf(objectOf(readJson(home, "tickets.json"))["spent"]));
  return new Map(
    spent.flatMap(([nonce, until]) => {
      const at = parseTime(textOf(until) ?? "");
      return at === undefined || at < now() ? [] : [[nonce, at] as const];
    }),
  );
}

/** An unspent ticket, which is spent from now on. */
async function spendTicket(home: Home): Promise<string | undefined> {
  const [ticket] = ticketsIn(home);
  if (ticket === undefined) return undefined;
  const spent = [...spentIn(home), [ticket.nonce, forgetTicketAt(ticket)] as const];
  const shown = spent.map(([nonce, until]) => [nonce, printTime(until)]);
  const text = JSON.stringify({ spent: Object.fromEntries(shown) }, undefined, 2);
  keep(home, `${text}\n`, "tickets.json");
  await home.settled();
  return printPostage(ticket);
}

/** What is done, in words. */
export function payingWords(paying: Paying): string {
  if (paying.kind === "ticket") return "it is loaded, and is paid with a ticket";
  const { bits, tried } = paying;
  // Work is luck: half of all stamps take less than 0.7 of the average, one in twenty three times.
  const part = Math.round((tried * 100) / 2 ** bits);
  const done = tried === 0 ? "" : `, ${part} % of the usual work done`;
  return `it is loaded, and is paid with a stamp of ${bits} bits${done}`;
}

/** Pays for one letter at all its relays. */
export class Payer {
  readonly #ref: Ref;
  readonly #sealed: Uint8Array;
  /** Where tickets are; `undefined`: there is no account here, and everything is paid by work. */
  readonly #home: Home | undefined;
  /** The stamp with the most work so far, and the work under way: relays wait for it in turn. */
  #stamp: { readonly text: string; readonly bits: number } | undefined;
  #work: Promise<unknown> = Promise.resolve();
  #tried = 0;

  constructor(letter: { readonly ref: Ref; readonly sealed: Uint8Array }, home: Home | undefined) {
    this.#ref = letter.ref;
    this.#sealed = letter.sealed;
    this.#home = home;
  }

  /** Posts the letter, and if the relay asks for postage, again with that. */
  async post(
    url: string,
    stop: AbortSignal | undefined,
    onPaying: (paying: Paying) => void = () => undefined,
  ): Promise<Posted> {
    let postage: string | undefined;
    let isTicketTried = false;
    for (let tries = 0; ; tries += 1) {
      const posted = await postLetter(url, this.#sealed, stop, postage);
      if (posted.kind !== "refused" || posted.bits === undefined) return posted;
      if (posted.bits > bitsMax) {
        const reason = `it asks ${posted.bits} bits of work, and ${bitsMax} is the most that is done`;
        return { ...posted, reason };
      }
      if (tries >= triesMax || stop?.aborted === true) return posted;
      // One at each relay: where a ticket is refused, another would be as well.
      const ticket = isTicketTried || !this.#home ? undefined : await spendTicket(this.#home);
      isTicketTried = true;
      if (ticket !== undefined) onPaying({ kind: "ticket" });
      postage = ticket ?? (await this.#stampOf(posted.bits, stop, onPaying));
      if (postage === undefined) return posted;
    }
  }

  /** A stamp of so many bits at least; `undefined` if it is stopped before it has one. */
  async #stampOf(
    bits: number,
    stop: AbortSignal | undefined,
    onPaying: (paying: Paying) => void,
  ): Promise<string | undefined> {
    const before = this.#work;
    const work = before.then(() => this.#find(bits, stop, onPaying));
    this.#work = work;
    return work;
  }

  async #find(
    bits: number,
    stop: AbortSignal | undefined,
    onPaying: (paying: Paying) => void,
  ): Promise<string | undefined> {
    if (this.#stamp !== undefined && this.#stamp.bits >= bits) return this.#stamp.text;
    let told = Date.now();
    const from = this.#tried;
    onPaying({ kind: "stamp", bits, tried: 0 });
    for (;;) {
      if (stop?.aborted === true) return undefined;
      const found = findStamp({ ref: this.#ref, at: now(), bits }, this.#tried, turnTries);
      this.#tried += turnTries;
      if (found !== undefined) {
        this.#stamp = { text: found, bits: workOf(this.#ref, found) };
        return found;
      }
      if (Date.now() - told >= tellMs) {
        told = Date.now();
        onPaying({ kind: "stamp", bits, tried: this.#tried - from });
      }
      await pause(0, stop);
    }
  }
}

function workOf(ref: Ref, postage: string): number {
  const parsed = parsePostage(postage);
  return parsed.ok && parsed.value.kind === "stamp" ? stampWork(ref, parsed.value) : 0;
}
