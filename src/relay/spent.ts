/**
 * Tickets that paid for a letter here, by their nonces, with the hash of the letter's bytes; kept
 * until the ticket would be refused as expired. Written in the letter's own transaction, so that
 * none is spent for a letter that was not stored.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { equalBytes } from "../codec/bytes.ts";
import type { Time } from "../codec/time.ts";
import { forgetTicketAt, type Ticket } from "../letter/postage.ts";
import { bytesIn } from "./database.ts";

export class Spent {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #forget: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare("SELECT copy FROM tickets WHERE nonce = ?");
    this.#insert = database.prepare("INSERT INTO tickets (nonce, copy, until) VALUES (?, ?, ?)");
    this.#forget = database.prepare("DELETE FROM tickets WHERE until <= ?");
  }

  /** Whether the ticket paid for other bytes. */
  isSpent({ nonce }: Ticket, copy: Uint8Array): boolean {
    const row = this.#find.get(nonce);
    return row !== undefined && !equalBytes(bytesIn(row, "copy"), copy);
  }

  /** Part of the transaction that is open. */
  spend(ticket: Ticket, copy: Uint8Array): void {
    this.#insert.run(ticket.nonce, copy, forgetTicketAt(ticket));
  }

  /** Drops what expired. */
  forget(at: Time): void {
    this.#forget.run(at);
  }
}
