/**
 * Bringing the home up to date, as far as relays and the exchange can be reached: answers to
 * letters that have none yet, mail, and then any report that the chain shows to be missing.
 *
 * Mail is read from every relay with a cursor of its own: a relay that serves too little, too old
 * or too new spoils only its own cursor, and what it withholds comes from another or shows as a
 * gap.
 *
 *   mailbox.json   {"from": N, "relays": {URL: N}}   entries below N were read
 */
import { nameOfUrl } from "../codec/reach.ts";
import type { Report } from "../letter/report.ts";
import { mailboxEntries } from "../letter/limits.ts";
import { mailboxOf } from "../letter/report.ts";
import type { Account } from "./account.ts";
import { keepReport, loadArchive, readReport, type Archive } from "./archive.ts";
import { askReports } from "./ask.ts";
import { fetchMailbox, fetchReply } from "./client.ts";
import { trouble, type Outcome, type Trouble } from "./errors.ts";
import { foldReports, type Statement } from "./fold.ts";
import { fatesOf } from "./fates.ts";
import { isAnothersFault, openAnswer } from "./follow.ts";
import { keep, readJson, type Home } from "./home.ts";
import { numberOf, objectOf } from "./json.ts";
import { keepEntry, learnNumbers, readOutbox, settleVoid, type OutboxEntry } from "./outbox.ts";
import { pause } from "./pause.ts";
import { askEveryone, foundHere, keepProofs } from "./reads.ts";
import { askable, keepLie } from "./relays.ts";
import { openSealed } from "./sealed.ts";

/** How long a relay may take to say whether it has an answer. */
const patienceMs = 2000;
/** How much longer than the quickest relay the others may take to give their mail. */
const strayMs = 1000;

/** What a synchronisation found. */
export type Synced = {
  readonly statement: Statement;
  /** Whether any relay answered. */
  readonly reached: boolean;
  readonly fresh: number;
  readonly troubles: readonly Trouble[];
};

/** The statement of what lies here, asking nobody. */
export function statementHere(home: Home): Statement {
  return foldReports(loadArchive(home));
}

/** Fetches what is new and folds it. Never fails for want of a network: it says what is missing. */
export async function synchronise(account: Account): Promise<Synced> {
  const troubles: Trouble[] = [];
  settleKept(account);
  let fresh = await fetchAnswers(account, troubles);
  await fetchProofs(account, troubles);
  const before = foldReports(loadArchive(account.home));
  let reached = false;
  if (before.mailbox !== undefined) {
    const mail = await fetchMail(account, before.mailbox, troubles);
    reached = mail.reached;
    fresh += mail.fresh;
  }
  let archive = loadArchive(account.home);
  if (archive.missing.length > 0 && reached) {
    fresh += await fillGaps(account, archive, troubles);
    archive = loadArchive(account.home);
  }
  settleKept(account);
  const statement = foldReports(archive);
  learnNumbers(account.home, statement.threads);
  await account.home.settled();
  return { statement, reached, fresh, troubles };
}

/** Keeps an answer with its letter: the report first, then the mark that the letter is answered. */
export function settle(account: Account, entry: OutboxEntry, report: Report, text: string): void {
  if (report.kind === "answer") keep(account.home, text, "outbox", `${entry.name}.answer`);
  const refused = report.records.find((record) => record.kind === "refused")?.name;
  const { lines } = fatesOf(report);
  // A line of which nothing is said in particular (a registration) is one that was carried out.
  // An order that came to nothing was accepted all the same, and its id is used up.
  const accepted = lines.length === 0 || lines.some(({ kind }) => kind !== "rejected");
  const effect = refused === undefined && accepted;
  keepEntry(account.home, { ...entry, state: "answered", report: report.report, refused, effect });
}

/**
 * Marks letters whose answer is among the kept reports: it came another way, or we died before the
 * mark.
 */
export function settleKept(account: Account): void {
  const open = readOutbox(account.home).filter((entry) => entry.state === "written");
  if (open.length === 0) return;
  const archive = loadArchive(account.home);
  const { answers } = foldReports(archive);
  for (const entry of open) {
    const number = answers.get(entry.orderId)?.report;
    const found = archive.reports.find((kept) => kept.number === number);
    if (found) settle(account, entry, found.report, found.text);
  }
}

/** Asks once for the answers of letters that have none. */
async function fetchAnswers(account: Account, troubles: Trouble[]): Promise<number> {
  let fresh = 0;
  const silent = new Set<string>();
  for (const entry of readOutbox(account.home)) {
    if (entry.state !== "written") continue;
    for (const url of askable(account.home, account.exchange.urls)) {
      if (silent.has(url)) continue;
      const fetched = await fetchReply(url, entry.ref, AbortSignal.timeout(patienceMs));
      if (fetched.kind === "failed") silent.add(url);
      if (fetched.kind !== "reply") continue;
      const answer = await openAnswer(account, entry, fetched.sealed);
      if (!answer.ok) {
        keepLie(account.home, url, answer);
        troubles.push({ ...answer, what: `${answer.what} (from ${nameOfUrl(url)})` });
        continue;
      }
      const kept = keepReport(account.home, answer.value.report, answer.value.text);
      if (kept.ok) settle(account, entry, answer.value.report, answer.value.text);
      else troubles.push(kept);
      fresh += 1;
      break;
    }
  }
  return fresh;
}

