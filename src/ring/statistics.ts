/**
 * Who brought what, and who mined it: the contract's events folded into statistics of the members
 * of a group that shares its liquidity (relays and wallets that show each other their orders).
 *
 * A member **produces** when an order that names one of its addresses as wallet is filled, whoever
 * mined the ring; it **consumes** when it mines. What is both at once between two different members
 * is *shared*. Sums do not depend on the order of the rings; an address that no member has counts
 * as a member of that name; an order without wallet was produced by nobody.
 *
 * BUG: the log says what was paid for an order, not whether that was its fee or its margin. It is a
 * margin if the ring's sums need it to be: what a token's seller gave and its buyer did not get.
 * Where both of them paid the same amount of that token, one as fee and one as margin and without a
 * reward, the two may be confused; what each member earned is right all the same.
 */
import { at } from "../codec/assert.ts";
import { type Address, type Hash, noAddress } from "../codec/ethereum.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import type { RingEvent } from "./chain.ts";

export type Paid = {
  readonly kind: "fee" | "margin";
  readonly token: Address;
  readonly toFeeRecipient: bigint;
  readonly toWallet: bigint;
};

/** What the miner paid the owner, in exchange for a margin. */
export type Reward = { readonly token: Address; readonly amount: bigint };

/** One order's part in a settled ring, with all that was told of it. */
export type RingFill = {
  readonly orderHash: Hash;
  readonly sellToken: Address;
  readonly buyToken: Address;
  /** `noAddress` if nobody brought it. */
  readonly wallet: Address;
  readonly sold: bigint;
  readonly received: bigint;
  readonly paid: Paid | undefined;
  readonly reward: Reward | undefined;
};

export type SettledRing = {
  readonly ringHash: Hash;
  readonly miner: Address;
  readonly feeRecipient: Address;
  readonly fills: readonly RingFill[];
};

export const statisticsRefusals = ["stray_event", "sums_differ"] as const;
export type StatisticsRefusal = (typeof statisticsRefusals)[number];

type Settled = Extract<RingEvent, { readonly kind: "settled" }>;
type Told = {
  readonly settled: Settled;
  readonly paid: Map<Hash, Extract<RingEvent, { readonly kind: "paid" }>>;
  readonly rewarded: Map<Hash, Extract<RingEvent, { readonly kind: "rewarded" }>>;
};

/** Puts together what was told of each ring. Transfers and cancellations are passed over. */
export function ringsOf(
  events: readonly RingEvent[],
): Verdict<readonly SettledRing[], StatisticsRefusal> {
  const told: Told[] = [];
  for (const event of events) {
    if (event.kind === "settled") {
      told.push({ settled: event, paid: new Map(), rewarded: new Map() });
    } else if (event.kind === "paid" || event.kind === "rewarded") {
      const last = told.at(-1);
      const belongs = last?.settled.fills.some(({ orderHash }) => orderHash === event.orderHash);
      if (last === undefined || belongs !== true || last[event.kind].has(event.orderHash)) {
        const detail = `${event.kind} for ${event.orderHash}, which the ring before does not expect`;
        return refuse("stray_event", detail);
      }
      if (event.kind === "paid") last.paid.set(event.orderHash, event);
      else last.rewarded.set(event.orderHash, event);
    }
  }
  const rings: SettledRing[] = [];
  for (const one of told) {
    const margins = marginsOf(one);
    if (margins === undefined) {
      return refuse("sums_differ", `ring ${one.settled.ringHash} does not add up`);
    }
    rings.push(ringOf(one, margins));
  }
  return accept(rings);
}

function ringOf({ settled, paid, rewarded }: Told, margins: ReadonlySet<Hash>): SettledRing {
  const { ringHash, miner, feeRecipient } = settled;
  const fills = settled.fills.map((fill, i): RingFill => {
    const { orderHash } = fill;
    const [pay, reward] = [paid.get(orderHash), rewarded.get(orderHash)];
    const kind = margins.has(orderHash) ? "margin" : "fee";
    return {
      ...fill,
      buyToken: at(settled.fills, (i + 1) % settled.fills.length).sellToken,
      paid: pay && {
        kind,
        token: pay.token,
        toFeeRecipient: pay.toFeeRecipient,
        toWallet: pay.toWallet,
      },
      reward: reward && { token: reward.token, amount: reward.amount },
    };
  });
  return { ringHash, miner, feeRecipient, fills };
}

/** Orders of which a margin was taken; `undefined` if the ring's sums cannot be. */
function marginsOf({ settled: { fills }, paid, rewarded }: Told): ReadonlySet<Hash> | undefined {
  const margins = new Set<Hash>();
  for (const [i, buyer] of fills.entries()) {
    const seller = at(fills, (i + 1) % fills.length);
    const gap = seller.sold - buyer.received;
    if (gap === 0n) continue;
    // Whoever got a reward paid a margin for it.
    const payers = [buyer, seller]
      .filter(({ orderHash }) => paid.get(orderHash)?.token === seller.sellToken)
      .toSorted((a, b) => Number(rewarded.has(b.orderHash)) - Number(rewarded.has(a.orderHash)));
    const sets = [payers, payers.slice(0, 1), payers.slice(1)];
    const found = sets.find((set) => set.reduce((sum, of) => sum + paidBy(of), 0n) === gap);
    if (found === undefined) return undefined;
    for (const { orderHash } of found) margins.add(orderHash);
  }
  return margins;

  function paidBy({ orderHash }: { readonly orderHash: Hash }): bigint {
    const event = paid.get(orderHash);
    return event === undefined ? 0n : event.toFeeRecipient + event.toWallet;
  }
}

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
