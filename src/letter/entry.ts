/**
 * The records of a report (docs/spec/report.md §3, hands.md §2): `NAME|field|…`, one a line,
 * integers in the units of letters. `printEntry` and `parseEntry` are strict inverses: one text for
 * one value.
 */
import { assert } from "../codec/assert.ts";
import { fromBase64 } from "../codec/bytes.ts";
import type { Digest, Fingerprint } from "../codec/names.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import type { Amount } from "../money/amount.ts";
import { parseCount } from "./atoms.ts";
import type { OrderKey } from "./command.ts";
import { Fields, printSigned, type EntryRefusal } from "./fields.ts";
import { handsReaders, type HandsEntry } from "./handsentry.ts";
import { keysReaders, printKeysEntry, type KeysEntry } from "./keyentry.ts";
import { ordersReaders, printOrdersEntry, type OrdersEntry } from "./orderentry.ts";
import { parseKey, printKey } from "./orderid.ts";
import { parseTicket } from "./postage.ts";
import { printRingEntry, ringReaders, type RingEntry } from "./ringentry.ts";
import { printRow, type Labels, type Printed } from "./row.ts";
import {
  printSecuritiesEntry,
  securitiesReaders,
  type SecuritiesEntry,
} from "./securitiesentry.ts";

export type { FillEntry, OrderEntry, OrderStatus, Role } from "./orderentry.ts";
export type { Labels } from "./row.ts";

/** `dividend`, `ratio`, `list` and `rename` are of the corporate action of that number. */
export const numberedCauses = [
  "trade",
  "fee",
  "deposit",
  "withdrawal",
  "dividend",
  "ratio",
  "list",
  "rename",
] as const;

/** Why a total changed. */
export type MoveCause =
  | { readonly kind: (typeof numberedCauses)[number]; readonly number: number }
  | { readonly kind: "push out" | "push in" };

/** Why a hold changed. */
export type HoldCause =
  | { readonly kind: "order"; readonly key: OrderKey }
  | { readonly kind: "withdrawal" | "dividend"; readonly number: number };

/** DEPOSIT: an announced payment. */
export type DepositEntry = Labels & {
  readonly kind: "deposit";
  readonly number: number;
  readonly asset: string;
  readonly announced: Amount;
  readonly state: "awaited" | "credited";
  readonly credited: Amount;
  readonly evidence: string | undefined;
};

/** WITHDRAWAL: a payment asked for. */
export type WithdrawalEntry = Labels & {
  readonly kind: "withdrawal";
  readonly number: number;
  readonly asset: string;
  readonly amount: Amount;
  readonly address: string;
  readonly state: "waiting" | "approved" | "paid" | "refused";
  readonly evidence: string | undefined;
};

/** Any record. */
export type Entry =
  | OrdersEntry
  | SecuritiesEntry
  | KeysEntry
  | {
      readonly kind: "move";
      readonly asset: string;
      readonly change: number;
      readonly total: Amount;
      readonly cause: MoveCause;
    }
  | {
      readonly kind: "hold";
      readonly asset: string;
      readonly change: number;
      readonly held: Amount;
      readonly cause: HoldCause;
    }
  | {
      readonly kind: "balance";
      readonly asset: string;
      readonly total: Amount;
      readonly free: Amount;
      readonly held: Amount;
    }
  | (Labels & {
      readonly kind: "reject";
      readonly line: number;
      readonly verb: string;
      readonly name: string;
      readonly sentence: string;
    })
  | (Labels & { readonly kind: "done"; readonly line: number; readonly verb: string })
  | DepositEntry
  | WithdrawalEntry
  | (Labels & {
      readonly kind: "push";
      readonly line: number;
      readonly asset: string;
      readonly to: Fingerprint;
      readonly amount: Amount;
    })
  /** The secret is 64 hex; `next` is the number of the next mail. */
  | { readonly kind: "mailbox"; readonly secret: string; readonly next: number }
  | { readonly kind: "seq"; readonly thread: number; readonly highest: number }
  | { readonly kind: "last"; readonly report: number; readonly hash: Digest }
  /** One JSON object, ASCII. */
  | { readonly kind: "json"; readonly text: string }
  /** The report's text in base64. */
  | { readonly kind: "resent"; readonly report: number; readonly text: string }
  | { readonly kind: "refused"; readonly name: string; readonly sentence: string }
  | HandsEntry
  /** Pays for one letter (docs/spec/postage.md). */
  | { readonly kind: "ticket"; readonly text: string }
  /** A record of a kind that is not known here: its whole line. */
  | { readonly kind: "other"; readonly text: string }
  | RingEntry;

