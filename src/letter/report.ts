/**
 * Reports and answers (docs/spec/report.md): head lines, records, one pad line, to a multiple of
 * 1,024 bytes. A report is numbered and names the hash of the one before it; an answer changes
 * nothing and has neither. What `printReport` prints and `parseReport` reads is the same value
 * again, and no other text stands for it.
 */
import { assert } from "../codec/assert.ts";
import { sha256Hex } from "../codec/bytes.ts";
import {
  digest,
  isFingerprint,
  isHex64,
  orderId,
  ref,
  tag,
  type Digest,
  type Fingerprint,
  type OrderId,
  type Ref,
  type Tag,
} from "../codec/names.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { parseWhole } from "../money/amount.ts";
import { parseCount } from "./atoms.ts";
import { parseEntry, printEntry, type Entry } from "./entry.ts";
import { mailboxEntries, reportBytesMax, reportStep, seqMax, threadMax } from "./limits.ts";
import { padBytes, padLine } from "./padding.ts";

/** The letter that a text answers, in its three ways of being named. */
export type Answers = {
  readonly orderId: OrderId;
  readonly ref: Ref;
  readonly seq?: { readonly number: number; readonly thread: number } | undefined;
};

type Common = {
  readonly exchange: Fingerprint;
  readonly to: Fingerprint;
  /** The size of the public log when the engine decided. */
  readonly log: number;
  readonly at: Time;
};

/** The head lines. Only a report may answer nothing. */
export type ReportHead =
  | (Common & {
      readonly kind: "report";
      readonly report: number;
      readonly previous: Digest;
      readonly answers?: Answers | undefined;
    })
  | (Common & {
      readonly kind: "answer";
      readonly report?: undefined;
      readonly previous?: undefined;
      readonly answers: Answers;
    });

/** A whole text: head and records. */
export type Report = ReportHead & { readonly records: readonly Entry[] };

/** Refusals of a report's text, in order of precedence. */
export const reportRefusals = [
  "report_too_long",
  "report_not_ascii",
  "report_not_padded",
  "report_kind_unknown",
  "report_head_malformed",
  "record_unknown",
  "record_fields_wrong",
  "record_field_malformed",
] as const;
/** A name from `reportRefusals`. */
export type ReportRefusal = (typeof reportRefusals)[number];

/** `previous` of the first report. */
export const noReport: Digest = digest("0".repeat(64));

/** The whole text, padded. */
export function printReport(report: Report): string {
  return finishAnswer(printHead(report), report.records.map(printEntry));
}

/** The head lines, each with its LF. */
export function printHead(head: ReportHead): string {
  const lines = [`signet-${head.kind}/1 ${head.exchange}`, `to ${head.to}`];
  if (head.kind === "report") {
    assert(head.report >= 1, "reports are numbered from 1");
    lines.push(`report ${head.report}`, `previous ${head.previous}`);
  }
  lines.push(printAnswers(head.answers), `log ${head.log}`, `at ${printTime(head.at)}`);
  return `${lines.join("\n")}\n`;
}

/** The whole text from head lines and printed records. */
export function finishAnswer(head: string, records: readonly string[]): string {
  const text = records.length === 0 ? head : `${head}${records.join("\n")}\n`;
  return text + padLine(padBytes(text.length, reportStep));
}

function printAnswers(answers: Answers | undefined): string {
  if (answers === undefined) return "answers nothing";
  const { seq } = answers;
  const suffix = seq === undefined ? "" : ` seq ${seq.number} thread ${seq.thread}`;
  return `answers ${answers.orderId} ref ${answers.ref}${suffix}`;
}

/** The hash that the next report names: SHA-256 of the whole text, pad line and all. */
export function reportHash(text: string): Digest {
  return digest(sha256Hex(text));
}

/** Where entry `entry` of an account's mail lies (docs/spec/report.md §2). */
export function mailboxOf(secret: string, entry: number): { tag: Tag; index: number } {
  assert(isHex64(secret), "a mailbox secret is 64 lower-case hex digits");
  assert(Number.isSafeInteger(entry) && entry >= 0, "mail is numbered from 0");
  const box = Math.floor(entry / mailboxEntries);
  return { tag: tag(sha256Hex(`${secret}\n${box}`)), index: entry % mailboxEntries };
}

