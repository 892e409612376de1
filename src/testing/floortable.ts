/**
 * Cases of the floor as a table, one row a case:
 *
 *   name | what is there | the command | what it says | buys / sells afterwards
 *
 *   command  `A buy 5@102 ioc`: account, side, lots, price (none: a market order), then words: ioc
 *            fok post day gtd=TIME oldest both cap=N stop=N. `A replace 3 4@101`, `A reduce 3 2`,
 *            `A cancel 3`, `A cancelall`, `A after 50`, `phase halt`, `reference 100`, `tick 50`,
 *            `A replace 3 @101`, `A replace 3 4@`. Orders are numbered from 1 as they come.
 *   says     `A<B 2@101` a trade, the taker first, `A=B` in an uncross; `3 rests 4@101`, `3 waits`,
 *            `3 set off`, `3 has 2@101`, `3 ends: why`, `refused: name`, `phase: name`,
 *            `uncross 5@100`, `A fires`; separated by commas
 *   book     `4@100 3@99 / 2@101`
 */
import { at } from "../codec/assert.ts";
import { kind, op, phase, prevention, side, tif } from "../floor/command.ts";
import { event } from "../floor/events.ts";
import type { Floor } from "../floor/floor.ts";
import type { Listing } from "../floor/market.ts";
import type { Told } from "../floor/naive.ts";
import { depthOf } from "../floor/read.ts";
import { floorRefusals } from "../floor/refusals.ts";
import { openWorld, run } from "./floorpair.ts";

export const tableListing: Listing = {
  base: 1,
  quote: 0,
  lot: 1,
  unit: 1,
  tick: 1,
  priceMax: 1000,
  quantityMin: 1,
  quantityMax: 1000,
  makerRate: 0,
  takerRate: 0,
  collarRate: 0,
  limitRate: 0,
  bandRate: 0,
};

/** One row. */
export type Case = {
  readonly name: string;
  readonly before: readonly string[];
  readonly command: string;
  readonly says: string;
  readonly book: string;
};

/** The rows of a table; its first line is the heading. */
export function casesOf(table: string): readonly Case[] {
  return table
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const cells = line.split("|").map((cell) => cell.trim());
      const before = at(cells, 1);
      return {
        name: at(cells, 0),
        before: before === "" ? [] : before.split(",").map((text) => text.trim()),
        command: at(cells, 2),
        says: at(cells, 3),
        book: at(cells, 4),
      };
    });
}

/** What a case's command says, and the book after it. */
export function playCase(
  { before, command }: Case,
  listing: Partial<Listing> = {},
): { readonly says: string; readonly book: string } {
  const floor = openWorld({
    options: { stepMax: 2, ordersOpenMax: 5, walkMax: 3 },
    assets: 2,
    accounts: 26,
    funds: 10_000,
    listings: [{ ...tableListing, ...listing }],
  });
  const reader = new Lines();
  run(floor, reader.told("phase continuous"));
  for (const line of before) run(floor, reader.told(line));
  const says = run(floor, reader.told(command)).map(printEvent).join(", ");
  return { says, book: printBook(floor) };
}

const forces: Readonly<Record<string, number>> = {
  ioc: tif.ioc,
  fok: tif.fok,
  post: tif.postOnly,
  day: tif.day,
};
const modes: Readonly<Record<string, number>> = {
  oldest: prevention.oldest,
  both: prevention.both,
};
const phases = ["closed", "pre-open", "opening", "continuous", "halt", "volatility", "closing"];
const verbs: Readonly<Record<string, number>> = {
  cancel: op.cancel,
  replace: op.replace,
  reduce: op.reduce,
  cancelall: op.cancelAll,
  after: op.cancelAfter,
};

/** Lines of commands; it counts orders and keeps the time. */
class Lines {
  private time = 1;
  private id = 0;