/** One record's line, without LF. */
export function printEntry(entry: Entry): string {
  const text = printLine(entry);
  assert(!/[^ -~]/.test(text), "a record is one line of printable ASCII");
  return text;
}

function row(name: string, fields: Printed["fields"], labels?: Labels): string {
  return printRow(labels === undefined ? { name, fields } : { name, fields, labels });
}

function printLine(entry: Entry): string {
  const e = entry;
  switch (e.kind) {
    case "order":
    case "fill":
    case "switch":
      return printRow(printOrdersEntry(e));
    case "key":
    case "frozen":
    case "rekey":
      return printRow(printKeysEntry(e));
    case "action":
    case "entitled":
    case "holder":
    case "issue":
    case "closing":
      return printRow(printSecuritiesEntry(e));
    case "move":
      return row("MOVE", [e.asset, printSigned(e.change), e.total, printMoveCause(e.cause)]);
    case "hold":
      return row("HOLD", [e.asset, printSigned(e.change), e.held, printHoldCause(e.cause)]);
    case "balance":
      return row("BALANCE", [e.asset, e.total, e.free, e.held]);
    case "reject":
      return row("REJECT", [e.line, e.verb, e.name, e.sentence], e);
    case "done":
      return row("DONE", [e.line, e.verb], e);
    case "deposit":
      return row("DEPOSIT", [e.number, e.asset, e.announced, e.state, e.credited, e.evidence], e);
    case "withdrawal":
      return row("WITHDRAWAL", [e.number, e.asset, e.amount, e.address, e.state, e.evidence], e);
    case "push":
      return row("PUSH", [e.line, e.asset, e.to, e.amount], e);
    case "mailbox":
      return row("MAILBOX", [e.secret, e.next]);
    case "seq":
      return row("SEQ", [e.thread, e.highest]);
    case "last":
      return row("LAST", [e.report, e.hash]);
    case "json":
      return `JSON|${e.text}`;
    case "resent":
      return row("RESENT", [e.report, e.text]);
    case "refused":
      return row("REFUSED", [e.name, e.sentence]);
    case "ticket":
      return row("TICKET", [e.text]);
    case "other":
      return e.text;
    case "request":
      return e.subject === "deposit"
        ? row("REQUEST", [e.subject, e.number, e.asset, e.amount, e.account])
        : row("REQUEST", [e.subject, e.number, e.asset, e.amount, e.address, e.account]);
    case "approval":
      return row("APPROVAL", [e.line, e.verb, e.number, e.have, e.need]);
    case "settled":
      return row("SETTLED", [e.subject, e.number, e.asset, e.amount, e.outcome, e.evidence]);
    case "offer":
    case "ringed":
    case "watch":
    case "unwatch":
      return printRow(printRingEntry(e));
  }
}

function printMoveCause(cause: MoveCause): string {
  return "number" in cause ? `${cause.kind} ${cause.number}` : cause.kind;
}

function printHoldCause(cause: HoldCause): string {
  return cause.kind === "order" ? `order ${printKey(cause.key)}` : `${cause.kind} ${cause.number}`;
}

/** Reads one record's line. */
export function parseEntry(line: string): Verdict<Entry, EntryRefusal> {
  if (/[^ -~]/.test(line)) return refuse("record_unknown", "The record is not printable ASCII.");
  const bar = line.indexOf("|");
  const name = bar < 0 ? line : line.slice(0, bar);
  const read = readers.get(name);
  if (read === undefined) {
    // An exchange may say more some day than a customer's program knows.
    if (/^[A-Z]{2,20}$/.test(name)) return accept({ kind: "other", text: line });
    return refuse("record_unknown", "There is no record of this name.");
  }
  // A JSON object goes to the end of the line: its strings may contain anything.
  const rest =
    bar < 0 ? [] : name === "JSON" ? [line.slice(bar + 1)] : line.slice(bar + 1).split("|");
  const fields = new Fields(rest);
  return fields.finish(read(fields));
}

