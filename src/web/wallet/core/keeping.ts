/**
 * A wallet's files and how they last: in memory until somebody has said how to lock them, from then
 * on each change encrypted in the browser's storage before `settled` says so. One wallet a browser.
 *
 *   making    files in memory; the first lock writes all of them and the wrapped key at once, so
 *             that a crash leaves either no wallet or a whole one
 *   after it  each change is one strict transaction
 */
import { trouble, type Outcome } from "../../../wallet/errors.ts";
import type { Home } from "../../../wallet/home.ts";
import { memoryHome } from "../../../wallet/memoryhome.ts";
import { WalletDatabase } from "./database.ts";
import type { Lock, Opening, StorageView } from "./protocol.ts";
import { openRecord, recordKeys, sealRecord, type HomeFile, type RecordKeys } from "./records.ts";
import { unwrapKey, wrapKey, type WrappedKey } from "./waystoopen.ts";

const homeName = "this browser";

type Kept = {
  readonly database: WalletDatabase;
  readonly keys: RecordKeys;
  readonly dataKey: Uint8Array;
  readonly ways: readonly WrappedKey[];
};

export class Keeping {
  readonly home: Home;
  readonly #files: Map<string, Uint8Array>;
  #kept: Kept | undefined;
  /** While the first lock is written, changes wait. */
  #locking: Promise<void> | undefined;

  private constructor(files: Map<string, Uint8Array>, kept: Kept | undefined) {
    this.#files = files;
    this.#kept = kept;
    const onChange = (path: string, bytes: Uint8Array): Promise<void> => this.#change(path, bytes);
    this.home = memoryHome({ name: homeName, files, onChange });
  }

  /** An empty one, in memory. */
  static empty(): Keeping {
    return new Keeping(new Map(), undefined);
  }

  /** What this browser keeps, opened; E702 if that does not open it. */
  static async open(database: WalletDatabase, opening: Opening): Promise<Outcome<Keeping>> {
    const ways = await database.ways();
    const way = ways.find((known) => known.way === opening.kind);
    if (way === undefined) return trouble("E701", "This browser keeps no wallet for that.");
    const dataKey = await unwrapKey(way, opening);
    if (dataKey === undefined) {
      const what = `The ${opening.kind} does not open the wallet.`;
      return trouble("E702", what);
    }
    const keys = await recordKeys(dataKey);
    const records = await database.records();
    const files = await Promise.all(records.map((record) => openRecord(keys, record)));
    const bad = files.filter((file) => file === undefined).length;
    if (bad > 0) {
      return trouble("E708", `${bad} of ${files.length} records here are not this wallet's.`);
    }
    const entries = files.flatMap((file) => (file ? [[file.path, file.bytes] as const] : []));
    const kept = { database, keys, dataKey, ways };
    return { ok: true, value: new Keeping(new Map(entries), kept) };
  }

  /** Keeps the wallet from now on; if it is kept, adds another way to open it, or changes one. */
  async lockWith(lock: Exclude<Lock, { kind: "memory" }>): Promise<void> {
    await this.home.settled();
    if (this.#kept !== undefined) {
      const { database, dataKey, ways } = this.#kept;
      const way = await wrapKey(dataKey, lock);
      await database.write({ ways: [way], records: [] });
      const others = ways.filter((known) => known.way !== way.way);
      this.#kept = { ...this.#kept, ways: [...others, way] };
      return;
    }
    const locked = Promise.withResolvers<void>();
    this.#locking = locked.promise;
    try {
      this.#kept = await this.#keepAll(lock);
    } finally {
      this.#locking = undefined;
      locked.resolve();
    }
  }

  /** Where it lies, and whether the browser has promised not to clear it by itself. */
  async storage(): Promise<StorageView> {
    if (this.#kept === undefined) return { kind: "memory" };
    const ways = this.#kept.ways.map(({ way }) => way).toSorted();
    return { kind: "kept", ways, persistent: await navigator.storage.persisted() };
  }

  get isKept(): boolean {
    return this.#kept !== undefined;
  }

  /** Overwrites what is in memory: every file, the data key. What is stored stays. */
  async wipe(): Promise<void> {
    // What is still to be written is written whole first.
    await this.home.settled().catch(() => undefined);
    for (const bytes of this.#files.values()) bytes.fill(0);
    this.#files.clear();
    this.#kept?.dataKey.fill(0);
    this.#kept?.database.close();
    this.#kept = undefined;
  }

  async #keepAll(lock: Exclude<Lock, { kind: "memory" }>): Promise<Kept> {
    const files = [...this.#files];
    const dataKey = crypto.getRandomValues(new Uint8Array(32));
    const [keys, way] = await Promise.all([recordKeys(dataKey), wrapKey(dataKey, lock)]);
    const sealing = files.map(([path, bytes]) => sealRecord(keys, { path, bytes }));
    const records = await Promise.all(sealing);
    const database = await WalletDatabase.open();
    try {
      await database.write({ ways: [way], records });
    } catch (cause) {
      // Left open it would stand in the way of whoever deletes it.
      database.close();
      throw cause;
    }
    return { database, keys, dataKey, ways: [way] };
  }

  async #change(path: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(path, bytes);
    await this.#locking;
    const kept = this.#kept;
    if (kept === undefined) return;
    const file: HomeFile = { path, bytes };
    await kept.database.write({ records: [await sealRecord(kept.keys, file)] });
  }
}