  told(line: string): Told {
    const words = line.split(" ");
    const [first = "", second = "", third = "", fourth = ""] = words;
    const told = { ...empty, time: this.time };
    if (first === "phase") {
      const place = phases.indexOf(second);
      if (place === -1) throw new Error(`couldn't read the phase of "${line}"`);
      return { ...told, op: op.phase, phase: place };
    }
    if (first === "reference") return { ...told, op: op.reference, price: Number(second) };
    if (first === "tick") {
      this.time = Number(second);
      return { ...told, time: this.time };
    }
    const account = 2 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(first);
    if (second === "buy" || second === "sell") return this.order(told, account, words);
    const verb = verbs[second];
    if (verb === undefined) throw new Error(`couldn't read "${line}"`);
    const [quantity = "", price = ""] = fourth.split("@");
    return {
      ...told,
      account,
      op: verb,
      market: -1,
      side: -1,
      id: Number(third),
      expiry: Number(third),
      quantity: Number(quantity),
      price: Number(price),
      tif: words.includes("post") ? tif.postOnly : tif.gtc,
      trigger: valueOf(words, "stop"),
    };
  }

  private order(told: Told, account: number, words: readonly string[]): Told {
    const [quantity = "", price = ""] = (words[2] ?? "").split("@");
    this.id += 1;
    const expiry = valueOf(words, "gtd");
    const force = words.map((word) => forces[word]).find((found) => found !== undefined);
    const mode = words.map((word) => modes[word]).find((found) => found !== undefined);
    const market = price === "";
    const usual = expiry !== 0 ? tif.gtd : market ? tif.ioc : tif.gtc;
    return {
      ...told,
      op: op.enter,
      account,
      id: this.id,
      side: words[1] === "buy" ? side.buy : side.sell,
      tif: force ?? usual,
      kind: market ? kind.market : kind.limit,
      prevention: mode ?? prevention.newest,
      price: Number(price),
      quantity: Number(quantity),
      trigger: valueOf(words, "stop"),
      expiry,
      cap: valueOf(words, "cap"),
    };
  }
}

const empty: Told = {
  op: op.tick,
  time: 0,
  account: 2,
  market: 0,
  id: 0,
  side: 0,
  tif: 0,
  kind: 0,
  prevention: 0,
  price: 0,
  quantity: 0,
  trigger: 0,
  expiry: 0,
  cap: 0,
  phase: phase.closed,
};

function valueOf(words: readonly string[], name: string): number {
  const word = words.find((each) => each.startsWith(`${name}=`));
  return word === undefined ? 0 : Number(word.slice(name.length + 1));
}

const letter = (account: number | undefined): string =>
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ".charAt((account ?? 0) - 2);
const reasons = ["", "cancelled", "expired", "immediate", "own order", "cap", "funds"];
const uncrossFlag = 4;

/** An event as `heard` gives it, in the words of the table. */
function printEvent(numbers: readonly number[]): string {
  const [what, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, , price = 0, quantity = 0] = numbers;
  switch (what) {
    case event.rejected:
      return `refused: ${at(floorRefusals, b - 1)}`;
    case event.trade:
      return `${letter(b)}${(e & uncrossFlag) === 0 ? "<" : "="}${letter(c)} ${quantity}@${price}`;
    case event.rested:
      return `${d} rests ${f}@${e}`;
    case event.waiting:
      return `${d} waits`;
    case event.triggered:
      return `${d} set off`;
    case event.reduced:
      return `${d} has ${f}@${e}`;
    case event.ended:
      return `${e} ends: ${at(reasons, d)}`;
    case event.phase:
      return `phase: ${at(phases, b)}`;
    case event.uncrossed:
      return `uncross ${c}@${b}`;
    case event.switched:
      return b === 0 ? `${letter(a)} off` : `${letter(a)} until ${b}`;
    default:
      return `${letter(a)} fires`;
  }
}

function printBook(floor: Floor): string {
  const of = (which: number): string =>
    depthOf(floor, 0, which, Infinity)
      .map(([price, lots]) => `${lots}@${price}`)
      .join(" ");
  return `${of(0)} / ${of(1)}`.trim();
}
