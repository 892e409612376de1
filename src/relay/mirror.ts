/**
 * The relay's copy of everything the exchange published: log, replies, mail, notices, card. It
 * moves by whole publications only, each in one transaction with its watermark (docs/spec/log.md
 * §5), or by one snapshot with the publication that signs it (§12), in one transaction too; what
 * lies before that is a gap, which is filled afterwards from its old end, and shown then.
 *
 * If we die before the commit, the watermark is the old one and the dock brings the publication
 * again; after it, the view in memory is made anew at the next start, from the last signed snapshot
 * and the leaves behind it.
 */
import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../codec/assert.ts";
import { sha256 } from "../codec/bytes.ts";
import type { Fingerprint, Ref, Tag } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { parseLeaf, type Leaf, type TradeLeaf } from "../log/leaf.ts";
import type { Publication } from "../log/publication.ts";
import { emptyFrontier, parseFrontier, printFrontier, type Frontier } from "../log/tree.ts";
import { tradesKept, type Board } from "../market/board.ts";
import type { Interval } from "../market/candle.ts";
import { PublicView } from "../market/publicview.ts";
import type { CandleAt } from "../market/shelf.ts";
import { restoreSnapshot, SnapshotPrinter, type Snapshot } from "../market/snapshot.ts";
import { bytesIn, numberIn, readFact, textIn, transaction, writeFact } from "./database.ts";
import { isOpen, readGap, writeGap, type Gap } from "./gap.ts";
import { History } from "./history.ts";
import { ReadStore } from "./readstore.ts";
import { RingMirror } from "./ringmirror.ts";
import { SnapshotStore, type Made } from "./snapshots.ts";
import { settleCard, storeTexts } from "./texts.ts";
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

/** A publication that was checked, and the tree after it. */
export type Checked = {
  readonly publication: Publication;
  readonly bytes: Uint8Array;
  readonly after: Frontier;
};

/** What was applied just now. */
export type News = {
  readonly leaves: readonly Leaf[];
  readonly lines: readonly string[];
  /** The number of the first of them. */
  readonly from: number;
  /** It came with a snapshot: everything may have changed. */
  readonly isJump: boolean;
};

/** A snapshot that is signed, and the first publication after it, which says so. */
export type Adoption = Checked & {
  readonly snapshot: Snapshot;
  readonly view: PublicView;
  /** The tree of the snapshot's leaves. */
  readonly base: Frontier;
  readonly card: string | undefined;
};

/** Leaves that are read, or put into the tree, at a time. */
const atOnce = 4096;
/** More leaves than a log has. */
const leavesMax = Number.MAX_SAFE_INTEGER;

export class Mirror {
  readonly #database: DatabaseSync;
  readonly #exchange: Fingerprint;
  readonly rings: RingMirror;
  readonly tree: TreeStore;
  readonly history: History;
  readonly reads: ReadStore;
  readonly snapshots: SnapshotStore;
  readonly #listeners: ((news: News) => void)[] = [];
  #view: PublicView;
  #printer: SnapshotPrinter;
  #frontier: Frontier;
  #watermark: number;
  #heardAt: Time | undefined;
  #gap: Gap | undefined;
  #jumps = 0;

