/**
 * Postage, looked at again where the relays' letters meet (docs/spec/postage.md §5). The dock tells
 * each relay the least that letters shall have paid, by how many of its own lie here; what it is
 * handed in spite of that weighs more in that relay's room (room.ts), and in no other's. Nothing is
 * thrown away: a receipt is a promise.
 */
import { createPublicKey, verify, type KeyObject } from "node:crypto";
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { checkStamp, isExpired, isOfExchange, parsePostage } from "../letter/postage.ts";
import { Price, priceOf } from "../letter/price.ts";
import type { Good } from "./collect.ts";

/** A relay hears of a price with the next poll, and holds its own for a moment; milliseconds. */
const patienceMs = 60_000;
/** A letter that paid nothing counts as so many: a relay that asks for nothing is slow. */
const unpaidWeight = 8;
const spentMax = 100_000;

/** Tickets that came through any relay, with the ref for which they did. */
export class SpentTickets {
  readonly #spent = new Map<string, string>();

  /** Whether the ticket is spent for this ref alone. */
  spend(nonce: string, ref: string): boolean {
    const known = this.#spent.get(nonce);
    if (known !== undefined) return known === ref;
    this.#spent.set(nonce, ref);
    if (this.#spent.size > spentMax) {
      for (const oldest of this.#spent.keys()) {
        this.#spent.delete(oldest);
        break;
      }
    }
    return true;
  }
}

/** Of one relay. */
export class DockToll {
  readonly #exchange: Fingerprint;
  readonly #logKey: KeyObject;
  readonly #spent: SpentTickets;
  readonly #price = new Price(patienceMs);

  constructor(exchange: Fingerprint, logKey: Uint8Array, spent: SpentTickets) {
    const x = Buffer.from(logKey).toString("base64url");
    this.#exchange = exchange;
    this.#logKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    this.#spent = spent;
  }

  /** The price to tell the relay, of which so many letters lie here. */
  price(waiting: number, at: Time): number {
    this.#price.set(priceOf(waiting), at);
    return this.#price.bits;
  }

  /** What letters take of their relay's room. */
  weigh(letters: readonly Good[], at: Time): { readonly weight: number; readonly unpaid: number } {
    const bits = this.#price.lowest(at);
    const unpaid = letters.filter((letter) => !this.#isPaid(letter, bits, at)).length;
    const weight = letters.length + unpaid * (unpaidWeight - 1);
    return { weight, unpaid };
  }

  #isPaid({ ref, postage }: Good, bits: number, at: Time): boolean {
    const read = parsePostage(postage);
    if (!read.ok) return bits === 0;
    if (read.value.kind === "stamp") return checkStamp(read.value, { ref, bits, at }).ok;
    const ticket = read.value;
    const holds = (message: Uint8Array, signature: Uint8Array): boolean =>
      verify(null, message, this.#logKey, signature);
    // Spent last: what is forged must not count against the true one.
    if (isExpired(ticket, at) || !isOfExchange(ticket, this.#exchange, holds)) return bits === 0;
    return this.#spent.spend(ticket.nonce, ref) || bits === 0;
  }
}
