/**
 * What a letter must pay here, and whether it did (docs/spec/postage.md §2 to §4). Asked in this
 * order: the form, which is cheap; one hash for a stamp; for a ticket its day, a look into the
 * database, and only then a signature.
 */
import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fingerprint, Ref } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import {
  checkStamp,
  isExpired,
  isOfExchange,
  stampWork,
  type Postage,
  type PostageRefusal,
  type Stamp,
  type Ticket,
} from "../letter/postage.ts";
import { Price, priceHoldsMs, priceOf } from "../letter/price.ts";
import { Sources } from "./fair.ts";
import { copyOf, type Letters } from "./letters.ts";

/** A letter waiting for the disk delays the others as so many that wait for the dock. */
const queueWeight = 4;
/** A dock that does not come any more asks for nothing, milliseconds. */
const floorMs = 60_000;
/** So many letters a second are refused at once; the next ones hear of it a second later. */
const refusalsMax = 200;
const pauseMs = 1000;
/** Work above this takes no letter further ahead. */
const worthMax = 40;

/** A letter as it came, before it is stored. */
export type Posted = {
  readonly ref: Ref;
  readonly binary: Uint8Array;
  readonly postage: Postage | undefined;
  readonly source: string;
  readonly at: Time;
};

/** What counts as paid: `worth` is its place among the letters that wait. */
export type Paid = { readonly worth: number; readonly postage: Postage | undefined };

/** What a letter of this source costs now. */
export type Announced = { readonly bits: number; readonly until: Time | undefined };

export class Toll {
  readonly #exchange: Fingerprint;
  readonly #letters: Letters;
  readonly #logKey: KeyObject;
  readonly #queued: () => number;
  readonly #price = new Price();
  readonly #sources = new Sources();
  #floor = { bits: 0, until: 0 };
  #refusals = { second: 0, count: 0 };

  constructor(
    parts: {
      readonly exchange: Fingerprint;
      /** The exchange's raw log key, which signs tickets. */
      readonly logKey: Uint8Array;
      readonly letters: Letters;
    },
    queued: () => number,
  ) {
    this.#exchange = parts.exchange;
    this.#letters = parts.letters;
    this.#queued = queued;
    const x = Buffer.from(parts.logKey).toString("base64url");
    this.#logKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  }

  /** The least that the dock wants letters to have paid; it says so with each of its polls. */
  setFloor(bits: number, at: Time): void {
    this.#floor = { bits, until: at + floorMs };
  }

  /** A letter of this source was stored. */
  note(source: string, at: Time): void {
    this.#sources.note(source, at);
  }

  /**
   * Waits before a refusal if very many are refused just now: a connection that floods hears one a
   * second, and the others have the time that it would have taken.
   */
  async pause(at: Time, signal: AbortSignal): Promise<void> {
    const second = Math.floor(at / pauseMs);
    if (second !== this.#refusals.second) this.#refusals = { second, count: 0 };
    this.#refusals.count += 1;
    if (this.#refusals.count <= refusalsMax) return;
    // Whoever went away meanwhile is told nothing, which costs nothing.
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }

  /** What a letter of this source costs, and until when it does not cost more. */
  announced(source: string, at: Time): Announced {
    this.#measure(at);
    const { bits } = this.#price;
    if (bits === 0) return { bits, until: undefined };
    const more = this.#sources.surcharge(source, at).announced;
    return { bits: bits + more, until: time(at + priceHoldsMs) };
  }

  /** What a letter of this ref costs: each copy of it has to be worth as much as the first. */
  asked(posted: Pick<Posted, "ref" | "source" | "at">): Announced {
    const { bits, until } = this.announced(posted.source, posted.at);
    return { bits: bits === 0 ? 0 : bits + this.#copyBits(posted.ref), until };
  }

  #copyBits(ref: Ref): number {
    return Math.ceil(Math.log2(this.#letters.copies(ref) + 1));
  }

  /** Whether the letter paid what is asked of it. */
  judge(posted: Posted): Verdict<Paid, PostageRefusal> {
    const { postage, ref, source, at } = posted;
    this.#measure(at);
    const price = this.#price.asked(at);
    if (price === 0) return accept({ worth: earlyWorth(postage, ref, at), postage: undefined });
    const copy = copyOf(posted.binary);
    // What is here already is promised already.
    if (this.#letters.held(ref, copy) !== undefined) return accept({ worth: price, postage });
    const bits = price + this.#sources.surcharge(source, at).asked + this.#copyBits(ref);
    if (postage === undefined) {
      return refuse("postage_needed", `A letter costs a stamp of ${bits} bits, or a ticket.`);
    }
    if (postage.kind === "ticket") return this.#judgeTicket(postage, { copy, at, price });
    const checked = checkStamp(postage, { ref, bits, at });
    return checked.ok ? accept({ worth: Math.min(checked.value, worthMax), postage }) : checked;
  }

  #judgeTicket(
    ticket: Ticket,
    letter: { readonly copy: Uint8Array; readonly at: Time; readonly price: number },
  ): Verdict<Paid, PostageRefusal> {
    const { copy, at, price } = letter;
    if (isExpired(ticket, at)) {
      return refuse("ticket_expired", "The ticket's day is over: take a newer one, or a stamp.");
    }
    if (this.#letters.spent.isSpent(ticket, copy)) {
      return refuse(
        "ticket_spent",
        "The ticket paid for another letter: take another, or a stamp.",
      );
    }
    const holds = (message: Uint8Array, signature: Uint8Array): boolean =>
      verify(null, message, this.#logKey, signature);
    if (!isOfExchange(ticket, this.#exchange, holds)) {
      return refuse("ticket_forged", "The exchange of this relay did not sign the ticket.");
    }
    return accept({ worth: price, postage: ticket });
  }

  #measure(at: Time): void {
    const waiting = Math.max(this.#letters.waiting, this.#queued() * queueWeight);
    const floor = at < this.#floor.until ? this.#floor.bits : 0;
    this.#price.set(Math.max(priceOf(waiting), floor), at);
  }
}

/** While letters are free, only work that costs one hash to check puts one ahead. */
function earlyWorth(postage: Postage | undefined, ref: Ref, at: Time): number {
  const stamp: Stamp | undefined = postage?.kind === "stamp" ? postage : undefined;
  if (stamp === undefined || !checkStamp(stamp, { ref, bits: 0, at }).ok) return 0;
  return Math.min(stampWork(ref, stamp), worthMax);
}
