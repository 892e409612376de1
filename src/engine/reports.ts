/**
 * What the turn's notes become: one numbered report per account (several if there is very much to
 * tell), chained by hash to the one before, and answers, which are neither. A report that answers
 * the letter goes back as its reply, with the tickets that came with the input, every other one
 * into its account's mailbox. Who is paid and has no account gives a decoy.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint, Ref } from "../codec/names.ts";
import { mailboxOf, noReport, printHead, printReport, reportHash } from "../letter/report.ts";
import type { Answers, ReportHead } from "../letter/report.ts";
import type { Entry } from "../letter/entry.ts";
import type { Delivery } from "./input.ts";
import { reportRecordsMax, ringRecordWeight, signatureWeight } from "./limits.ts";
import { accountOf } from "./orders.ts";
import { balanceOf, waitingFor } from "./purse.ts";
import { balanceEntry, orderEntry } from "./records.ts";
import type { Account, Notes, State, Stranger } from "./state.ts";
import { notesOf, type Turn } from "./turn.ts";
import { leaveUntold } from "./untold.ts";

const nothing = { total: 0, held: 0 } as const;

/** The letter being answered, and whose it is. */
export type Answered = { readonly account: Fingerprint; readonly answers: Answers };

/**
 * Makes every account's notes a report, in the order in which the accounts were first concerned.
 */
export function report(turn: Turn, answered: Answered | undefined): void {
  notePassive(turn);
  if (turn.concerns === "all" || turn.goesOn) leaveUntold(turn, answered?.account);
  for (const [fingerprint, notes] of turn.notes) {
    const account = turn.state.accounts.get(fingerprint);
    const answers = answered?.account === fingerprint ? answered.answers : undefined;
    if (account) reportTo(turn, account, notes, answers);
    else decoy(turn, fingerprint, notes);
  }
  turn.notes.clear();
}

/** Notes what became of orders that others, or time, have changed. */
export function notePassive(turn: Turn): void {
  for (const order of turn.passive) {
    notesOf(turn, order.account.fingerprint).lines.push(orderEntry(order, 0));
  }
  turn.passive.clear();
}

/**
 * One report, or several that follow each other, where there is more to tell than one report holds.
 */
function reportTo(turn: Turn, account: Account, notes: Notes, answers: Answers | undefined): void {
  const ends = balances(turn.state, account, notes);
  for (const [i, part] of cut(records(notes), ends).entries()) {
    reportPart(turn, account, part, i === 0 ? answers : undefined);
  }
}

function reportPart(
  turn: Turn,
  account: Account,
  part: readonly Entry[],
  answers: Answers | undefined,
): void {
  const { fingerprint, last } = account;
  account.reports += 1;
  const text = printReport({
    kind: "report",
    exchange: turn.state.exchange,
    to: fingerprint,
    report: account.reports,
    previous: last,
    answers,
    log: turn.log,
    at: turn.at,
    records: answers === undefined ? part : [...part, ...turn.tickets],
  });
  account.last = reportHash(text);
  const delivery = answers ? reply(answers, true) : mail(account);
  turn.documents.push({ to: fingerprint, report: account.reports, text, delivery });
}

/**
 * What a customer would be told of a push, for someone who is none: as long and as mail, but for
 * nobody. All the world can count the log's leaves, and must not learn from them who is a customer.
 */
function decoy(turn: Turn, fingerprint: Fingerprint, notes: Notes): void {
  const { state, log, at } = turn;
  const stranger = state.strangers.get(fingerprint);
  assert(stranger !== undefined, "of others, only those who were paid are told anything");
  const head = { kind: "report", exchange: state.exchange, to: state.exchange, log, at } as const;
  const ends = [...notes.touched].sort().map((asset) => {
    const total = state.assets.has(asset) ? waitingFor(state, fingerprint, asset) : 0;
    return balanceEntry(asset, { total, held: 0 });
  });
  for (const part of cut(records(notes), ends)) {
    const delivery = mail(stranger);
    const numbered = { ...head, report: stranger.mail, previous: noReport };
    const text = printReport({ ...numbered, answers: undefined, records: part });
    turn.documents.push({ to: state.exchange, report: undefined, text, delivery });
  }
}

/**
 * Tells somebody now, and apart from what this input has yet to say, whatever they were not told: a
 * letter's signer before it does anything, and before they read anything; a stranger before they
 * register, or become a customer's key, as that report begins with what waits for them then.
 */
