/**
 * How members who share their liquidity settle accounts: a rule says what the miner of a ring owes
 * the member who brought an order in it; the debts of all pairs are netted, token by token, to at
 * most one payment less than there are members.
 *
 * Only members owe and are owed; a member owes itself nothing. Netting changes no member's balance,
 * and the payments do not depend on the order in which debts are given.
 */
import { assert } from "../codec/assert.ts";
import type { Address } from "../codec/ethereum.ts";
import { share } from "./price.ts";
import type { RingFill, SettledRing } from "./settledring.ts";
import { consumerOf, type Members, producerOf } from "./statistics.ts";

/** `from` owes, or pays, `to` an amount above zero. */
export type Debt = {
  readonly from: string;
  readonly to: string;
  readonly token: Address;
  readonly amount: bigint;
};

/**
 * What the ring's miner owes the order's producer. Never the other way round: the miner signed the
 * ring, but nobody asks a wallet before an order names it, and its member must not become a debtor
 * by that.
 */
export type SharingRule = (
  fill: RingFill,
) => readonly { readonly token: Address; readonly amount: bigint }[];

/**
 * The producer gets `percent` of the fee or margin that the order brought the miner, rounded down,
 * per fill. What the miner paid the owner for a margin is its own affair: it chose to.
 */
export function shareOfEarnings(percent: bigint): SharingRule {
  return ({ paid }) =>
    paid === undefined ? [] : [{ token: paid.token, amount: share(paid.toFeeRecipient, percent) }];
}

/** What the members owe each other, one debt a fill and token. */
export function debtsOf(
  rings: readonly SettledRing[],
  members: Members,
  rule: SharingRule,
): readonly Debt[] {
  const names = new Set(members.values());
  return rings.flatMap((ring) => {
    const consumer = consumerOf(ring, members);
    return ring.fills.flatMap((fill) => {
      const producer = producerOf(fill, members);
      if (producer === undefined || producer === consumer) return [];
      if (!names.has(producer) || !names.has(consumer)) return [];
      return rule(fill).flatMap(({ token, amount }): readonly Debt[] => {
        assert(amount >= 0n, "only the miner, who signed, can owe");
        return amount === 0n ? [] : [{ from: consumer, to: producer, token, amount }];
      });
    });
  });
}

/** What everybody has to get (above zero) or to pay (below) in each token; zero is not told. */
export function balancesOf(
  debts: readonly Debt[],
): ReadonlyMap<Address, ReadonlyMap<string, bigint>> {
  const balances = new Map<Address, Map<string, bigint>>();
  for (const { from, to, token, amount } of debts) {
    assert(amount > 0n && from !== to, "a debt is of one to another, and above zero");
    const ofToken = balances.get(token) ?? new Map<string, bigint>();
    ofToken.set(from, (ofToken.get(from) ?? 0n) - amount);
    ofToken.set(to, (ofToken.get(to) ?? 0n) + amount);
    balances.set(token, ofToken);
  }
  for (const [token, ofToken] of balances) {
    for (const [member, balance] of ofToken) if (balance === 0n) ofToken.delete(member);
    if (ofToken.size === 0) balances.delete(token);
  }
  return balances;
}

/** Payments that settle all debts: tokens ascending; in each, who pays and who gets by name. */
export function netted(debts: readonly Debt[]): readonly Debt[] {
  const sorted = [...balancesOf(debts)].toSorted(byFirst);
  return sorted.flatMap(([token, balances]) => settled(token, balances));
}

/** Each payment ends one member's balance, and the last one ends two. */
function settled(token: Address, balances: ReadonlyMap<string, bigint>): readonly Debt[] {
  const all = [...balances].toSorted(byFirst).map(([member, balance]) => ({ member, balance }));
  const payers = all.filter(({ balance }) => balance < 0n);
  const payees = all.filter(({ balance }) => balance > 0n);
  const payments: Debt[] = [];
  let [payer, payee] = [payers.shift(), payees.shift()];
  while (payer !== undefined && payee !== undefined) {
    const amount = payee.balance < -payer.balance ? payee.balance : -payer.balance;
    payments.push({ from: payer.member, to: payee.member, token, amount });
    payer.balance += amount;
    payee.balance -= amount;
    if (payer.balance === 0n) payer = payers.shift();
    if (payee.balance === 0n) payee = payees.shift();
  }
  assert(payer === undefined && payee === undefined, "what all owe is what all are owed");
  return payments;
}

function byFirst(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