  constructor(database: DatabaseSync, exchange: Fingerprint) {
    this.#database = database;
    this.#exchange = exchange;
    const frontier = parseFrontier(readFact(database, "frontier") ?? "0");
    assert(frontier !== undefined, "the stored frontier is one");
    this.#frontier = frontier.size === 0 ? emptyFrontier() : frontier;
    const row = database.prepare("SELECT coalesce(max(number), 0) AS n FROM publications").get();
    this.#watermark = row === undefined ? 0 : numberIn(row, "n");
    const heardAt = readFact(database, "heardAt");
    this.#heardAt = heardAt === undefined ? undefined : time(Number(heardAt));
    this.#gap = readGap(database);
    this.snapshots = new SnapshotStore(database);
    this.#view = this.#restoredView();
    this.#printer = printerOf(this.#view);
    this.rings = new RingMirror(database, () => this.#view.rings);
    const whole = this.#gap === undefined ? this.#frontier.size : this.#gap.filled.size;
    this.tree = new TreeStore(database, whole);
    this.history = new History(database, whole);
    this.reads = new ReadStore(database);
    while (this.digest());
  }

  /** The fold of every leaf, those in the gap included. */
  get view(): PublicView {
    return this.#view;
  }

  /** Its markets. */
  get board(): Board {
    return this.#view.board;
  }

  /** Another text whenever the ring venue's offers changed. */
  get offersVersion(): string {
    return `${this.#jumps} ${this.#view.rings.version}`;
  }

  /** Calls `listener` after each publication that was applied. */
  listen(listener: (news: News) => void): void {
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

  /** What of the log is not here yet, or not in the tree. */
  get gap(): Gap | undefined {
    return this.#gap;
  }

  /** Whether something that was published may be missing here. */
  get lacks(): boolean {
    return this.#gap !== undefined && isOpen(this.#gap);
  }

  /** Whether a leaf of the log is not here. */
  lacksLeaf(number: number): boolean {
    if (this.#gap === undefined) return false;
    return number >= this.#gap.filled.size && number < this.#gap.base.size;
  }

  #restoredView(): PublicView {
    const kept = this.snapshots.whole();
    const restored = kept && restoreSnapshot(this.#exchange, kept);
    const view = restored?.ok === true ? restored.value.view : new PublicView();
    const first = this.#gap?.base.size ?? 0;
    if (view.size < first) throw new Error("couldn't read the snapshot that this relay began with");
    while (view.size < this.#frontier.size) {
      const lines = this.#linesFrom(view.size, atOnce);
      assert(lines.length > 0, "the leaves up to the watermark are stored");
      for (const line of lines) view.apply(leafOf(line));
    }
    return view;
  }

  /** Applies a publication that was checked, and moves the watermark with it. */
  apply({ publication, bytes, after }: Checked, at: Time): void {
    assert(publication.number === this.#watermark + 1, "publications are applied in order");
    const leaves = publication.leaves.map(leafOf);
    const made = this.#madeOf(leaves[0]);
    const from = this.#frontier.size;
    const grown = transaction(this.#database, () => {
      this.#storeLeaves(publication, leaves, from);
      storeTexts(this.#database, publication, "newest");
      if (made !== undefined) this.snapshots.take(from, made);
      this.#storePublication({ publication, bytes, after });
      this.#storeWatermark(after, at);
      // While there is a gap, they go into tree and candles after it is filled.
      return this.#gap === undefined ? this.#store(publication.leaves, leaves, after.size) : none;
    });
    // From here on the publication is applied; what follows is memory.
    grown();
    if (made?.kind === "differs") this.#sayDifference(from, made.digest);
    this.#moveTo(publication.number, after, at);
    this.#tell(leaves, { lines: publication.leaves, from, isJump: false });
  }

  /** What our own snapshot is, if the leaf that comes is about the leaves before it. */
  #madeOf(leaf: Leaf | undefined): Made | undefined {
    if (leaf?.kind !== "snapshot" || leaf.size !== this.#frontier.size) return undefined;
    if (!this.#view.fitsSnapshot) return { kind: "passed" };
    const { digest, ...snapshot } = this.#printer.print(this.#exchange, this.#frontier);
    return digest === leaf.digest
      ? { kind: "signed", digest, snapshot }
      : { kind: "differs", digest };
  }

  #sayDifference(size: number, digest: string): void {
    console.error(
      `ALARM: the snapshot of ${size} leaves is ${digest} here, and another one in the exchange's ` +
        "log: no snapshots are served until one is the same. Starting again folds anew.",
    );
  }

  /** Goes on from a signed snapshot; everything was checked. */
  adopt({ publication, bytes, after, base, view, snapshot, card }: Adoption, at: Time): void {
    assert(publication.number > this.#watermark + 1, "a snapshot is for who is behind");
    // What lies in a gap that was filled goes into the tree first: the new gap begins behind it.
    while (this.digest());
    const leaves = publication.leaves.map(leafOf);
    const [first] = leaves;
    assert(first?.kind === "snapshot", "the publication signs the snapshot");
    const old = this.#gap ?? { publication: this.#watermark, filled: this.#frontier };
    const { publication: last, filled } = old;
    const { lastTrade } = view.board;
    const gap = { publication: last, filled, upTo: publication.number, base, lastTrade };
    transaction(this.#database, () => {
      this.#storeLeaves(publication, leaves, base.size);
      storeTexts(this.#database, publication, "newest");
      if (card !== undefined && publication.card === undefined) {
        writeFact(this.#database, "card", card);
      }
      this.snapshots.store(base.size, first.digest, snapshot);
      this.snapshots.forget(base.size);
      this.#storePublication({ publication, bytes, after });
      this.#storeWatermark(after, at);
      writeGap(this.#database, gap);
    });
    this.#gap = gap;
    this.#view = view;
    this.#printer = printerOf(view);
    this.#jumps += 1;
    this.#moveTo(publication.number, after, at);
    this.#tell(leaves, { lines: publication.leaves, from: base.size, isJump: true });
  }

  /** Takes what lies in the gap, from its old end on; everything was checked. */
  fill(checked: readonly Checked[]): void {
    const gap = this.#gap;
    assert(gap !== undefined && checked.length > 0, "there is a gap to fill");
    assert(this.tree.size === gap.filled.size, "what is here without a gap is in the tree");
    let [publication, filled] = [gap.publication, gap.filled];
    const lines: string[] = [];
    const all: Leaf[] = [];
    const next = transaction(this.#database, () => {
      for (const each of checked) {
        assert(each.publication.number === publication + 1, "a gap is filled in order");
        const leaves = each.publication.leaves.map(leafOf);
        this.#storeLeaves(each.publication, leaves, filled.size);
        storeTexts(this.#database, each.publication, "older");
        this.#storePublication(each);
        lines.push(...each.publication.leaves);
        all.push(...leaves);
        [publication, filled] = [each.publication.number, each.after];
      }
      writeGap(this.#database, { ...gap, publication, filled });
      return this.#store(lines, all, filled.size);
    });
    next();
    this.#gap = { ...gap, publication, filled };
  }

  /**
   * After the gap was filled: puts the next leaves that came meanwhile into the tree and into the
   * candles. Whether there are more.
   */
  digest(): boolean {
    // A relay that was stopped meanwhile does it at its next start.
    if (this.#gap === undefined || isOpen(this.#gap) || !this.#database.isOpen) return false;
    const from = this.tree.size;
    const lines = this.#linesFrom(from, atOnce);
    const { upTo } = this.#gap;
    const isLast = from + lines.length >= this.#frontier.size;
    const next = transaction(this.#database, () => {
      if (isLast) writeGap(this.#database, undefined);
      if (isLast) settleCard(this.#database, upTo);
      return this.#store(lines, lines.map(leafOf), from + lines.length);
    });
    next();
    if (isLast) this.#gap = undefined;
    return !isLast;
  }

  /** Into candles and tree; what it returns is called after the commit. */
  #store(lines: readonly string[], leaves: readonly Leaf[], size: number): () => void {
    this.history.store(leaves, size);
    return this.tree.store(lines);
  }

  #moveTo(watermark: number, after: Frontier, at: Time): void {
    this.#watermark = watermark;
    this.#frontier = after;
    this.#heardAt = at;
  }

  #tell(leaves: readonly Leaf[], news: Omit<News, "leaves">): void {
    for (const leaf of leaves) this.#view.apply(leaf);
    for (const listener of this.#listeners) listener({ leaves, ...news });
  }

  #storeWatermark(after: Frontier, at: Time): void {
    writeFact(this.#database, "frontier", printFrontier(after));
    writeFact(this.#database, "heardAt", String(at));
  }

  #storePublication({ publication, bytes, after }: Checked): void {
    this.#database
      .prepare("INSERT OR IGNORE INTO publications VALUES (?, ?, ?, ?)")
      .run(publication.number, sha256(bytes), after.size, publication.checkpoint);
  }

  /** The leaves, and what goes by their numbers. Whatever is there already is the same. */
  #storeLeaves(publication: Publication, leaves: readonly Leaf[], first: number): void {
    const leafRow = this.#database.prepare("INSERT OR IGNORE INTO leaves VALUES (?, ?)");
    const trade = this.#database.prepare("INSERT OR IGNORE INTO trades VALUES (?, ?, ?)");
    const submissions = new Map<number, number>();
    for (const [offset, leaf] of leaves.entries()) {
      const number = first + offset;
      leafRow.run(number, publication.leaves[offset] ?? "");
      if (leaf.kind === "trade") trade.run(leaf.number, leaf.market, number);
      if (leaf.kind === "submission") submissions.set(leaf.number, number);
    }
    this.reads.store(leaves, publication.reads ?? [], first);
    if (submissions.size > 0) {
      this.rings.storeSubmissions(publication.submissions ?? [], submissions);
    }
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

  /** Lines of the log from leaf `from` on, as far as they follow one another here. */
  leaves(from: number, countMax: number): readonly string[] {
    const end =
      this.#gap !== undefined && from < this.#gap.base.size ? this.#gap.filled.size : from;
    return this.#linesFrom(from, end > from ? Math.min(countMax, end - from) : countMax);
  }

  #linesFrom(from: number, countMax: number): readonly string[] {
    const sql = "SELECT line FROM leaves WHERE number >= ? ORDER BY number LIMIT ?";
    return this.#database
      .prepare(sql)
      .all(from, countMax)
      .map((row) => textIn(row, "line"));
  }

  /**
   * Trades in ascending order: those above `after`, or without it the last ones. Each is of the
   * market as it is called now.
   */
  trades(query: {
    readonly market: string | undefined;
    readonly after: number | undefined;
    readonly countMax: number;
  }): readonly TradeLeaf[] {
    const { market, after, countMax } = query;
    const order = after === undefined ? "DESC" : "ASC";
    const { securities } = this.board;
    const names = market === undefined ? [] : securities.names(market);
    const its = names.map(() => "t.market = ? AND t.leaf >= ? AND t.leaf < ?").join(" OR ");
    const sql = `SELECT t.leaf, l.line FROM trades t JOIN leaves l ON l.number = t.leaf
      WHERE t.number > ? ${its === "" ? "" : `AND (${its})`} ORDER BY t.number ${order} LIMIT ?`;
    const spans = names.flatMap(({ name, from, upTo }) => [name, from, Math.min(upTo, leavesMax)]);
    const rows = this.#database.prepare(sql).all(after ?? 0, ...spans, countMax);
    const found = new Map<number, TradeLeaf>();
    for (const row of rows) {
      const leaf = leafOf(textIn(row, "line"));
      if (leaf.kind !== "trade") continue;
      const now = securities.marketNow(leaf.market, numberIn(row, "leaf"));
      found.set(leaf.number, { ...leaf, market: now });
    }
    // Those that came with the snapshot are nowhere else.
    for (const leaf of this.#gap === undefined ? [] : this.#tradesKept(market)) {
      if (leaf.number > (after ?? 0)) found.set(leaf.number, leaf);
    }
    const trades = [...found.values()].sort((a, b) => a.number - b.number);
    return order === "DESC" ? trades.slice(-countMax) : trades.slice(0, countMax);
  }

  #tradesKept(market: string | undefined): readonly TradeLeaf[] {
    const names = market === undefined ? this.board.names : [market];
    return names.flatMap((name) => this.board.view(name, 0)?.trades ?? []);
  }

  /** Whether trades above `after` may be missing here. */
  lacksTrades(market: string | undefined, after: number): boolean {
    const gap = this.#gap;
    if (gap === undefined || !isOpen(gap) || after >= gap.lastTrade) return false;
    const names = market === undefined ? this.board.names : [market];
    return names.some((name) => {
      const kept = this.board.view(name, 0)?.trades ?? [];
      return kept.length >= tradesKept && after + 1 < (kept[0]?.number ?? 0);
    });
  }

  /** Candles in ascending order: those that begin above `after`, or without it the last ones. */
  candles(query: {
    readonly market: string;
    readonly interval: Interval;
    readonly after: Time | undefined;
    readonly countMax: number;
  }): readonly CandleAt[] | undefined {
    if (this.#gap === undefined) return this.history.candles(query);
    const { market, interval, after, countMax } = query;
    const kept = this.#view.candles(market, interval);
    if (after === undefined) return kept.slice(-countMax);
    const isBefore = after < (kept[0]?.from ?? 0);
    if (isBefore && this.#view.hasOlderCandles(market, interval)) return undefined;
    return kept.filter(({ from }) => from > after).slice(0, countMax);
  }
}

const none = (): void => undefined;

function printerOf(view: PublicView): SnapshotPrinter {
  return new SnapshotPrinter(view, (text) => hash("sha256", text));
}

function leafOf(line: string): Leaf {
  const leaf = parseLeaf(line);
  assert(leaf !== undefined, "a checked publication has well-formed leaves");
  return leaf;
}
