/**
 * Snapshots that a relay made itself and found signed (docs/spec/log.md §12): the last two, so that
 * whoever is fetching parts while the next one comes still finds them. Written in the transaction
 * of the publication that begins with their leaf; index and parts are found by their hashes.
 *
 * One that cannot be kept is passed over and that is said: the log goes on without it, and those
 * before it are served on.
 */
import type { DatabaseSync } from "node:sqlite";
import { fromAscii, toLatin1 } from "../codec/bytes.ts";
import type { Digest } from "../codec/names.ts";
import { parseIndex, type Snapshot } from "../market/snapshot.ts";
import { bytesIn, numberIn, readFact, textIn, writeFact } from "./database.ts";

const schema = `
CREATE TABLE IF NOT EXISTS snapshots (
  size INTEGER PRIMARY KEY,
  digest TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS snapshot_texts (
  digest TEXT PRIMARY KEY,             -- of an index or a part
  size INTEGER NOT NULL,               -- of the newest snapshot that has it
  bytes BLOB NOT NULL
) STRICT;
`;

const snapshotsKept = 2;

/** What is said of a snapshot that was not kept, as a fact each: the size at which it was. */
const facts = { differs: "snapshotDiffers", passed: "snapshotPassed" } as const;

/** What a SNAPSHOT leaf turned out to be, here. */
export type Made =
  | { readonly kind: "signed"; readonly snapshot: Snapshot; readonly digest: Digest }
  /** `digest` is of the one that was made here. */
  | { readonly kind: "differs"; readonly digest: Digest }
  /** It is of more than readers take: nothing was made. */
  | { readonly kind: "passed" };

export class SnapshotStore {
  readonly #database: DatabaseSync;
  /** Texts that an answer may still hold: however many take one, it is in memory once. */
  readonly #held: Map<string, WeakRef<Buffer>> = new Map();

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(schema);
  }

  /** Takes what came of the leaf about `size` leaves; part of the transaction that is open. */
  take(size: number, made: Made): void {
    if (made.kind === "signed") this.store(size, made.digest, made.snapshot);
    else writeFact(this.#database, facts[made.kind], String(size));
  }

  /** Keeps a snapshot whose leaf is in the log; part of the transaction that is open. */
  store(size: number, digest: Digest, { index, parts }: Snapshot): void {
    const named = parseIndex(index);
    if (!named.ok) return this.take(size, { kind: "passed" });
    this.#database.prepare("INSERT OR REPLACE INTO snapshots VALUES (?, ?)").run(size, digest);
    const put = this.#database.prepare(
      `INSERT INTO snapshot_texts VALUES (?, ?, ?)
       ON CONFLICT (digest) DO UPDATE SET size = excluded.size`,
    );
    put.run(digest, size, fromAscii(index));
    for (const [place, part] of named.value.parts.entries()) {
      put.run(part.digest, size, fromAscii(parts[place] ?? ""));
    }
    const oldest = this.#database
      .prepare("SELECT size FROM snapshots ORDER BY size DESC LIMIT 1 OFFSET ?")
      .get(snapshotsKept - 1);
    if (oldest !== undefined) this.forget(numberIn(oldest, "size"));
    for (const fact of Object.values(facts)) writeFact(this.#database, fact, "");
  }

  /** Forgets those of fewer leaves than `size`; part of the transaction that is open. */
  forget(size: number): void {
    this.#database.prepare("DELETE FROM snapshots WHERE size < ?").run(size);
    this.#database.prepare("DELETE FROM snapshot_texts WHERE size < ?").run(size);
    for (const [digest, held] of this.#held) {
      if (held.deref() === undefined) this.#held.delete(digest);
    }
  }

  /** The size at which ours was another one than the exchange's; `undefined`: it is the same. */
  get differsAt(): number | undefined {
    return this.#sizeIn(facts.differs);
  }

  /** The size at which one was passed over since the newest; `undefined`: none was. */
  get passedAt(): number | undefined {
    return this.#sizeIn(facts.passed);
  }

  #sizeIn(fact: string): number | undefined {
    const size = readFact(this.#database, fact) ?? "";
    return size === "" ? undefined : Number(size);
  }

  /** How many leaves the newest one is of, and its index's hash. */
  newest(): { readonly size: number; readonly digest: string } | undefined {
    const sql = "SELECT size, digest FROM snapshots ORDER BY size DESC LIMIT 1";
    const row = this.#database.prepare(sql).get();
    return row && { size: numberIn(row, "size"), digest: textIn(row, "digest") };
  }

  /** An index or a part by its hash; not to be changed. */
  text(digest: string): Buffer | undefined {
    const held = this.#held.get(digest)?.deref();
    if (held !== undefined) return held;
    const sql = "SELECT bytes FROM snapshot_texts WHERE digest = ?";
    const row = this.#database.prepare(sql).get(digest);
    if (row === undefined) return undefined;
    const { buffer, byteOffset, byteLength } = bytesIn(row, "bytes");
    const text = Buffer.from(buffer, byteOffset, byteLength);
    this.#held.set(digest, new WeakRef(text));
    return text;
  }

  /** The newest one, whole. */
  whole(): Snapshot | undefined {
    const newest = this.newest();
    const index = newest && this.text(newest.digest);
    const named = index && parseIndex(toLatin1(index));
    if (index === undefined || named?.ok !== true) return undefined;
    const parts = named.value.parts.map(({ digest }) => toLatin1(this.text(digest) ?? empty));
    return { index: toLatin1(index), parts };
  }
}

const empty = new Uint8Array(0);
