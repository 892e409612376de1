/**
 * A change of an account's certificate (docs/spec/keys.md §2, §5): begun by a letter (rotate.ts) or
 * by the operators (rekey.ts), it takes effect when its time has come, unless it was ended before.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { RekeyState } from "../letter/keyentry.ts";
import { printLeaf } from "../log/leaf.ts";
import { giveWaiting } from "./funds.ts";
import { tell } from "./hands.ts";
import { keyEntry } from "./keys.ts";
import { tellApart } from "./reports.ts";
import { tellAllWatched } from "./ringwatch.ts";
import type { Account, KeyChange, Labels, State } from "./state.ts";
import { willBeCustomer } from "./statements.ts";
import { note, type Turn } from "./turn.ts";

/** Begins a change that takes effect after `delay` milliseconds, at a whole second. */
export function beginChange(
  turn: Turn,
  begun: Pick<KeyChange, "account" | "kind" | "key" | "certificate">,
  delay: number,
): KeyChange {
  const expiry = time(Math.ceil((turn.at + delay) / 1000) * 1000);
  const change = enterChange(turn.state, { ...begun, expiry });
  turn.keys.add(begun.account.fingerprint);
  return change;
}

/** Makes a change known, as it begins or as a snapshot says. */
export function enterChange(
  state: State,
  begun: Pick<KeyChange, "account" | "kind" | "key" | "certificate" | "expiry">,
): KeyChange {
  const { account, kind, key } = begun;
  const change: KeyChange = { ...begun, number: account.number, place: account };
  account.change = change;
  // An account that is to be frozen no longer may keep its key.
  if (key !== account.key) state.keys.set(key, { account, standing: kind });
  state.changes.add(change);
  return change;
}

/** Ends a change, whether it took effect or not; what becomes of its key is the caller's. */
export function endChange(turn: Turn, change: KeyChange): void {
  change.place = undefined;
  turn.state.changes.left(change);
  change.account.change = undefined;
  turn.keys.add(change.account.fingerprint);
}

/** Ends a change that does not take effect: its key is nobody's again. */
export function dropChange(
  turn: Turn,
  change: KeyChange,
  {
    state,
    line,
    labels,
  }: {
    readonly state: "vetoed" | "dismissed";
    readonly line: number;
    readonly labels?: Labels;
  },
): void {
  const { account, key } = change;
  endChange(turn, change);
  if (key !== account.key) turn.state.keys.delete(key);
  const said = labels === undefined ? { key, line } : { key, line, labels };
  note(turn, account.fingerprint, keyEntry(state, said));
  if (change.kind === "replacing") tellRekey(turn, change, state);
}

/**
 * Gives an account what waited for a key that is its own from now on, and for ever. Until then it
 * waits: what was vetoed or dismissed is nobody's again, and may yet register.
 */
export function takeOver(turn: Turn, account: Account, key: Fingerprint): void {
  tellApart(turn, key);
  giveWaiting(turn, account, key);
  willBeCustomer(turn.state, key, account);
}

/** What the log and every operator are told of a replacement. */
export function tellRekey(turn: Turn, change: KeyChange, state: RekeyState): void {
  const { account, key } = change;
  const at = state === "begun" || state === "done" ? change.expiry : turn.at;
  const said = { kind: "rekey", account: account.fingerprint, key, state, at } as const;
  turn.leaves.push(printLeaf(said));
  tell(turn, said);
}

/** Changes whose time has come take effect, soonest first. */
export function changeKeys(turn: Turn): void {
  for (;;) {
    const change = turn.state.changes.due(turn.at);
    if (change === undefined) return;
    takeEffect(turn, change);
  }
}

function takeEffect(turn: Turn, change: KeyChange): void {
  const { keys } = turn.state;
  const { account, key, certificate } = change;
  const { fingerprint } = account;
  endChange(turn, change);
  // The very certificate may have been renewed since: then the newer one stays.
  const isAnother = key !== account.key;
  if (isAnother) {
    const [before, after] = [keys.get(account.key), keys.get(key)];
    assert(before !== undefined && after?.account === account, "keys are known");
    if (before.standing !== "revoked") before.standing = "retired";
    after.standing = "in_force";
    account.key = key;
    account.certificate = certificate;
    // They were the old key's, which says nothing any more.
    account.freezes.clear();
  }
  note(turn, fingerprint, keyEntry("in_force", { key }));
  if (isAnother) takeOver(turn, account, key);
  if (account.frozen !== undefined) thaw(turn, account);
  if (change.kind === "replacing") tellRekey(turn, change, "done");
}

/** A watcher is asked everything anew: what it had said was forgotten. */
function thaw(turn: Turn, account: Account): void {
  const { fingerprint } = account;
  account.frozen = undefined;
  const none = { id: undefined, tag: undefined };
  note(turn, fingerprint, { kind: "frozen", line: 0, why: "no", ...none });
  const { watchers } = turn.state.configuration;
  if (watchers.includes(fingerprint)) tellAllWatched(turn, account);
}
