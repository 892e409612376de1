/**
 * Paying for a letter's way where a relay asks for it (docs/spec/postage.md): with a ticket of an
 * earlier answer, or with work. The letter stays the same bytes; one stamp is good at every relay,
 * a ticket is shown to one relay alone, because whoever sees it could spend it elsewhere.
 *
 *   tickets.json   {"spent": {TICKET: {"ref": REF, "relay": URL}}}   those that have not expired
 *
 * A ticket is noted as spent before it is sent, so that no second letter ever has it; a letter has
 * one at each relay, however often it is sent. Spent are tickets of answers to letters that this
 * copy of the wallet sent: the other reports are in every copy, and two that showed the same ticket
 * would tell relays that both letters are one customer's.
 */
import type { Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import {
  checkStamp,
  findStamp,
  isExpired,
  parsePostage,
  parseTicket,
  printPostage,
  type Stamp,
  type Ticket,
} from "../letter/postage.ts";
import { loadArchive } from "./archive.ts";
import { postLetter, type Posted } from "./client.ts";
import { keep, readJson, type Home } from "./home.ts";
import { objectOf, textOf } from "./json.ts";
import { readOutbox } from "./outbox.ts";
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
/** What is not paid for so long before the letter's deadline would hardly be read in time. */
const lastMs = 2000;

/** What is paid, as it is done. */
export type Paying =
  | { readonly kind: "ticket" }
  /** `tried` numbers of the 2^bits that it takes on average. */
  | { readonly kind: "stamp"; readonly bits: number; readonly tried: number };

/**
 * The unspent tickets of a home's own, those first that end first: of the answers to letters in its
 * outbox, by the ref, which no other copy's letter has.
 */
export function ticketsIn(home: Home): readonly Ticket[] {
  const spent = new Set(spentIn(home).map(({ ticket }) => ticket.text));
  const sent = new Set<string>(readOutbox(home).map(({ ref }) => ref));
  const tickets = loadArchive(home)
    .reports.slice(-reportsMax)
    .filter(({ report }) => report.answers !== undefined && sent.has(report.answers.ref))
    .flatMap(({ report }) => report.records)
    .flatMap((record) => (record.kind === "ticket" ? (parseTicket(record.text) ?? []) : []));
  return tickets
    .filter((ticket) => !spent.has(ticket.text) && !isExpired(ticket, now()))
    .sort((a, b) => a.expires - b.expires);
}

/** A ticket that was spent: for which letter, at which relay. */
type Spent = { readonly ticket: Ticket; readonly ref: string; readonly relay: string };

function spentIn(home: Home): readonly Spent[] {
  const spent = Object.entries(objectOf(objectOf(readJson(home, "tickets.json"))["spent"]));
  return spent.flatMap(([text, shown]) => {
    const ticket = parseTicket(text);
    const fields = objectOf(shown);
    const [ref, relay] = [textOf(fields["ref"]), textOf(fields["relay"])];
    if (ticket === undefined || ref === undefined || relay === undefined) return [];
    return isExpired(ticket, now()) ? [] : [{ ticket, ref, relay }];
  });
}

/** A letter's ticket at a relay, spent from now on; the same one whenever it is asked for again. */
async function ticketFor(home: Home, ref: Ref, relay: string): Promise<string | undefined> {
  const found = await home.exclusively(async () => {
    const spent = spentIn(home);
    const before = spent.find((one) => one.ref === ref && one.relay === relay);
    const ticket = before?.ticket ?? ticketsIn(home)[0];
    if (ticket !== undefined && before === undefined) {
      const all = [...spent, { ticket, ref, relay }];
      const shown = all.map((one) => [one.ticket.text, { ref: one.ref, relay: one.relay }]);
      const text = JSON.stringify({ spent: Object.fromEntries(shown) }, undefined, 2);
      keep(home, `${text}\n`, "tickets.json");
      await home.settled();
    }
    return { ok: true, value: ticket };
  });
  // A home that somebody holds for too long gives none: there are stamps.
  return found.ok && found.value !== undefined ? printPostage(found.value) : undefined;
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

/** When paying ends, though the relay would still be asked. */
export type PayingEnds = {
  /** The letter's deadline. */
  readonly by?: Time;
  readonly stop?: AbortSignal;
};

/** Pays for one letter at all its relays. */
export class Payer {
  readonly #ref: Ref;
  readonly #sealed: Uint8Array;
  /** Where tickets are; `undefined`: there is no account here, and everything is paid by work. */
  readonly #home: Home | undefined;
  readonly #ends: PayingEnds;
  /** The stamp with the most work of all numbers that were tried: good for each lower price. */
  #stamp: Stamp | undefined;
  #tried = 0;

  constructor(
    letter: { readonly ref: Ref; readonly sealed: Uint8Array },
    home: Home | undefined,
    ends: PayingEnds = {},
  ) {
    this.#ref = letter.ref;
    this.#sealed = letter.sealed;
    this.#home = home;
    this.#ends = ends;
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
      if (tries >= triesMax || this.#isOver(stop)) return posted;
      // One at each relay: where a ticket is refused, another would be as well.
      const home = isTicketTried ? undefined : this.#home;
      const ticket = home && (await ticketFor(home, this.#ref, url));
      isTicketTried = true;
      if (ticket !== undefined) onPaying({ kind: "ticket" });
      postage = ticket ?? (await this.#stampOf(posted.bits, stop, onPaying));
      if (postage === undefined) return posted;
    }
  }

  #isOver(stop: AbortSignal | undefined): boolean {
    const { by, stop: end } = this.#ends;
    if (stop?.aborted === true || end?.aborted === true) return true;
    return by !== undefined && now() > by - lastMs;
  }

  /**
   * A stamp of so many bits at least; `undefined` if it is over before there is one. There is one
   * search for all relays, and whoever waits does a part of it: each has its stamp as soon as any
   * number is good enough for it, whatever the others ask.
   */
  async #stampOf(
    bits: number,
    stop: AbortSignal | undefined,
    onPaying: (paying: Paying) => void,
  ): Promise<string | undefined> {
    const from = this.#tried;
    let told = 0;
    for (;;) {
      if (this.#stamp !== undefined && this.#work() >= bits) return printPostage(this.#stamp);
      if (this.#isOver(stop)) return undefined;
      if (Date.now() - told >= tellMs) {
        told = Date.now();
        onPaying({ kind: "stamp", bits, tried: this.#tried - from });
      }
      this.#search();
      await pause(0, stop);
    }
  }

  /** The work in the best stamp; of a day that is too long ago it is none. */
  #work(): number {
    if (this.#stamp === undefined) return 0;
    const work = checkStamp(this.#stamp, { ref: this.#ref, bits: 0, at: now() });
    return work.ok ? work.value : 0;
  }

  /** One turn of the search: looks for better stamps than the best. */
  #search(): void {
    const end = this.#tried + turnTries;
    while (this.#tried < end) {
      const better = { ref: this.#ref, at: now(), bits: this.#work() + 1 };
      const found = parsePostage(findStamp(better, this.#tried, end - this.#tried) ?? "");
      if (found.ok && found.value.kind === "stamp") {
        this.#stamp = found.value;
        this.#tried = Number(found.value.text.split("-").at(-1)) + 1;
      } else {
        this.#tried = end;
      }
    }
  }
}
