/**
 * `signet replay [PATH]`: folds an exchange's journal or an order stream again and prints what
 * comes out: for auditors and for backtesting. It changes nothing, and needs no key.
 *
 * The result goes to stdout: with `--events` a line for every event first (JSON with `--json`),
 * then how much was folded, the hashes, every asset's sum, and with `--book` a market's levels.
 * Progress goes to stderr. Ctrl-C ends the fold where it is; the result is printed all the same.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import { parseWhole } from "../money/amount.ts";
import { trouble, type Outcome } from "../wallet/errors.ts";
import { finish } from "./context.ts";
import { replayAJournal } from "./replayjournal.ts";
import { sourceAt, type Source } from "./replaysource.ts";
import { replayAStream } from "./replaystream.ts";
import type { ReplayWish } from "./replaytold.ts";

type Options = {
  readonly data?: string;
  readonly fromGenesis?: boolean;
  readonly events?: boolean;
  readonly until?: string;
  readonly book?: string;
  readonly json?: boolean;
};

export async function run(options: Options, words: readonly string[] = []): Promise<number> {
  const wish = wishOf(options, words);
  if (!wish.ok) return finish(wish, options);
  const source = sourceOf(options, words);
  if (!source.ok) return finish(source, options);
  const { value } = source;
  const ended =
    value.kind === "stream"
      ? await replayAStream(value, wish.value)
      : await replayAJournal(value, wish.value);
  return ended.ok ? ended.value : finish(ended, options);
}

function wishOf(options: Options, words: readonly string[]): Outcome<ReplayWish> {
  if (words.length > 1) return trouble("E100", "One journal or stream at a time.");
  if (words.length === 1 && options.data !== undefined) {
    return trouble("E100", "Name the journal or stream once: as a word or with --data.");
  }
  const until = options.until === undefined ? undefined : parseWhole(options.until);
  if (options.until !== undefined && (until === undefined || until < 1)) {
    return trouble("E100", "--until is a whole number from 1: the last record or command.");
  }
  const { book, json = false, events = false, fromGenesis = false } = options;
  return { ok: true, value: { until, book, json, events, fromGenesis } };
}

function sourceOf({ data }: Options, [word]: readonly string[]): Outcome<Source> {
  if (word !== undefined) return sourceAt(resolve(word));
  const dir = resolve(data ?? "signet-data");
  if (existsSync(join(dir, "island/journal"))) return sourceAt(dir);
  return trouble("E115", `There is no exchange in ${dir}.`, {
    meaning: "Nothing was read.",
    next: "Name its folder, a journal or a stream: signet replay PATH",
  });
}
