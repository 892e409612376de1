/**
 * The relay's copy of the ring venue: the board in memory and what it is made of on disk. Written
 * inside the transaction of the publication that says it, so that both are of one watermark.
 *
 * The newest submissions are kept with their calldata, which whoever sends them asks for; of older
 * ones the log's leaves remain.
 */
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../codec/assert.ts";
import { parseLeaf, type Leaf } from "../log/leaf.ts";
import type { PublishedSubmission } from "../log/publication.ts";
import { RingBoard, submissionsKept, type SubmissionView } from "../market/ringboard.ts";
import { bytesIn, readFact, textIn, writeFact } from "./database.ts";

/** A submission with what is sent. */
export type CarriedSubmission = { readonly view: SubmissionView; readonly calldata: Uint8Array };

export class RingMirror {
  readonly board: RingBoard = new RingBoard();
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const venue = readFact(database, "venue");
    if (venue !== undefined) this.#restore(venue);
    const sources = [
      "SELECT l.line FROM ring_tokens t JOIN leaves l ON l.number = t.leaf ORDER BY t.rowid",
      "SELECT l.line FROM ring_offers o JOIN leaves l ON l.number = o.leaf ORDER BY o.number",
      "SELECT l.line FROM ring_submissions s JOIN leaves l ON l.number = s.leaf ORDER BY s.number",
      "SELECT l.line FROM rings r JOIN leaves l ON l.number = r.leaf ORDER BY r.number",
      "SELECT l.line FROM rings r JOIN leaves l ON l.number = r.outcome ORDER BY r.number",
    ];
    for (const sql of sources) {
      for (const row of database.prepare(sql).iterate()) this.#restore(textIn(row, "line"));
    }
  }

  #restore(line: string): void {
    const leaf = parseLeaf(line);
    assert(leaf !== undefined, "a stored leaf is one");
    this.board.apply(leaf);
  }

  /** Keeps leaf `number` of the log, if it is about rings; part of the open transaction. */
  storeLeaf(leaf: Leaf, number: number, line: string): void {
    const run = (sql: string, ...values: readonly (string | number)[]): void => {
      this.#database.prepare(sql).run(...values);
    };
    switch (leaf.kind) {
      case "venue":
        return writeFact(this.#database, "venue", line);
      case "token": {
        const put = "INSERT INTO ring_tokens VALUES (?, ?)";
        return run(
          `${put} ON CONFLICT (name) DO UPDATE SET leaf = excluded.leaf`,
          leaf.name,
          number,
        );
      }
      case "offer":
        return leaf.sellAmount === 0n
          ? run("DELETE FROM ring_offers WHERE number = ?", leaf.number)
          : run("INSERT OR REPLACE INTO ring_offers VALUES (?, ?)", leaf.number, number);
      case "ring": {
        const put = "INSERT OR IGNORE INTO rings VALUES (?, ?, ?, NULL)";
        return run(put, leaf.number, leaf.submission, number);
      }
      case "settled":
      case "failed":
        return run("UPDATE rings SET outcome = ? WHERE number = ?", number, leaf.number);
      default:
        return;
    }
  }

  /** Keeps submissions whose leaves are `leaves` by number; part of the open transaction. */
  storeSubmissions(
    submissions: readonly PublishedSubmission[],
    leaves: ReadonlyMap<number, number>,
  ): void {
    const put = this.#database.prepare("INSERT OR IGNORE INTO ring_submissions VALUES (?, ?, ?)");
    for (const { number, calldata } of submissions) {
      const leaf = leaves.get(number);
      assert(leaf !== undefined, "a checked publication has a leaf for each submission");
      put.run(number, leaf, calldata);
    }
    const last = submissions.at(-1)?.number ?? 0;
    for (const [table, column] of [
      ["ring_submissions", "number"],
      ["rings", "submission"],
    ]) {
      const sql = `DELETE FROM ${table} WHERE ${column} <= ?`;
      this.#database.prepare(sql).run(last - submissionsKept);
    }
  }

  /** Submissions above `after`, oldest first: at most `countMax`, about `bytesMax`. */
  submissions(
    after: number,
    { countMax, bytesMax }: { readonly countMax: number; readonly bytesMax: number },
  ): readonly CarriedSubmission[] {
    const find = this.#database.prepare("SELECT calldata FROM ring_submissions WHERE number = ?");
    const found: CarriedSubmission[] = [];
    let bytes = 0;
    for (const view of this.board.submissions(after).slice(0, countMax)) {
      const row = find.get(view.submission.number);
      if (row === undefined) continue;
      const calldata = bytesIn(row, "calldata");
      bytes += calldata.length;
      if (found.length > 0 && bytes > bytesMax) break;
      found.push({ view, calldata });
    }
    return found;
  }
}
