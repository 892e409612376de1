/**
 * `signet replay JOURNAL`: the fold of the island's own start (island/replay.ts) over a journal
 * that is only looked at. The exchange's name stands beside the journal; where only the segments
 * were copied it is the one that most of the first letters are written to.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { fingerprint, isFingerprint, type Fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { sums } from "../engine/audit.ts";
import { levelsOf } from "../engine/marketread.ts";
import { stateHash } from "../engine/snapshot.ts";
import type { State } from "../engine/state.ts";
import type { FoldedJournal, PassedOver } from "../island/recovery.ts";
import { StartRefused } from "../island/refusal.ts";
import { replayJournal } from "../island/replay.ts";
import { readSettings } from "../island/settings.ts";
import { passedOver } from "../island/skips.ts";
import { decodeRecord, RecordUnreadable } from "../journal/record.ts";
import type { Numbered } from "../journal/replay.ts";
import { printDecimal } from "../money/decimal.ts";
import { holderOf } from "../store/lock.ts";
import { StoreDamaged } from "../store/segments.ts";
import { exits, type Outcome, trouble, type Trouble } from "../wallet/errors.ts";
import { sayTrouble } from "./context.ts";
import { tellOutput } from "./replayevents.ts";
import { unreadableSource, type JournalSource } from "./replaysource.ts";
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

/** Letters that are asked whom they are written to. */
const lettersAsked = 100;
const nobody = fingerprint("0".repeat(40));

/** What the store says of itself before the first record is folded. */
type Opened = { records: number; torn: number; readonly holder: number | undefined };

type Ended = { readonly folded: FoldedJournal; readonly opened: Opened; readonly seconds: number };

export async function replayAJournal(
  source: JournalSource,
  wish: ReplayWish,
): Promise<Outcome<number>> {
  const opened: Opened = { records: 0, torn: 0, holder: holderOf(source.dir) };
  if (opened.holder !== undefined) {
    talk(`The journal is open in process ${opened.holder}: this is what stands there by now.`);
  }
  try {
    const started = performance.now();
    const folded = await foldJournal(source, wish, opened);
    const ended = { folded, opened, seconds: (performance.now() - started) / 1000 };
    return { ok: true, value: say(ended, wish) };
  } catch (cause) {
    if (cause instanceof StartRefused) return notFolded(cause);
    const isWrong = cause instanceof StoreDamaged || cause instanceof RecordUnreadable;
    if (!isWrong) throw cause;
    return unreadableSource(`The journal in ${source.dir} cannot be folded: ${cause.message}.`);
  }
}

/** What would keep an island from starting keeps us from folding. */
function notFolded({ message, code }: StartRefused): Trouble {
  const [what = "", meaning = "", next = ""] = message.split("\n");
  return trouble("E115", `${what} (${code})`, { meaning, next });
}

async function foldJournal(
  source: JournalSource,
  wish: ReplayWish,
  opened: Opened,
): Promise<FoldedJournal> {
  const progress = new Progress("records");
  const lines = new Lines(wish.json);
  const addressed = new Addressed();
  let interruption: Interruption | undefined;
  let checked = 0;
  let last = 0;
  try {
    return await replayJournal({
      journal: source.dir,
      dir: source.island,
      exchange: () => source.exchange ?? addressed.most(),
      passedOver: operatorsSay(source.island),
      fromGenesis: wish.fromGenesis || wish.events,
      until: wish.until,
      onRecord: (record) => {
        if (source.exchange === undefined) addressed.see(record);
        checked += 1;
        if (checked % 1024 === 0) progress.tell("checked", checked, 0);
      },
      begin: (records, torn) => {
        Object.assign(opened, { records, torn });
        sayOpened(source, opened, addressed);
        last = Math.min(records, wish.until ?? records);
        progress.begin(0);
        // Until here everything is one call, which no signal interrupts politely.
        interruption = new Interruption();
      },
      ...(wish.events ? { onOutput: tellOutput(lines) } : {}),
      restart: () => talk("A letter faults; operators passed it over: once more without it."),
      pause: async (number) => {
        progress.tell("folded", number, last);
        await lines.flush();
        return interruption?.pause() ?? true;
      },
    });
  } finally {
    progress.end();
    interruption?.end();
    await lines.flush();
  }
}

