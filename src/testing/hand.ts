/**
 * A customer who writes letters by hand: text in an editor, `gpg -se`, `curl`, `gpg -d`,
 * `sha256sum`. Uses no code of the product, so that what it can do, a stranger with stock tools
 * can do (P13).
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";

import { GpgCustomer } from "./gpg.ts";

export class HandCustomer {
  readonly gpg: GpgCustomer;
  readonly relay: string;
  readonly exchange: string;
  #seq = 0;

  private constructor(gpg: GpgCustomer, relay: string, exchange: string) {
    this.gpg = gpg;
    this.relay = relay;
    this.exchange = exchange;
  }

  /** Makes a key and imports the exchange's certificate from a relay. */
  static create(relay: string, algorithm?: "ed25519" | "rsa2048" | "rsa4096"): HandCustomer {
    const gpg = GpgCustomer.create(algorithm);
    gpg.import(curl([`${relay}/v1/exchange/certificate`]));
    const card = curl([`${relay}/v1/exchange/card`]);
    const exchange = /^exchange ([0-9a-f]{40})$/m.exec(card)?.[1] ?? "";
    return new HandCustomer(gpg, relay, exchange);
  }

  /** A customer with a key that is there already. */
  static with(gpg: GpgCustomer, relay: string, exchange: string): HandCustomer {
    return new HandCustomer(gpg, relay, exchange);
  }

  /** As `create`, through a server that runs in this process. */
  static async createThrough(relay: string): Promise<HandCustomer> {
    const gpg = GpgCustomer.create();
    gpg.import(await curlThrough([`${relay}/v1/exchange/certificate`]));
    const card = await curlThrough([`${relay}/v1/exchange/card`]);
    return new HandCustomer(gpg, relay, /^exchange ([0-9a-f]{40})$/m.exec(card)?.[1] ?? "");
  }

  /** A letter's text: header, next sequence number, `by` in a minute, commands. */
  letter(commands: readonly string[], options: { seq?: number; by?: string } = {}): string {
    if (options.seq === undefined) this.#seq += 1;
    const by = options.by ?? `${new Date(Date.now() + 60_000).toISOString().slice(0, 19)}Z`;
    const head = [`signet/1 ${this.exchange}`, `seq ${options.seq ?? this.#seq}`, `by ${by}`];
    return `${[...head, ...commands].join("\n")}\n`;
  }

  /** The number that the next letter gets. */
  get nextSeq(): number {
    return this.#seq + 1;
  }

  /** The order id, as `sha256sum` computes it. */
  orderId(text: string): string {
    return createHash("sha256").update(`${this.gpg.fingerprint}\n${text}`).digest("hex");
  }

  seal(text: string, options: readonly string[] = []): Buffer {
    return this.gpg.seal(text, this.exchange, options);
  }

  /** Posts sealed bytes and waits for the reply; returns what came back, still sealed. */
  post(sealed: Uint8Array, relay: string = this.relay): string {
    return curl(["--data-binary", "@-", `${relay}/v1/letters?wait=30`], sealed);
  }

  /** Writes, seals, posts, waits, opens: the report's text. */
  say(commands: readonly string[], relay: string = this.relay): string {
    return this.open(this.post(this.seal(this.letter(commands), ["-a"]), relay));
  }

  /** Opens a reply and insists that gpg calls the exchange's signature good. */
  open(reply: string): string {
    const { text, status } = this.gpg.open(reply);
    if (!status.includes("GOODSIG") || !status.includes(this.exchange.toUpperCase())) {
      throw new Error(`couldn't open the reply:\n${reply.slice(0, 400)}\n${status}`);
    }
    return text;
  }

  /** As `say`, through a server that runs in this process. */
  async sayThrough(commands: readonly string[]): Promise<string> {
    const sealed = this.seal(this.letter(commands), ["-a"]);
    const words = ["--data-binary", "@-", `${this.relay}/v1/letters?wait=30`];
    return this.open(await curlThrough(words, sealed));
  }

  register(): string {
    return this.say([`REGISTER|${this.gpg.certificate()}`]);
  }

  remove(): void {
    this.gpg.remove();
  }
}

export function curl(words: readonly string[], input: Uint8Array | string = ""): string {
  const result = spawnSync("curl", ["-sS", "--max-time", "60", ...words], { input });
  if (result.status !== 0) throw new Error(`couldn't curl ${words.at(-1)}: ${result.stderr}`);
  return result.stdout.toString("latin1");
}

/** As `curl`, without stopping this process meanwhile. */
async function curlThrough(
  words: readonly string[],
  input: Uint8Array = new Uint8Array(0),
): Promise<string> {
  const child = spawn("curl", ["-sS", "--max-time", "60", ...words]);
  child.stdin.end(input);
  const parts: Buffer[] = [];
  for await (const part of child.stdout) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString("latin1");
}

/** The fields of the first record of a kind in a report. */
export function record(text: string, kind: string): readonly string[] {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${kind}|`));
  return line?.split("|") ?? [];
}

/** Runs a command of the product; returns its standard output. */
export function run(command: readonly string[], words: readonly string[]): string {
  const [program = "", ...first] = command;
  return execFileSync(program, [...first, ...words], { encoding: "utf8" });
}
