/**
 * Starts the island as a process of its own, with its network taken away, and keeps it running.
 *
 * The network goes by a namespace (`unshare --net`, with a user namespace where we are not root):
 * inside it there is no interface but a downed loopback, whatever the program tries. Files are
 * limited by Node's permission model to the sources, the island's folder and the two airlock
 * directories. Standard streams are files; there is no IPC channel, no inherited descriptor,
 * nothing to talk through.
 *
 * An island that dies of anything but a refusal to start is started again: recovery is the normal
 * path.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { engineEnvironment, engineFlags } from "../floor/runtime.ts";
import { isReferenceOnly } from "../seal/fast/paths.ts";
import { releaseDead } from "../store/lock.ts";
import { islandRefusedToStart } from "./codes.ts";

const sourceRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The highest descriptor that a child of ours would inherit: what our own parent left open, a
 * shell's pipe or a socket. We cannot close such a one here, because it may as well be a library's
 * of our own that a thread is reading (Node reads certificates so); the child gets /dev/null in its
 * place.
 */
function inheritedMax(): number {
  if (!existsSync("/proc/self/fdinfo")) return 2;
  const isInherited = (name: string): boolean => {
    try {
      const info = readFileSync(`/proc/self/fdinfo/${name}`, "latin1");
      const flags = parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? "0", 8);
      return (flags & closeOnExec) === 0;
    } catch {
      // The listing's own descriptor: it is closed by now.
      return false;
    }
  };
  return Math.max(2, ...readdirSync("/proc/self/fdinfo").filter(isInherited).map(Number));
}

/** O_CLOEXEC on Linux. */
const closeOnExec = 0o2000000;

/**
 * How the network is taken away: the words before `node`, or none where the system does not permit
 * it.
 */
function namespaceCommand(): readonly string[] | undefined {
  const candidates = [
    ["unshare", "--net"],
    ["unshare", "--user", "--map-root-user", "--net"],
  ];
  return candidates.find(([program, ...words]) => {
    const tried = spawnSync(program ?? "", [...words, "true"], { stdio: "ignore", timeout: 5000 });
    return tried.status === 0;
  });
}

const restartMsMin = 20;
const restartMsMax = 10_000;

/** When a process was started, and where its part of the log begins. */
type Started = { readonly at: number; readonly log: number };

export type KeeperOptions = {
  readonly islandDir: string;
  readonly airlockDir: string;
  readonly say: (sentence: string) => void;
  /** The island will not run until somebody repairs something; the text says what. */
  readonly onRefusal: (text: string) => void;
};

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #namespace: readonly string[] | undefined;
  #child: ChildProcess | undefined;
  #stopping = false;
  #restartMs = restartMsMin;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#namespace = namespaceCommand();
  }

  /** Whether the island runs without a network. */
  get isolated(): boolean {
    return this.#namespace !== undefined;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { islandDir, airlockDir } = this.#options;
    for (const store of ["journal", "said"]) releaseDead(join(islandDir, store));
    const path = process.env["SIGNET_OPENPGP"];
    const pathEnv = path === undefined ? {} : { SIGNET_OPENPGP: path };
    const out = openSync(join(islandDir, "island.out"), "a");
    const err = openSync(join(islandDir, "island.log"), "a");
    const [program = process.execPath, ...words] = [
      ...(this.#namespace ?? []),
      process.execPath,
      ...engineFlags,
      ...islandFlags(islandDir, airlockDir),
      join(sourceRoot, "src/bin/island.ts"),
      islandDir,
      airlockDir,
    ];
    const nothing = openSync("/dev/null", "r+");
    const stdio = [nothing, out, err, ...Array.from({ length: inheritedMax() - 2 }, () => nothing)];
    const env = { PATH: process.env["PATH"] ?? "", TZ: "UTC", ...pathEnv, ...engineEnvironment };
    const started = { at: Date.now(), log: fstatSync(err).size };
    const child = spawn(program, words, { stdio, detached: true, env });
    closeSync(nothing);
    closeSync(out);
    closeSync(err);
    this.#child = child;
    const file = this.#pidFile;
    writeFileSync(`${file}.new`, `${child.pid}\n`);
    renameSync(`${file}.new`, file);
    child.on("exit", (code, signal) => this.#onExit(code, signal, started));
  }

  /** Asks the island to finish its batch and end; waits for it. Nobody is process N any more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      await gone;
    }
    rmSync(this.#pidFile, { force: true });
  }

  get #pidFile(): string {
    return join(this.#options.islandDir, "island.pid");
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null, started: Started): void {
    if (this.#stopping) return;
    if (code === islandRefusedToStart) {
      this.#options.onRefusal(lastLines(join(this.#options.islandDir, "island.log"), started.log));
      return;
    }
    const log = join(this.#options.islandDir, "island.log");
    const why = signal === null ? `with code ${code} (see ${log})` : `by ${signal}`;
    // Killed from outside, or after a good while: at once. One that keeps dying by itself waits
    // ever longer.
    const wellBefore = signal === "SIGKILL" || Date.now() - started.at > 2000;
    this.#restartMs = wellBefore ? restartMsMin : Math.min(this.#restartMs * 2, restartMsMax);
    this.#options.say(`the island ended ${why}; starting it again from its journal`);
    setTimeout(() => {
      if (this.#stopping) return;
      this.start();
      this.#options.say(`island is process ${this.pid} now`);
    }, this.#restartMs);
  }
}

/**
 * Node's permission model: which files the island may touch. It may start no process and load no
 * add-on; threads only where it has any (docs/decisions/0022-workers.md says why that is no way
 * out, and what Node warns of).
 */
function islandFlags(islandDir: string, airlockDir: string): readonly string[] {
  const sources = realpathSync(sourceRoot);
  const island = realpathSync(islandDir);
  const airlock = realpathSync(airlockDir);
  return [
    "--permission",
    ...(isReferenceOnly() ? [] : ["--allow-worker", "--disable-warning=PERM0006"]),
    `--allow-fs-read=${join(sources, "src")}/`,
    `--allow-fs-read=${join(sources, "node_modules")}/`,
    `--allow-fs-read=${join(sources, "package.json")}`,
    `--allow-fs-read=${island}/`,
    `--allow-fs-write=${island}/`,
    `--allow-fs-read=${airlock}/`,
    `--allow-fs-write=${airlock}/`,
  ];
}

/** What the log says from byte `from` on: of this start, not of earlier ones. */
function lastLines(file: string, from: number): string {
  const said = readFileSync(file).subarray(from).toString("utf8");
  return said.trimEnd().split("\n").slice(-12).join("\n");
}
