/**
 * A customer at the command line: a home of its own, every command a process of its own, as
 * `npx signet` runs it, with nobody at the terminal.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fingerprint, type Fingerprint } from "../codec/names.ts";
import { signetCommand } from "./exchange.ts";

/** How a command ended. */
export type CommandEnd = {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
};

/** How a command with `--json` ended. */
export type JsonEnd = {
  readonly code: number | null;
  readonly data: unknown;
  readonly err: string;
};

export class WalletCustomer {
  /** A folder of this customer's: the home, the words, whatever else a test puts there. */
  readonly dir: string;
  readonly home: string;

  constructor(dir?: string, home = "home") {
    this.dir = dir ?? mkdtempSync(join(tmpdir(), "wallet-"));
    this.home = join(this.dir, home);
  }

  /** A command on its way; for tests that kill it. */
  spawn(words: readonly string[]): ChildProcess {
    const [node, signet] = signetCommand;
    const { SIGNET_HOME: _, ...env } = process.env;
    return spawn(node, [signet, ...words, "--home", this.home], {
      cwd: this.dir,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Runs a command to its end. */
  async run(...words: readonly string[]): Promise<CommandEnd> {
    return endOf(this.spawn(words));
  }

  /** Runs a command with `--json`. */
  async json(...words: readonly string[]): Promise<JsonEnd> {
    const { code, out, err } = await this.run(...words, "--json");
    return { code, data: out === "" ? undefined : JSON.parse(out), err };
  }

  /** Makes words, pins the exchange that the relay shows, opens the account; its fingerprint. */
  async setup(relay: string, words = join(this.dir, "words.txt")): Promise<Fingerprint> {
    const ended = await this.json("setup", "--words-file", words, "--yes", "--relay", relay);
    if (ended.code !== 0) throw new Error(`couldn't set a wallet up: ${ended.err}`);
    return fingerprint(String(at(ended.data, "account")));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Waits for the end of a command. */
export async function endOf(child: ChildProcess): Promise<CommandEnd> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (part: Buffer) => out.push(part));
  child.stderr?.on("data", (part: Buffer) => err.push(part));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

/** What lies in an answer at a path of names and indices; `undefined` if nothing does. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null) return undefined;
    here = Object.entries(here).find(([name]) => name === String(step))?.[1];
  }
  return here;
}

/** A list in an answer. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  if (!Array.isArray(found)) throw new Error(`couldn't find a list at ${path.join(".")}`);
  return found;
}
