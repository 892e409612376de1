/**
 * DIVIDEND (docs/spec/securities.md §3): declared, fixed, paid.
 *
 *   declared   TOTAL is held from the issuer, until the record date
 *   fixed      who holds then, and floor(TOTAL × shares / FLOAT) for each, is written down; what
 *              that leaves of TOTAL is free again
 *   paid       in order of the holders, so many with each input; the rest with the next ones
 *
 * Between the second and the third holders may trade, be registered or be renamed upon: what was
 * written down stands.
 */
import { assert } from "../codec/assert.ts";
import { printSeconds, time, type Time } from "../codec/time.ts";
import { refuse, type Refused } from "../codec/verdict.ts";
import type { IssuerCommand, Line } from "../letter/command.ts";
import { printLeaf } from "../log/leaf.ts";
import { amount, type Amount } from "../money/amount.ts";
import { shown, short } from "./admit.ts";
import { holdingsOf, payHolders, sharesOf } from "./holders.ts";
import { dividendsPendingMax, recordAheadMs } from "./limits.ts";
import { accountOf } from "./orders.ts";
import { partOf } from "./proportion.ts";
import { freeOf, hold } from "./purse.ts";
import { actionEntry, labelsOf } from "./records.ts";
import type { issuerRefusals } from "./refusals.ts";
import type { Account, Dividend, Entitlement, State } from "./state.ts";
import { note, type Turn } from "./turn.ts";

type DividendCommand = Extract<IssuerCommand, { kind: "dividend" }>;

/** Who acts for an asset that is listed. */
export function issuerOf(state: State, asset: string): Account {
  const issuer = state.configuration.issuers.get(asset);
  assert(issuer !== undefined, "the issuer of an asset that is listed stays");
  return accountOf(state, issuer);
}

/** What stands against a dividend. */
export function checkDividend(
  { state, at }: Turn,
  account: Account,
  command: DividendCommand,
): Refused<(typeof issuerRefusals)[number]> | undefined {
  const { asset, pay, total, float, record } = command;
  const shares = sharesOf(state, asset);
  if (float < shares) {
    return refuse("float_too_small", `There are ${shown(state, shares, asset)}: FLOAT is less.`);
  }
  if (record !== undefined && record <= at) {
    return refuse("record_passed", `The record date is not after ${printSeconds(at)}.`);
  }
  if (record !== undefined && record > at + recordAheadMs) {
    const last = printSeconds(time(at + recordAheadMs));
    return refuse("record_too_far", `The record date is after ${last}.`);
  }
  const pending = [...state.dividends.values()].filter((each) => {
    return state.configuration.issuers.get(each.asset) === account.fingerprint;
  });
  if (pending.length >= dividendsPendingMax) {
    const sentence = `${dividendsPendingMax} dividends of this issuer are not paid yet.`;
    return refuse("actions_limit", sentence);
  }
  if (total > freeOf(state, account, pay))
    return short(state, account, { asset: pay, amount: total });
  // Last: it looks at every account there is.
  const paysNobody = record === undefined && entitled(state, command).list.length === 0;
  if (!paysNobody) return undefined;
  return refuse("dividend_pays_nobody", `Of ${shown(state, total, pay)} no holder is due a unit.`);
}

/** Declares a dividend; without a record date it is fixed, and paid as far as may be, at once. */
export function declare(turn: Turn, account: Account, line: Line, command: DividendCommand): void {
  const { state } = turn;
  state.actions += 1;
  const { asset, pay, total, float } = command;
  const number = state.actions;
  const record = command.record ?? turn.at;
  const dividend: Dividend = {
    number,
    asset,
    pay,
    total,
    float,
    record,
    tag: line.tag,
    owed: undefined,
  };
  state.dividends.set(number, dividend);
  turn.leaves.push(printLeaf({ kind: "dividend", number, asset, pay, total, float, record }));
  if (command.record === undefined) {
    fix(turn, dividend, 0);
    payOwed(turn, number);
  } else {
    hold(turn, account, pay, total, { kind: "dividend", number });
  }
  const stands = state.dividends.has(number) ? "scheduled" : "done";
  const said = { number, action: "dividend", asset, state: stands } as const;
  note(turn, account.fingerprint, actionEntry(said, line.number, labelsOf(line)));
}

/** The dividends whose day comes after an instant, up to another: soonest first. */
export function recordDates(
  state: State,
  upTo: Time,
): readonly { readonly at: Time; readonly dividend: Dividend }[] {
  const due = [...state.dividends.values()].filter(({ owed, record }) => {
    return owed === undefined && record <= upTo;
  });
  // Of one time in order of their numbers: the sort is stable.
  return due.map((dividend) => ({ at: dividend.record, dividend })).sort((a, b) => a.at - b.at);
}

/** Its day has come: who holds now is written down. */
export function fixOnRecord(turn: Turn, dividend: Dividend): void {
  fix(turn, dividend, dividend.total);
}