/** Asks once whether letters without an answer were read; marks those that are proved void. */
async function fetchProofs(account: Account, troubles: Trouble[]): Promise<void> {
  const { home, exchange } = account;
  for (const entry of readOutbox(home)) {
    if (entry.state !== "written" || foundHere(home, exchange, entry)?.kind === "read") continue;
    const { found, troubles: lies } = await askEveryone(exchange, entry, patienceMs);
    troubles.push(...lies);
    if (found === undefined) continue;
    keepProofs(home, entry.ref, found.proofs);
    if (found.finding.kind === "void") settleVoid(home, entry);
  }
}

type Mail = { readonly reached: boolean; readonly fresh: number };

/** Asks every relay at once; those that are much slower than the quickest delay nobody. */
async function fetchMail(account: Account, secret: string, troubles: Trouble[]): Promise<Mail> {
  const stop = new AbortController();
  const runs = askable(account.home, account.exchange.urls).map(async (url) => {
    const found = await fetchMailFrom(account, { url, secret, stop: stop.signal }, troubles);
    if (found.reached) void pause(strayMs, stop.signal).then(() => stop.abort());
    return found;
  });
  const mails = await Promise.all(runs);
  stop.abort();
  const fresh = mails.reduce((sum, mail) => sum + mail.fresh, 0);
  return { reached: mails.some((mail) => mail.reached), fresh };
}

async function fetchMailFrom(
  account: Account,
  box: { readonly url: string; readonly secret: string; readonly stop: AbortSignal },
  troubles: Trouble[],
): Promise<Mail> {
  const { url, secret, stop } = box;
  let next = cursorOf(account.home, url);
  const first = next;
  let fresh = 0;
  let reached = false;
  for (;;) {
    const { tag, index } = mailboxOf(secret, next);
    const page = await fetchMailbox(url, tag, index === 0 ? undefined : index - 1, stop);
    if (page === undefined) break;
    reached = true;
    const start = next;
    for (const entry of page.entries) {
      if (entry.index !== next % mailboxEntries) break;
      const taken = await openMail(account, entry.sealed);
      if (!taken.ok) {
        keepLie(account.home, url, taken);
        troubles.push({ ...taken, what: `${taken.what} (mail ${next} from ${nameOfUrl(url)})` });
        break;
      }
      if (taken.value) fresh += 1;
      next += 1;
    }
    // Only a full address has a successor; and what is no good now is none the better asked again.
    const isWhole = next - start === page.entries.length;
    if (next === start || !isWhole || !(page.more || next % mailboxEntries === 0)) break;
  }
  if (next !== first) keepCursor(account.home, url, next);
  return { reached, fresh };
}

/** Opens one sealed report that answers nothing and keeps it; says whether it was new. */
export async function openMail(account: Account, sealed: Uint8Array): Promise<Outcome<boolean>> {
  const { exchange, home } = account;
  const opened = await openSealed(account, sealed);
  // Signed by a key that the exchange took back: whoever wrote it, it counts for nothing. The
  // exchange says the report again, under its new key, when the gap is found.
  if (!opened.ok && opened.name === "key_revoked") return { ok: true, value: false };
  if (!opened.ok && isAnothersFault(opened.name)) return trouble("E622", opened.detail);
  if (!opened.ok) return trouble("E607", `The mail does not check: ${opened.detail}`);
  const parties = { exchange: exchange.fingerprint, account: account.fingerprint };
  const report = readReport(opened.value, parties);
  if (!report.ok) return report;
  return keepReport(home, report.value, opened.value);
}

function cursorOf(home: Home, url: string): number {
  const fields = objectOf(readJson(home, "mailbox.json"));
  const own = numberOf(objectOf(fields["relays"])[url]);
  return own ?? numberOf(fields["from"]) ?? 0;
}

function keepCursor(home: Home, url: string, next: number): void {
  const fields = objectOf(readJson(home, "mailbox.json"));
  const relays = { ...objectOf(fields["relays"]), [url]: next };
  keep(home, `${JSON.stringify({ ...fields, relays }, undefined, 2)}\n`, "mailbox.json");
}

/** After a restore: mail below `from` is in reports that came by another way. */
export function keepMailboxStart(home: Home, from: number): void {
  keep(home, `${JSON.stringify({ from, relays: {} }, undefined, 2)}\n`, "mailbox.json");
}

async function fillGaps(account: Account, archive: Archive, troubles: Trouble[]): Promise<number> {
  let kept = 0;
  for (const range of rangesOf(archive.missing)) {
    const resent = await askReports(account, range);
    kept += resent.kept;
    if (resent.trouble) {
      troubles.push(resent.trouble);
      break;
    }
  }
  return kept;
}

/** Ascending numbers as runs without holes. */
export function rangesOf(
  numbers: readonly number[],
): readonly { readonly from: number; readonly to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last.to === number - 1) last.to = number;
    else ranges.push({ from: number, to: number });
  }
  return ranges;
}

/** Reads mail until `isDone` says so, the time is up or somebody stops. */
export async function watch(
  account: Account,
  options: {
    readonly isDone: (statement: Statement) => boolean;
    readonly until: number;
    readonly stop?: AbortSignal;
  },
): Promise<boolean> {
  for (;;) {
    const { statement } = await synchronise(account);
    if (options.isDone(statement)) return true;
    if (options.stop?.aborted === true || Date.now() > options.until) return false;
    await pause(500, options.stop);
  }
}
