/**
 * What was said before, found again: an index over `said/` in memory, rebuilt at start.
 *
 *   by ref       a letter that was answered is not opened again, whoever brings it
 *   by order id  the first answer to a letter, to be sent again byte for byte
 *   by account   report number → record, for RESEND
 *
 * The engine keeps no texts and `said/` keeps them all; nothing here is state.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint, OrderId, Ref } from "../codec/names.ts";
import { decodeSaid, type DocumentName, type Said } from "../journal/said.ts";
import { decodePublication } from "../log/publication.ts";
import type { Segments } from "../store/segments.ts";

/**
 * Half a hash tells letters apart and halves the index: 128 bits cannot be made to collide. Sixteen
 * characters of their own, not a slice: a slice keeps the whole text alive.
 */
function short(id: string): string {
  return Buffer.from(id.slice(0, 32), "hex").toString("latin1");
}

export class Archive {
  readonly #said: Segments;
  readonly #refs = new Set<string>();
  readonly #answers = new Map<string, number>();
  readonly #reports = new Map<Fingerprint, number[]>();

  constructor(said: Segments) {
    this.#said = said;
  }

  /** Remembers record `number` of `said/`. Called for every record, once, in order. */
  note(number: number, archived: readonly DocumentName[]): void {
    for (const entry of archived) {
      if (entry.ref !== undefined) this.#refs.add(short(entry.ref));
      if (entry.orderId !== undefined && !this.#answers.has(short(entry.orderId))) {
        this.#answers.set(short(entry.orderId), number);
      }
      if (entry.report === undefined) continue;
      const reports = this.#reports.get(entry.to) ?? [];
      assert(
        entry.report === reports.length + 1,
        "an account's reports are archived without a gap",
      );
      reports.push(number);
      this.#reports.set(entry.to, reports);
    }
  }

  /** Whether the letter with this ref was answered. */
  knows(ref: Ref): boolean {
    return this.#refs.has(short(ref));
  }

  /** The sealed bytes of the first answer to a letter, and whom it was for. */
  firstAnswer(orderId: OrderId): { readonly sealed: Uint8Array; readonly to: Fingerprint } {
    const said = this.#record(this.#answers.get(short(orderId)));
    const entry = said.archive.find((candidate) => candidate.orderId === orderId);
    const publication = decodePublication(said.publication);
    assert(entry !== undefined && publication.ok, "the archive holds what it indexed");
    const reply = publication.value.replies.find((candidate) => candidate.ref === entry.ref);
    assert(reply !== undefined, "an answered letter has its reply in the same publication");
    return { sealed: reply.sealed, to: entry.to };
  }

  /** The text of one report. */
  report(account: Fingerprint, report: number): string {
    const said = this.#record(this.#reports.get(account)?.[report - 1]);
    const entry = said.archive.find(({ to, report: n }) => to === account && n === report);
    assert(entry !== undefined, "the archive holds what it indexed");
    return entry.text;
  }

  #record(number: number | undefined): Said {
    assert(number !== undefined, "the engine asks only for what was said");
    const said = decodeSaid(this.#said.get(number));
    assert(said.ok, "the store returns what was written");
    return said.value;
  }
}
