/**
 * Requests that wait for something to happen, by key: a reply to a ref, a new letter for the
 * dock. The number of waiters is bounded, and every wait ends: when it is woken, when its time is
 * up, when the client goes away, or when the relay stops.
 *
 * When there is no place, who comes from a source (fair.ts) that has fewer takes the place of the
 * one that waited longest of the source with the most: many waits from one place end early, and
 * keep nobody else from waiting.
 */

type Wake = () => void;

export class Waiters {
  readonly #byKey: Map<string, Set<Wake>> = new Map();
  /** In the order in which they came. */
  readonly #bySource: Map<string, Set<Wake>> = new Map();
  readonly #max: number;
  #count = 0;
  #closed = false;

  constructor(max: number) {
    this.#max = max;
  }

  get full(): boolean {
    return this.#count >= this.#max;
  }

  /**
   * Resolves when `key` is woken, after `ms`, when `signal` fires, or because there is no place for
   * it, at once or later; the caller looks which.
   */
  wait(key: string, ms: number, signal: AbortSignal, source = ""): Promise<void> {
    if (this.#closed || signal.aborted || ms <= 0) return Promise.resolve();
    if (this.full && !this.#makeRoom(source)) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        if (leave(this.#byKey, key, wake)) this.#count -= 1;
        leave(this.#bySource, source, wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener("abort", wake);
      join(this.#byKey, key, wake);
      join(this.#bySource, source, wake);
      this.#count += 1;
    });
  }

  /** Ends a wait of the source with the most, unless that would be no fairer; whether it did. */
  #makeRoom(source: string): boolean {
    let most: ReadonlySet<Wake> = new Set();
    for (const waiting of this.#bySource.values()) if (waiting.size > most.size) most = waiting;
    const [oldest] = most;
    if (oldest === undefined || most.size <= (this.#bySource.get(source)?.size ?? 0) + 1)
      return false;
    oldest();
    return true;
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

function join(waits: Map<string, Set<Wake>>, name: string, wake: Wake): void {
  const waiting = waits.get(name) ?? new Set();
  waits.set(name, waiting.add(wake));
}

/** Whether it was there. */
function leave(waits: Map<string, Set<Wake>>, name: string, wake: Wake): boolean {
  const waiting = waits.get(name);
  const wasThere = waiting?.delete(wake) === true;
  if (waiting?.size === 0) waits.delete(name);
  return wasThere;
}
