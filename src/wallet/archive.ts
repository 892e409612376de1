/**
 * The exchange's reports as they were signed, one file each, and the chain through them: report n
 * names the hash of report n − 1, so a missing one is visible and a changed one contradicts its
 * neighbours.
 *
 * A report that contradicts what is kept is itself kept beside it, never instead of it: two
 * signatures of the exchange under two stories are evidence.
 */
import type { Digest, Fingerprint } from "../codec/names.ts";
import { noReport, parseReport, reportHash, type Report } from "../letter/report.ts";
import { trouble, type Outcome } from "./errors.ts";
import { keep, namesIn, readText, type Home } from "./home.ts";
import { learnKeys } from "./keyring.ts";

/** A report that is kept: the text, and what it says. */
export type Kept = { readonly number: number; readonly text: string; readonly report: Report };

/** All that is kept, in order, and what is not there. */
export type Archive = {
  readonly reports: readonly Kept[];
  /** Numbers below the highest known one that are not here. */
  readonly missing: readonly number[];
};

function fileOf(number: number): string {
  return `${String(number).padStart(6, "0")}.txt`;
}

/**
 * Whether a text is the exchange's to this account; the seal was opened and verified by the caller.
 */
export function readReport(
  text: string,
  parties: {
    readonly exchange: Fingerprint;
    /** `undefined`: whose it is is not known yet, and asked. */
    readonly account: Fingerprint | undefined;
  },
): Outcome<Report> {
  const report = parseReport(text);
  if (!report.ok) return trouble("E622", `The reply is no report: ${report.detail}`);
  const account = parties.account ?? report.value.to;
  if (report.value.exchange !== parties.exchange || report.value.to !== account) {
    return trouble("E604", "The reply is signed by the exchange, but written to another account.");
  }
  return { ok: true, value: report.value };
}

/** Keeps a verified report, and what it says of the account's keys; says whether it was new. */
export function keepReport(home: Home, report: Report, text: string): Outcome<boolean> {
  if (report.kind !== "report") {
    learnKeys(home, report);
    return { ok: true, value: false };
  }
  const number = report.report;
  const here = readText(home, "reports", fileOf(number));
  if (here === text) return { ok: true, value: false };
  const before = number === 1 ? undefined : readText(home, "reports", fileOf(number - 1));
  const after = readText(home, "reports", fileOf(number + 1));
  const expected: Digest | undefined =
    number === 1 ? noReport : before === undefined ? undefined : reportHash(before);
  const next = after === undefined ? undefined : parseReport(after);
  const named = next?.ok === true ? next.value.previous : undefined;
  const contradicts =
    here !== undefined ||
    (expected !== undefined && expected !== report.previous) ||
    (named !== undefined && named !== reportHash(text));
  if (contradicts) {
    const evidence = `${fileOf(number)}.contradicts-${reportHash(text).slice(0, 16)}`;
    keep(home, text, "reports", evidence);
    return trouble(
      "E605",
      `Report ${number} contradicts what is kept; the other one is reports/${evidence}.`,
    );
  }
  keep(home, text, "reports", fileOf(number));
  learnKeys(home, report);
  return { ok: true, value: true };
}

/** Every report that is kept. A file that is no report any more counts as missing. */
export function loadArchive(home: Home): Archive {
  const numbers = namesIn(home, "reports")
    .flatMap((name) => /^(\d{6,})\.txt$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const reports: Kept[] = [];
  for (const number of numbers) {
    const text = readText(home, "reports", fileOf(number));
    const report = text === undefined ? undefined : parseReport(text);
    if (text === undefined || report?.ok !== true || report.value.report !== number) continue;
    reports.push({ number, text, report: report.value });
  }
  return { reports, missing: gaps(reports.map((kept) => kept.number)) };
}

/** Whole numbers from 1 that are missing below the last of an ascending list. */
export function gaps(numbers: readonly number[]): readonly number[] {
  const missing: number[] = [];
  let expected = 1;
  for (const number of numbers) {
    for (; expected < number; expected += 1) missing.push(expected);
    expected = number + 1;
  }
  return missing;
}

/** The hash of a kept report's text. */
export function hashOf(kept: Kept): Digest {
  return reportHash(kept.text);
}
