/**
 * The letters that this relay took, numbered 1, 2, 3 … without a gap. Nothing is ever removed: a
 * receipt says that the dock can have number N.
 *
 * One ref may have several copies, because the session-key packets do not enter it: whoever saw a
 * letter could post a mangled copy of it first. So every copy gets a number of its own, up to a
 * limit, and no copy keeps another one from the island.
 */
import { hash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ref, type Ref } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { printPostage, type Postage } from "../letter/postage.ts";
import { bytesIn, numberIn, readFact, textIn, transaction, writeFact } from "./database.ts";
import { Spent } from "./spent.ts";

/**
 * Different copies of one ref that are taken: more than somebody between customer and relays would
 * care to post, because one who reaches the bound first keeps the true copy out.
 */
export const copiesMax = 1000;

/** A letter whose framing was checked. */
export type Offered = {
  readonly ref: Ref;
  readonly binary: Uint8Array;
  readonly at: Time;
  /** What came with it; a ticket is spent with the letter. `undefined`: it was free. */
  readonly postage?: Postage | undefined;
};

/** What the relay holds, and since when. */
export type Taken = {
  readonly kind: "taken";
  readonly ref: Ref;
  readonly number: number;
  readonly bytes: number;
  readonly at: Time;
  /** Whether these bytes came for the first time. */
  readonly fresh: boolean;
};

/** Why a letter was not stored. */
export type NotTaken = { readonly kind: "copies_too_many" | "ticket_spent" };

/** A letter on its way to the dock, and the postage that came with it, if any did. */
export type Carried = {
  readonly number: number;
  readonly letter: Uint8Array;
  readonly postage: string;
};

/** By which a relay knows a copy: SHA-256 of its bytes. */
export function copyOf(binary: Uint8Array): Uint8Array {
  return hash("sha256", binary, "buffer");
}

export class Letters {
  /** The database's own name, 32 hex digits: another database numbers other letters. */
  readonly store: string;
  /** The tickets that paid for letters here. */
  readonly spent: Spent;
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #count: StatementSync;
  readonly #insert: StatementSync;
  readonly #insertPostage: StatementSync;
  readonly #after: StatementSync;
  readonly #first: StatementSync;
  #last: number;
  #collected: number;
  /** What `collected` is on disk. */
  #collectedKept: number;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.spent = new Spent(database);
    this.#insertPostage = database.prepare("INSERT INTO postage (number, text) VALUES (?, ?)");
    this.#find = database.prepare(
      "SELECT number, ref, at, length(letter) AS bytes FROM letters WHERE copy = ?",
    );
    this.#count = database.prepare("SELECT count(*) AS copies FROM letters WHERE ref = ?");
    this.#insert = database.prepare(
      "INSERT INTO letters (number, ref, copy, at, letter) VALUES (?, ?, ?, ?, ?)",
    );
    this.#after = database.prepare(
      `SELECT letters.number, letter, text FROM letters
       LEFT JOIN postage ON postage.number = letters.number
       WHERE letters.number > ? ORDER BY letters.number LIMIT ?`,
    );
    this.#first = database.prepare(
      `SELECT number, ref, at, length(letter) AS bytes FROM letters
       WHERE ref = ? ORDER BY number LIMIT 1`,
    );
    const last = database.prepare("SELECT coalesce(max(number), 0) AS last FROM letters").get();
    this.#last = last === undefined ? 0 : numberIn(last, "last");
    this.store = readFact(database, "store") ?? "";
    this.#collected = Number(readFact(database, "collected") ?? "0");
    this.#collectedKept = this.#collected;
  }

  /** The number of the last letter. */
  get last(): number {
    return this.#last;
  }

  /** How many letters the dock has not asked past yet. */
  get waiting(): number {
    return this.#last - this.#collected;
  }

  /** Stores all of them in one transaction; when it returns, they are on disk. */
  take(offered: readonly Offered[]): readonly (Taken | NotTaken)[] {
    const before = this.#last;
    try {
      const collected = this.#collected;
      const taken = transaction(this.#database, () => {
        if (collected !== this.#collectedKept) {
          writeFact(this.#database, "collected", String(collected));
        }
        return offered.map((letter) => this.#takeOne(letter));
      });
      this.#collectedKept = collected;
      return taken;
    } catch (cause) {
      this.#last = before;
      throw new Error("couldn't store a letter", { cause });
    }
  }

  #takeOne(offered: Offered): Taken | NotTaken {
    const { ref, binary, at, postage } = offered;
    const copy = copyOf(binary);
    const known = this.held(ref, copy);
    if (known !== undefined) return known;
    if (this.copies(ref) >= copiesMax) return { kind: "copies_too_many" };
    // Two letters may come with one ticket at once: both were judged before either was stored.
    const ticket = postage?.kind === "ticket" ? postage : undefined;
    if (ticket && this.spent.isSpent(ticket, copy)) return { kind: "ticket_spent" };
    const number = this.#last + 1;
    this.#insert.run(number, ref, copy, at, binary);
    if (postage) this.#insertPostage.run(number, printPostage(postage));
    if (ticket) this.spent.spend(ticket, copy);
    this.#last = number;
    return { kind: "taken", ref, number, bytes: binary.length, at, fresh: true };
  }

  /** A copy that is here already. */
  held(ref: Ref, copy: Uint8Array): Taken | undefined {
    const row = this.#find.get(copy);
    if (row === undefined) return undefined;
    const [number, bytes] = [numberIn(row, "number"), numberIn(row, "bytes")];
    return { kind: "taken", ref, number, bytes, at: time(numberIn(row, "at")), fresh: false };
  }

  /** How many copies of a ref are here. */
  copies(ref: Ref): number {
    const row = this.#count.get(ref);
    return row === undefined ? 0 : numberIn(row, "copies");
  }

  /** Letters above `number`, oldest first: at most `countMax`, about `bytesMax`. */
  after(
    number: number,
    { countMax, bytesMax }: { readonly countMax: number; readonly bytesMax: number },
  ): readonly Carried[] {
    const letters: Carried[] = [];
    let bytes = 0;
    for (const row of this.#after.iterate(number, countMax)) {
      const letter = bytesIn(row, "letter");
      bytes += letter.length;
      if (letters.length > 0 && bytes > bytesMax) break;
      const postage = row["text"] === null ? "" : textIn(row, "text");
      letters.push({ number: numberIn(row, "number"), letter, postage });
    }
    return letters;
  }

  /**
   * The dock asked past `number`: everything up to it is in its hands. Kept with the next letter,
   * not by a sync of its own: if we die before, the dock's next question says it again.
   */
  noteCollected(number: number): void {
    if (number > this.#collected && number <= this.#last) this.#collected = number;
  }

  /** The first copy of a letter. */
  find(ref: Ref): Taken | undefined {
    const row = this.#first.get(ref);
    if (row === undefined) return undefined;
    const [number, bytes] = [numberIn(row, "number"), numberIn(row, "bytes")];
    return { kind: "taken", ref, number, bytes, at: time(numberIn(row, "at")), fresh: false };
  }

  /** Refs that begin with `prefix`, of letters, replies, notices and reads alike; at most two. */
  refsWith(prefix: string): readonly Ref[] {
    const sql = ["letters", "replies", "unopenable", "reads"]
      .map((table) => `SELECT ref FROM ${table} WHERE ref >= ?1 AND ref < ?2`)
      .join(" UNION ");
    // "g" comes after every hex digit.
    const rows = this.#database.prepare(`${sql} LIMIT 2`).all(prefix, `${prefix}g`);
    return rows.map((row) => ref(textIn(row, "ref")));
  }
}
