/**
 * PUSH, DEPOSIT and WITHDRAW: money between customers, and what customers ask of the operators'
 * hands.
 *
 * A push to a fingerprint that has not registered waits under that fingerprint; its sender is
 * answered exactly as for a customer, and a decoy goes out where a customer would get mail, so that
 * nobody learns who is one by pushing a unit around.
 */
import { sha256Hex } from "../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Command, Line } from "../letter/command.ts";
import { amount, type Amount } from "../money/amount.ts";
import { short } from "./admit.ts";
import { ownerOf } from "./keys.ts";
import { depositsAwaitedMax, withdrawalsUnpaidMax, withdrawalsWaitingMax } from "./limits.ts";
import { freeOf, hold, noteMoved, transfer, waitingFor } from "./purse.ts";
import { awaitedEntry, labelsOf, rejectEntry, requestEntry, withdrawalEntry } from "./records.ts";
import type { depositRefusals, pushRefusals, withdrawRefusals } from "./refusals.ts";
import type { Account, Deposit, State, Waiting, Withdrawal } from "./state.ts";
import { note, type Turn } from "./turn.ts";

type PushCommand = Extract<Command, { kind: "push" }>;
type DepositCommand = Extract<Command, { kind: "deposit" }>;
type WithdrawCommand = Extract<Command, { kind: "withdraw" }>;
type Checked<Name extends string> = Verdict<undefined, Name>;

/** Moves an amount to another customer, or to whoever will register that fingerprint. */
export function push(turn: Turn, account: Account, line: Line, command: PushCommand): void {
  const { state } = turn;
  const from = account.fingerprint;
  const checked = checkPush(state, account, command);
  if (!checked.ok) return note(turn, from, rejectEntry(line, checked));

  // From here on the push stands.
  const { asset, to, amount } = command;
  const labels = labelsOf(line);
  note(turn, from, { kind: "push", line: line.number, asset, to, amount, ...labels });
  const receiver = ownerOf(state, to);
  const cause = { kind: "push out" } as const;
  const causeTo = { kind: "push in" } as const;
  transfer(turn, { asset, from: account, to: receiver ?? "waiting", amount, cause, causeTo });
  if (receiver === undefined) {
    wait(turn, { asset, from, to, amount });
    const total = waitingFor(state, to, asset);
    noteMoved(turn, to, { asset, change: amount, total, cause: causeTo });
  }
  // Line 0: not of the receiver's letter; the fingerprint is the payer's. Its labels stay with the
  // payer. It is noted for a stranger too, and becomes a decoy (reports.ts).
  const none = { id: undefined, tag: undefined };
  const who = receiver?.fingerprint ?? to;
  note(turn, who, { kind: "push", line: 0, asset, to: from, amount, ...none });
}

function checkPush(
  state: State,
  account: Account,
  command: PushCommand,
): Checked<(typeof pushRefusals)[number]> {
  const { asset } = command;
  if (!state.configuration.assets.has(asset)) return unknownAsset(asset);
  if (ownerOf(state, command.to) === account) {
    return refuse("push_to_self", "That fingerprint is this account.");
  }
  return checkFree(state, account, command);
}

function unknownAsset(asset: string): { ok: false; name: "asset_unknown"; detail: string } {
  return refuse("asset_unknown", `There is no asset ${asset} here.`);
}

function checkFree(
  state: State,
  account: Account,
  cost: { readonly asset: string; readonly amount: Amount },
): Checked<"funds_short"> {
  const isFree = cost.amount <= freeOf(state, account, cost.asset);
  return isFree ? accept(undefined) : short(state, account, cost);
}

type Push = {
  readonly asset: string;
  readonly from: Fingerprint;
  readonly to: Fingerprint;
  readonly amount: Amount;
};

/** Keeps what is paid to someone who has not registered; their first payment makes the decoys. */
export function wait({ state, random }: Turn, push: Push): void {
  const waiting: Waiting = state.waiting.get(push.to) ?? new Map();
  state.waiting.set(push.to, waiting);
  const payers = waiting.get(push.asset) ?? new Map<Fingerprint, Amount>();
  waiting.set(push.asset, payers);
  payers.set(push.from, amount((payers.get(push.from) ?? 0) + push.amount));
  if (state.strangers.has(push.to)) return;
  // Unlike anything that the payer knows, such as the order id: who pays must not find it empty.
  state.strangers.set(push.to, { mailbox: sha256Hex(`${random}\n${push.to}`), mail: 0 });
}

