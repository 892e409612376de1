/**
 * Threads of one kind, and the work that waits for them.
 *
 * Invariants:
 *   bounded   at most `waitingMax` pieces of work wait; who brings more waits himself
 *   started   a thread is started when work finds all others busy, and anew when one died
 *   repeated  a piece of work whose thread died is done once more from its beginning, before all
 *             others, unless the thread was killed for a limit and `isSingle`: then it is known
 *             whose fault it was. After that its promise is rejected with `WorkLost`
 *   started?  a thread that dies before it was ever ready is the machine's fault and nobody's
 *             letter's: everything that waits is rejected, and the island stops
 */
import { assert } from "../../codec/assert.ts";
import { Thread, type Death, type ThreadSpec } from "./thread.ts";

/** A piece of work took its thread with it. */
export class WorkLost extends Error {
  override readonly name = "WorkLost";
}

export type CrewOptions = {
  readonly thread: ThreadSpec;
  readonly threadsMax: number;
  /** What every new thread is told before it is given work. */
  readonly greetings: () => Iterable<unknown>;
  /** Whether a thread has one piece of work at a time; else a second one lies ready for it. */
  readonly isSingle: boolean;
  readonly waitingMax: number;
  /** For the operator's eyes. */
  readonly note: (sentence: string) => void;
};

/** Work made anew for each attempt, for what was transferred is gone. */
export type MakeWork = () => { readonly work: unknown; readonly transfer: readonly ArrayBuffer[] };

type Task<Done> = {
  readonly id: number;
  readonly make: MakeWork;
  readonly resolve: (done: Done) => void;
  readonly reject: (error: Error) => void;
  deaths: number;
};

export class Crew<Done> {
  readonly #options: CrewOptions;
  readonly #threads = new Map<Thread<Done>, Map<number, Task<Done>>>();
  readonly #waiting: Task<Done>[] = [];
  readonly #doors: (() => void)[] = [];
  #count = 0;
  #failure: Error | undefined;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Pieces of work that can be brought without waiting. */
  get room(): number {
    return Math.max(0, this.#options.waitingMax - this.#waiting.length);
  }

  /** Has it done; resolves with what the thread gave. */
  async do(make: MakeWork): Promise<Done> {
    while (this.room === 0 && this.#failure === undefined) {
      await new Promise<void>((resolve) => this.#doors.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id: (this.#count += 1), make, resolve, reject, deaths: 0 });
      this.#hand();
    });
  }

  /** Tells every thread that runs. */
  tell(told: unknown): void {
    for (const thread of this.#threads.keys()) thread.tell(told);
  }

  /** Starts one thread ahead of the work. */
  warm(): void {
    if (this.#threads.size === 0) this.#start();
  }

  /** Ends all threads; what is not done is rejected. */
  async close(): Promise<void> {
    const threads = [...this.#threads.keys()];
    this.#fail(new Error("couldn't go on: the threads were closed"));
    await Promise.all(threads.map((thread) => thread.stop()));
  }

  #hand(): void {
    while (this.#waiting.length > 0 && this.#failure === undefined) {
      const thread = this.#free();
      if (thread === undefined) return;
      const task = this.#waiting.shift();
      assert(task !== undefined, "something waits");
      this.#threads.get(thread)?.set(task.id, task);
      const { work, transfer } = task.make();
      thread.post(task.id, work, transfer);
      this.#doors.shift()?.();
    }
  }

  /** An idle thread, a new one, or one that has work for now but nothing for after it. */
  #free(): Thread<Done> | undefined {
    const threads = [...this.#threads.keys()];
    const idle = threads.find(({ load }) => load === 0);
    if (idle !== undefined) return idle;
    if (threads.length < this.#options.threadsMax) return this.#start();
    return this.#options.isSingle ? undefined : threads.find(({ load }) => load === 1);
  }

  #start(): Thread<Done> {
    const thread = new Thread<Done>(this.#options.thread, {
      onDone: (by, id, done) => this.#onDone(by, id, done),
      onDeath: (by, death) => this.#onDeath(by, death),
    });
    this.#threads.set(thread, new Map());
    for (const greeting of this.#options.greetings()) thread.tell(greeting);
    return thread;
  }

  #onDone(thread: Thread<Done>, id: number, done: Done): void {
    const tasks = this.#threads.get(thread);
    const task = tasks?.get(id);
    // What a thread says that was given up is not heard.
    if (task === undefined) return;
    tasks?.delete(id);
    task.resolve(done);
    this.#hand();
  }

  #onDeath(thread: Thread<Done>, { cause, why }: Death): void {
    const tasks = [...(this.#threads.get(thread)?.values() ?? [])];
    if (this.#failure !== undefined) return;
    if (cause === "start") {
      this.#fail(new Error(`couldn't start a thread: it ${why}`));
      return;
    }
    this.#threads.delete(thread);
    this.#options.note(`a thread ${why}; another takes its place`);
    const isBlamed = cause === "limit" && this.#options.isSingle;
    const again: Task<Done>[] = [];
    for (const task of tasks) {
      task.deaths += 1;
      if (isBlamed || task.deaths > 1) task.reject(new WorkLost(why));
      else again.push(task);
    }
    this.#waiting.unshift(...again);
    this.#hand();
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const tasks of this.#threads.values()) {
      for (const { reject } of tasks.values()) reject(error);
    }
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.length = 0;
    for (const door of this.#doors.splice(0)) door();
  }
}
