/** A reader's own orders and fills, to be marked among everybody's: texts, as reports have them. */

/** An own order that rests. */
export type MyOrder = {
  readonly market: string;
  readonly side: "buy" | "sell";
  /** `undefined`: a market order, which never rests. */
  readonly price: string | undefined;
  /** What of it is still open. */
  readonly open: string;
  readonly isOpen: boolean;
};

/** An own side of a trade. */
export type MyFill = {
  readonly trade: number;
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly quantity: string;
  readonly price: string;
  /** RFC 3339. */
  readonly at: string;
};

/** An account's view has these, and may be given as it is. */
export type Mine = {
  readonly orders: readonly MyOrder[];
  readonly fills: readonly MyFill[];
};

/** Own open orders of one market, by price. */
export function openAt(
  mine: Mine | undefined,
  market: string,
): ReadonlyMap<string, readonly MyOrder[]> {
  const found = new Map<string, readonly MyOrder[]>();
  for (const order of mine?.orders ?? []) {
    if (order.market !== market || !order.isOpen || order.price === undefined) continue;
    const key = `${order.side} ${Number(order.price)}`;
    found.set(key, [...(found.get(key) ?? []), order]);
  }
  return found;
}

/** What `openAt` has under a price. */
export function ordersAt(
  open: ReadonlyMap<string, readonly MyOrder[]>,
  side: "buy" | "sell",
  price: string,
): readonly MyOrder[] {
  return open.get(`${side} ${Number(price)}`) ?? [];
}
