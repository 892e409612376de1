/**
 * A broker's file: one command of the letter grammar a row, each its own letter, on as many threads
 * as asked for, each followed to its end.
 *
 *   BUY|GLD/BTC|1200|4215|id=alice-000042|tag=alice
 *
 * A row is known by its id= (or, where the command takes none, its tag=). The outbox remembers it,
 * so that a run which was killed and started again with the same file sends nothing twice: rows
 * that are in the outbox are followed, the same bytes; only the others are written.
 */
import { parseLetter } from "../letter/parse.ts";
import type { Line } from "../letter/command.ts";
import { printLetter } from "../letter/print.ts";
import { lineMax, threadMax } from "../letter/limits.ts";
import { time } from "../codec/time.ts";
import type { Account } from "./account.ts";
import { trouble, type Outcome, type Trouble } from "./errors.ts";
import { entryOfId, isGone, textOfLetter, writeLetter, type OutboxEntry } from "./outbox.ts";
import { fatesOf, tookEffect, type LineFate } from "./fates.ts";
import { sendEntry } from "./send.ts";
import { readText } from "./home.ts";
import { parseReport } from "../letter/report.ts";
import { now } from "./times.ts";

/** A row of the file that is a command. */
export type Row = { readonly number: number; readonly text: string; readonly identity: string };

/** What became of a row. */
export type RowFate =
  | {
      readonly kind: "accepted" | "rejected";
      readonly row: Row;
      readonly lines: readonly LineFate[];
      /** The letter was refused as a whole: it had no effect, and the next run writes it anew. */
      readonly refused: Trouble | undefined;
    }
  | { readonly kind: "unknown"; readonly row: Row; readonly trouble: Trouble };

/** What an issuer says with `signet issue`, one by one. */
const issuersKinds: ReadonlySet<string> = new Set([
  "list",
  "dividend",
  "ratio",
  "rename",
  "delist",
]);

/** The most rows in one file. */
const rowsMax = 1_000_000;

/** Reads the whole file before anything is sent; one bad row refuses it. */
export function readRows(account: Account, text: string): Outcome<readonly Row[]> {
  const rows: Row[] = [];
  const identities = new Set<string>();
  const lines = text.split("\n");
  if (lines.length > rowsMax) return trouble("E113", `The file has more than ${rowsMax} rows.`);
  for (const [index, raw] of lines.entries()) {
    const content = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (content === "" || content.startsWith("#")) continue;
    const read = readRow(account, content, index + 1);
    if (!read.ok) return read;
    if (identities.has(read.value.identity)) {
      return trouble("E113", `Row ${index + 1}: ${read.value.identity} stands in an earlier row.`);
    }
    identities.add(read.value.identity);
    rows.push(read.value);
  }
  return { ok: true, value: rows };
}

function readRow(account: Account, text: string, number: number): Outcome<Row> {
  const wrong = (why: string): Trouble => trouble("E113", `Row ${number}: ${why}`);
  if (text.length > lineMax || !/^[ -~]+$/.test(text)) {
    return wrong(`a row is printable ASCII, at most ${lineMax} characters.`);
  }
  const exchange = account.exchange.fingerprint;
  const letter = printLetter({ exchange, seq: 1, by: time(now() + 60_000), commands: [text] });
  const parsed = parseLetter(letter, exchange);
  if (!parsed.ok) return wrong(parsed.detail);
  const line: Line | undefined = parsed.value.lines[0];
  if (!line || parsed.value.lines.length !== 1) return wrong("this is no command.");
  if (!line.command.ok) return wrong(line.command.detail);
  const { kind } = line.command.value;
  if (kind === "register" || kind === "stat" || kind === "statjson" || kind === "resend") {
    return wrong(`${line.verb} does not belong into such a file.`);
  }
  const identity = line.id ?? line.tag;
  if (identity === undefined) return wrong("it has neither id= nor tag=.");
  if (issuersKinds.has(kind)) {
    return wrong(`${line.verb} cannot be undone and is asked about first: signet issue.`);
  }
  // Tags and ids are told apart, so that a cancel may carry the id of its order as its tag.
  return { ok: true, value: { number, text, identity: line.id ?? `tag=${identity}` } };
}

