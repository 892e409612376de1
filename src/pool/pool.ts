/**
 * The pool: orders that may go into rings, and the submissions they are promised to.
 *
 * Invariants:
 *   - an order that is promised to a submission is offered to no other ring until that submission's
 *     fate is known; so is every order that shares its counter: no two rings ever fight over one
 *   - what a submission will take from an owner is kept back from the owner's other orders
 *   - nothing here depends on when an order came
 *
 * Whose orders these are and who is told of their fate is the affair of whoever holds the pool.
 */
import type { Address, Hash } from "../codec/ethereum.ts";
import type { Offer } from "../finder/offer.ts";
import { cancelled, countsOf, epochOf, type RingOrder } from "../ring/order.ts";
import { mostSold, proportion } from "../ring/price.ts";
import type { View } from "./view.ts";

export type Pooled = {
  readonly hash: Hash;
  readonly order: RingOrder;
  /** As it goes into calldata. */
  readonly signature: Uint8Array;
  /** Not by the owner's key: it counts once the chain says that the owner's contract accepts it. */
  readonly byWallet: boolean;
  /** Submissions with it that failed, one after the other. */
  failures: number;
  /** No ring before this time, Unix seconds. */
  restsUntil: bigint;
};

/** One order's place in a ring that was submitted. */
export type SubmittedPart = {
  readonly order: Hash;
  readonly owner: Address;
  readonly nonce: bigint;
  readonly sold: bigint;
  readonly received: bigint;
};

export type SubmittedRing = {
  readonly number: number;
  readonly hash: Hash;
  readonly parts: readonly SubmittedPart[];
};

/** One transaction on its way: one ring, since each of several could be sent by itself. */
export type Submitted = {
  readonly number: number;
  /** The last second in which it can settle. */
  readonly deadline: bigint;
  readonly rings: readonly SubmittedRing[];
  /** Counters as it needs them to be when it comes, and as it leaves them. */
  readonly before: readonly Moved[];
  /** What it takes from owners. */
  readonly takes: readonly Outflow[];
  /** Its rings are settled; it stays until the counters are heard to have moved. */
  settled: boolean;
};

export type Counted = { readonly owner: Address; readonly nonce: bigint; readonly value: bigint };
export type Moved = Counted & { readonly after: bigint };
export type Outflow = { readonly owner: Address; readonly token: Address; readonly amount: bigint };

export type Pool = {
  readonly orders: Map<Hash, Pooled>;
  readonly submissions: Map<number, Submitted>;
};

export function newPool(): Pool {
  return { orders: new Map(), submissions: new Map() };
}

/** Failures in a row that are laid at an order's door before it rests, and for how long. */
export const failuresMax = 3;
export const restSeconds = 3600n;

/**
 * How an order stands. `waiting`: the chain has not been heard about it. `unfunded`: its owner has
 * or allows too little for it. The last four are the end of it.
 */
export type Standing =
  | "waiting"
  | "live"
  | "unfunded"
  | "set_aside"
  | "filled"
  | "cancelled"
  | "expired"
  | "refused";

/** Whether an order that stands so can never be filled again. */
export function isEnded(standing: Standing): boolean {
  return ["filled", "cancelled", "expired", "refused"].includes(standing);
}

/** What is not worth a place in any ring: with so little left the order is done. */
function dustOf(order: RingOrder): bigint {
  return countsOf(order) / 1_000_000n;
}

/** How the order stands at `now`, Unix seconds. */
export function standingOf(pooled: Pooled, view: View, now: bigint): Standing {
  const { order, hash } = pooled;
  const counter = view.counter(order.owner, order.nonce);
  const epoch = view.epoch(order.owner);
  if (counter === cancelled) return "cancelled";
  if (epoch !== undefined && epoch > epochOf(order.nonce)) return "cancelled";
  if (counter !== undefined && counter + dustOf(order) >= countsOf(order)) return "filled";
  if (now > order.validUntil) return "expired";
  const accepts = pooled.byWallet ? view.accepts(hash) : true;
  if (accepts === false) return "refused";
  const amounts = amountsOf(pooled, view);
  if (amounts === undefined || accepts === undefined || now < order.validSince) return "waiting";
  if (epoch !== epochOf(order.nonce)) return "waiting";
  if (amounts.sellMax === 0n) return "unfunded";
  return now < pooled.restsUntil ? "set_aside" : "live";
}

type Amounts = {
  readonly sellMax: bigint;
  readonly buyMax: bigint | undefined;
  readonly sellMin: bigint;
};