export function tellApart(turn: Turn, fingerprint: Fingerprint): void {
  const { accounts, untold } = turn.state;
  const maps = [turn.notes, untold.customers, untold.strangers];
  if (!maps.some((map) => map.has(fingerprint))) return;
  const notes = notesOf(turn, fingerprint);
  turn.notes.delete(fingerprint);
  const account = accounts.get(fingerprint);
  if (account) reportTo(turn, account, notes, undefined);
  else decoy(turn, fingerprint, notes);
}

function reply({ ref, orderId }: Answers, stands: boolean): Delivery {
  return { kind: "reply", ref, orderId, stands };
}

function mail(account: Account | Stranger): Delivery {
  const { tag, index } = mailboxOf(account.mailbox, account.mail);
  account.mail += 1;
  return { kind: "mail", tag, index };
}

/** All but the balances. */
function records(notes: Notes): readonly Entry[] {
  return [...notes.lines, ...notes.fills, ...notes.moves, ...notes.holds];
}

function balances(state: State, account: Account, notes: Notes): readonly Entry[] {
  return [...notes.touched].sort().map((asset) => {
    // A name that the asset had until now has nothing any more.
    const has = state.assets.has(asset) ? balanceOf(state, account, asset) : nothing;
    return balanceEntry(asset, has);
  });
}

/** Records in parts that one report holds; the balances stay together, at the end of the last. */
function cut(before: readonly Entry[], last: readonly Entry[]): readonly (readonly Entry[])[] {
  const parts = slices(before);
  const end = parts.pop() ?? [];
  if (weightOfAll(end) + last.length <= reportRecordsMax) return [...parts, [...end, ...last]];
  return [...parts, end, ...slices(last)];
}

function slices(entries: readonly Entry[]): (readonly Entry[])[] {
  const parts: Entry[][] = [];
  let weight = reportRecordsMax;
  for (const entry of entries) {
    weight += weightOf(entry);
    if (weight > reportRecordsMax) {
      parts.push([]);
      weight = weightOf(entry);
    }
    parts.at(-1)?.push(entry);
  }
  return parts;
}

function weightOfAll(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + weightOf(entry), 0);
}

/** How many usual records are as long as this one may be. */
function weightOf(entry: Entry): number {
  switch (entry.kind) {
    case "offer":
    case "ringed":
      return ringRecordWeight;
    case "watch":
      return entry.subject === "order" && entry.signature !== undefined ? signatureWeight : 1;
    default:
      return 1;
  }
}

function answerHead(turn: Turn, { account, answers }: Answered): ReportHead {
  const { state, log, at } = turn;
  return { kind: "answer", exchange: state.exchange, to: account, answers, log, at };
}

/** An answer: unnumbered, because it changes nothing. */
export function answer(turn: Turn, answered: Answered, notes: Notes): void {
  const { account, answers } = answered;
  const ends = balances(turn.state, accountOf(turn.state, account), notes);
  const text = printReport({
    ...answerHead(turn, answered),
    records: [...records(notes), ...ends, ...turn.tickets],
  });
  turn.documents.push({ to: account, report: undefined, text, delivery: reply(answers, true) });
}

/**
 * The answer to a letter that is refused as a whole; `stands` if it took its number all the same.
 */
export function answerRefused(
  turn: Turn,
  answered: Answered,
  refusal: { readonly name: string; readonly detail: string },
  stands = false,
): void {
  const { account, answers } = answered;
  const { name, detail } = refusal;
  const text = printReport({
    ...answerHead(turn, answered),
    records: [{ kind: "refused", name, sentence: detail }, ...turn.tickets],
  });
  turn.documents.push({ to: account, report: undefined, text, delivery: reply(answers, stands) });
}

/** Asks the island to send reports again: the engine keeps no texts. */
export function answerResend(
  turn: Turn,
  answered: Answered,
  range: { readonly from: number; readonly to: number },
): void {
  const { account, answers } = answered;
  const { ref, orderId } = answers;
  const head = printHead(answerHead(turn, answered));
  const { from, to: upTo } = range;
  turn.archive.push({ kind: "resend", ref, orderId, to: account, from, upTo, head });
}

/** Asks the island to send the first answer to a letter again. */
export function answerAgain(turn: Turn, ref: Ref, first: Answers["orderId"]): void {
  turn.archive.push({ kind: "repeat", ref, first });
}
