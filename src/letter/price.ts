/**
 * The price of a letter in bits of work (docs/spec/postage.md §2): nothing while few letters wait
 * for the next who takes them, then more by one bit for each growth by a factor of √2.
 *
 * What was announced holds for a moment, so that a stamp can be made and brought. It does not hold
 * far: with a stock of cheap stamps one could else fill the queue while the dear price is said but
 * not yet asked. That something was free is never a promise, and nothing is free again until it was
 * quiet for a while: else a flood that costs nothing would come in again whenever its last wave is
 * through.
 */
import type { Time } from "../codec/time.ts";

/** So many wait before anything is asked. */
const quietMax = 500;
/** The lowest price above nothing, and the highest of its own. */
const priceMin = 12;
export const priceMax = 24;
/** How long an announced price holds, milliseconds, and how far below the price of now, bits. */
export const priceHoldsMs = 10_000;
const holdsBits = 4;
/** For so long it must have been quiet before letters are free again, milliseconds. */
const quietMs = 30_000;

/** The price while so many letters wait. */
export function priceOf(waiting: number): number {
  if (waiting < quietMax) return 0;
  let bits = priceMin;
  // In squares: a bit more for each doubling of the square.
  const square = waiting * waiting;
  for (let step = quietMax * quietMax * 2; square >= step && bits < priceMax; step *= 2) bits += 1;
  return bits;
}

/** The prices that were in force lately. */
export class Price {
  readonly #holdsMs: number;
  #now = 0;
  #loadedAt = -quietMs;
  /** Lower prices of before, and until when each was in force. */
  #past: { readonly bits: number; readonly until: number }[] = [];

  constructor(holdsMs: number = priceHoldsMs) {
    this.#holdsMs = holdsMs;
  }

  /** The price in force. */
  get bits(): number {
    return this.#now;
  }

  /** From `at` on the price is `measured`, but not nothing at once. */
  set(measured: number, at: Time): void {
    if (measured > 0) this.#loadedAt = at;
    const bits = at - this.#loadedAt < quietMs ? Math.max(measured, priceMin) : measured;
    if (bits === this.#now) return;
    // Only lower ones matter, so that these are never many.
    this.#past.push({ bits: this.#now, until: at });
    this.#past = this.#past.filter((past) => past.until + this.#holdsMs > at && past.bits < bits);
    this.#now = bits;
  }

  /** The lowest price in force now or lately, nothing included. */
  lowest(at: Time): number {
    const held = this.#past.filter(({ until }) => until + this.#holdsMs > at);
    return Math.min(this.#now, ...held.map(({ bits }) => bits));
  }

  /** The price that is asked: a lower one of lately where it holds. */
  asked(at: Time): number {
    const least = Math.max(this.#now - holdsBits, Math.min(priceMin, this.#now));
    const held = this.#past.filter(({ bits, until }) => until + this.#holdsMs > at && bits > 0);
    return Math.max(least, Math.min(this.#now, ...held.map(({ bits }) => bits)));
  }
}
