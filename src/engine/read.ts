/**
 * STAT, STATJSON and RESEND: commands that change nothing. A letter of nothing else is given an
 * answer, which is not numbered, so that asking does not grow the chain of reports.
 */
import { refuse, type Refused } from "../codec/verdict.ts";
import type { Line } from "../letter/command.ts";
import { assetsOf } from "./purse.ts";
import { rejectEntry } from "./records.ts";
import type { resendRefusals, statRefusals } from "./refusals.ts";
import { answer, answerResend, type Answered } from "./reports.ts";
import type { Account, Notes } from "./state.ts";
import { statement, statementJson } from "./statement.ts";
import { newNotes, type Turn } from "./turn.ts";

const readingVerbs: ReadonlySet<string> = new Set(["STAT", "STATJSON", "RESEND"]);

/** Whether a letter only reads. A malformed STAT is still nothing but a STAT. */
export function isReading(lines: readonly Line[]): boolean {
  return lines.every((line) => readingVerbs.has(line.verb));
}

/** Answers a letter that only reads. */
export function answerLines(
  turn: Turn,
  account: Account,
  lines: readonly Line[],
  answered: Answered,
): void {
  const [only] = lines;
  if (lines.length === 1 && only?.command.ok && only.command.value.kind === "resend") {
    const range = only.command.value;
    if (range.to <= account.reports) return answerResend(turn, answered, range);
  }
  const notes = newNotes();
  for (const line of lines) {
    if (line.command.ok) readLine({ turn, account, line, lines }, notes);
    else notes.lines.push(rejectEntry(line, line.command));
  }
  answer(turn, answered, notes);
}

type Reading = {
  readonly turn: Turn;
  readonly account: Account;
  readonly line: Line;
  /** The whole letter's. */
  readonly lines: readonly Line[];
};

/** What one well-formed reading line adds to a report or an answer. */
export function readLine(reading: Reading, notes: Notes): void {
  const { turn, account, line } = reading;
  const refused = check(reading);
  if (refused) {
    notes.lines.push(rejectEntry(line, refused));
    return;
  }
  if (line.verb === "STATJSON") {
    notes.lines.push(statementJson(turn.state, account));
    return;
  }
  for (const entry of statement(turn.state, account)) notes.lines.push(entry);
  for (const asset of assetsOf(turn.state, account)) notes.touched.add(asset);
}

function check(
  reading: Reading,
): Refused<(typeof resendRefusals)[number] | (typeof statRefusals)[number]> | undefined {
  const { account, line, lines } = reading;
  if (line.verb === "RESEND") {
    // Its records come from the island's archive, and the next report could not name their hash.
    return lines.length > 1
      ? refuse("resend_not_alone", "RESEND must be the only command of its letter.")
      : refuse("report_unknown", `The last report is ${account.reports}.`);
  }
  // A thousand statements of twenty thousand orders each would be one letter's answer.
  const before = lines.some((other) => other.number < line.number && other.verb === line.verb);
  return before ? refuse("stat_repeated", `One ${line.verb} in a letter is enough.`) : undefined;
}
