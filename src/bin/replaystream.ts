/**
 * `signet replay STREAM`: the stream on the floor with everything on (src/floor/streamplay.ts), in
 * pieces of a mebibyte, so that no stream is too long. Instruments, accounts and orders go by the
 * stream's own numbers.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { toHex } from "../codec/bytes.ts";
import { depthOf } from "../floor/read.ts";
import { floorRefusals } from "../floor/refusals.ts";
import { stateHash } from "../floor/snapshot.ts";
import {
  checkRecords,
  headerBytes,
  readHead,
  recordBytes,
  type StreamHead,
  type StreamRefusal,
} from "../floor/stream.ts";
import { auditPlay, openFloor, play, playTelling, type Play } from "../floor/streamplay.ts";
import type { Refused } from "../codec/verdict.ts";
import { exits, type Outcome, trouble, type Trouble } from "../wallet/errors.ts";
import { streamFacts } from "./replayfacts.ts";
import { unreadableSource, type StreamSource } from "./replaysource.ts";
import {
  count,
  interrupted,
  Interruption,
  Lines,
  printBook,
  printFact,
  printResult,
  printSums,
  Progress,
  type PrintedLevel,
  type ReplayWish,
} from "./replaytold.ts";

const pieceCommands = 32_768;
/** Events take a hundred times the room of their command. */
const pieceWithEvents = 2048;
const allLevels = Number.MAX_SAFE_INTEGER;

type Played = { readonly state: Play; readonly done: number; readonly seconds: number };

export async function replayAStream(
  { path }: StreamSource,
  wish: ReplayWish,
): Promise<Outcome<number>> {
  const fd = openSync(path, "r");
  try {
    const first = Buffer.alloc(headerBytes);
    const { size } = fstatSync(fd);
    const head = readHead(first.subarray(0, readSync(fd, first, 0, headerBytes, 0)), size);
    if (!head.ok) return refused(path, head);
    const instrument = instrumentOf(wish.book, head.value);
    if (!instrument.ok) return instrument;
    const played = await playPieces(fd, head.value, wish);
    if (!played.ok) return "name" in played ? refused(path, played) : played;
    auditPlay(played.value.state);
    return { ok: true, value: say(head.value, played.value, wish, instrument.value) };
  } finally {
    closeSync(fd);
  }
}

function refused(path: string, { name, detail }: Refused<StreamRefusal>): Trouble {
  return unreadableSource(`${path} cannot be played: ${detail} (${name})`);
}

function instrumentOf(
  book: string | undefined,
  { instruments }: StreamHead,
): Outcome<number | undefined> {
  if (book === undefined) return { ok: true, value: undefined };
  const number = /^(?:0|[1-9][0-9]{0,5})$/.test(book) ? Number(book) : instruments;
  if (number < instruments) return { ok: true, value: number };
  const last = instruments - 1;
  return trouble("E100", `--book names an instrument of the stream by its number: 0 to ${last}.`);
}

async function playPieces(
  fd: number,
  head: StreamHead,
  wish: ReplayWish,
): Promise<{ ok: true; value: Played } | Refused<StreamRefusal> | Trouble> {
  const last = Math.min(head.commands, wish.until ?? head.commands);
  const piece = wish.events ? pieceWithEvents : pieceCommands;
  const bytes = new Uint8Array(piece * recordBytes);
  const state = openFloor(head, new Int32Array(bytes.buffer));
  const lines = new Lines(wish.json);
  const progress = new Progress("commands");
  const interruption = new Interruption();
  const started = performance.now();
  let done = 0;
  try {
    while (done < last) {
      const some = Math.min(piece, last - done);
      const wanted = some * recordBytes;
      const got = readSync(fd, bytes, 0, wanted, headerBytes + done * recordBytes);
      if (got < wanted) return unreadableSource("The stream became shorter while it was played.");
      const words = new Int32Array(bytes.buffer, 0, wanted / 4);
      const sound = checkRecords(head, words, done);
      if (!sound.ok) {
        await lines.flush();
        return sound;
      }
      state.words = words;
      state.first = done;
      if (wish.events) playTold(state, done + some, lines);
      else play(state, done, done + some);
      done += some;
      progress.tell("folded", done, last);
      await lines.flush();
      if (!(await interruption.pause())) break;
    }
  } finally {
    progress.end();
    interruption.end();
  }
  return { ok: true, value: { state, done, seconds: (performance.now() - started) / 1000 } };
}

function playTold(state: Play, to: number, lines: Lines): void {
  for (let i = state.first; i < to; i += 1) {
    playTelling(state, i, (events, at) => {
      const [name, facts] = streamFacts(events, at);
      lines.event({ command: i + 1 }, name, facts);
    });
  }
}

/** Every asset's sum over all accounts, the world outside included: zero. */
function sumsOf({ floor }: Play): ReadonlyMap<string, number> {
  const sums = Array.from({ length: floor.balances.assets }, () => 0n);
  floor.balances.each((asset, _account, total) => {
    sums[asset] = (sums[asset] ?? 0n) + BigInt(total);
  });
  const name = (asset: number): string => (asset === 0 ? "quote" : `base${asset - 1}`);
  return new Map(sums.map((sum, asset) => [name(asset), Number(sum)]));
}

function levelsOf({ floor }: Play, instrument: number, side: number): readonly PrintedLevel[] {
  return depthOf(floor, instrument, side, allLevels).map(([price, quantity]) => ({
    price: String(price),
    quantity: String(quantity),
  }));
}

function say(
  head: StreamHead,
  { state, done, seconds }: Played,
  wish: ReplayWish,
  instrument: number | undefined,
): number {
  const wanted = Math.min(head.commands, wish.until ?? head.commands);
  const exit = done < wanted ? interrupted : exits.done;
  const rejected = Object.fromEntries(
    floorRefusals.flatMap((name, i) => {
      const times = state.refusals[i + 1] ?? 0;
      return times === 0 ? [] : [[name, times]];
    }),
  );
  const sums = sumsOf(state);
  const hash = toHex(stateHash(state.floor));
  const book =
    instrument === undefined
      ? undefined
      : { buy: levelsOf(state, instrument, 0), sell: levelsOf(state, instrument, 1) };
  const perSecond = Math.round(done / seconds);
  if (wish.json) {
    printResult({
      ok: exit === exits.done,
      commands: done,
      of: head.commands,
      prefill: head.prefill,
      seconds: Number(seconds.toFixed(3)),
      perSecond,
      trades: state.hash.trades,
      tradeHash: state.hash.digest(),
      rejects: state.rejects,
      rejected,
      stateHash: hash,
      sums: Object.fromEntries(sums),
      ...(book === undefined ? {} : { book: { market: String(instrument), ...book } }),
      interrupted: exit === interrupted,
      exit,
    });
    return exit;
  }
  const part = done < head.commands ? ` of ${count(head.commands)}` : "";
  printFact("commands", `${count(done)}${part} (${count(head.prefill)} build the books)`);
  printFact("rate", `${count(perSecond)} a second, ${seconds.toFixed(3)} s`);
  printFact("trades", count(state.hash.trades));
  printFact("trade hash", state.hash.digest());
  printFact("rejects", count(state.rejects));
  for (const [name, times] of Object.entries(rejected)) printFact("", `${name} ${count(times)}`);
  printFact("state hash", hash);
  printSums(sums);
  if (book !== undefined) printBook(String(instrument), book);
  if (exit === interrupted) process.stderr.write("○ Stopped: this is what was folded by then.\n");
  return exit;
}
