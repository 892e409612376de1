/**
 * The operators' hands (docs/spec/hands.md): CREDIT, APPROVE, REFUSE, PAID, HALT and RESUME take
 * effect when m of n operators have signed the same line. CREDIT and APPROVE, which move money,
 * repeat what the request asks: an operator signs what was shown on their own machine, and whoever
 * shows two operators two different requests of one number collects two different lines.
 *
 * Of each operator only the newest line about a request counts, so that one who corrects an amount
 * or changes their mind is never counted on two sides.
 */
import { assert } from "../codec/assert.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import type { Command, Line } from "../letter/command.ts";
import { printCommand } from "../letter/print.ts";
import { amount } from "../money/amount.ts";
import { printDecimal } from "../money/decimal.ts";
import { accountOf } from "./orders.ts";
import { refreshPhase } from "./phases.ts";
import { balanceOf, hold, transfer } from "./purse.ts";
import { labelsOf, rejectEntry, requestEntry, settledEntry, withdrawalEntry } from "./records.ts";
import type { creditRefusals, haltRefusals, settleRefusals } from "./refusals.ts";
import type { Account, Deposit, State, Withdrawal } from "./state.ts";
import { note, type Turn } from "./turn.ts";

type CreditCommand = Extract<Command, { kind: "credit" }>;
type ApproveCommand = Extract<Command, { kind: "approve" }>;
/** What operators say about a withdrawal. */
export type SettleCommand = Extract<Command, { kind: "approve" | "refuse" | "paid" }>;

type HaltCommand = Extract<Command, { kind: "halt" | "resume" }>;

type RekeyCommand = Extract<Command, { kind: "rekey" }>;

/** Whoever else says it. */
export const operatorsOnly: Refused<"operators_only"> = refuse(
  "operators_only",
  "Only operators of this exchange may say that.",
);

/**
 * A request asked for before an asset was renamed was shown to operators by the name of then: lines
 * that say it mean the same asset, and count as if they said its new name.
 */
function nameNow({ configuration, renamed }: State, asset: string): string {
  return renamed.has(asset) ? (configuration.reserved.get(asset) ?? asset) : asset;
}

/** One operator says what really arrived for a deposit. */
export function credit(turn: Turn, account: Account, line: Line, said: CreditCommand): void {
  const { state } = turn;
  const command = { ...said, asset: nameNow(state, said.asset) };
  const checked = checkCredit(state, account, command);
  if (!checked.ok) return note(turn, account.fingerprint, rejectEntry(line, checked));
  const deposit = checked.value;
  const { number, asset, announced } = deposit;
  if (!agreed(turn, account, line, { subject: "deposit", number, said: command })) return;

  // From here on the deposit is credited.
  const { amount: credited, evidence } = command;
  state.awaited.delete(number);
  accountOf(state, deposit.account).awaited.delete(number);
  const cause = { kind: "deposit", number } as const;
  const customer = accountOf(state, deposit.account);
  transfer(turn, { asset, from: "outside", to: customer, amount: credited, cause });
  note(turn, deposit.account, {
    kind: "deposit",
    number,
    asset,
    announced,
    state: "credited",
    credited,
    evidence,
    ...labelsOf(deposit),
  });
  const settled = { subject: "deposit", number, asset, amount: credited, evidence } as const;
  tell(turn, settledEntry({ ...settled, outcome: "credited" }));
}

function checkCredit(
  state: State,
  account: Account,
  command: CreditCommand,
): Verdict<Deposit, (typeof creditRefusals)[number]> {
  if (!state.configuration.operators.includes(account.fingerprint)) return operatorsOnly;
  const number = command.deposit;
  if (number > state.deposits) {
    return refuse("deposit_unknown", `There is no deposit ${number}.`);
  }
  const deposit = state.awaited.get(number);
  if (!deposit) return refuse("deposit_settled", `Deposit ${number} was credited before.`);
  if (command.account !== deposit.account || command.asset !== deposit.asset) {
    return refuse("request_differs", `Deposit ${number} is of another account or asset.`);
  }
  const asset = state.configuration.assets.get(deposit.asset);
  assert(asset !== undefined, "an asset stays");
  const issued = -balanceOf(state, "outside", deposit.asset).total;
  const left = Math.max(asset.supplyMax - issued, 0);
  if (command.amount > left) {
    const shown = `${printDecimal(left, asset.decimals)} ${asset.name}`;
    return refuse("supply_exceeded", `Within the supply there is room for ${shown}.`);
  }
  return accept(deposit);
}

/** One operator approves, refuses, or has paid a withdrawal. */
export function settle(turn: Turn, account: Account, line: Line, said: SettleCommand): void {
  const { state } = turn;
  const isNamed = said.kind === "approve";
  const command = isNamed ? { ...said, asset: nameNow(state, said.asset) } : said;
  const checked = checkSettle(state, account, command);
  if (!checked.ok) return note(turn, account.fingerprint, rejectEntry(line, checked));
  const withdrawal = checked.value;
  const { number } = withdrawal;
  if (!agreed(turn, account, line, { subject: "withdrawal", number, said: command })) return;

  // From here on it is settled as the operators said.
  carryOut(turn, withdrawal, command);
}

/**
 * What waits and is not to wait any longer: after a ratio, what was asked in old shares; of an
 * account that is frozen, everything.
 */
