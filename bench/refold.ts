/**
 * `npm run bench -- replay`: a recorded journal of customers' commands, folded again. The same
 * commands are recorded twice and must trade the same:
 *
 *   letters    a hundred commands a letter, as customers sign them: texts parsed, obeyed by the
 *              whole engine, every report printed and hashed, as start-up and `signet replay` do
 *   commands   32 bytes each, a letter's in one record, as the floor is told them: the store opened
 *              and checked (frames, CRC, chain), every record read and played, ledger with holds
 *
 * Buyers and sellers are different people, so that nobody meets his own orders.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply } from "../src/engine/apply.ts";
import type { Input, Output } from "../src/engine/input.ts";
import { newState } from "../src/engine/state.ts";
import { recordBytes, streamOp, type StreamHead } from "../src/floor/stream.ts";
import { openFloor, play } from "../src/floor/streamplay.ts";
import { encodeRecord } from "../src/journal/record.ts";
import { fold } from "../src/journal/replay.ts";
import { parseLetter } from "../src/letter/parse.ts";
import { openSegments } from "../src/store/segments.ts";
import { Floor, floorExchange } from "../src/testing/floor.ts";
import { randomFrom } from "../src/testing/seed.ts";
import { market } from "./flow.ts";
import type { Stage } from "./figure.ts";
import { processSeconds } from "./gauge.ts";

const bench = "replay";
const letters = 5000;
/** Letters to a group commit. */
const lettersPerFrame = 8;
const commandsPerLetter = 100;
const people = 200;
const middle = 4200;
const funds = { BTC: 1_000_000_000_000, GLD: 9_000_000 } as const;
/** A signature packet of an Ed25519 key. */
const evidenceBytes = 119;
const plays = 5;

/** One command, in both forms. */
type Told = { readonly line: string; readonly words: readonly number[] };

