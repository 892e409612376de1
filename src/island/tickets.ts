/**
 * Tickets for the answers to letters (docs/spec/postage.md §3). They are made here because the
 * engine has neither chance nor a key, and are journaled with the letter, so that a replay or a
 * RESEND says the same bytes and the hash of a report is over all of it.
 *
 * An account is given so many a day and no more: who has many accounts has that many letters, and
 * each account cost one. The count is in memory: a restart begins it anew.
 */
import { randomBytes } from "node:crypto";

import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { ticketsMax } from "../engine/input.ts";
import { makeTicket, ticketNonceBytes } from "../letter/postage.ts";
import type { Sign } from "../log/note.ts";

/** Tickets of one account in a day: eight letters through three relays. */
const dailyMax = 24;
const dayMs = 86_400_000;

export class Tickets {
  readonly #exchange: Fingerprint;
  readonly #sign: Sign;
  #day = -1;
  readonly #given = new Map<Fingerprint, number>();

  constructor(exchange: Fingerprint, sign: Sign) {
    this.#exchange = exchange;
    this.#sign = sign;
  }

  /** Tickets for the answer to a letter of this account, as many as it may still have today. */
  for(account: Fingerprint, at: Time): readonly string[] {
    const day = Math.floor(at / dayMs);
    if (day !== this.#day) this.#given.clear();
    this.#day = day;
    const given = this.#given.get(account) ?? 0;
    const count = Math.min(ticketsMax, dailyMax - given);
    if (count > 0) this.#given.set(account, given + count);
    return Array.from({ length: count }, () => {
      const nonce = new Uint8Array(randomBytes(ticketNonceBytes));
      return makeTicket(this.#exchange, { at, nonce }, this.#sign);
    });
  }
}
