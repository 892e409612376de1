/**
 * Other copies of this wallet: the same words in another browser, or at a command line. What the
 * exchange answers to one is in nobody's mail, so the others ask, now and then, whether there is a
 * report after the last that they have: one letter that only reads, whose answer is short if there
 * is none.
 */
import type { Time } from "../codec/time.ts";
import type { Account } from "./account.ts";
import { loadArchive } from "./archive.ts";
import { askReports } from "./ask.ts";
import type { Outcome } from "./errors.ts";
import type { Home } from "./home.ts";
import { readOutbox, type OutboxEntry } from "./outbox.ts";
import { restoreAccount } from "./restore.ts";

/** `report_unknown`: there is none after the last. */
const noneAfter = "E453";

/** Fetches the reports after the last that is here; says how many came. */
export async function askForNewer(account: Account): Promise<Outcome<number>> {
  const before = loadArchive(account.home).reports;
  const next = (before.at(-1)?.number ?? 0) + 1;
  const { kept, trouble } = await askReports(account, { from: next, to: next });
  if (trouble !== undefined) return trouble.code === noneAfter ? { ok: true, value: 0 } : trouble;
  if (kept === 0) return { ok: true, value: 0 };
  const learnt = await restoreAccount(account);
  if (!learnt.ok) return learnt;
  return { ok: true, value: loadArchive(account.home).reports.length - before.length };
}

/** When the exchange last answered a letter that was not written here, if it is known. */
export function otherCopyAt(home: Home): Time | undefined {
  const ours = new Set(readOutbox(home).map(({ orderId }) => orderId));
  const { reports } = loadArchive(home);
  return reports.findLast(({ report }) => {
    const { answers } = report;
    return answers !== undefined && !ours.has(answers.orderId);
  })?.report.at;
}

/** Whether a letter was refused, as a whole, because another copy of this wallet has its number. */
export function isNumberTaken({ refused }: OutboxEntry): boolean {
  return refused === "seq_reused" || refused === "seq_passed";
}
