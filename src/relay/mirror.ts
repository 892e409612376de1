/**
 * The relay's copy of everything the exchange published: log, replies, mail, notices, card. It
 * moves by whole publications only, each in one transaction with its watermark (docs/spec/log.md
 * §5).
 *
 * If we die before the commit, the watermark is the old one and the dock brings the publication
 * again; after it, the board in memory is made anew from the tables at the next start.
 */
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../codec/assert.ts";
import { sha256 } from "../codec/bytes.ts";
import { isHex64, ref, type Ref, type Tag } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { parseLeaf, type Leaf, type TradeLeaf } from "../log/leaf.ts";
import type { Publication } from "../log/publication.ts";
import { emptyFrontier, parseFrontier, printFrontier, type Frontier } from "../log/tree.ts";
import { Board, tradesKept } from "../market/board.ts";
import { bytesIn, numberIn, readFact, textIn, transaction, writeFact } from "./database.ts";
import { History } from "./history.ts";
import { ReadStore } from "./readstore.ts";
import { RingMirror } from "./ringmirror.ts";
import { TreeStore } from "./treestore.ts";

/** A publication as it was applied. */
export type Applied = {
  readonly number: number;
  /** SHA-256 of its bytes. */
  readonly digest: Uint8Array;
  readonly size: number;
  readonly checkpoint: string;
};

type MailEntry = { readonly index: number; readonly sealed: Uint8Array };

/** Entries of a mailbox address, and whether there are more above the last one. */
export type MailPage = { readonly entries: readonly MailEntry[]; readonly more: boolean };

