/**
 * REGISTER: an account begins, with its mailbox, and gets what already waited for its fingerprint.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Line } from "../letter/command.ts";
import { noReport } from "../letter/report.ts";
import { giveWaiting } from "./funds.ts";
import { tellAllWaiting } from "./hands.ts";
import { doneEntry } from "./records.ts";
import { tellApart } from "./reports.ts";
import { tellAllWatched } from "./ringwatch.ts";
import { willBeCustomer } from "./statements.ts";
import type { Account, State } from "./state.ts";
import { note, type Turn } from "./turn.ts";

/** What an account begins with. */
export type Registration = {
  readonly fingerprint: Fingerprint;
  /** Base64. */
  readonly certificate: string;
  /** 64 hex of the input's randomness: the mailbox secret. */
  readonly mailbox: string;
};

/** An account as it begins; it is nobody's until `open` enters it. */
export function newAccount(registration: Registration): Account {
  return {
    ...registration,
    number: 0,
    key: registration.fingerprint,
    change: undefined,
    frozen: undefined,
    freezes: new Set(),
    mail: 0,
    reports: 0,
    last: noReport,
    threads: new Map(),
    reads: new Map(),
    ids: new Set(),
    orders: new Map(),
    ordersById: new Map(),
    ordersByShort: new Map(),
    awaited: new Set(),
    unpaid: new Set(),
  };
}

/** Makes an account a customer, and gives it its number on the floor. */
function enterAccount(state: State, account: Account): void {
  account.number = state.floor.addAccount();
  state.accounts.set(account.fingerprint, account);
  state.keys.set(account.key, { account, standing: "in_force" });
  state.customers.push(account);
  assert(state.customers[account.number] === account, "customers are found by their numbers");
}

/**
 * Enters a new account. An operator is a customer like any other, and is told what waits for its
 * hands; a watcher likewise, and is told what is to be watched.
 */
export function open(turn: Turn, account: Account, line: Line): void {
  const { state } = turn;
  const { fingerprint, mailbox } = account;
  tellApart(turn, fingerprint);
  enterAccount(state, account);
  turn.keys.add(fingerprint);
  note(turn, fingerprint, doneEntry(line));
  note(turn, fingerprint, { kind: "mailbox", secret: mailbox, next: account.mail });
  giveWaiting(turn, account, fingerprint);
  willBeCustomer(state, fingerprint, account);
  if (state.configuration.operators.includes(fingerprint)) tellAllWaiting(turn, account);
  if (state.configuration.watchers.includes(fingerprint)) tellAllWatched(turn, account);
}
