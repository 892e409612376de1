/**
 * From found rings to submissions: which of them can go now, and what the miner takes from each
 * order.
 *
 * One ring, one submission (decision 14). Rings that share an order, a counter or an owner's funds
 * wait for one another: the most valuable goes now, the others are found again when it is settled.
 */
import type { Address } from "../codec/ethereum.ts";
import type { FoundRing } from "../finder/offer.ts";
import { counterKey, type Pooled } from "../pool/pool.ts";
import { take } from "../ring/calldata.ts";
import { countsOf } from "../ring/order.ts";
import { marginOf, proportion } from "../ring/price.ts";

export type PlannedPart = {
  readonly pooled: Pooled;
  /** What it passes on to the order before it. */
  readonly fill: bigint;
  readonly take: bigint;
};

export type PlannedRing = readonly PlannedPart[];

/** What one smallest unit of a token is worth; what one order's place in a ring costs. */
export type Worth = {
  readonly priceOf: (token: Address) => number;
  readonly gasPerOrder: number;
};

/** The rings that touch no more valuable one, with what the miner takes; the best first. */
export function planRings(
  rings: readonly FoundRing[],
  orderOf: (id: string) => Pooled,
  worth: Worth,
): readonly PlannedRing[] {
  const touched = new Set<string>();
  const valued = rings.map((ring) => ({ ring, value: valueOf(ring, orderOf, worth) }));
  valued.sort((a, b) => b.value - a.value);
  return valued.flatMap(({ ring }) => {
    const planned = planRing(ring, orderOf, worth);
    const keys = planned.flatMap((part) => keysOf(part.pooled));
    if (keys.some((key) => touched.has(key))) return [];
    for (const key of keys) touched.add(key);
    return [planned];
  });
}

/** What the ring leaves over for its orders. */
function valueOf({ orders }: FoundRing, orderOf: (id: string) => Pooled, worth: Worth): number {
  return orders.reduce((sum, { id, sold, received }) => {
    const { order } = orderOf(id);
    const least = (Number(sold) * Number(order.buyAmount)) / Number(order.sellAmount);
    return sum + (Number(received) - least) * worth.priceOf(order.buyToken);
  }, 0);
}

/** What an order shares with others: its counter, and what its owner pays with. */
function keysOf({ order }: Pooled): readonly string[] {
  const { owner, sellToken, feeToken, feeAmount } = order;
  const pays = [sellToken, ...(feeAmount > 0n ? [feeToken] : [])];
  return [counterKey(order), ...pays.map((token) => `${owner} pays ${token}`)];
}

function planRing(ring: FoundRing, orderOf: (id: string) => Pooled, worth: Worth): PlannedRing {
  return ring.orders.map(({ id, sold, received }) => {
    const pooled = orderOf(id);
    return { pooled, fill: sold, take: takenFrom(pooled, { sold, received }, worth) };
  });
}

/** The same ring, of which the miner takes no margin: what odd funds may not leave room for. */
export function withoutMargins(ring: PlannedRing): PlannedRing {
  return ring.map((part) => (part.take === take.margin ? { ...part, take: take.none } : part));
}

/** A transfer costs about a quarter of an order's place in a ring: less is not worth taking. */
const transferShare = 0.25;

/**
 * The fee where the order brings one; else the margin, where it is worth its transfer. Never the
 * margin of an order with a fee: the miner would have to pay that fee to the owner.
 */
function takenFrom(
  { order }: Pooled,
  { sold, received }: { readonly sold: bigint; readonly received: bigint },
  { priceOf, gasPerOrder }: Worth,
): bigint {
  const counted = order.buyDriven ? received : sold;
  if (order.feeAmount > 0n) {
    return proportion(order.feeAmount, counted, countsOf(order)) > 0n ? take.fee : take.none;
  }
  const margin = marginOf(order, sold, received);
  const token = order.buyDriven ? order.sellToken : order.buyToken;
  const value = Number(margin) * priceOf(token);
  return margin > 0n && value > gasPerOrder * transferShare ? take.margin : take.none;
}