function fix(turn: Turn, dividend: Dividend, held: number): void {
  const { state } = turn;
  const { number, asset, pay, total } = dividend;
  const { list, sum } = entitled(state, dividend);
  assert(sum <= total, "floors of parts are no more than the whole");
  dividend.owed = { list, next: 0, left: sum };
  hold(turn, issuerOf(state, asset), pay, sum - held, { kind: "dividend", number });
  if (list.length === 0) end(turn, dividend);
}

/** Who would be owed what if it were fixed now, in the order of holders. */
function entitled(
  state: State,
  {
    asset,
    total,
    float,
  }: { readonly asset: string; readonly total: number; readonly float: number },
): { readonly list: Entitlement[]; readonly sum: number } {
  const issuer = issuerOf(state, asset);
  // More may have come in since it was declared: nobody is paid beyond TOTAL.
  const by = Math.max(float, sharesOf(state, asset));
  const list: Entitlement[] = [];
  let sum = 0;
  for (const { who, shares } of holdingsOf(state, asset)) {
    if (who === issuer.fingerprint) continue;
    const units = partOf(total, shares, by);
    if (units === 0) continue;
    list.push({ to: who, shares, units });
    sum += units;
  }
  return { list, sum };
}

/** It is paid whole, and forgotten. */
function end(turn: Turn, { number, asset, tag }: Dividend): void {
  turn.state.dividends.delete(number);
  const said = { number, action: "dividend", asset, state: "done" } as const;
  const issuer = issuerOf(turn.state, asset);
  note(turn, issuer.fingerprint, actionEntry(said, 0, { id: undefined, tag }));
}

/**
 * Pays holders what is written down, the oldest dividend first, as many as this input may still
 * pay. `declared` is the one of the line in hand, which tells by itself that it is done.
 */
export function payOwed(turn: Turn, declared?: number): void {
  const { state } = turn;
  for (const dividend of state.dividends.values()) {
    const { number, asset, pay, owed } = dividend;
    if (owed === undefined) continue;
    const issuer = issuerOf(state, asset);
    const cause = { kind: "dividend", number } as const;
    const due = owed.list.slice(owed.next, owed.next + turn.payments.left);
    const sum = due.reduce((all, { units }) => all + units, 0);
    hold(turn, issuer, pay, -sum, cause);
    payHolders(turn, { issuer, asset, pay, cause }, due);
    turn.payments.left -= due.length;
    owed.next += due.length;
    owed.left -= sum;
    if (owed.next < owed.list.length) return;
    if (number === declared) state.dividends.delete(number);
    else end(turn, dividend);
  }
}

/** What is held from the issuer for a dividend. */
export function heldFor({ total, owed }: Dividend): number {
  return owed === undefined ? total : owed.left;
}

/** Whether something of an asset is still to be counted for a dividend, or to be paid for it. */
export function isPending(state: State, asset: string): boolean {
  return [...state.dividends.values()].some((each) => each.asset === asset);
}

/** What becomes of a dividend's units if the asset that it pays in is divided. */
export type Restated = (units: number) => Amount;

/**
 * Puts nothing aside any more for dividends of others that pay in an asset, and gives what they are
 * to be once the asset is divided: each unit that is owed is a share like any other.
 */
export function setFree(turn: Turn, pay: string): readonly Dividend[] {
  const paying = [...turn.state.dividends.values()].filter((each) => each.pay === pay);
  for (const dividend of paying) {
    const { number } = dividend;
    const issuer = issuerOf(turn.state, dividend.asset);
    hold(turn, issuer, pay, -heldFor(dividend), { kind: "dividend", number });
  }
  return paying;
}

/** Puts aside again what they pay now, in shares of now. */
export function restate(turn: Turn, paying: readonly Dividend[], restated: Restated): void {
  for (const before of paying) {
    const dividend = {
      ...before,
      total: restated(before.total),
      owed: restatedOwed(before, restated),
    };
    const { number, asset, pay, owed } = dividend;
    turn.state.dividends.set(number, dividend);
    hold(turn, issuerOf(turn.state, asset), pay, heldFor(dividend), { kind: "dividend", number });
    if (owed?.list.length === 0) end(turn, dividend);
  }
}

function restatedOwed({ owed }: Dividend, restated: Restated): Dividend["owed"] {
  if (owed === undefined) return undefined;
  const list = owed.list
    .slice(owed.next)
    .map(({ to, shares, units }) => ({ to, shares, units: restated(units) }))
    .filter(({ units }) => units > 0);
  return { list, next: 0, left: list.reduce((sum, { units }) => sum + units, 0) };
}

/** The dividends that a STAT tells an issuer, by number. */
export function scheduledOf(state: State, issuer: Account): readonly Dividend[] {
  return [...state.dividends.values()].filter(({ asset }) => {
    return state.configuration.issuers.get(asset) === issuer.fingerprint;
  });
}

/** Puts aside what a restored dividend holds. */
export function holdAgain(state: State, dividend: Dividend): void {
  const { balances } = state.floor;
  const number = state.assets.get(dividend.pay);
  assert(number !== undefined, "an asset stays");
  const place = balances.place(issuerOf(state, dividend.asset).number, number);
  balances.hold(place, amount(heldFor(dividend)));
}
