/**
 * The price of a letter in bits of work (docs/spec/postage.md §2): nothing while few letters wait
 * for the next who takes them, then more by one bit for each growth by a factor of √2. What was
 * announced holds for a while; that something was free is never a promise.
 */
import type { Time } from "../codec/time.ts";

/** So many wait before anything is asked. */
const quietMax = 500;
/** The lowest price above nothing, and the highest of its own. */
export const priceMin = 12;
export const priceMax = 24;
/** How long an announced price holds, milliseconds. */
export const priceHoldsMs = 30_000;

/** The price while so many letters wait. */
export function priceOf(waiting: number): number {
  if (waiting < quietMax) return 0;
  return Math.min(priceMin + Math.floor(2 * Math.log2(waiting / quietMax)), priceMax);
}

/** The prices that were in force lately. */
export class Price {
  readonly #holdsMs: number;
  #now = 0;
  /** Lower prices of before, and until when each was in force. */
  #past: { readonly bits: number; readonly until: number }[] = [];

  constructor(holdsMs: number = priceHoldsMs) {
    this.#holdsMs = holdsMs;
  }

  /** The price in force. */
  get bits(): number {
    return this.#now;
  }

  /** From `at` on the price is `bits`. */
  set(bits: number, at: Time): void {
    if (bits === this.#now) return;
    // Only lower ones matter, so that these are never many.
    this.#past.push({ bits: this.#now, until: at });
    this.#past = this.#past.filter((past) => past.until + this.#holdsMs > at && past.bits < bits);
    this.#now = bits;
  }

  /** The lowest price in force now or lately; `free`: whether nothing counts as a price. */
  lowest(at: Time, free: boolean): number {
    const held = this.#past.filter(
      ({ bits, until }) => until + this.#holdsMs > at && (free || bits > 0),
    );
    return Math.min(this.#now, ...held.map(({ bits }) => bits));
  }
}
