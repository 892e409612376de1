/**
 * The slow, obvious book: one list per market, searched whole each time. It is the oracle that
 * book.ts is tested against for ever; nothing runs on it, and nothing in it may become clever.
 */
import { quantity, type Quantity } from "../money/amount.ts";
import type { BookOrder, Fill, Want } from "./book.ts";

/** Orders in order of arrival; the best one is looked for again for every fill. */
export class NaiveBook<Order extends BookOrder> {
  readonly orders: Order[] = [];

  add(order: Order): void {
    this.orders.push(order);
  }

  remove(order: Order): void {
    this.orders.splice(this.orders.indexOf(order), 1);
  }

  quantityAt(side: BookOrder["side"], price: number): Quantity {
    let sum = 0;
    for (const order of this.orders) {
      if (order.side === side && order.price === price) sum += order.open;
    }
    return quantity(sum);
  }

  match(want: Want): Fill<Order>[] {
    const fills: Fill<Order>[] = [];
    let left = Number(want.quantity);
    while (left > 0) {
      const maker = this.bestFor(want);
      if (!maker) break;
      const taken = quantity(Math.min(left, maker.open));
      left -= taken;
      maker.open = quantity(maker.open - taken);
      if (maker.open === 0) this.remove(maker);
      fills.push({ maker, price: maker.price, quantity: taken });
    }
    return fills;
  }

  /** The order that `want` meets first: the best price, and of equals the one that came first. */
  private bestFor(want: Want): Order | undefined {
    let best: Order | undefined;
    for (const order of this.orders) {
      if (order.side === want.side) continue;
      const tooFar =
        want.limit !== undefined &&
        (want.side === "buy" ? order.price > want.limit : order.price < want.limit);
      if (tooFar) continue;
      const better =
        best === undefined ||
        (want.side === "buy" ? order.price < best.price : order.price > best.price);
      if (better) best = order;
    }
    return best;
  }
}
