/**
 * The records about securities (docs/spec/report.md §3): ACTION, HOLDER and ISSUE to an asset's
 * issuer, ENTITLED and CLOSING to its holders, printed and read.
 */
import type { Digest, Fingerprint } from "../codec/names.ts";
import type { Amount } from "../money/amount.ts";
import type { Fields } from "./fields.ts";
import type { Labels, Printed } from "./row.ts";

const actionKinds = ["list", "dividend", "ratio", "rename", "delist"] as const;
/** What an issuer did with an asset. */
export type ActionKind = (typeof actionKinds)[number];

/** ACTION: a corporate action. `line` is 0 when it is not of the letter answered. */
export type ActionEntry = Labels & {
  readonly kind: "action";
  readonly line: number;
  /** 1, 2, 3 … over all corporate actions of the exchange. */
  readonly number: number;
  readonly action: ActionKind;
  readonly asset: string;
  readonly state: "scheduled" | "done";
};

/** ENTITLED: what a holder is paid by a dividend, or for the fraction that a ratio left over. */
export type EntitledEntry = {
  readonly kind: "entitled";
  /** The corporate action's. */
  readonly number: number;
  readonly asset: string;
  /** Held then; of a ratio, before it. */
  readonly shares: Amount;
  readonly pay: string;
  readonly amount: Amount;
};

/** HOLDER: one line of the list of holders. */
export type HolderEntry = {
  readonly kind: "holder";
  readonly asset: string;
  readonly account: Fingerprint;
  readonly shares: Amount;
};

/** ISSUE: an asset as its issuer listed it. */
export type IssueEntry = {
  readonly kind: "issue";
  readonly asset: string;
  readonly shares: Amount;
  /** Of the signed contract. */
  readonly hash: Digest;
};

/** CLOSING: a holder's closing statement of a delisted asset. */
export type ClosingEntry = {
  readonly kind: "closing";
  readonly asset: string;
  readonly shares: Amount;
};

/** Any of them. */
export type SecuritiesEntry = ActionEntry | EntitledEntry | HolderEntry | IssueEntry | ClosingEntry;

/** The record's name, fields and labels. */
export function printSecuritiesEntry(entry: SecuritiesEntry): Printed {
  const { asset } = entry;
  switch (entry.kind) {
    case "action": {
      const { line, number, action, state } = entry;
      return { name: "ACTION", fields: [line, number, action, asset, state], labels: entry };
    }
    case "entitled": {
      const { number, shares, pay, amount } = entry;
      return { name: "ENTITLED", fields: [number, asset, shares, pay, amount] };
    }
    case "holder":
      return { name: "HOLDER", fields: [asset, entry.account, entry.shares] };
    case "issue":
      return { name: "ISSUE", fields: [asset, entry.shares, entry.hash] };
    case "closing":
      return { name: "CLOSING", fields: [asset, entry.shares] };
  }
}

/** Readers of what `printSecuritiesEntry` prints, by record name. */
export const securitiesReaders: readonly (readonly [string, (f: Fields) => SecuritiesEntry])[] = [
  ["ACTION", readAction],
  ["ENTITLED", readEntitled],
  [
    "HOLDER",
    (f) => ({ kind: "holder", asset: f.asset(), account: f.fingerprint(), shares: f.amount() }),
  ],
  ["ISSUE", (f) => ({ kind: "issue", asset: f.asset(), shares: f.amount(), hash: f.digest() })],
  ["CLOSING", (f) => ({ kind: "closing", asset: f.asset(), shares: f.amount() })],
];

function readAction(f: Fields): SecuritiesEntry {
  return {
    kind: "action",
    line: f.line(),
    number: f.count(),
    action: f.word(actionKinds),
    asset: f.asset(),
    state: f.word(["scheduled", "done"]),
    ...f.labels(),
  };
}

function readEntitled(f: Fields): SecuritiesEntry {
  return {
    kind: "entitled",
    number: f.count(),
    asset: f.asset(),
    shares: f.amount(),
    pay: f.asset(),
    amount: f.amount(),
  };
}
