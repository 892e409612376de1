/**
 * Who brought what, and who mined it: settled rings folded into statistics of the members
 * of a group that shares its liquidity (relays and wallets that show each other their orders).
 *
 * A member **produces** when an order that names one of its addresses as wallet is filled, whoever
 * mined the ring; it **consumes** when it mines. What is both at once between two different members
 * is *shared*. Sums do not depend on the order of the rings; an address that no member has counts
 * as a member of that name; an order without wallet was produced by nobody.
 */
import { type Address, noAddress } from "../codec/ethereum.ts";
import type { RingFill, SettledRing } from "./settledring.ts";

/** Every address of every member: as wallet, as miner, as fee recipient. */
export type Members = ReadonlyMap<Address, string>;

export type ByToken = ReadonlyMap<Address, bigint>;

/** What a member did in one of its two parts. */
export type Side = {
  readonly fills: number;
  /** What these orders sold. */
  readonly volume: ByToken;
  /** Of these, with another member in the other part. */
  readonly fillsShared: number;
  readonly volumeShared: ByToken;
  /** What came in: as producer the wallet's part, as consumer the fee recipient's. */
  readonly fees: ByToken;
  readonly margins: ByToken;
};

export type Statistics = {
  readonly produced: Side;
  readonly consumed: Side;
  /** Rings mined, and those of them with an order that another member brought. */
  readonly rings: number;
  readonly ringsShared: number;
  /** What it paid to owners for margins. */
  readonly rewards: ByToken;
};

/**
 * Who mined a ring: the miner's member, or else, if the miner's address is nobody's, the fee
 * recipient's.
 */
export function consumerOf({ miner, feeRecipient }: SettledRing, members: Members): string {
  return members.get(miner) ?? members.get(feeRecipient) ?? miner;
}

/** Who brought an order, if anybody did. */
export function producerOf({ wallet }: RingFill, members: Members): string | undefined {
  return wallet === noAddress ? undefined : (members.get(wallet) ?? wallet);
}

/** The statistics of every member, and of every stranger who took part. */
export function statisticsOf(
  rings: readonly SettledRing[],
  members: Members,
): ReadonlyMap<string, Statistics> {
  const tallies = new Map<string, Tally>();
  const tallyOf = (member: string): Tally => {
    const tally = tallies.get(member) ?? newTally();
    tallies.set(member, tally);
    return tally;
  };
  for (const member of members.values()) tallyOf(member);
  for (const ring of rings) {
    const consumer = consumerOf(ring, members);
    const mined = tallyOf(consumer);
    let isShared = false;
    for (const fill of ring.fills) {
      const producer = producerOf(fill, members);
      const shared = producer !== undefined && producer !== consumer;
      isShared ||= shared;
      count(mined.consumed, fill, { shared, earned: fill.paid?.toFeeRecipient });
      if (producer !== undefined) {
        count(tallyOf(producer).produced, fill, { shared, earned: fill.paid?.toWallet });
      }
      if (fill.reward !== undefined) add(mined.rewards, fill.reward.token, fill.reward.amount);
    }
    mined.rings += 1;
    if (isShared) mined.ringsShared += 1;
  }
  return tallies;
}

type SideTally = {
  fills: number;
  fillsShared: number;
  readonly volume: Map<Address, bigint>;
  readonly volumeShared: Map<Address, bigint>;
  readonly fees: Map<Address, bigint>;
  readonly margins: Map<Address, bigint>;
};

type Tally = {
  readonly produced: SideTally;
  readonly consumed: SideTally;
  rings: number;
  ringsShared: number;
  readonly rewards: Map<Address, bigint>;
};

function newTally(): Tally {
  return { produced: newSide(), consumed: newSide(), rings: 0, ringsShared: 0, rewards: new Map() };
}

function newSide(): SideTally {
  return {
    fills: 0,
    volume: new Map(),
    fillsShared: 0,
    volumeShared: new Map(),
    fees: new Map(),
    margins: new Map(),
  };
}

function count(
  side: SideTally,
  { sellToken, sold, paid }: RingFill,
  { shared, earned = 0n }: { readonly shared: boolean; readonly earned: bigint | undefined },
): void {
  side.fills += 1;
  add(side.volume, sellToken, sold);
  if (shared) {
    side.fillsShared += 1;
    add(side.volumeShared, sellToken, sold);
  }
  if (paid !== undefined) add(paid.kind === "fee" ? side.fees : side.margins, paid.token, earned);
}

/** Nothing is not told. */
function add(sums: Map<Address, bigint>, token: Address, amount: bigint): void {
  if (amount > 0n) sums.set(token, (sums.get(token) ?? 0n) + amount);
}
