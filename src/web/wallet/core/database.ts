/**
 * The browser's storage: an IndexedDB with two stores, each write one transaction that counts as
 * done when the browser says that it is on disk (`durability: "strict"`).
 *
 *   ways      way → { way, salt, wrapped, credential }   (waystoopen.ts)
 *   records   id → box                                   (records.ts)
 */
import type { StoredRecord } from "./records.ts";
import type { WrappedKey } from "./waystoopen.ts";

const databaseName = "signet-wallet";
const version = 1;

export class WalletDatabase {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  static async open(): Promise<WalletDatabase> {
    const opening = indexedDB.open(databaseName, version);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("ways", { keyPath: "way" });
      opening.result.createObjectStore("records", { keyPath: "id" });
    };
    return new WalletDatabase(await resultOf(opening, "couldn't open the browser's storage"));
  }

  /** Whether there is one: to look must not make one. */
  static async isThere(): Promise<boolean> {
    return (await indexedDB.databases()).some(({ name }) => name === databaseName);
  }

  /** Deletes everything that any wallet kept here. */
  static async remove(): Promise<void> {
    await resultOf(indexedDB.deleteDatabase(databaseName), "couldn't delete the wallet");
  }

  async ways(): Promise<readonly WrappedKey[]> {
    const store = this.#database.transaction("ways").objectStore("ways");
    return resultOf<WrappedKey[]>(store.getAll(), "couldn't read how the wallet is locked");
  }

  async records(): Promise<readonly StoredRecord[]> {
    const store = this.#database.transaction("records").objectStore("records");
    return resultOf<StoredRecord[]>(store.getAll(), "couldn't read the wallet");
  }

  /** All of it or nothing; on disk when this is done. */
  async write(change: {
    readonly ways?: readonly WrappedKey[];
    readonly records: readonly StoredRecord[];
  }): Promise<void> {
    const stores = ["ways", "records"];
    const transaction = this.#database.transaction(stores, "readwrite", { durability: "strict" });
    for (const way of change.ways ?? []) transaction.objectStore("ways").put(way);
    for (const record of change.records) transaction.objectStore("records").put(record);
    await new Promise<void>((resolve, reject) => {
      const fail = (): void => {
        reject(new Error("couldn't write the wallet", { cause: transaction.error }));
      };
      transaction.oncomplete = () => resolve();
      transaction.onabort = fail;
      transaction.onerror = fail;
    });
  }

  close(): void {
    this.#database.close();
  }
}

function resultOf<Value>(request: IDBRequest<Value>, failure: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error(failure, { cause: request.error }));
  });
}
