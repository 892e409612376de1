/**
 * Requests that wait for something to happen, by key: a reply to a ref, a new letter for the
 * dock. The number of waiters is bounded, and every wait ends: when it is woken, when its time is
 * up, when the client goes away, or when the relay stops.
 */

type Wake = () => void;

export class Waiters {
  readonly #byKey: Map<string, Set<Wake>> = new Map();
  readonly #max: number;
  #count = 0;
  #closed = false;

  constructor(max: number) {
    this.#max = max;
  }

  get full(): boolean {
    return this.#count >= this.#max;
  }

  /** Resolves when `key` is woken, after `ms`, or when `signal` fires; the caller looks which. */
  wait(key: string, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#closed || signal.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        const waiting = this.#byKey.get(key);
        if (waiting?.delete(wake) === true) this.#count -= 1;
        if (waiting?.size === 0) this.#byKey.delete(key);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener("abort", wake);
      const waiting = this.#byKey.get(key) ?? new Set();
      waiting.add(wake);
      this.#byKey.set(key, waiting);
      this.#count += 1;
    });
  }

  /** Ends every wait for `key`. */
  wake(key: string): void {
    for (const wake of this.#byKey.get(key) ?? []) wake();
  }

  /** Ends every wait, and those to come at once. */
  close(): void {
    this.#closed = true;
    for (const key of this.#byKey.keys()) this.wake(key);
  }
}
