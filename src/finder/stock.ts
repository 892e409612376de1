/**
 * What an offer has left, in exact integers, and the ring that offers make with what they have
 * left: the only place where what is found is taken.
 */
import { at } from "../codec/assert.ts";
import { amountsOf } from "./amounts.ts";
import type { FoundRing, Offer } from "./offer.ts";

/** An offer and what it can still sell, and still buy. */
export type Stock = { readonly offer: Offer; sellLeft: bigint; buyLeft: bigint | undefined };

/** A fresh offer's. */
export function stockOf(offer: Offer): Stock {
  return { offer, sellLeft: offer.sellMax, buyLeft: offer.buyMax };
}

/** The most an offer can sell without buying more than it may, at its limit. */
export function sellableOf({ offer, sellLeft, buyLeft }: Stock): bigint {
  if (buyLeft === undefined) return sellLeft;
  const most = (buyLeft * offer.sellAmount) / offer.buyAmount;
  return most < sellLeft ? most : sellLeft;
}

/** A member of a ring to be, and the most it may sell in it. */
export type Member = { readonly stock: Stock; readonly cap: bigint };

/** A ring that was taken; or none, and whose minimum is too large for it, if that is why. */
export type Taken =
  | { readonly kind: "ring"; readonly ring: FoundRing; readonly most: readonly bigint[] }
  | { readonly kind: "none"; readonly tooSmall: number | undefined };

/** Makes the ring of these members and takes its amounts from their stocks. */
export function ringOf(members: readonly Member[]): Taken {
  const n = members.length;
  const amounts = amountsOf(
    members.map(({ stock: { offer, sellLeft }, cap }, i) => {
      const { buyLeft = cap } = at(members, (i + n - 1) % n).stock;
      const least = [cap, sellLeft, buyLeft].reduce((a, b) => (a < b ? a : b));
      return { sellAmount: offer.sellAmount, buyAmount: offer.buyAmount, cap: least };
    }),
  );
  if (amounts === undefined) return { kind: "none", tooSmall: undefined };
  const short = (sold: readonly bigint[]): number =>
    members.findIndex(({ stock }, i) => at(sold, i) < (stock.offer.sellMin ?? 1n));
  const sold = [amounts.fair, amounts.most].find((vector) => short(vector) < 0);
  if (sold === undefined) return { kind: "none", tooSmall: short(amounts.most) };
  const orders = members.map(({ stock }, i) => {
    const placed = { id: stock.offer.id, sold: at(sold, i), received: at(sold, (i + 1) % n) };
    stock.sellLeft -= placed.sold;
    if (stock.buyLeft !== undefined) stock.buyLeft -= placed.received;
    return placed;
  });
  return { kind: "ring", ring: { orders }, most: amounts.most };
}
