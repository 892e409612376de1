/**
 * A whole exchange for a test: founded in a temporary folder, started with the product's own
 * command, real processes, real `kill -9`. Nothing here reaches into the product but through what
 * a user has: its command line, its HTTP, and the process ids it writes down.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The command line, as `npx signet` runs it. */
export const signetCommand: readonly [string, string] = [
  process.execPath,
  join(root, "src/bin/signet.ts"),
];

/** A port of this machine that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("couldn't find a free port");
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}

export class TestExchange {
  readonly dir: string;
  readonly port: number;
  /** As `--chain` takes it. */
  readonly chain: string;
  #process: ChildProcess | undefined;
  #said = "";

  constructor(dir: string, port: number, chain: string) {
    this.dir = dir;
    this.port = port;
    this.chain = chain;
  }

  /** Without a ring venue, unless a chain is named: most tests need none, and it takes seconds. */
  static async create(chain = "none"): Promise<TestExchange> {
    const base = mkdtempSync(join(tmpdir(), "signet-"));
    return new TestExchange(join(base, "exchange"), await freePort(), chain);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Everything `signet start` said so far. */
  get said(): string {
    return this.#said;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get islandPid(): number {
    const pid = Number(readFileSync(join(this.dir, "island/island.pid"), "utf8"));
    if (!(pid > 1)) throw new Error("couldn't read the island's process id");
    return pid;
  }

  /** Starts the exchange and waits until it welcomes its operator. */
  async start(): Promise<void> {
    this.#launch();
    await this.until(() => this.#said.includes("Ctrl-C stops"), 30_000);
  }

  #launch(): void {
    const [node, signet] = signetCommand;
    const words = [signet, "start", "--data", this.dir, "--port", String(this.port)];
    words.push("--chain", this.chain);
    this.#said = "";
    // A fourth descriptor, a socket, as a careless shell may leave one: the island must not get it.
    const stdio = ["ignore", "ignore", "pipe", "pipe"] as const;
    const child = spawn(node, words, { stdio: [...stdio], cwd: root });
    this.#process = child;
    child.stderr?.on("data", (data: Buffer) => (this.#said += data.toString()));
  }

  /**
   * Adds lines to `relays.conf`, founding the exchange if need be; they hold from the next start.
   */
  async addRelays(...lines: readonly string[]): Promise<void> {
    await this.stop();
    if (!existsSync(join(this.dir, "relays.conf"))) {
      this.#launch();
      // From here on Ctrl-C ends it cleanly; nobody waits for its welcome.
      await this.until(() => this.#said.includes("island is process"), 30_000);
      await this.stop();
    }
    appendFileSync(join(this.dir, "relays.conf"), `${lines.join("\n")}\n`);
  }

  /** Kills the island as a power cut would; `signet start` brings it back. */
  killIsland(): void {
    process.kill(this.islandPid, "SIGKILL");
  }

  /** Ctrl-C. Returns the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    return ended;
  }

  /** Stops and removes everything. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(dirname(this.dir), { recursive: true, force: true });
  }

  /** Waits for something to become true; says what the exchange said if it does not. */
  async until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!(await condition())) {
      if (Date.now() > end)
        throw new Error(`couldn't wait any longer; the exchange said:\n${this.#said}`);
      if (this.#process?.exitCode !== null && this.#process?.exitCode !== undefined) {
        throw new Error(`couldn't wait: the exchange ended:\n${this.#said}`);
      }
      await sleep(20);
    }
  }
}
