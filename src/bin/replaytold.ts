/**
 * How `signet replay` speaks: lines to stdout as fast as its reader takes them, progress to stderr
 * (one line that moves on a terminal, a line now and then elsewhere), and whether somebody has
 * pressed Ctrl-C.
 */
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";

import type { Data } from "./context.ts";

/** What the command line asks for. */
export type ReplayWish = {
  /** The last record or command to fold. */
  readonly until: number | undefined;
  readonly book: string | undefined;
  readonly json: boolean;
  readonly events: boolean;
  readonly fromGenesis: boolean;
};

/** The exit code after Ctrl-C. */
export const interrupted = 130;

const sumsMax = 20;
const lineMs = 5000;
const movingMs = 100;
const writeBytes = 65_536;

/** Lines for stdout, gathered to writes that are worth one. */
export class Lines {
  readonly #json: boolean;
  #text = "";

  constructor(json: boolean) {
    this.#json = json;
  }

  /** One event: where it stands, what it is, and its facts. */
  event(where: Readonly<Record<string, string | number>>, event: string, facts: Facts): void {
    if (this.#json) {
      this.#text += `${JSON.stringify({ ...where, event, ...facts })}\n`;
      return;
    }
    const said = Object.entries(facts).flatMap(([name, value]) =>
      value === undefined ? [] : [name === "text" ? `${value}` : `${name}=${value}`],
    );
    this.#text += `${[...Object.values(where), event, ...said].join(" ")}\n`;
  }

  /** Waits until the reader has taken most of it. */
  async flush(): Promise<void> {
    while (this.#text.length > 0) {
      const part = this.#text.slice(0, writeBytes);
      this.#text = this.#text.slice(part.length);
      if (!process.stdout.write(part)) await once(process.stdout, "drain");
    }
  }
}

/** The facts of an event. */
export type Facts = Readonly<Record<string, string | number | undefined>>;

/** True progress: how many, how many a second, how long still. */
export class Progress {
  readonly #unit: string;
  readonly #moves = process.stderr.isTTY && process.env["TERM"] !== "dumb";
  #begun = performance.now();
  #told = this.#begun;
  #from = 0;
  #isShown = false;

  constructor(unit: string) {
    this.#unit = unit;
  }

  /** Something of another length begins, at `from`. */
  begin(from: number): void {
    this.#begun = performance.now();
    this.#told = this.#begun;
    this.#from = from;
  }

  /** Says that `done` of `all` are done, if the last time was long enough ago. */
  tell(what: string, done: number, all: number): void {
    const now = performance.now();
    if (now - this.#told < (this.#moves ? movingMs : lineMs)) return;
    this.#told = now;
    const rate = ((done - this.#from) * 1000) / (now - this.#begun);
    const left = rate > 0 ? ` · ${duration((all - done) / rate)} left` : "";
    const of = all > 0 ? ` of ${count(all)} ${this.#unit} · ${percent(done, all)}` : "";
    this.#show(`○ ${what} ${count(done)}${of} · ${count(Math.round(rate))} a second${left}`);
  }

  /** The moving line goes. */
  end(): void {
    if (this.#isShown) process.stderr.write("\r\u001b[K");
    this.#isShown = false;
  }

  #show(line: string): void {
    if (!this.#moves) {
      process.stderr.write(`${line}\n`);
      return;
    }
    // A line that wraps could not be taken back.
    const wide = process.stderr.columns > 0 ? process.stderr.columns : 80;
    process.stderr.write(`\r\u001b[K${line.slice(0, wide - 1)}`);
    this.#isShown = true;
  }
}

/** Whether somebody has pressed Ctrl-C; the second time the program ends as ever. */
export class Interruption {
  pressed = false;
  readonly #press = (): void => {
    this.pressed = true;
  };

  constructor() {
    process.once("SIGINT", this.#press);
  }

  /** Lets signals in; false when the fold should end. */
  async pause(): Promise<boolean> {
    await turn();
    return !this.pressed;
  }

  end(): void {
    process.off("SIGINT", this.#press);
  }
}

/** The last line with `--json`. */
export function printResult(result: Data): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** A name and its value, aligned. */
export function printFact(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(12)}${value}\n`);
}

/** Every asset's sum over everybody; of many that are zero only how many. */
export function printSums(sums: ReadonlyMap<string, number>): void {
  const broken = [...sums].filter(([, sum]) => sum !== 0);
  if (sums.size > sumsMax && broken.length === 0) {
    printFact("sums", `${sums.size} assets, each of them 0`);
    return;
  }
  const told = sums.size > sumsMax ? broken : sums;
  for (const [asset, sum] of told) printFact(`sum ${asset}`, String(sum));
}

/** A side's levels, best first, prices and quantities as texts. */
export type PrintedLevel = { readonly price: string; readonly quantity: string };

/** A book: sells from the highest down, then buys, the two best in the middle. */
export function printBook(
  name: string,
  book: { readonly buy: readonly PrintedLevel[]; readonly sell: readonly PrintedLevel[] },
): void {
  process.stdout.write(`book ${name}\n`);
  const both = [...book.buy, ...book.sell];
  const wide = both.reduce((most, { price }) => Math.max(most, price.length), 0);
  const line = (side: string, { price, quantity }: PrintedLevel): string =>
    `  ${side} ${price.padStart(wide)}  ${quantity}\n`;
  for (const level of book.sell.toReversed()) process.stdout.write(line("sell", level));
  for (const level of book.buy) process.stdout.write(line("buy ", level));
  if (both.length === 0) process.stdout.write("  empty\n");
}

/** 1,234,567. */
export function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function percent(done: number, all: number): string {
  return `${Math.floor((done * 100) / all)} %`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