export class Mirror {
  readonly #database: DatabaseSync;
  readonly board: Board = new Board();
  readonly rings: RingMirror;
  readonly tree: TreeStore;
  readonly history: History;
  readonly #listeners: ((leaves: readonly Leaf[]) => void)[] = [];
  readonly reads: ReadStore;
  #frontier: Frontier;
  #watermark: number;
  #heardAt: Time | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const frontier = parseFrontier(readFact(database, "frontier") ?? "0");
    assert(frontier !== undefined, "the stored frontier is one");
    this.#frontier = frontier.size === 0 ? emptyFrontier() : frontier;
    const row = database.prepare("SELECT coalesce(max(number), 0) AS n FROM publications").get();
    this.#watermark = row === undefined ? 0 : numberIn(row, "n");
    const heardAt = readFact(database, "heardAt");
    this.#heardAt = heardAt === undefined ? undefined : time(Number(heardAt));
    this.#restore();
    this.rings = new RingMirror(database);
    this.tree = new TreeStore(database, this.#frontier.size);
    this.history = new History(database, this.#frontier.size);
    this.reads = new ReadStore(database);
  }

  /** Calls `listener` with the leaves of each publication after it was applied. */
  listen(listener: (leaves: readonly Leaf[]) => void): void {
    this.#listeners.push(listener);
  }

  /** The last publication that was applied; 0: none. */
  get watermark(): number {
    return this.#watermark;
  }

  get frontier(): Frontier {
    return this.#frontier;
  }

  /** When the last publication came. */
  get heardAt(): Time | undefined {
    return this.#heardAt;
  }

  /** Makes the board from the tables: the same leaves as when they came, without those outdone. */
  #restore(): void {
    const sources = [
      "SELECT l.line FROM markets m JOIN leaves l ON l.number = m.leaf ORDER BY m.rowid",
      "SELECT l.line FROM levels v JOIN leaves l ON l.number = v.leaf",
      `SELECT l.line FROM (
         SELECT number, leaf, row_number() OVER (PARTITION BY market ORDER BY number DESC) AS place
         FROM trades
       ) t JOIN leaves l ON l.number = t.leaf WHERE place <= ${tradesKept} ORDER BY t.number`,
      "SELECT value AS line FROM facts WHERE name = 'tick'",
    ];
    for (const sql of sources) {
      for (const row of this.#database.prepare(sql).iterate()) this.board.apply(leafIn(row));
    }
  }

  /** Applies a publication that was checked, and moves the watermark with it. */
  apply(publication: Publication, bytes: Uint8Array, after: Frontier, at: Time): void {
    assert(publication.number === this.#watermark + 1, "publications are applied in order");
    const leaves = publication.leaves.map((line) => {
      const leaf = parseLeaf(line);
      assert(leaf !== undefined, "a checked publication has well-formed leaves");
      return leaf;
    });
    const grown = transaction(this.#database, () => {
      this.#storeLeaves(publication.leaves, leaves);
      this.history.store(leaves, after.size);
      this.#storeSubmissions(publication, leaves);
      this.reads.store(leaves, publication.reads ?? [], this.#frontier.size);
      this.#storeTexts(publication);
      this.#database
        .prepare("INSERT INTO publications VALUES (?, ?, ?, ?)")
        .run(publication.number, sha256(bytes), after.size, publication.checkpoint);
      writeFact(this.#database, "frontier", printFrontier(after));
      writeFact(this.#database, "heardAt", String(at));
      return this.tree.store(publication.leaves);
    });
    // From here on the publication is applied; what follows is memory.
    grown();
    this.#watermark = publication.number;
    this.#frontier = after;
    this.#heardAt = at;
    for (const leaf of leaves) {
      this.board.apply(leaf);
      this.rings.board.apply(leaf);
    }
    for (const listener of this.#listeners) listener(leaves);
  }

  #storeSubmissions({ submissions = [] }: Publication, leaves: readonly Leaf[]): void {
    if (submissions.length === 0) return;
    const numbers = leaves.flatMap((leaf, offset): readonly (readonly [number, number])[] =>
      leaf.kind === "submission" ? [[leaf.number, this.#frontier.size + offset]] : [],
    );
    this.rings.storeSubmissions(submissions, new Map(numbers));
  }

  #storeLeaves(lines: readonly string[], leaves: readonly Leaf[]): void {
    const first = this.#frontier.size;
    const leafRow = this.#database.prepare("INSERT INTO leaves VALUES (?, ?)");
    const trade = this.#database.prepare("INSERT OR IGNORE INTO trades VALUES (?, ?, ?)");
    const market = this.#database.prepare(
      "INSERT INTO markets VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET leaf = excluded.leaf",
    );
    const level = this.#database.prepare("INSERT OR REPLACE INTO levels VALUES (?, ?, ?, ?)");
    const gone = this.#database.prepare(
      "DELETE FROM levels WHERE market = ? AND side = ? AND price = ?",
    );
    for (const [offset, leaf] of leaves.entries()) {
      const number = first + offset;
      const line = lines[offset] ?? "";
      leafRow.run(number, line);
      if (leaf.kind === "trade") trade.run(leaf.number, leaf.market, number);
      else if (leaf.kind === "market") market.run(leaf.name, number);
      else if (leaf.kind === "tick") writeFact(this.#database, "tick", line);
      else if (leaf.kind === "level" && leaf.quantity === 0) {
        gone.run(leaf.market, leaf.side, leaf.price);
      } else if (leaf.kind === "level") level.run(leaf.market, leaf.side, leaf.price, number);
      else this.rings.storeLeaf(leaf, number, line);
    }
  }

  #storeTexts(publication: Publication): void {
    const reply = this.#database.prepare("INSERT OR REPLACE INTO replies VALUES (?, ?)");
    for (const { ref, sealed } of publication.replies) reply.run(ref, sealed);
    // The first text under a number stands: a later one there could only be the exchange's mistake.
    const mail = this.#database.prepare("INSERT OR IGNORE INTO mail VALUES (?, ?, ?)");
    for (const { tag, index, sealed } of publication.mail) mail.run(tag, index, sealed);
    if (publication.unopenable !== undefined) {
      const { number, unopenable } = publication;
      this.#database.prepare("INSERT INTO notices VALUES (?, ?)").run(number, unopenable);
      const listed = this.#database.prepare("INSERT OR REPLACE INTO unopenable VALUES (?, ?)");
      for (const ref of refsOf(unopenable)) listed.run(ref, number);
    }
    if (publication.card !== undefined) writeFact(this.#database, "card", publication.card);
  }

  /** The publication with this number, if it was applied. */
  applied(number: number): Applied | undefined {
    return this.#appliedWhere("number = ?", number);
  }

  /** A publication whose checkpoint is of this size. */
  appliedOfSize(size: number): Applied | undefined {
    return this.#appliedWhere("size = ? ORDER BY number LIMIT 1", size);
  }

  #appliedWhere(condition: string, value: number): Applied | undefined {
    const sql = `SELECT number, digest, size, checkpoint FROM publications WHERE ${condition}`;
    const row = this.#database.prepare(sql).get(value);
    if (row === undefined) return undefined;
    const [number, size] = [numberIn(row, "number"), numberIn(row, "size")];
    return { number, size, digest: bytesIn(row, "digest"), checkpoint: textIn(row, "checkpoint") };
  }

  /** The sealed reply to a letter. */
  reply(ref: Ref): Uint8Array | undefined {
    const row = this.#database.prepare("SELECT sealed FROM replies WHERE ref = ?").get(ref);
    return row === undefined ? undefined : bytesIn(row, "sealed");
  }

  /** The last notice above publication `after` that lists this letter as unopenable. */
  notice(ref: Ref, after: number): string | undefined {
    const sql = `SELECT n.note FROM unopenable u JOIN notices n ON n.publication = u.publication
      WHERE u.ref = ? AND u.publication > ?`;
    const row = this.#database.prepare(sql).get(ref, after);
    return row === undefined ? undefined : textIn(row, "note");
  }

  /**
   * Entries of a mailbox address above `after`: the first, and what fits into `bytesMax` with it.
   * Row by row, because nobody but the exchange bounds what an address holds.
   */
  mail(tag: Tag, after: number, bytesMax: number): MailPage {
    const entries: MailEntry[] = [];
    let bytes = 0;
    const sql = "SELECT entry, sealed FROM mail WHERE tag = ? AND entry > ? ORDER BY entry";
    for (const row of this.#database.prepare(sql).iterate(tag, after)) {
      const sealed = bytesIn(row, "sealed");
      bytes += sealed.length;
      if (entries.length > 0 && bytes > bytesMax) return { entries, more: true };
      entries.push({ index: numberIn(row, "entry"), sealed });
    }
    return { entries, more: false };
  }

  /** Card and certificate as they were published, one after the other. */
  card(): string | undefined {
    return readFact(this.#database, "card");
  }

  /** Lines of the log from leaf `from` on. */
  leaves(from: number, countMax: number): readonly string[] {
    const sql = "SELECT line FROM leaves WHERE number >= ? ORDER BY number LIMIT ?";
    return this.#database
      .prepare(sql)
      .all(from, countMax)
      .map((row) => textIn(row, "line"));
  }

  /** Trades in ascending order: those above `after`, or without it the last ones. */
  trades(query: {
    readonly market: string | undefined;
    readonly after: number | undefined;
    readonly countMax: number;
  }): readonly TradeLeaf[] {
    const { market, after, countMax } = query;
    const order = after === undefined ? "DESC" : "ASC";
    const own = market === undefined ? "" : "AND t.market = ?3";
    const sql = `SELECT l.line FROM trades t JOIN leaves l ON l.number = t.leaf
      WHERE t.number > ?1 ${own} ORDER BY t.number ${order} LIMIT ?2`;
    const values = [after ?? 0, countMax, ...(market === undefined ? [] : [market])];
    const rows = this.#database.prepare(sql).all(...values);
    const trades = rows.map(leafIn).filter((leaf) => leaf.kind === "trade");
    return order === "DESC" ? trades.toReversed() : trades;
  }
}

function leafIn(row: Parameters<typeof textIn>[0]): Leaf {
  const leaf = parseLeaf(textIn(row, "line"));
  assert(leaf !== undefined, "a stored leaf is one");
  return leaf;
}

/** The refs of a notice whose signature and form were checked. */
function refsOf(note: string): readonly Ref[] {
  return note
    .split("\n")
    .filter((line) => isHex64(line))
    .map((line) => ref(line));
}