/** What the order can do now; `sellMax` 0: its owner cannot pay; `undefined`: not heard yet. */
function amountsOf({ order }: Pooled, view: View): Amounts | undefined {
  const counter = view.counter(order.owner, order.nonce);
  const heard = view.funds(order.owner, order.sellToken);
  const feeHeard = order.feeAmount === 0n ? 0n : view.funds(order.owner, order.feeToken);
  if (counter === undefined || heard === undefined || feeHeard === undefined) return undefined;
  const counts = countsOf(order);
  const rest = counts - counter;
  const none = { sellMax: 0n, buyMax: undefined, sellMin: 0n };
  if (rest <= 0n) return none;
  const restSold = order.buyDriven ? mostSold(order, rest) : rest;
  const feeInKind = order.feeToken === order.sellToken ? order.feeAmount : 0n;
  // So much can be sold that the fee for it, in the same token, can be paid as well.
  const payable = (heard * order.sellAmount) / (order.sellAmount + feeInKind);
  const sellMax = restSold < payable ? restSold : payable;
  const fee = feeInKind > 0n ? 0n : proportion(order.feeAmount, rest, counts);
  const sellMin = leastSoldIn(order, rest);
  if (sellMax === 0n || feeHeard < fee || sellMin > sellMax) return none;
  return { sellMax, buyMax: order.buyDriven ? rest : undefined, sellMin };
}

/** The least that a ring must make the order give, so that it is filled enough. */
function leastSoldIn(order: RingOrder, rest: bigint): bigint {
  const least = order.allOrNone ? countsOf(order) : order.minimumFill;
  const counted = order.allOrNone || least < rest ? least : rest;
  if (counted === 0n || !order.buyDriven) return counted;
  const { sellAmount: s, buyAmount: b } = order;
  const sold = (counted * s + b - 1n) / b;
  const most = mostSold(order, rest);
  // The whole rest completes the order, however it rounds.
  return sold > most && counted === rest ? most : sold;
}

/** What is offered to the finder now, of some or of all: by order hash, tokens by address. */
export function offersOf(
  pool: Pool,
  view: View,
  now: bigint,
  among: Iterable<Pooled> = pool.orders.values(),
): readonly Offer[] {
  const promised = promisedBy(pool);
  const free = spendable(pool, view);
  const offers: Offer[] = [];
  for (const pooled of among) {
    const { order, hash } = pooled;
    if (promised.has(counterKey(order)) || order.validUntil < now + lifeMin) continue;
    if (standingOf(pooled, view, now) !== "live") continue;
    const amounts = amountsOf(pooled, free);
    if (amounts === undefined || amounts.sellMax === 0n) continue;
    const { sellToken: sell, buyToken: buy, sellAmount, buyAmount } = order;
    offers.push({ id: hash, sell, buy, sellAmount, buyAmount, ...amounts });
  }
  return offers;
}

/** Seconds that an order must still live to go into a ring: less is gone before it is mined. */
const lifeMin = 60n;

/** What the order can sell now, promises to submissions apart; 0 unless it is live. */
export function sellableOf(pooled: Pooled, view: View, now: bigint): bigint {
  if (standingOf(pooled, view, now) !== "live") return 0n;
  return amountsOf(pooled, view)?.sellMax ?? 0n;
}

/** The counter that an order shares with all of its owner's orders of that nonce. */
export function counterKey(order: { readonly owner: Address; readonly nonce: bigint }): string {
  return `${order.owner} ${order.nonce}`;
}

function promisedBy(pool: Pool): ReadonlySet<string> {
  const promised = new Set<string>();
  for (const { before } of pool.submissions.values()) {
    for (const moved of before) promised.add(counterKey(moved));
  }
  return promised;
}

/** The chain as it is known, less what submissions on their way will take from owners. */
export function spendable({ submissions }: Pool, view: View): View {
  const kept = new Map<string, bigint>();
  for (const { takes, settled } of submissions.values()) {
    if (settled) continue;
    for (const { owner, token, amount } of takes) {
      const key = `${owner} ${token}`;
      kept.set(key, (kept.get(key) ?? 0n) + amount);
    }
  }
  return {
    ...view,
    funds: (owner, token) => {
      const heard = view.funds(owner, token);
      const back = kept.get(`${owner} ${token}`) ?? 0n;
      return heard === undefined ? undefined : heard > back ? heard - back : 0n;
    },
  };
}