/** Reads a report or an answer. */
export function parseReport(text: string): Verdict<Report, ReportRefusal> {
  if (text.length > reportBytesMax) {
    return refuse("report_too_long", `The text has ${text.length} bytes.`);
  }
  if (/[^\n -~]/.test(text)) return refuse("report_not_ascii", "The text is not plain ASCII.");
  const lines = readPadded(text);
  if (lines === undefined) {
    const sentence = `The text must end with one pad line, at a multiple of ${reportStep} bytes.`;
    return refuse("report_not_padded", sentence);
  }
  const kind = (["report", "answer"] as const).find((k) => lines[0]?.startsWith(`signet-${k}/1 `));
  if (kind === undefined) {
    return refuse("report_kind_unknown", "The text begins with no kind of report known here.");
  }
  const head = kind === "report" ? readReportHead(lines) : readAnswerHead(lines);
  if (head === undefined) {
    return refuse("report_head_malformed", "A head line is missing or malformed.");
  }
  const records: Entry[] = [];
  for (const line of lines.slice(kind === "report" ? 7 : 5)) {
    const entry = parseEntry(line);
    if (!entry.ok) return refuse(entry.name, `Record ${records.length + 1}: ${entry.detail}`);
    records.push(entry.value);
  }
  return accept({ ...head, records });
}

/** The lines before the pad line, if the padding is exactly what `finishAnswer` would have made. */
function readPadded(text: string): readonly string[] | undefined {
  if (!text.endsWith("\n")) return undefined;
  const end = text.lastIndexOf("\n", text.length - 2) + 1;
  if (text.slice(end) !== padLine(padBytes(end, reportStep))) return undefined;
  return text.slice(0, Math.max(end - 1, 0)).split("\n");
}

/**
 * What follows `word` and a blank; the empty text, which nothing accepts, if the line is another.
 */
function after(word: string, line: string | undefined): string {
  return line?.startsWith(`${word} `) === true ? line.slice(word.length + 1) : "";
}

function readReportHead(lines: readonly string[]): ReportHead | undefined {
  const [first, to, number, previous, answering, log, at] = lines;
  const common = readCommon(after("signet-report/1", first), to, log, at);
  const report = parseCount(after("report", number));
  const before = after("previous", previous);
  const answers = readAnswers(answering);
  if (common === undefined || report === undefined || !isHex64(before)) return undefined;
  if (answers === undefined) return undefined;
  return { kind: "report", ...common, report, previous: digest(before), answers: answers.value };
}

function readAnswerHead(lines: readonly string[]): ReportHead | undefined {
  const [first, to, answering, log, at] = lines;
  const common = readCommon(after("signet-answer/1", first), to, log, at);
  const answers = readAnswers(answering)?.value;
  if (common === undefined || answers === undefined) return undefined;
  return { kind: "answer", ...common, answers };
}

function readCommon(
  exchange: string,
  toLine: string | undefined,
  logLine: string | undefined,
  atLine: string | undefined,
): Common | undefined {
  const to = after("to", toLine);
  const log = parseWhole(after("log", logLine));
  const at = parseTime(after("at", atLine));
  if (!isFingerprint(exchange) || !isFingerprint(to)) return undefined;
  if (log === undefined || at === undefined || atLine !== `at ${printTime(at)}`) return undefined;
  return { exchange, to, log, at };
}

/** `undefined` inside: it answers nothing. */
function readAnswers(
  line: string | undefined,
): { readonly value: Answers | undefined } | undefined {
  if (line === "answers nothing") return { value: undefined };
  const pattern = /^answers ([0-9a-f]{64}) ref ([0-9a-f]{64})(?: seq ([0-9]+) thread ([0-9]+))?$/;
  const [, id, letter, numberText, threadText] = pattern.exec(line ?? "") ?? [];
  if (id === undefined || letter === undefined) return undefined;
  const answers = { orderId: orderId(id), ref: ref(letter) };
  if (numberText === undefined) return { value: { ...answers, seq: undefined } };
  const number = parseCount(numberText);
  const thread = parseWhole(threadText ?? "");
  if (number === undefined || thread === undefined) return undefined;
  if (number > seqMax || thread > threadMax) return undefined;
  return { value: { ...answers, seq: { number, thread } } };
}
