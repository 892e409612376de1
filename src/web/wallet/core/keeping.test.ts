/** A wallet that could not be kept: nothing of the browser's storage stays open. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { Keeping } from "./keeping.ts";

/** As much of IndexedDB as a first write asks for: a storage without room, as no test can order. */
class FullStorage {
  readonly open: { closed: boolean }[] = [];

  /** What the page calls as `indexedDB.open`. */
  readonly factory = {
    open: (): object => {
      const made = { closed: false };
      this.open.push(made);
      return requestOf({ transaction: () => failing(), close: () => void (made.closed = true) });
    },
  };
}

function requestOf(result: object): object {
  const request: { result: object; onsuccess?: () => void } = { result };
  queueMicrotask(() => request.onsuccess?.());
  return request;
}

function failing(): object {
  const error = new DOMException("no room", "QuotaExceededError");
  const transaction: { error: unknown; objectStore: () => object; onabort?: () => void } = {
    error,
    objectStore: () => ({ put: () => undefined }),
  };
  queueMicrotask(() => transaction.onabort?.());
  return transaction;
}

test("a first write that fails closes what it opened; the wallet is in memory as before", async () => {
  const storage = new FullStorage();
  Object.defineProperty(globalThis, "indexedDB", { value: storage.factory, configurable: true });
  try {
    const keeping = Keeping.empty();
    keeping.home.keep(Uint8Array.of(1), "key.asc");
    const lock = { kind: "passphrase", passphrase: "correct horse battery" } as const;
    for (let tries = 1; tries <= 2; tries += 1) {
      await assert.rejects(keeping.lockWith(lock), /couldn't write the wallet/);
      assert.deepEqual(
        storage.open,
        Array.from({ length: tries }, () => ({ closed: true })),
      );
    }
    assert.equal(keeping.isKept, false);
    assert.deepEqual(keeping.home.read("key.asc"), Uint8Array.of(1));
  } finally {
    Reflect.deleteProperty(globalThis, "indexedDB");
  }
});