function sayOpened(source: JournalSource, opened: Opened, addressed: Addressed): void {
  if (opened.torn > 0) {
    const whose = opened.holder === undefined ? "a crash left" : "its writer is at";
    talk(`The last ${opened.torn} bytes are a torn write that ${whose}: nobody was told of them.`);
  }
  if (source.exchange === undefined && addressed.most() !== nobody) {
    talk(`Nothing here names the exchange; most letters are written to ${addressed.most()}.`);
  }
}

function talk(sentence: string): void {
  process.stderr.write(`○ ${sentence}\n`);
}

/** Whom the first letters are written to. */
class Addressed {
  readonly #times = new Map<Fingerprint, number>();
  #asked = 0;

  see({ bytes }: Numbered): void {
    if (this.#asked >= lettersAsked) return;
    const record = decodeRecord(bytes);
    if (!record.ok || record.value.kind !== "input" || record.value.input.kind !== "letter") return;
    this.#asked += 1;
    const [, name = ""] = /^signet\/1 ([0-9a-fA-F]{40})\n/.exec(record.value.input.text) ?? [];
    if (!isFingerprint(name.toLowerCase())) return;
    const whose = fingerprint(name.toLowerCase());
    this.#times.set(whose, (this.#times.get(whose) ?? 0) + 1);
  }

  most(): Fingerprint {
    const [first] = [...this.#times].toSorted(([, a], [, b]) => b - a);
    return first?.[0] ?? nobody;
  }
}

/** Operators' letters about letters that fault open with the island's keys only. */
function operatorsSay(island: string): PassedOver {
  return async (number, state) => {
    if (!existsSync(join(island, "keys")) || !existsSync(join(island, "skips"))) return false;
    const { dir, operating } = await readSettings(island);
    return passedOver({ dir, keys: operating, at: time(Date.now()) }, number, state);
  };
}

type PrintedBook = {
  readonly buy: readonly PrintedLevel[];
  readonly sell: readonly PrintedLevel[];
};

function bookOf(state: State, name: string): PrintedBook | undefined {
  const market = state.configuration.markets.get(name);
  const base = state.configuration.assets.get(market?.base ?? "");
  if (market === undefined || base === undefined) return undefined;
  const side = (which: "buy" | "sell"): readonly PrintedLevel[] =>
    levelsOf(state, name, which).map(({ price, quantity }) => ({
      price: printDecimal(price, market.priceDecimals),
      quantity: printDecimal(quantity * market.lot, base.decimals),
    }));
  return { buy: side("buy"), sell: side("sell") };
}

function say({ folded, opened, seconds }: Ended, wish: ReplayWish): number {
  const { state, from, last } = folded;
  const summed = sums(state);
  const isEven = [...summed.values()].every((sum) => sum === 0);
  const isCut = last < Math.min(opened.records, wish.until ?? opened.records);
  const book = wish.book === undefined ? undefined : bookOf(state, wish.book);
  const isUnknown = wish.book !== undefined && book === undefined;
  const exit = !isEven ? exits.broken : isCut ? interrupted : isUnknown ? exits.usage : exits.done;
  const perSecond = Math.round((last - from) / seconds);
  if (wish.json) {
    printResult({
      ok: exit === exits.done,
      records: last,
      of: opened.records,
      from,
      seconds: Number(seconds.toFixed(3)),
      perSecond,
      stateHash: stateHash(state),
      sums: Object.fromEntries(summed),
      ...(book === undefined ? {} : { book: { market: wish.book ?? "", ...book } }),
      tornBytes: opened.torn,
      ...(opened.holder === undefined ? {} : { openIn: opened.holder }),
      interrupted: isCut,
      exit,
    });
  } else {
    const part = last < opened.records ? ` of ${count(opened.records)}` : "";
    const snapshot = from > 0 ? ` (snapshot at ${from})` : "";
    printFact("records", `${count(last)}${part}${snapshot}`);
    printFact("rate", `${count(perSecond)} a second, ${seconds.toFixed(3)} s`);
    printFact("state hash", stateHash(state));
    printSums(summed);
    if (book !== undefined) printBook(wish.book ?? "", book);
  }
  if (isCut) talk("Stopped: this is what was folded by then.");
  if (isUnknown) sayUnknown(state, wish.book ?? "");
  return exit;
}

function sayUnknown(state: State, name: string): void {
  const names = [...state.configuration.markets.keys()].join(", ");
  const what = `No market is called ${name} by then; there are: ${names || "none"}.`;
  sayTrouble(trouble("E106", what, { meaning: "The fold itself is whole.", next: "" }), {});
}
