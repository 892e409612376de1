/**
 * One worker thread: started with its keys, watched while it works, killed when a piece of work
 * takes more processor time or more memory than it may.
 *
 * A thread may do less than the island's own: it has no environment, and of the disk it reads the
 * program's sources and nothing else, so that no key lies within its reach but those that it was
 * started with. It cannot start threads of its own (docs/decisions/0022-workers.md).
 *
 * Processor time is the thread's own, so that a busy machine kills nobody; time on the wall counts
 * only when it is many times that, for a thread that never answers.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/** What a thread is and may take. */
export type ThreadSpec = {
  readonly script: URL;
  /** What it has from the start: its keys. */
  readonly data: unknown;
  /** Of V8's heap; buffers beside it are bounded by as much again. */
  readonly megabytesMax: number;
  /** For one piece of work. */
  readonly cpuMsMax: number;
};

/** How a thread ended: before it was ready, over a limit, or by a fault. */
export type Death = { readonly cause: "start" | "limit" | "fault"; readonly why: string };

/** Who is told what becomes of the work. */
export type Ears<Done> = {
  readonly onDone: (thread: Thread<Done>, id: number, done: Done) => void;
  readonly onDeath: (thread: Thread<Done>, death: Death) => void;
};

/** What a thread says. */
export type FromThread<Done> =
  | { readonly ready: true }
  | { readonly id: number; readonly done: Done };

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Nothing can be written, and nothing read but what is loaded. */
const confinement: readonly string[] = [
  "--permission",
  `--allow-fs-read=${join(root, "src")}/`,
  `--allow-fs-read=${join(root, "node_modules")}/`,
  `--allow-fs-read=${join(root, "package.json")}`,
];
const stackMb = 4;
const wallPerCpu = 30;
const megabyte = 1_048_576;

export class Thread<Done> {
  readonly #worker: Worker;
  readonly #spec: ThreadSpec;
  readonly #ears: Ears<Done>;
  readonly #work = new Set<number>();
  #isReady = false;
  #isOver = false;
  #death: Death | undefined;
  /** Where processor time, bytes beside the heap and the clock stood when the piece began. */
  #began = { cpu: 0, outside: 0, wall: 0 };
  #watch: NodeJS.Timeout | undefined;

  constructor(spec: ThreadSpec, ears: Ears<Done>) {
    this.#spec = spec;
    this.#ears = ears;
    this.#worker = new Worker(spec.script, {
      workerData: spec.data,
      env: {},
      execArgv: [...confinement],
      resourceLimits: { maxOldGenerationSizeMb: spec.megabytesMax, stackSizeMb: stackMb },
    });
    this.#worker.on("message", (message: FromThread<Done>) => this.#hear(message));
    this.#worker.on("error", (error: Error & { readonly code?: string }) => {
      const isMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      this.#death ??= isMemory
        ? { cause: "limit", why: `took more than ${spec.megabytesMax} MB` }
        : { cause: "fault", why: `died of ${error.name}` };
    });
    this.#worker.on("exit", () => this.#end());
  }

  /** Pieces of work in hand. */
  get load(): number {
    return this.#work.size;
  }

  /** Hands over a piece of work; what is in `transfer` moves. */
  post(id: number, work: unknown, transfer: readonly ArrayBuffer[]): void {
    if (this.#work.size === 0) this.#begin();
    this.#work.add(id);
    this.#worker.postMessage({ id, work }, [...transfer]);
  }

  /** Tells it something that has no answer. */
  tell(told: unknown): void {
    this.#worker.postMessage({ told }, []);
  }

  /** Ends it, whatever it is doing. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#worker.terminate();
  }

  #hear(message: FromThread<Done>): void {
    if ("ready" in message) {
      this.#isReady = true;
      // What it takes to come up is not the work's.
      if (this.#work.size > 0) this.#begin();
      return;
    }
    this.#work.delete(message.id);
    clearTimeout(this.#watch);
    if (this.#work.size > 0) this.#begin();
    this.#ears.onDone(this, message.id, message.done);
  }

  #end(): void {
    clearTimeout(this.#watch);
    if (this.#isOver) return;
    this.#isOver = true;
    const death = this.#death ?? { cause: "fault", why: "ended by itself" };
    // One that never came up is no letter's fault.
    this.#ears.onDeath(this, this.#isReady ? death : { ...death, cause: "start" });
  }

  #begin(): void {
    clearTimeout(this.#watch);
    this.#began = { cpu: Number.NaN, outside: 0, wall: performance.now() };
    this.#look();
  }

  /** Looks at once, for where the clock stood, and then again and again. */
  #look(): void {
    const everyMs = Math.min(Math.max(this.#spec.cpuMsMax / 8, 5), 250);
    this.#watch = setTimeout(() => void this.#measure(), everyMs);
    this.#watch.unref();
  }

  async #measure(): Promise<void> {
    const began = this.#began;
    const { cpuMsMax, megabytesMax } = this.#spec;
    const wall = performance.now() - began.wall;
    if (this.#isReady && wall > wallPerCpu * cpuMsMax) this.#kill("gave no answer");
    else this.#look();
    try {
      const { user, system } = await this.#worker.cpuUsage();
      const { external_memory: outside } = await this.#worker.getHeapStatistics();
      if (began !== this.#began || this.#work.size === 0) return;
      const cpu = (user + system) / 1000;
      if (Number.isNaN(began.cpu) || !this.#isReady) Object.assign(began, { cpu, outside });
      if (cpu - began.cpu > cpuMsMax) this.#kill(`took more than ${cpuMsMax} ms`);
      const grown = outside - began.outside;
      if (grown > megabytesMax * megabyte) this.#kill(`took more than ${megabytesMax} MB`);
    } catch {
      // It is gone already; its end is told by itself.
    }
  }

  #kill(why: string): void {
    if (this.#isOver) return;
    this.#death ??= { cause: "limit", why };
    void this.#worker.terminate();
  }
}
