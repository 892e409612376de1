/**
 * The relay's one SQLite database: write-ahead log, synchronous FULL, one owner.
 *
 * A transaction that has returned is on disk: `synchronous=FULL` syncs the write-ahead log at
 * every commit. If we die inside a transaction, all of it is gone; that is the only kind of half
 * there is. The lock is exclusive: a second relay over the same folder refuses to start.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { assert } from "../codec/assert.ts";

const schema = `
CREATE TABLE IF NOT EXISTS letters (
  number INTEGER PRIMARY KEY,          -- 1, 2, 3 … without a gap: what a receipt says
  ref TEXT NOT NULL,
  copy BLOB NOT NULL UNIQUE,           -- SHA-256 of the binary letter
  at INTEGER NOT NULL,
  letter BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS letters_by_ref ON letters (ref, number);
CREATE TABLE IF NOT EXISTS postage (
  number INTEGER PRIMARY KEY,          -- of a letter that came with some
  text TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tickets (
  nonce TEXT PRIMARY KEY,              -- of a ticket that was spent here
  copy BLOB NOT NULL,                  -- the letter that it paid for, as in letters
  until INTEGER NOT NULL               -- nobody asks for it later
) STRICT;
CREATE TABLE IF NOT EXISTS publications (
  number INTEGER PRIMARY KEY,          -- 1, 2, 3 … without a gap: the last one is the watermark
  digest BLOB NOT NULL,
  size INTEGER NOT NULL,
  checkpoint TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS publications_by_size ON publications (size, number);
CREATE TABLE IF NOT EXISTS leaves (number INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tiles (
  level INTEGER NOT NULL,
  number INTEGER NOT NULL,             -- 0, 1, 2 … without a gap: only full tiles stand here
  hashes BLOB NOT NULL,
  PRIMARY KEY (level, number)
) STRICT;
CREATE TABLE IF NOT EXISTS trades (
  number INTEGER PRIMARY KEY,
  market TEXT NOT NULL,
  leaf INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS trades_by_market ON trades (market, number);
CREATE TABLE IF NOT EXISTS ring_submissions (
  number INTEGER PRIMARY KEY,          -- the newest only; older ones are told by their leaves alone
  leaf INTEGER NOT NULL,
  calldata BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS replies (ref TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS notices (publication INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS unopenable (ref TEXT PRIMARY KEY, publication INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS read_blocks (
  leaf INTEGER PRIMARY KEY,
  span TEXT NOT NULL,                  -- block or hour
  since INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS read_blocks_by_time ON read_blocks (span, since);
CREATE TABLE IF NOT EXISTS reads (
  leaf INTEGER NOT NULL,               -- of a block
  ref TEXT NOT NULL,
  PRIMARY KEY (leaf, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reads_by_ref ON reads (ref, leaf);
CREATE TABLE IF NOT EXISTS mail (
  tag TEXT NOT NULL,
  entry INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (tag, entry)
) STRICT;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
-- What the fold of the leaves says (market/publicview.ts) was kept in tables once.
DROP TABLE IF EXISTS markets;
DROP TABLE IF EXISTS levels;
DROP TABLE IF EXISTS ring_tokens;
DROP TABLE IF EXISTS ring_offers;
DROP TABLE IF EXISTS rings;
DROP TABLE IF EXISTS leaf_counts;
-- Whoever counts our letters can tell this database from another one that took its place.
INSERT OR IGNORE INTO facts VALUES ('store', lower(hex(randomblob(16))));
`;

/** One row of an answer. */
export type Row = Record<string, SQLOutputValue>;

/** Opens the database in `dir`, made if it is not there. */
export function openDatabase(dir: string): DatabaseSync {
  const path = join(dir, "relay.sqlite");
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(path, { timeout: 2000 });
    database.exec("PRAGMA locking_mode=EXCLUSIVE");
    const mode = database.prepare("PRAGMA journal_mode=WAL").get();
    assert(mode?.["journal_mode"] === "wal", "the database keeps a write-ahead log");
    database.exec("PRAGMA synchronous=FULL");
    const sync = database.prepare("PRAGMA synchronous").get();
    assert(sync?.["synchronous"] === 2, "the database syncs at every commit");
    transaction(database, () => database.exec(schema));
    return database;
  } catch (cause) {
    throw new Error(`couldn't open ${path}: is another relay running there?`, { cause });
  }
}

/** One transaction: when it returns, all of `work` is on disk; if it throws, nothing is. */
export function transaction<Value>(database: DatabaseSync, work: () => Value): Value {
  database.exec("BEGIN IMMEDIATE");
  try {
    const value = work();
    database.exec("COMMIT");
    return value;
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw cause;
  }
}

/** A column that holds a whole number. */
export function numberIn(row: Row, column: string): number {
  const value = row[column];
  assert(typeof value === "number", `${column} is a number`);
  return value;
}

/** A column that holds text. */
export function textIn(row: Row, column: string): string {
  const value = row[column];
  assert(typeof value === "string", `${column} is text`);
  return value;
}

/** A column that holds bytes. */
export function bytesIn(row: Row, column: string): Uint8Array {
  const value = row[column];
  assert(value instanceof Uint8Array, `${column} is bytes`);
  return value;
}

/** A fact by its name. */
export function readFact(database: DatabaseSync, name: string): string | undefined {
  const row = database.prepare("SELECT value FROM facts WHERE name = ?").get(name);
  return row === undefined ? undefined : textIn(row, "value");
}

/** Sets a fact; part of the transaction that is open, if one is. */
export function writeFact(database: DatabaseSync, name: string, value: string): void {
  const sql =
    "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
  database.prepare(sql).run(name, value);
}
