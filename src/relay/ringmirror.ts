/**
 * The ring venue as a relay serves it: what is public of it in memory, and on disk the calldata of
 * the newest submissions, which whoever sends them asks for; of older ones the log's leaves remain.
 * Written inside the transaction of the publication that says it.
 */
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../codec/assert.ts";
import type { PublishedSubmission } from "../log/publication.ts";
import { submissionsKept, type RingBoard, type SubmissionView } from "../market/ringboard.ts";
import { bytesIn } from "./database.ts";

/** A submission with what is sent. */
export type CarriedSubmission = { readonly view: SubmissionView; readonly calldata: Uint8Array };

export class RingMirror {
  readonly #database: DatabaseSync;
  readonly #board: () => RingBoard;

  /** `board`: the one that is shown, which another may take the place of. */
  constructor(database: DatabaseSync, board: () => RingBoard) {
    this.#database = database;
    this.#board = board;
  }

  get board(): RingBoard {
    return this.#board();
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
    const last = Math.max(submissions.at(-1)?.number ?? 0, this.board.lastSubmission);
    const sql = "DELETE FROM ring_submissions WHERE number <= ?";
    this.#database.prepare(sql).run(last - submissionsKept);
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