/** Gives an account what waited for a key that is now its own: by asset, then by payer. */
export function giveWaiting(turn: Turn, account: Account, key: Fingerprint): void {
  const { state } = turn;
  const waiting: Waiting = state.waiting.get(key) ?? new Map();
  for (const [asset, payers] of sortedByKey(waiting)) {
    for (const [payer, amount] of sortedByKey(payers)) {
      const none = { id: undefined, tag: undefined };
      note(turn, account.fingerprint, {
        kind: "push",
        line: 0,
        asset,
        to: payer,
        amount,
        ...none,
      });
      const cause = { kind: "push in" } as const;
      transfer(turn, { asset, from: "waiting", to: account, amount, cause });
    }
  }
  state.waiting.delete(key);
  state.strangers.delete(key);
}

/** A map's entries by key: what is told must not depend on the order in which it happened. */
export function sortedByKey<Key extends string | number, Value>(
  map: ReadonlyMap<Key, Value>,
): [Key, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Announces a payment to come, and gets its number. */
export function deposit(turn: Turn, account: Account, line: Line, command: DepositCommand): void {
  const { state } = turn;
  const checked = checkDeposit(state, account, line, command);
  if (!checked.ok) return note(turn, account.fingerprint, rejectEntry(line, checked));

  // From here on the announcement stands.
  if (line.id !== undefined) account.ids.add(line.id);
  state.deposits += 1;
  const made: Deposit = {
    number: state.deposits,
    account: account.fingerprint,
    asset: command.asset,
    announced: command.amount,
    ...labelsOf(line),
  };
  state.awaited.set(made.number, made);
  account.awaited.add(made.number);
  note(turn, account.fingerprint, awaitedEntry(made));
  ask(turn, made);
}

function checkDeposit(
  state: State,
  account: Account,
  line: Line,
  command: DepositCommand,
): Checked<(typeof depositRefusals)[number]> {
  const reused = idReused(account, line);
  if (reused) return reused;
  if (!state.configuration.assets.has(command.asset)) return unknownAsset(command.asset);
  if (account.awaited.size >= depositsAwaitedMax) {
    const detail = `${depositsAwaitedMax} deposits of this account are awaited.`;
    return refuse("deposits_awaited_limit", detail);
  }
  return accept(undefined);
}

function idReused(
  account: Account,
  line: Line,
): { ok: false; name: "id_reused"; detail: string } | undefined {
  if (line.id === undefined || !account.ids.has(line.id)) return undefined;
  return refuse("id_reused", `The id ${line.id} was used before.`);
}

/** Holds an amount and asks the operators to pay it. */
export function withdraw(turn: Turn, account: Account, line: Line, command: WithdrawCommand): void {
  const { state } = turn;
  const checked = checkWithdraw(state, account, line, command);
  if (!checked.ok) return note(turn, account.fingerprint, rejectEntry(line, checked));

  // From here on the request stands.
  if (line.id !== undefined) account.ids.add(line.id);
  state.withdrawals += 1;
  const { asset, amount, address } = command;
  const number = state.withdrawals;
  const made: Withdrawal = {
    number,
    account: account.fingerprint,
    asset,
    amount,
    address,
    status: "waiting",
    ...labelsOf(line),
  };
  state.unpaid.set(number, made);
  account.unpaid.add(number);
  hold(turn, account, asset, amount, { kind: "withdrawal", number });
  note(turn, account.fingerprint, withdrawalEntry(made, "waiting", undefined));
  ask(turn, made);
}

function checkWithdraw(
  state: State,
  account: Account,
  line: Line,
  command: WithdrawCommand,
): Checked<(typeof withdrawRefusals)[number]> {
  const reused = idReused(account, line);
  if (reused) return reused;
  if (!state.configuration.assets.has(command.asset)) return unknownAsset(command.asset);
  const waiting = [...account.unpaid].filter((n) => state.unpaid.get(n)?.status === "waiting");
  if (waiting.length >= withdrawalsWaitingMax) {
    const detail = `${withdrawalsWaitingMax} withdrawals of this account are waiting.`;
    return refuse("withdrawals_waiting_limit", detail);
  }
  if (account.unpaid.size >= withdrawalsUnpaidMax) {
    const detail = `${withdrawalsUnpaidMax} withdrawals of this account are not paid yet.`;
    return refuse("withdrawals_waiting_limit", detail);
  }
  return checkFree(state, account, command);
}

/** Puts a request before every operator that has registered. */
function ask(turn: Turn, request: Deposit | Withdrawal): void {
  for (const operator of turn.state.configuration.operators) {
    if (turn.state.accounts.has(operator)) note(turn, operator, requestEntry(request));
  }
}
