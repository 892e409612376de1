/**
 * The slow, obvious finder: every simple ring of every offer, the most valuable one taken, and
 * again until there is none. It is read first, and what the fast one finds in small books is held
 * against it. It shares no arithmetic with it.
 */
import { assert, at } from "../codec/assert.ts";
import type { FoundRing, Offer, Token } from "./offer.ts";

const amountMin = 1_000_000;

type Left = { readonly offer: Offer; sell: bigint };

/** Rings of at most `sizeMax`, with nothing but limits and amounts: no minimums, no `buyMax`. */
export function naiveRings(
  tokens: readonly Token[],
  offers: readonly Offer[],
  sizeMax: number = 10,
): readonly FoundRing[] {
  const prices = new Map(tokens.map(({ id, price }) => [id, price]));
  const left = offers.map((offer): Left => ({ offer, sell: offer.sellMax }));
  const rings: FoundRing[] = [];
  for (;;) {
    let best: { readonly members: readonly Left[]; readonly value: number } | undefined;
    for (const members of allRings(left, sizeMax)) {
      const value = valueOf(members, prices);
      if (value > 0 && value > (best?.value ?? 0)) best = { members, value };
    }
    if (best === undefined) return rings;
    rings.push(taken(best.members));
  }
}

/** Every ring whose limits leave something over, once. */
function allRings(left: readonly Left[], sizeMax: number): readonly (readonly Left[])[] {
  const live = left.filter(({ sell }) => sell > 0n);
  const rings: (readonly Left[])[] = [];
  const grow = (chain: readonly Left[]): void => {
    const [first, last] = [at(chain, 0), at(chain, chain.length - 1)];
    if (last.offer.buy === first.offer.sell && leavesOver(chain)) rings.push(chain);
    if (chain.length === sizeMax || last.offer.buy === first.offer.sell) return;
    for (const next of live) {
      if (next.offer.sell !== last.offer.buy) continue;
      if (chain.some(({ offer }) => offer.sell === next.offer.sell)) continue;
      // Each ring from its first offer only.
      if (live.indexOf(next) < live.indexOf(first)) continue;
      grow([...chain, next]);
    }
  };
  for (const first of live) grow([first]);
  return rings;
}

/** Whether what all give, multiplied, is more than what all want: by over a hundred-thousandth. */
function leavesOver(members: readonly Left[]): boolean {
  let gives = 1n;
  let wants = 1n;
  for (const { offer } of members) {
    gives *= offer.sellAmount;
    wants *= offer.buyAmount;
  }
  return gives * 100_000n > wants * 100_001n;
}

/** What each gives if all but the first get exactly their limit: the largest that fits. */
function flows(members: readonly Left[]): readonly number[] {
  const weights = [1];
  for (const { offer } of members.slice(0, -1)) {
    const needs = Number(offer.buyAmount) / Number(offer.sellAmount);
    weights.push(at(weights, weights.length - 1) * needs);
  }
  const scale = Math.min(...members.map(({ sell }, i) => Number(sell) / at(weights, i)));
  return weights.map((weight) => weight * scale);
}

function valueOf(members: readonly Left[], prices: ReadonlyMap<string, number>): number {
  const last = at(members, members.length - 1);
  const sold = flows(members);
  const wants =
    (at(sold, sold.length - 1) * Number(last.offer.buyAmount)) / Number(last.offer.sellAmount);
  const price = prices.get(at(members, 0).offer.sell);
  assert(price !== undefined, "every token has a price");
  // So large that whole units make no difference beside what a ring leaves over.
  return sold.every((amount) => amount >= amountMin) ? (at(sold, 0) - wants) * price : 0;
}

function taken(members: readonly Left[]): FoundRing {
  // A little less than what fits, so that rounding up fits too.
  const sold = flows(members).map((amount) => BigInt(Math.floor(amount * 0.99999)));
  for (let i = 1; i < members.length; i++) {
    const { offer } = at(members, i - 1);
    const needed = at(sold, i - 1) * offer.buyAmount;
    sold[i] = (needed + offer.sellAmount - 1n) / offer.sellAmount;
  }
  const orders = members.map(({ offer }, i) => ({
    id: offer.id,
    sold: at(sold, i),
    received: at(sold, (i + 1) % members.length),
  }));
  for (const [i, one] of members.entries()) {
    const rest = one.sell - at(sold, i);
    // What is left below a thousandth is dust, and the end of the offer here.
    one.sell = rest * 1000n < one.offer.sellMax ? 0n : rest;
  }
  return { orders };
}
