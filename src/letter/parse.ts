/**
 * Reading a letter's text (docs/spec/letter.md §1). The text is what was signed, Latin-1: one
 * character a byte. Checks run in the order of `letterRefusals`, each over the whole text, so that
 * when several apply the first in that list is the answer; every check is one pass, so a letter
 * costs time linear in its size.
 *
 * A letter refused as a whole has no effect. Once it is read, each line stands or falls alone.
 */
import { at } from "../codec/assert.ts";
import { fromBase64 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { parseTime, type Time } from "../codec/time.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { parseWhole } from "../money/amount.ts";
import { parseCount, parseFingerprint } from "./atoms.ts";
import type { Letter, LetterRefusal } from "./command.ts";
import { parseLine } from "./grammar.ts";
import {
  certificateLineMax,
  commandsMax,
  keyCommandsMax,
  lineMax,
  revokeLineMax,
  ringCommandsMax,
  ringLineMax,
  seqMax,
  textBytesMax,
  threadMax,
} from "./limits.ts";

type Seq = { readonly number: number; readonly thread: number };
type Head = { readonly seq: Seq | undefined; readonly by: Time; readonly rest: readonly string[] };

const verbsWithoutSeq: ReadonlySet<string> = new Set(["STAT", "STATJSON", "RESEND"]);
/** Verbs whose lines are dear to check, and so are few, and how many. Each begins with R. */
const fewVerbs: readonly (readonly [verbs: ReadonlySet<string>, most: number])[] = [
  [new Set(["RING"]), ringCommandsMax],
  [new Set(["ROTATE", "REVOKE", "REKEY"]), keyCommandsMax],
];
/** Lines that may be longer than others. */
const longLines: ReadonlyMap<string, number> = new Map([
  ["REGISTER", certificateLineMax],
  ["ROTATE", certificateLineMax],
  ["REKEY", certificateLineMax],
  ["REVOKE", revokeLineMax],
  ["RING", ringLineMax],
]);

/** Reads a letter's text, written to `exchange`. */
export function parseLetter(text: string, exchange: Fingerprint): Verdict<Letter, LetterRefusal> {
  const lines = splitLines(text);
  if (!lines.ok) return lines;
  const addressed = readFirstLine(lines.value[0] ?? "");
  if (!addressed.ok) return addressed;
  if (addressed.value !== exchange) {
    return refuse(
      "exchange_wrong",
      `The letter is written to ${addressed.value}; this exchange is ${exchange}.`,
    );
  }
  const head = readHead(lines.value);
  if (!head.ok) return head;
  const { seq, by } = head.value;
  const commands = head.value.rest.filter((line) => !isPad(line));
  if (commands.length === 0) return refuse("commands_missing", "The letter asks for nothing.");
  if (commands.length > commandsMax) {
    const sentence = `The letter has ${commands.length} commands; at most ${commandsMax} fit.`;
    return refuse("commands_too_many", sentence);
  }
  for (const [verbs, most] of fewVerbs) {
    const count = commands.filter((line) => line[0] === "R" && verbs.has(verbOf(line))).length;
    if (count <= most) continue;
    const names = [...verbs].join(", ");
    return refuse(
      "commands_too_many",
      `The letter has ${count} commands of ${names}; at most ${most} fit.`,
    );
  }
  if (seq === undefined && !mayGoWithoutSeq(commands)) {
    return refuse(
      "seq_missing",
      "Only STAT, STATJSON and RESEND, or FREEZE alone, may go without a seq line.",
    );
  }
  return accept({ exchange, seq, by, lines: commands.map((line, i) => parseLine(line, i + 1)) });
}

/**
 * The certificate, if the letter's first command is a well-formed REGISTER: what the signature of a
 * stranger is to be checked with. Everything before that command must be well formed too.
 */
export function registrationIn(text: string): Uint8Array | undefined {
  const lines = splitLines(text);
  if (!lines.ok || !readFirstLine(lines.value[0] ?? "").ok) return undefined;
  const head = readHead(lines.value);
  const first = head.ok ? head.value.rest.find((line) => !isPad(line)) : undefined;
  if (first === undefined) return undefined;
  const { command } = parseLine(first, 1);
  return command.ok && command.value.kind === "register"
    ? fromBase64(command.value.certificate)
    : undefined;
}

/** Letters that only read, and the one that is kept on paper for years. */
function mayGoWithoutSeq(commands: readonly string[]): boolean {
  if (commands.length === 1 && verbOf(at(commands, 0)) === "FREEZE") return true;
  return commands.every((line) => verbsWithoutSeq.has(verbOf(line)));
}

function isPad(line: string): boolean {
  return line === "pad" || line.startsWith("pad ");
}

function verbOf(line: string): string {
  const bar = line.indexOf("|");
  return bar < 0 ? line : line.slice(0, bar);
}

function isTooLong(line: string): boolean {
  if (line.length <= lineMax) return false;
  return line.length > (longLines.get(verbOf(line)) ?? lineMax);
}

/** The lines of a text that is bounded, plain ASCII and tidy. */
function splitLines(text: string): Verdict<readonly string[], LetterRefusal> {
  if (text.length > textBytesMax) {
    const sentence = `The letter has ${text.length} bytes; at most ${textBytesMax} fit.`;
    return refuse("letter_too_long", sentence);
  }
  const foreign = /[^\t\n\r -~]/.exec(text);
  if (foreign) return refuse("letter_not_ascii", `Byte ${foreign.index + 1} is not plain ASCII.`);
  if (text.includes("\r")) return refuse("letter_has_cr", "Lines end with LF alone, without CR.");
  if (text.includes("\t")) return refuse("letter_has_tab", "The letter contains a tab.");
  const lines = text.split("\n");
  // The last LF ends a line; it does not begin another.
  if (lines.at(-1) === "") lines.pop();
  const long = lines.findIndex(isTooLong);
  if (long >= 0) {
    const sentence = `Line ${long + 1} has ${at(lines, long).length} characters.`;
    return refuse("line_too_long", sentence);
  }
  const blank = lines.findIndex((line) => line.endsWith(" "));
  if (blank >= 0) return refuse("line_has_trailing_blank", `Line ${blank + 1} ends with a blank.`);
  const empty = lines.indexOf("");
  if (empty >= 0) return refuse("line_empty", `Line ${empty + 1} is empty.`);
  return accept(lines);
}

function readFirstLine(line: string): Verdict<Fingerprint, LetterRefusal> {
  const match = /^signet\/([^ ]*)(.*)$/.exec(line);
  if (!match) return refuse("header_missing", "The first line does not begin with signet/1.");
  if (match[1] !== "1") return refuse("version_unknown", "This exchange reads signet/1 only.");
  const rest = at(match, 2);
  const exchange = rest.startsWith(" ") ? parseFingerprint(rest.slice(1)) : undefined;
  if (exchange !== undefined) return accept(exchange);
  return refuse(
    "header_malformed",
    "After signet/1 come one blank and the exchange's fingerprint, 40 hex digits.",
  );
}

function readSeq(line: string): Seq | undefined {
  const [word, first, keyword, second, ...more] = line.split(" ");
  const number = parseCount(first ?? "");
  if (word !== "seq" || number === undefined || number > seqMax) return undefined;
  if (keyword === undefined) return { number, thread: 0 };
  const thread = parseWhole(second ?? "");
  if (keyword !== "thread" || thread === undefined || more.length > 0) return undefined;
  return thread <= threadMax ? { number, thread } : undefined;
}

/** `seq`, if the second line is one, and `by`; `rest` is everything after them. */
function readHead(lines: readonly string[]): Verdict<Head, LetterRefusal> {
  const second = lines[1] ?? "";
  const hasSeq = second.startsWith("seq");
  const seq = hasSeq ? readSeq(second) : undefined;
  if (hasSeq && seq === undefined) return refuseSeq();
  const byIndex = hasSeq ? 2 : 1;
  const byLine = lines[byIndex] ?? "";
  const text = byLine.slice(3);
  // Whole seconds: `parseTime` would take milliseconds too.
  const by = byLine.startsWith("by ") && text.length === 20 ? parseTime(text) : undefined;
  if (by === undefined) {
    const sentence = `Line ${byIndex + 1} must be like: by 2026-11-21T12:00:00Z`;
    return refuse("by_malformed", sentence);
  }
  return accept({ seq, by, rest: lines.slice(byIndex + 1) });
}

function refuseSeq(): Refused<LetterRefusal> {
  return refuse(
    "seq_malformed",
    `A seq line is like: seq 42 thread 3 - numbers 1 to ${seqMax}, threads 0 to ${threadMax}.`,
  );
}
