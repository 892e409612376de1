/**
 * Whether found rings keep every promise, in exact integers and from nothing but the offers: this
 * file shares no arithmetic with what finds them. And what they are worth.
 */
import { assert, at } from "../codec/assert.ts";
import { type Verdict, accept, refuse } from "../codec/verdict.ts";
import type { FoundRing, Offer, Placed, Token } from "./offer.ts";

/** In order of precedence, each ring in turn, then all rings together. */
export const ringFaultRefusals = [
  "ring_size",
  "order_unknown",
  "order_twice",
  "token_twice",
  "tokens_do_not_join",
  "amount_zero",
  "amounts_do_not_join",
  "limit_price",
  "below_minimum",
  "oversold",
  "overbought",
] as const;
export type RingFault = (typeof ringFaultRefusals)[number];

type Sums = Map<string, { sold: bigint; received: bigint }>;

/** Checks rings against the offers they were made of; with the first fault, in which ring it is. */
export function checkRings(
  offers: readonly Offer[],
  rings: readonly FoundRing[],
): Verdict<undefined, RingFault> {
  const byId = new Map(offers.map((offer) => [offer.id, offer]));
  assert(byId.size === offers.length, "offers have different ids");
  const sums: Sums = new Map();
  for (const [number, ring] of rings.entries()) {
    const checked = checkRing(byId, ring);
    if (!checked.ok) return refuse(checked.name, `ring ${number}: ${checked.detail}`);
    for (const { id, sold, received } of ring.orders) {
      const sum = sums.get(id) ?? { sold: 0n, received: 0n };
      sums.set(id, { sold: sum.sold + sold, received: sum.received + received });
    }
  }
  for (const [id, { sold, received }] of sums) {
    const offer = byId.get(id);
    assert(offer !== undefined, "each ring has been checked");
    if (sold > offer.sellMax) return refuse("oversold", `${id}: ${sold} of ${offer.sellMax}`);
    if (offer.buyMax !== undefined && received > offer.buyMax) {
      return refuse("overbought", `${id}: ${received} of ${offer.buyMax}`);
    }
  }
  return accept(undefined);
}

function checkRing(
  byId: ReadonlyMap<string, Offer>,
  { orders }: FoundRing,
): Verdict<undefined, RingFault> {
  if (orders.length < 2 || orders.length > 10) return refuse("ring_size", `${orders.length}`);
  const parts: { readonly offer: Offer; readonly placed: Placed }[] = [];
  const tokens = new Set<string>();
  for (const placed of orders) {
    const offer = byId.get(placed.id);
    if (offer === undefined) return refuse("order_unknown", placed.id);
    if (parts.some((part) => part.offer === offer)) return refuse("order_twice", placed.id);
    if (tokens.has(offer.sell)) return refuse("token_twice", offer.sell);
    tokens.add(offer.sell);
    parts.push({ offer, placed });
  }
  for (const [i, { offer, placed }] of parts.entries()) {
    const next = at(parts, (i + 1) % parts.length);
    const { id, sold, received } = placed;
    if (offer.buy !== next.offer.sell) return refuse("tokens_do_not_join", id);
    if (sold < 1n || received < 1n) return refuse("amount_zero", id);
    if (received !== next.placed.sold) return refuse("amounts_do_not_join", id);
    if (received * offer.sellAmount < sold * offer.buyAmount) return refuse("limit_price", id);
    if (offer.sellMin !== undefined && sold < offer.sellMin) return refuse("below_minimum", id);
  }
  return accept(undefined);
}

/**
 * What rings give their orders beyond the limits, at the tokens' prices: for each order, what it
 * receives minus sold · buyAmount / sellAmount, which is what it asked for. Exact until the one
 * division and the one multiplication of each order.
 */
export function surplusOf(
  tokens: readonly Token[],
  offers: readonly Offer[],
  rings: readonly FoundRing[],
): number {
  const prices = new Map(tokens.map(({ id, price }) => [id, price]));
  const byId = new Map(offers.map((offer) => [offer.id, offer]));
  let surplus = 0;
  for (const { orders } of rings) {
    for (const { id, sold, received } of orders) {
      const offer = byId.get(id);
      assert(offer !== undefined, "the order of a found ring is among the offers");
      const { sellAmount, buyAmount } = offer;
      const beyond = Number(received * sellAmount - sold * buyAmount) / Number(sellAmount);
      surplus += beyond * (prices.get(offer.buy) ?? 0);
    }
  }
  return surplus;
}