export function refuseWaiting(
  turn: Turn,
  isMeant: (withdrawal: Withdrawal) => boolean,
  evidence: string,
): void {
  const { unpaid, votes } = turn.state;
  for (const withdrawal of unpaid.values()) {
    if (withdrawal.status !== "waiting" || !isMeant(withdrawal)) continue;
    const { number } = withdrawal;
    votes.delete(`withdrawal ${number}`);
    carryOut(turn, withdrawal, { kind: "refuse", withdrawal: number, evidence });
  }
}

function carryOut(turn: Turn, withdrawal: Withdrawal, command: SettleCommand): void {
  const { unpaid } = turn.state;
  const { number, account: fingerprint, asset, amount } = withdrawal;
  const account = accountOf(turn.state, fingerprint);
  const cause = { kind: "withdrawal", number } as const;
  const outcome = outcomes[command.kind];
  if (command.kind !== "paid") hold(turn, account, asset, -amount, cause);
  if (command.kind === "approve") {
    withdrawal.status = "approved";
    transfer(turn, { asset, from: account, to: "outside", amount, cause });
  } else {
    unpaid.delete(number);
    account.unpaid.delete(number);
  }
  const evidence = command.kind === "approve" ? undefined : command.evidence;
  note(turn, fingerprint, withdrawalEntry(withdrawal, outcome, evidence));
  const subject = "withdrawal";
  tell(turn, settledEntry({ subject, number, asset, amount, outcome, evidence }));
}

const outcomes = { approve: "approved", refuse: "refused", paid: "paid" } as const;

function checkSettle(
  state: State,
  account: Account,
  command: SettleCommand,
): Verdict<Withdrawal, (typeof settleRefusals)[number]> {
  if (!state.configuration.operators.includes(account.fingerprint)) return operatorsOnly;
  const number = command.withdrawal;
  if (number > state.withdrawals) {
    return refuse("withdrawal_unknown", `There is no withdrawal ${number}.`);
  }
  const withdrawal = state.unpaid.get(number);
  if (!withdrawal) {
    return refuse("withdrawal_settled", `Withdrawal ${number} was paid or refused before.`);
  }
  const { status } = withdrawal;
  if (command.kind !== "paid" && status !== "waiting") {
    return refuse("withdrawal_not_waiting", `Withdrawal ${number} was approved before.`);
  }
  if (command.kind === "paid" && status !== "approved") {
    return refuse("withdrawal_not_approved", `Withdrawal ${number} waits for approval.`);
  }
  if (command.kind === "approve" && !isAsAsked(command, withdrawal)) {
    return refuse(
      "request_differs",
      `Withdrawal ${number} is of another asset, amount or address.`,
    );
  }
  return accept(withdrawal);
}

function isAsAsked(command: ApproveCommand, withdrawal: Withdrawal): boolean {
  const { asset, amount, address } = withdrawal;
  return command.asset === asset && command.amount === amount && command.address === address;
}

/** One operator halts a market, or lets it go on. */
export function haltOrResume(turn: Turn, account: Account, line: Line, command: HaltCommand): void {
  const { state } = turn;
  const reject = (refusal: Refused<(typeof haltRefusals)[number]>): void => {
    note(turn, account.fingerprint, rejectEntry(line, refusal));
  };
  if (!state.configuration.operators.includes(account.fingerprint)) return reject(operatorsOnly);
  const venue = state.venues.get(command.market);
  if (!venue) {
    return reject(refuse("market_unknown", `There is no market ${command.market} here.`));
  }
  const subject = { subject: "market", number: command.market } as const;
  if (!agreed(turn, account, line, { ...subject, said: command })) return;

  // From here on the market stands, or goes on; the log tells it.
  venue.halted = command.kind === "halt";
  refreshPhase(turn, venue);
}

type Said = {
  readonly subject: "deposit" | "withdrawal" | "market" | "account";
  /** Of a market its name, of an account its fingerprint. */
  readonly number: number | string;
  readonly said: CreditCommand | SettleCommand | HaltCommand | RekeyCommand;
};

/** Counts a line; true when enough operators, this one included, have signed the same. */
export function agreed(
  turn: Turn,
  account: Account,
  line: Line,
  { subject, number, said }: Said,
): boolean {
  const { state } = turn;
  const { operators, threshold: need } = state.configuration;
  const text = printCommand(said);
  const request = `${subject} ${number}`;
  const votes = state.votes.get(request) ?? new Map();
  state.votes.set(request, votes.set(account.fingerprint, text));
  const have = operators.filter((operator) => votes.get(operator) === text).length;
  const { number: lineNumber, verb } = line;
  const counted = { line: lineNumber, verb, number, have, need };
  note(turn, account.fingerprint, { kind: "approval", ...counted });
  if (have < need) return false;
  state.votes.delete(request);
  return true;
}

/** Tells every operator that has registered. */
export function tell(turn: Turn, entry: Parameters<typeof note>[2]): void {
  for (const operator of turn.state.configuration.operators) {
    if (turn.state.accounts.has(operator)) note(turn, operator, entry);
  }
}

/**
 * Everything that still waits for the operators' hands, for one who was not there when it was
 * asked. What is approved and not yet paid is told as asked and approved.
 */
export function tellAllWaiting(turn: Turn, operator: Account): void {
  const { awaited, unpaid } = turn.state;
  const requests = [...awaited.values(), ...unpaid.values()];
  for (const request of requests) {
    note(turn, operator.fingerprint, requestEntry(request));
    if (!("status" in request) || request.status !== "approved") continue;
    const { number, asset, amount: units } = request;
    const settled = { subject: "withdrawal", number, asset, amount: amount(units) } as const;
    const approved = settledEntry({ ...settled, outcome: "approved", evidence: undefined });
    note(turn, operator.fingerprint, approved);
  }
}
