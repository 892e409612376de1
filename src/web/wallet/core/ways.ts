/**
 * Everything that is known of one letter, gathered for drawing: what the home keeps of it, what the
 * newest reports say of its lines, and what was met on its way.
 */
import type { Time } from "../../../codec/time.ts";
import { openReceipt, type Receipt } from "../../../log/receipt.ts";
import type { ReadsFinding } from "../../../log/void.ts";
import { parseReport, type Report } from "../../../letter/report.ts";
import type { Account } from "../../../wallet/account.ts";
import { verifyEd25519 } from "../../../wallet/ed25519.ts";
import type { Trouble } from "../../../wallet/errors.ts";
import { fatesOf, standing, type LineFate } from "../../../wallet/fates.ts";
import type { Statement } from "../../../wallet/fold.ts";
import { namesIn, readText } from "../../../wallet/home.ts";
import type { OutboxEntry } from "../../../wallet/outbox.ts";
import { foundHere } from "../../../wallet/reads.ts";
import { nothingMet, type LetterMet } from "./met.ts";

/** A receipt, the relay that signed it, and the note itself. */
export type KeptReceipt = {
  readonly relay: string;
  readonly receipt: Receipt;
  readonly note: string;
};

/** Everything about one letter. */
export type Way = {
  readonly account: Account;
  readonly entry: OutboxEntry;
  readonly met: LetterMet;
  readonly receipts: readonly KeptReceipt[];
  readonly found: ReadsFinding | undefined;
  readonly report: Report | undefined;
  /** The refusal of the letter as a whole. */
  readonly refused: Trouble | undefined;
  readonly statement: Statement;
  /** As the newest reports say. */
  readonly lines: readonly LineFate[];
  readonly now: Time;
};

/** What is known of a letter. */
export function wayOf(
  account: Account,
  entry: OutboxEntry,
  known: { readonly statement: Statement; readonly met: LetterMet | undefined; readonly now: Time },
): Way {
  const text = answerText(account, entry);
  const parsed = text === undefined ? undefined : parseReport(text);
  const report = parsed?.ok === true ? parsed.value : undefined;
  const fates = report && fatesOf(report);
  return {
    account,
    entry,
    met: known.met ?? nothingMet,
    receipts: receiptsOf(account, entry),
    found: foundHere(account.home, account.exchange, entry),
    report,
    refused: fates?.refused,
    statement: known.statement,
    lines: standing(fates?.lines ?? [], known.statement).map((fate) =>
      newestOfMoney(fate, known.statement),
    ),
    now: known.now,
  };
}

/** A deposit or withdrawal as the newest report says, where the answer says how it was then. */
function newestOfMoney(fate: LineFate, statement: Statement): LineFate {
  if (fate.kind !== "accepted") return fate;
  const { entry } = fate;
  switch (entry.kind) {
    case "deposit":
      return { ...fate, entry: statement.deposits.get(entry.number) ?? entry };
    case "withdrawal":
      return { ...fate, entry: statement.withdrawals.get(entry.number) ?? entry };
    default:
      return fate;
  }
}

/** The text that answered a letter, as it is kept. */
export function answerText({ home }: Account, entry: OutboxEntry): string | undefined {
  if (entry.state !== "answered") return undefined;
  return entry.report === undefined
    ? readText(home, "outbox", `${entry.name}.answer`)
    : readText(home, "reports", `${String(entry.report).padStart(6, "0")}.txt`);
}

/** The receipts of a letter that hold, in the order of their times. */
function receiptsOf({ home, exchange }: Account, entry: OutboxEntry): readonly KeptReceipt[] {
  return namesIn(home, "receipts")
    .filter((name) => name.startsWith(`${entry.ref}.`))
    .flatMap((name) => {
      const note = readText(home, "receipts", name) ?? "";
      const relay = name.slice(entry.ref.length + 1);
      const key = exchange.relayKeys.find((known) => known.name === relay);
      const opened = key && openReceipt(note, key, verifyEd25519);
      return opened?.ok === true ? [{ relay, receipt: opened.value, note }] : [];
    })
    .toSorted((a, b) => a.receipt.at - b.receipt.at);
}