const readers: ReadonlyMap<string, (f: Fields) => Entry> = new Map<string, (f: Fields) => Entry>([
  ...ordersReaders,
  ...securitiesReaders,
  ...keysReaders,
  ["MOVE", readMove],
  ["HOLD", readHold],
  ["BALANCE", readBalance],
  ["REJECT", readReject],
  ["DONE", (f) => ({ kind: "done", line: f.line(), verb: f.verb(), ...f.labels() })],
  ["DEPOSIT", readDeposit],
  ["WITHDRAWAL", readWithdrawal],
  ["PUSH", readPush],
  ["MAILBOX", (f) => ({ kind: "mailbox", secret: f.digest(), next: f.whole() })],
  ["SEQ", (f) => ({ kind: "seq", thread: f.whole(), highest: f.whole() })],
  ["LAST", (f) => ({ kind: "last", report: f.whole(), hash: f.digest() })],
  ["JSON", (f) => ({ kind: "json", text: f.text("one JSON object", isJsonObject) })],
  ["RESENT", (f) => ({ kind: "resent", report: f.count(), text: f.text("base64", isBase64) })],
  ["REFUSED", (f) => ({ kind: "refused", name: f.name(), sentence: f.sentence() })],
  [
    "TICKET",
    (f) => ({
      kind: "ticket",
      text: f.text("a ticket", (text) => parseTicket(text) !== undefined),
    }),
  ],
  ...handsReaders,
  ...ringReaders,
]);

function isBase64(text: string): boolean {
  return text !== "" && fromBase64(text) !== undefined;
}

function isJsonObject(text: string): boolean {
  if (!text.startsWith("{")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseMoveCause(text: string): MoveCause | undefined {
  if (text === "push out" || text === "push in") return { kind: text };
  return parseNumbered(text, numberedCauses);
}

function parseHoldCause(text: string): HoldCause | undefined {
  if (!text.startsWith("order ")) return parseNumbered(text, ["withdrawal", "dividend"]);
  const key = parseKey(text.slice("order ".length));
  return key && { kind: "order", key };
}

/** One of `kinds`, a blank and a number from 1. */
function parseNumbered<Kind extends string>(
  text: string,
  kinds: readonly Kind[],
): { readonly kind: Kind; readonly number: number } | undefined {
  const [, word = "", digits = ""] = /^([a-z]+) ([0-9]+)$/.exec(text) ?? [];
  const kind = kinds.find((known) => known === word);
  const number = parseCount(digits);
  return kind === undefined || number === undefined ? undefined : { kind, number };
}

function readMove(f: Fields): Entry {
  return {
    kind: "move",
    asset: f.asset(),
    change: f.signed(),
    total: f.amount(),
    cause: f.take("a cause", parseMoveCause, { kind: "push in" }),
  };
}

function readHold(f: Fields): Entry {
  return {
    kind: "hold",
    asset: f.asset(),
    change: f.signed(),
    held: f.amount(),
    cause: f.take("a cause", parseHoldCause, { kind: "withdrawal", number: 1 }),
  };
}

function readBalance(f: Fields): Entry {
  return {
    kind: "balance",
    asset: f.asset(),
    total: f.amount(),
    free: f.amount(),
    held: f.amount(),
  };
}

function readReject(f: Fields): Entry {
  return {
    kind: "reject",
    line: f.line(),
    verb: f.verb(),
    name: f.name(),
    sentence: f.sentence(),
    ...f.labels(),
  };
}

function readDeposit(f: Fields): Entry {
  return {
    kind: "deposit",
    number: f.count(),
    asset: f.asset(),
    announced: f.amount(),
    state: f.word(["awaited", "credited"]),
    credited: f.amount(),
    evidence: f.maybe(() => f.remark()),
    ...f.labels(),
  };
}

function readWithdrawal(f: Fields): Entry {
  return {
    kind: "withdrawal",
    number: f.count(),
    asset: f.asset(),
    amount: f.amount(),
    address: f.remark(),
    state: f.word(["waiting", "approved", "paid", "refused"]),
    evidence: f.maybe(() => f.remark()),
    ...f.labels(),
  };
}

function readPush(f: Fields): Entry {
  return {
    kind: "push",
    line: f.line(),
    asset: f.asset(),
    to: f.fingerprint(),
    amount: f.amount(),
    ...f.labels(),
  };
}
