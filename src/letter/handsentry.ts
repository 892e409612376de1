/**
 * The records by which operators and the exchange speak about money that comes in and goes out
 * (docs/spec/hands.md §2): REQUEST, APPROVAL, SETTLED.
 */
import type { Fingerprint } from "../codec/names.ts";
import type { Amount } from "../money/amount.ts";
import type { Fields } from "./fields.ts";

/** REQUEST: what a customer asks the operators to do. */
export type RequestEntry =
  | {
      readonly kind: "request";
      readonly subject: "deposit";
      readonly number: number;
      readonly asset: string;
      readonly amount: Amount;
      readonly account: Fingerprint;
    }
  | {
      readonly kind: "request";
      readonly subject: "withdrawal";
      readonly number: number;
      readonly asset: string;
      readonly amount: Amount;
      readonly address: string;
      readonly account: Fingerprint;
    };

/** SETTLED: what the operators' hands did. `evidence` is `undefined` where the command has none. */
export type SettledEntry = {
  readonly kind: "settled";
  readonly subject: "deposit" | "withdrawal";
  readonly number: number;
  readonly asset: string;
  readonly amount: Amount;
  readonly outcome: "credited" | "approved" | "paid" | "refused";
  readonly evidence: string | undefined;
};

/** APPROVAL: how many operators have signed, and how many must. */
export type ApprovalEntry = {
  readonly kind: "approval";
  readonly line: number;
  readonly verb: string;
  /** Of the deposit or withdrawal; HALT and RESUME: the market's name; REKEY: the account. */
  readonly number: number | string;
  readonly have: number;
  readonly need: number;
};

/** Any of them. */
export type HandsEntry = RequestEntry | ApprovalEntry | SettledEntry;

/** What reads them, by name. */
export const handsReaders: ReadonlyMap<string, (f: Fields) => HandsEntry> = new Map<
  string,
  (f: Fields) => HandsEntry
>([
  ["REQUEST", readRequest],
  ["APPROVAL", readApproval],
  ["SETTLED", readSettled],
]);

function readRequest(f: Fields): HandsEntry {
  const subject = f.word(["deposit", "withdrawal"]);
  const kind = "request";
  const asked = { number: f.count(), asset: f.asset(), amount: f.amount() };
  return subject === "deposit"
    ? { kind, subject, ...asked, account: f.fingerprint() }
    : { kind, subject, ...asked, address: f.remark(), account: f.fingerprint() };
}

function readApproval(f: Fields): HandsEntry {
  return {
    kind: "approval",
    line: f.line(),
    verb: f.verb(),
    number: f.subject(),
    have: f.count(),
    need: f.count(),
  };
}

function readSettled(f: Fields): HandsEntry {
  return {
    kind: "settled",
    subject: f.word(["deposit", "withdrawal"]),
    number: f.count(),
    asset: f.asset(),
    amount: f.amount(),
    outcome: f.word(["credited", "approved", "paid", "refused"]),
    evidence: f.maybe(() => f.remark()),
  };
}
