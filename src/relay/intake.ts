/**
 * Letters on their way to the disk. Those that arrive in one turn of the event loop are stored in
 * one transaction and share its sync; each caller goes on only when its letter is on disk.
 */
import type { Letters, Offered, Taken } from "./letters.ts";

type Result = Taken | { readonly kind: "copies_too_many" };
type Entry = {
  readonly offered: Offered;
  readonly resolve: (result: Result) => void;
  readonly reject: (cause: unknown) => void;
};

export class Intake {
  readonly #letters: Letters;
  readonly #stored: () => void;
  #queue: Entry[] = [];

  /** `stored` is called after each transaction. */
  constructor(letters: Letters, stored: () => void) {
    this.#letters = letters;
    this.#stored = stored;
  }

  /** Resolves when the letter is on disk; rejects if the disk failed and nothing is promised. */
  take(offered: Offered): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ offered, resolve, reject });
      if (this.#queue.length === 1) setImmediate(() => this.#store());
    });
  }

  #store(): void {
    const entries = this.#queue;
    this.#queue = [];
    try {
      const results = this.#letters.take(entries.map(({ offered }) => offered));
      for (const [index, { resolve }] of entries.entries()) {
        resolve(results[index] ?? { kind: "copies_too_many" });
      }
    } catch (cause) {
      for (const { reject } of entries) reject(cause);
      return;
    }
    this.#stored();
  }
}
