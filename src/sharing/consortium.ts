/**
 * The accounts of members who share their orders, from what the chain says alone: who brought which
 * order, who mined it, what each ring cost and brought, what each owes the others, netted. Anybody
 * who reads the same blocks with the same `members.conf` gets the same.
 */
import type { Address, Hash } from "../codec/ethereum.ts";
import { accept, type Verdict } from "../codec/verdict.ts";
import type { SettledTransaction } from "../chain/history.ts";
import type { Domain } from "../ring/digest.ts";
import { type Debt, debtsOf, netted, shareOfEarnings } from "../ring/netting.ts";
import { type CallRefusal, type SettledRing, settledRings } from "../ring/settledring.ts";
import {
  consumerOf,
  type Members,
  producerOf,
  type Statistics,
  statisticsOf,
} from "../ring/statistics.ts";
import { earningsOf, type RingEarnings } from "./submissions.ts";

/** A settled ring in the accounts. */
export type AccountedRing = RingEarnings & {
  readonly ring: Hash;
  readonly transaction: Hash;
  readonly block: number;
  readonly size: number;
  /** Who mined it; who brought its orders, in their order. */
  readonly minedBy: string;
  readonly broughtBy: readonly (string | undefined)[];
  /** Who paid for the gas, which need not be a member. */
  readonly sender: Address;
  readonly gasUsed: bigint;
  /** Wei. */
  readonly gasCost: bigint;
};

export type Accounts = {
  readonly rings: readonly AccountedRing[];
  readonly statistics: ReadonlyMap<string, Statistics>;
  readonly debts: readonly Debt[];
  /** What settles all debts. */
  readonly payments: readonly Debt[];
};

/** The producer of each order gets `percent` of what it brought its ring's miner. */
export function accountsOf(
  settled: readonly SettledTransaction[],
  {
    domain,
    members,
    percent,
  }: {
    readonly domain: Domain;
    readonly members: Members;
    readonly percent: bigint;
  },
): Verdict<Accounts, CallRefusal> {
  const rings: SettledRing[] = [];
  const accounted: AccountedRing[] = [];
  for (const one of settled) {
    const ofOne = settledRings(domain, one.calls);
    if (!ofOne.ok) return ofOne;
    rings.push(...ofOne.value);
    accounted.push(...accountedRings(one, ofOne.value, members));
  }
  const debts = debtsOf(rings, members, shareOfEarnings(percent));
  const statistics = statisticsOf(rings, members);
  return accept({ rings: accounted, statistics, debts, payments: netted(debts) });
}

function accountedRings(
  { transaction, block, sender, gasUsed, gasPrice }: SettledTransaction,
  rings: readonly SettledRing[],
  members: Members,
): readonly AccountedRing[] {
  const sizes = rings.map(({ fills }) => fills.length);
  const shares = gasShares(gasUsed, sizes);
  return rings.map((ring, i) => {
    const gas = shares[i] ?? 0n;
    return Object.assign(earningsOf(ring), {
      ring: ring.ringHash,
      transaction,
      block,
      size: ring.fills.length,
      minedBy: consumerOf(ring, members),
      broughtBy: ring.fills.map((fill) => producerOf(fill, members)),
      sender,
      gasUsed: gas,
      gasCost: gas * gasPrice,
    });
  });
}

/** A transaction's gas by its rings' orders; the first ring bears what the division leaves. */
export function gasShares(gasUsed: bigint, sizes: readonly number[]): readonly bigint[] {
  const all = BigInt(sizes.reduce((sum, size) => sum + size, 0));
  const shares = sizes.map((size) => (gasUsed * BigInt(size)) / all);
  const rest = gasUsed - shares.reduce((sum, share) => sum + share, 0n);
  return shares.map((share, i) => (i === 0 ? share + rest : share));
}
