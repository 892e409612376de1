/**
 * Who holds an asset: customers in order of their numbers, then by fingerprint whoever has not
 * registered and for whom some of it waits. The exchange's fees hold too, and are nobody's.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import { amount, type Amount } from "../money/amount.ts";
import { wait } from "./funds.ts";
import { customerOf } from "./keys.ts";
import { assetNumber, balanceOf, noteMoved, numberOf, waitingFor } from "./purse.ts";
import type { Account, Entitlement, State } from "./state.ts";
import { note, type Turn } from "./turn.ts";

/** Somebody and what they hold, in open orders or not. */
export type Holding = {
  readonly who: Fingerprint;
  /** `undefined`: has not registered. */
  readonly account: Account | undefined;
  readonly shares: Amount;
};

/** Everybody who holds some. */
export function holdingsOf(state: State, asset: string): readonly Holding[] {
  const number = assetNumber(state, asset);
  const holdings: Holding[] = [];
  for (const account of state.customers) {
    if (account === undefined) continue;
    const { total } = state.floor.balances.read(account.number, number);
    if (total === 0) continue;
    holdings.push({ who: account.fingerprint, account, shares: amount(total) });
  }
  for (const who of strangersWith(state, [asset])) {
    const shares = amount(waitingFor(state, who, asset));
    holdings.push({ who, account: undefined, shares });
  }
  return holdings;
}

/** For whom some of these waits, by fingerprint: sorted only then, as there may be very many. */
export function strangersWith(state: State, assets: readonly string[]): readonly Fingerprint[] {
  const found: Fingerprint[] = [];
  for (const [who, waiting] of state.waiting) {
    if (assets.some((asset) => waiting.has(asset))) found.push(who);
  }
  return found.sort();
}

/** How many there are: whatever is inside. */
export function sharesOf(state: State, asset: string): Amount {
  return amount(Math.abs(balanceOf(state, "outside", asset).total));
}

/** HOLDER records for the issuer, by fingerprint; the fees are under the exchange's own. */
export function noteHolders(turn: Turn, issuer: Account, asset: string): void {
  const { state } = turn;
  const fees = amount(balanceOf(state, "fees", asset).total);
  const all = holdingsOf(state, asset).map(({ who, shares }) => ({ who, shares }));
  if (fees > 0) all.push({ who: state.exchange, shares: fees });
  all.sort((a, b) => (a.who < b.who ? -1 : 1));
  for (const { who, shares } of all) {
    note(turn, issuer.fingerprint, { kind: "holder", asset, account: who, shares });
  }
}

/** A corporate action that pays its asset's holders. */
export type Payment = {
  readonly issuer: Account;
  readonly asset: string;
  readonly pay: string;
  readonly cause: { readonly kind: "dividend" | "ratio"; readonly number: number };
};

/**
 * Pays some holders what they are due; the issuer has it free. Each is told of theirs, the issuer
 * of the sum. What is for somebody who has not registered waits like a push of the issuer's.
 */
export function payHolders(turn: Turn, payment: Payment, due: readonly Entitlement[]): void {
  const { state } = turn;
  const { issuer, asset, pay, cause } = payment;
  const number = assetNumber(state, pay);
  let sum = 0;
  for (const { to, shares, units } of due) {
    // Who was a stranger when it was written down may be a customer by now, or a customer's key.
    const account = customerOf(state, to);
    const moved = numberOf(account ?? "waiting");
    const isMoved = state.floor.balances.transfer(number, issuer.number, moved, units);
    assert(isMoved, "what holders are due was put aside for them");
    if (account === undefined) {
      assert(state.strangers.has(to), "who held shares and never registered gets decoys");
      wait(turn, { asset: pay, from: issuer.fingerprint, to, amount: units });
    }
    const total = account ? balanceOf(state, account, pay).total : waitingFor(state, to, pay);
    const who = account?.fingerprint ?? to;
    note(turn, who, { kind: "entitled", number: cause.number, asset, shares, pay, amount: units });
    noteMoved(turn, who, { asset: pay, change: units, total, cause });
    sum += units;
  }
  if (sum === 0) return;
  const { total } = balanceOf(state, issuer, pay);
  noteMoved(turn, issuer.fingerprint, { asset: pay, change: -sum, total, cause });
}
