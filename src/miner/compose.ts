/**
 * From found rings to submissions: which rings go together, what the miner takes from each order.
 *
 * Rings that share an order (or a counter, or an owner's funds) follow one another in one
 * submission, because each needs what the one before leaves; rings that share nothing are put
 * together a few at a time, which saves gas. A submission is all or nothing: an order that was in a
 * failed one goes only with those it must. What does not fit waits for the next round.
 */
import { assert, at } from "../codec/assert.ts";
import type { Address, Hash } from "../codec/ethereum.ts";
import type { FoundRing } from "../finder/offer.ts";
import { counterKey, type Pooled } from "../pool/pool.ts";
import { take } from "../ring/calldata.ts";
import { countsOf } from "../ring/order.ts";
import { marginOf, proportion } from "../ring/price.ts";

/** Rings in one submission, and different orders: about 3 million gas. */
export const ringsMax = 8;
const ordersMax = 40;
/** Rings that share nothing and go together. */
const togetherMax = 4;

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

/** The rings with what the miner takes, group by group, the most valuable first in each. */
export function groupRings(
  rings: readonly FoundRing[],
  orderOf: (id: string) => Pooled,
  worth: Worth,
): readonly (readonly PlannedRing[])[] {
  const planned = rings.map((ring) => planRing(ring, orderOf, worth));
  const components = componentsOf(planned);
  const groups: PlannedRing[][] = [];
  let open: PlannedRing[] | undefined;
  for (const component of components) {
    const risky = component.flat().some(({ pooled }) => pooled.failures > 0);
    const fits = open !== undefined && open.length + component.length <= togetherMax;
    if (!risky && fits && open !== undefined) {
      open.push(...component);
    } else {
      const group = fitting(component);
      groups.push(group);
      if (!risky) open = group;
    }
  }
  return groups;
}

/** The longest beginning that fits into one submission. */
function fitting(component: readonly PlannedRing[]): PlannedRing[] {
  const group: PlannedRing[] = [];
  const orders = new Set<Hash>();
  for (const ring of component) {
    for (const { pooled } of ring) orders.add(pooled.hash);
    if (group.length === ringsMax || orders.size > ordersMax) break;
    group.push(ring);
  }
  assert(group.length > 0, "one ring always fits");
  return group;
}

/** Rings that touch each other, directly or by others, in the order in which they were found. */
function componentsOf(rings: readonly PlannedRing[]): readonly (readonly PlannedRing[])[] {
  const group = rings.map((_, i) => i);
  const rootOf = (i: number): number => {
    let root = i;
    while (at(group, root) !== root) root = at(group, root);
    group[i] = root;
    return root;
  };
  const firstWith = new Map<string, number>();
  for (const [i, ring] of rings.entries()) {
    for (const { pooled } of ring) {
      const { order } = pooled;
      const funds = `${order.owner} pays ${order.sellToken}`;
      for (const key of [pooled.hash, counterKey(order), funds]) {
        const other = firstWith.get(key);
        if (other === undefined) firstWith.set(key, i);
        else group[Math.max(rootOf(i), rootOf(other))] = Math.min(rootOf(i), rootOf(other));
      }
    }
  }
  const components = new Map<number, PlannedRing[]>();
  for (const [i, ring] of rings.entries()) {
    const found = components.get(rootOf(i));
    if (found === undefined) components.set(rootOf(i), [ring]);
    else found.push(ring);
  }
  return [...components.values()];
}

function planRing(ring: FoundRing, orderOf: (id: string) => Pooled, worth: Worth): PlannedRing {
  return ring.orders.map(({ id, sold, received }) => {
    const pooled = orderOf(id);
    return { pooled, fill: sold, take: takenFrom(pooled, { sold, received }, worth) };
  });
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