export async function replay(stage: Stage): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "signet-bench-replay-"));
  try {
    stage.say("recording the letters");
    const recorded = await record(dir, stage.over);
    if (stage.over.aborted) return;
    const commands = letters * commandsPerLetter;
    const tell = (figure: string, seconds: number, against = "", theirs = 0): void => {
      const value = commands / seconds / 1e6;
      const peer = against === "" ? {} : { against, ratio: theirs / seconds };
      stage.tell({ bench, figure, value, unit: "M/s", ...peer });
    };
    const whole = await foldLetters(join(dir, "letters"), recorded);
    const { parsing } = recorded;
    tell("letters' texts, the whole engine, reports printed", whole, "parsing alone", parsing);
    let best = Infinity;
    for (let i = 0; i < plays; i += 1) {
      best = Math.min(best, await foldCommands(join(dir, "commands"), recorded));
    }
    const against = "the same floor, commands in memory";
    const bare = playBare(join(dir, "commands"), recorded);
    tell("the same commands on the floor, store checked and read", best, against, await bare);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

type Recorded = {
  readonly head: StreamHead;
  /** How many trades the letters made. */
  readonly trades: number;
  /** Records before the first letter that trades. */
  readonly before: number;
  /** Processor seconds of parsing all letters. */
  readonly parsing: number;
};

/** Writes both journals below `dir`. */
async function record(dir: string, over: AbortSignal): Promise<Recorded> {
  const floor = new Floor();
  for (let i = 0; i < people; i += 1) {
    const asset = i % 2 === 0 ? "BTC" : "GLD";
    floor.fund(nameOf(i), asset, funds[asset]);
  }
  const before = floor.journal.length;
  const crowd = new Crowd();
  const inputs: Input[] = [...floor.journal];
  let trades = 0;
  const commands: Uint8Array[] = [];
  for (let k = 0; k < letters && !over.aborted; k += 1) {
    const who = k % people;
    const told = Array.from({ length: commandsPerLetter }, () => crowd.next(who));
    floor.pass(10);
    const text = floor.write(
      nameOf(who),
      told.map(({ line }) => line),
    );
    const input = floor.letter(nameOf(who), text);
    trades += tradesIn(apply(floor.state, input));
    inputs.push(input);
    commands.push(bytesOf(told.flatMap(({ words }) => words)));
  }
  await write(join(dir, "commands"), commands);
  await write(
    join(dir, "letters"),
    inputs.map((input) => {
      const evidence = new Uint8Array(input.kind === "letter" ? evidenceBytes : 0);
      return encodeRecord({ kind: "input", input, evidence });
    }),
  );
  const texts = inputs.slice(before).map((input) => ("text" in input ? input.text : ""));
  const started = processSeconds();
  for (const text of texts) {
    if (!parseLetter(text, floorExchange).ok) throw new Error("couldn't parse our own letter");
  }
  const parsing = processSeconds() - started;
  return { head: crowd.head(), trades, before, parsing };
}

function tradesIn({ leaves }: Output): number {
  return leaves.filter((leaf) => leaf.startsWith("TRADE|")).length;
}

async function write(path: string, records: readonly Uint8Array[]): Promise<void> {
  const store = await openSegments(path);
  for (let i = 0; i < records.length; i += lettersPerFrame) {
    await store.append(records.slice(i, i + lettersPerFrame));
  }
  await store.close();
}

/** Processor seconds of the letters that trade. */
async function foldLetters(path: string, { trades, before }: Recorded): Promise<number> {
  const journal = await openSegments(path, { readOnly: true });
  const state = newState(floorExchange);
  const skips: ReadonlySet<number> = new Set();
  const upTo = function* (from: number, last: number): Iterable<Numbered> {
    for (const found of journal.read(from)) {
      if (found.number > last) return;
      yield found;
    }
  };
  fold({ records: upTo(1, before), state, apply, skips });
  const started = processSeconds();
  let traded = 0;
  const onOutput = (output: Output): void => {
    traded += tradesIn(output);
  };
  fold({ records: upTo(before + 1, journal.last), state, apply, skips, onOutput });
  const seconds = processSeconds() - started;
  await journal.close();
  if (traded !== trades) throw new Error("couldn't fold the letters to the same trades");
  return seconds;
}

type Numbered = { readonly number: number; readonly bytes: Uint8Array };

/** Processor seconds, those of opening the store included. */
async function foldCommands(path: string, { head, trades }: Recorded): Promise<number> {
  // Words are read in place, which needs them aligned: records lie anywhere.
  const room = new Uint8Array(commandsPerLetter * recordBytes);
  const state = openFloor(head, new Int32Array(room.buffer));
  const started = processSeconds();
  const onRecord = ({ number, bytes }: Numbered): void => {
    room.set(bytes);
    state.first = (number - 1) * commandsPerLetter;
    play(state, state.first, state.first + commandsPerLetter);
  };
  const journal = await openSegments(path, { readOnly: true, onRecord });
  const seconds = processSeconds() - started;
  await journal.close();
  if (state.hash.trades !== trades) throw new Error("couldn't fold the commands to those trades");
  return seconds;
}

/** Processor seconds of the floor alone. */
async function playBare(path: string, { head }: Recorded): Promise<number> {
  const journal = await openSegments(path, { readOnly: true });
  const words = new Int32Array(head.commands * (recordBytes / 4));
  const bytes = new Uint8Array(words.buffer);
  for (const { number, bytes: record } of journal.read(1)) {
    bytes.set(record, (number - 1) * record.length);
  }
  await journal.close();
  let best = Infinity;
  for (let i = 0; i < plays; i += 1) {
    const state = openFloor(head, words);
    const started = processSeconds();
    play(state, 0, head.commands);
    best = Math.min(best, processSeconds() - started);
  }
  return best;
}

function nameOf(person: number): string {
  return `customer ${person}`;
}

function bytesOf(words: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(words).buffer);
}

/** People who place orders around a price and take every second one back. */
class Crowd {
  readonly #random = randomFrom(20_261_121);
  readonly #sent: number[][] = Array.from({ length: people }, () => []);
  #last = 0;

  next(who: number): Told {
    const random = this.#random;
    const mine = this.#sent[who] ?? [];
    const side = who % 2;
    if (mine.length > 20 && random(100) < 47) {
      const [id = 0] = mine.splice(random(mine.length), 1);
      const codes = streamOp.cancel | (side << 8);
      return { line: `CANCEL|o${id}`, words: [codes, 0, id, who, 0, 0, 0, 0] };
    }
    this.#last += 1;
    const id = this.#last;
    mine.push(id);
    const away = random(100) < 12 ? -random(6) : 1 + random(60);
    const price = side === 0 ? middle - away : middle + 1 + away;
    const lots = 1 + random(90);
    const codes = streamOp.enter | (side << 8);
    const verb = side === 0 ? "BUY" : "SELL";
    return {
      line: `${verb}|${market}|${lots}|${price}|id=o${id}`,
      words: [codes, 0, id, who, price, lots, 0, 0],
    };
  }

  head(): StreamHead {
    const [minPrice, maxPrice] = [middle - 100, middle + 100];
    const facts = { instruments: 1, accounts: people, maxOrderId: this.#last, seed: 0 };
    const commands = letters * commandsPerLetter;
    return { commands, prefill: 0, ...facts, minPrice, maxPrice };
  }
}