/** How to submit. */
export type Submitting = {
  readonly threads: number;
  /** How long each letter is good for, milliseconds. */
  readonly byMs: number;
  readonly stop?: AbortSignal;
  readonly onRow?: (fate: RowFate) => void;
};

/** Sends every row that was not answered yet, and follows all to their end. */
export async function submitRows(
  account: Account,
  rows: readonly Row[],
  how: Submitting,
): Promise<Outcome<readonly RowFate[]>> {
  const claimed = rows.map((row) => [row, entryOfId(account.home, row.identity)] as const);
  for (const [row, entry] of claimed) {
    if (entry && !isGone(entry) && !says(account, entry, row)) {
      const what = `Row ${row.number}: letter ${entry.name} with ${row.identity} says something else.`;
      return trouble("E112", what);
    }
  }
  const fates = new Map<number, RowFate>();
  const queue = claimed.values();
  const threads = Math.min(how.threads, threadMax + 1, Math.max(rows.length, 1));
  const run = async (thread: number): Promise<void> => {
    for (const [row, entry] of queue) {
      if (how.stop?.aborted === true) return;
      const fate = await submitRow(account, row, entry, { ...how, thread });
      fates.set(row.number, fate);
      how.onRow?.(fate);
    }
  };
  await Promise.all(Array.from({ length: threads }, (_, thread) => run(thread)));
  const ordered = rows.flatMap((row) => fates.get(row.number) ?? []);
  return { ok: true, value: ordered };
}

function says(account: Account, entry: OutboxEntry, row: Row): boolean {
  return textOfLetter(account.home, entry).split("\n").includes(row.text);
}

async function submitRow(
  account: Account,
  row: Row,
  found: OutboxEntry | undefined,
  how: Submitting & { readonly thread: number },
): Promise<RowFate> {
  const live = found && !isGone(found) ? found : undefined;
  const told = live && answerOf(account, live);
  if (told && told.refused === undefined) return rowFate(row, told.lines, undefined);
  let entry = told ? undefined : live;
  if (!entry) {
    const written = await writeLetter(account, {
      commands: [row.text],
      by: time(Math.ceil((now() + how.byMs) / 1000) * 1000),
      thread: how.thread,
      ids: [row.identity],
    });
    if (!written.ok) return { kind: "unknown", row, trouble: written };
    entry = written.value;
  }
  const sent = await sendEntry(account, entry, {
    wait: "read",
    // A letter that was found past its deadline is asked for once more, not for ever.
    ...(entry.by < now() ? { until: time(now() + 3000) } : {}),
    ...(how.stop ? { stop: how.stop } : {}),
  });
  if (sent.kind === "answered") return rowFate(row, sent.lines, sent.refused);
  if (sent.kind === "void") return rowFate(row, [], trouble("E508"));
  return {
    kind: "unknown",
    row,
    trouble: sent.kind === "trouble" ? sent.trouble : trouble("E501"),
  };
}

function rowFate(row: Row, lines: readonly LineFate[], refused: Trouble | undefined): RowFate {
  const accepted = refused === undefined && tookEffect(lines);
  return { kind: accepted ? "accepted" : "rejected", row, lines, refused };
}

/** What the kept answer to a letter says, without asking anybody. */
export function answerOf(
  account: Account,
  entry: OutboxEntry,
): ReturnType<typeof fatesOf> | undefined {
  if (entry.state !== "answered") return undefined;
  const text =
    entry.report === undefined
      ? readText(account.home, "outbox", `${entry.name}.answer`)
      : readText(account.home, "reports", `${String(entry.report).padStart(6, "0")}.txt`);
  const report = text === undefined ? undefined : parseReport(text);
  return report?.ok === true ? fatesOf(report.value) : undefined;
}
