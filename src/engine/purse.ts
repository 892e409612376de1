/**
 * Money by name: the balances of the floor, for whoever knows customers by fingerprint and assets
 * by symbol. What is moved or held here is noted at once for the customer's report; what trades
 * move is told by execution.ts.
 *
 * What was pushed to people who have not registered is one balance of the floor's for all of them;
 * whose it is, and who paid it, is in `state.waiting`.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { HoldCause, MoveCause } from "../letter/entry.ts";
import { feesAccount, outsideAccount } from "../ledger/balances.ts";
import { amount, type Amount } from "../money/amount.ts";
import { holdEntry, moveEntry } from "./records.ts";
import { waitingAccount, type Account, type State } from "./state.ts";
import { notesOf, type Turn } from "./turn.ts";

/** Who has a balance. */
export type Holder = Account | "fees" | "outside" | "waiting";

const numbers = { outside: outsideAccount, fees: feesAccount, waiting: waitingAccount } as const;

/** A holder's number on the floor. */
export function numberOf(holder: Holder): number {
  return typeof holder === "string" ? numbers[holder] : holder.number;
}

/** An asset's number on the floor. */
export function assetNumber(state: State, asset: string): number {
  const number = state.assets.get(asset);
  assert(number !== undefined, "an asset stays");
  return number;
}

/** A customer by number on the floor. */
export function customerAt(state: State, number: number): Account {
  const account = state.customers[number];
  assert(account !== undefined, "an account stays");
  return account;
}

export function balanceOf(
  state: State,
  holder: Holder,
  asset: string,
): { readonly total: number; readonly held: number } {
  return state.floor.balances.read(numberOf(holder), assetNumber(state, asset));
}

/** What a customer may spend: the total less what is held. */
export function freeOf(state: State, account: Account, asset: string): Amount {
  const { total, held } = balanceOf(state, account, asset);
  return amount(total - held);
}

/** The assets that a holder has anything of, by name. */
export function assetsOf(state: State, holder: Holder): readonly string[] {
  const has = (asset: string): boolean => balanceOf(state, holder, asset).total !== 0;
  return [...state.assets.keys()].filter(has).sort();
}

/** Each asset's sum over all holders, which is zero. */
export function sumsOf(state: State): ReadonlyMap<string, number> {
  const sums = [...state.assets].map(([name, number]) => ({ name, number, sum: 0n }));
  const byNumber = new Map(sums.map((each) => [each.number, each]));
  state.floor.balances.each((asset, _account, total) => {
    const each = byNumber.get(asset);
    if (each) each.sum += BigInt(total);
  });
  return new Map(sums.map(({ name, sum }) => [name, Number(sum)]));
}

export type Transfer = {
  readonly asset: string;
  readonly from: Holder;
  readonly to: Holder;
  readonly amount: number;
  readonly cause: MoveCause;
  /** What the receiver is told, if something else. */
  readonly causeTo?: MoveCause;
};

/** Moves an amount; the caller has checked that it is there and free. */
export function transfer(turn: Turn, { asset, from, to, amount: units, ...why }: Transfer): void {
  if (units === 0) return;
  const { floor } = turn.state;
  const number = assetNumber(turn.state, asset);
  const isMoved = floor.balances.transfer(number, numberOf(from), numberOf(to), units);
  assert(isMoved, "what is moved was checked to be free, and within the supply");
  noteMove(turn, from, asset, -units, why.cause);
  noteMove(turn, to, asset, units, why.causeTo ?? why.cause);
}

function noteMove(
  turn: Turn,
  holder: Holder,
  asset: string,
  change: number,
  cause: MoveCause,
): void {
  if (typeof holder === "string") return;
  const { total } = balanceOf(turn.state, holder, asset);
  noteMoved(turn, holder.fingerprint, { asset, change, total, cause });
}

/** Notes for somebody's report that a total has changed. */
export function noteMoved(
  turn: Turn,
  whose: Fingerprint,
  move: {
    readonly asset: string;
    readonly change: number;
    readonly total: number;
    readonly cause: MoveCause;
  },
): void {
  const notes = notesOf(turn, whose);
  notes.moves.push(moveEntry(move));
  notes.touched.add(move.asset);
}

/** Sets `change` more (or less, below zero) of a customer's total aside. */
export function hold(
  turn: Turn,
  account: Account,
  asset: string,
  change: number,
  cause: HoldCause,
): void {
  if (change === 0) return;
  const { balances } = turn.state.floor;
  balances.hold(balances.place(account.number, assetNumber(turn.state, asset)), change);
  const { held } = balanceOf(turn.state, account, asset);
  const notes = notesOf(turn, account.fingerprint);
  notes.holds.push(holdEntry({ asset, change, held, cause }));
  notes.touched.add(asset);
}

/** What waits for somebody who has not registered, in all. */
export function waitingFor(state: State, fingerprint: Fingerprint, asset: string): number {
  const payers = state.waiting.get(fingerprint)?.get(asset);
  return [...(payers?.values() ?? [])].reduce((sum, units) => sum + units, 0);
}
