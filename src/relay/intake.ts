/**
 * Letters on their way to the disk. They wait in a queue where postage and turns among sources
 * decide who goes first (fair.ts); so many as one transaction takes share its sync, and between two
 * transactions everybody else is served. Each caller goes on only when its letter is on disk.
 */
import { FairQueue, type Place } from "./fair.ts";
import type { Letters, NotTaken, Offered, Taken } from "./letters.ts";

/** What became of a letter; `relay_busy`: it had to make room, and nothing of it is kept. */
export type Result = Taken | NotTaken | { readonly kind: "relay_busy" };
type Entry = {
  readonly offered: Offered;
  readonly resolve: (result: Result) => void;
  readonly reject: (cause: unknown) => void;
};

/** Letters of one transaction: some milliseconds. */
const batchMax = 64;
/** Letters in memory at most; of the usual length a few MiB, 200 MiB if all are the longest. */
const queueMax = 2048;

export class Intake {
  readonly #letters: Letters;
  readonly #stored: () => void;
  readonly #queue = new FairQueue<Entry>(queueMax);
  #isStoring = false;

  /** `stored` is called after each transaction. */
  constructor(letters: Letters, stored: () => void) {
    this.#letters = letters;
    this.#stored = stored;
  }

  /** How many letters wait. */
  get length(): number {
    return this.#queue.length;
  }

  /** Resolves when the letter is on disk; rejects if the disk failed and nothing is promised. */
  take(offered: Offered, place: Place): Promise<Result> {
    return new Promise((resolve, reject) => {
      const evicted = this.#queue.add({ offered, resolve, reject }, place);
      evicted?.resolve({ kind: "relay_busy" });
      if (!this.#isStoring) this.#storeSoon();
    });
  }

  #storeSoon(): void {
    this.#isStoring = true;
    setImmediate(() => this.#store());
  }

  #store(): void {
    const entries = this.#queue.take(batchMax);
    this.#isStoring = false;
    try {
      const results = this.#letters.take(entries.map(({ offered }) => offered));
      for (const [index, { resolve }] of entries.entries()) {
        resolve(results[index] ?? { kind: "relay_busy" });
      }
    } catch (cause) {
      for (const { reject } of entries) reject(cause);
      return;
    } finally {
      if (this.#queue.length > 0) this.#storeSoon();
    }
    this.#stored();
  }
}
