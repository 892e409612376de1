/**
 * The book of one market: price-time priority.
 *
 * Each side is a list of levels sorted by price, the best one last, so that the hot end is cheap to
 * take from; each level is a queue of orders linked both ways, so that any order leaves in O(1).
 * The book knows prices and open quantities and nothing of money: what an order is, beyond that, is
 * the caller's `Order`.
 *
 * Invariants: a level on the list has at least one order; a level's quantity is the sum of its
 * orders' open quantities; every open quantity is above zero.
 */
import { assert } from "../codec/assert.ts";
import { price, quantity, type Price, type Quantity } from "../money/amount.ts";

export type Side = "buy" | "sell";

/** What the book must know of an order. `open` is lowered by `match`. */
export type BookOrder = { readonly side: Side; readonly price: Price; open: Quantity };

/** All orders of one side at one price. */
export type Level<Order> = {
  readonly price: Price;
  quantity: Quantity;
  first: Place<Order> | undefined;
  last: Place<Order> | undefined;
};

/** Where an order stands: what `add` gives, and `remove` wants. */
export type Place<Order> = {
  readonly order: Order;
  level: Level<Order> | undefined;
  ahead: Place<Order> | undefined;
  behind: Place<Order> | undefined;
};

/** One maker met by a taker, at the maker's price. */
export type Fill<Order> = {
  readonly maker: Order;
  readonly price: Price;
  readonly quantity: Quantity;
};

/** What a taker would get if it came now, without coming. */
export type Quote = {
  readonly quantity: Quantity;
  /** Σ quantity × price over the levels it would take from; exact at any size. */
  readonly turnover: bigint;
};

/** How much a taker of `side` wants, and the worst price it takes (`undefined`: any). */
export type Want = {
  readonly side: Side;
  readonly quantity: Quantity;
  readonly limit: Price | undefined;
};

function opposite(side: Side): Side {
  return side === "buy" ? "sell" : "buy";
}

/** Whether a taker of `side` with `limit` takes at `offered`. */
function takes(side: Side, limit: Price | undefined, offered: Price): boolean {
  if (limit === undefined) return true;
  return side === "buy" ? offered <= limit : offered >= limit;
}

/** The levels of one side, and how to find one. */
class Ladder<Order extends BookOrder> {
  /** Worst price first, best price last. */
  readonly levels: Level<Order>[] = [];
  private readonly byPrice = new Map<Price, Level<Order>>();
  private readonly side: Side;

  constructor(side: Side) {
    this.side = side;
  }

  at(price: Price): Level<Order> | undefined {
    return this.byPrice.get(price);
  }

  best(): Level<Order> | undefined {
    return this.levels.at(-1);
  }

  /** The level of that price, made if it is not there. */
  open(price: Price): Level<Order> {
    const found = this.byPrice.get(price);
    if (found) return found;
    const level = { price, quantity: quantity(0), first: undefined, last: undefined };
    this.levels.splice(this.indexOf(price), 0, level);
    this.byPrice.set(price, level);
    return level;
  }

  drop(level: Level<Order>): void {
    assert(level.first === undefined && level.quantity === 0, "only an empty level is dropped");
    this.byPrice.delete(level.price);
    if (this.levels.at(-1) === level) {
      this.levels.pop();
      return;
    }
    const index = this.indexOf(level.price);
    assert(this.levels[index] === level, "a level stands where its price says");
    this.levels.splice(index, 1);
  }

  /** The index of the first level whose price is as good as `price` or better. */
  private indexOf(price: Price): number {
    let low = 0;
    let high = this.levels.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const level = this.levels[middle];
      assert(level !== undefined, "the middle lies inside the list");
      const worse = this.side === "buy" ? level.price < price : level.price > price;
      if (worse) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** One market's resting orders. */
export class Book<Order extends BookOrder> {
  private readonly buys = new Ladder<Order>("buy");
  private readonly sells = new Ladder<Order>("sell");

  private ladder(side: Side): Ladder<Order> {
    return side === "buy" ? this.buys : this.sells;
  }

  best(side: Side): Price | undefined {
    return this.ladder(side).best()?.price;
  }

  quantityAt(side: Side, price: Price): Quantity {
    return this.ladder(side).at(price)?.quantity ?? quantity(0);
  }

  /** Prices and quantities of one side, best first. */
  *levels(side: Side): Generator<{ readonly price: Price; readonly quantity: Quantity }> {
    const { levels } = this.ladder(side);
    for (let i = levels.length - 1; i >= 0; i -= 1) {
      const level = levels[i];
      if (level) yield { price: level.price, quantity: level.quantity };
    }
  }

  /** The orders of one side, best price first, oldest first. */
  *orders(side: Side): Generator<Order> {
    const { levels } = this.ladder(side);
    for (let i = levels.length - 1; i >= 0; i -= 1) {
      for (let place = levels[i]?.first; place; place = place.behind) yield place.order;
    }
  }

  /** Puts an order at the end of its price's queue. The caller has matched it before. */
  add(order: Order): Place<Order> {
    assert(order.open > 0, "an order rests with something open");
    const best = this.best(opposite(order.side));
    assert(
      best === undefined || !takes(order.side, order.price, best),
      "the book is never crossed",
    );
    const level = this.ladder(order.side).open(order.price);
    const place: Place<Order> = { order, level, ahead: level.last, behind: undefined };
    if (level.last) level.last.behind = place;
    else level.first = place;
    level.last = place;
    level.quantity = quantity(level.quantity + order.open);
    return place;
  }

  /** Takes an order out, wherever it stands. */
  remove(place: Place<Order>): void {
    const { level, ahead, behind, order } = place;
    assert(level !== undefined, "an order is removed once");
    level.quantity = quantity(level.quantity - order.open);
    if (ahead) ahead.behind = behind;
    else level.first = behind;
    if (behind) behind.ahead = ahead;
    else level.last = ahead;
    place.level = undefined;
    if (level.first === undefined) this.ladder(order.side).drop(level);
  }

  /** What `match` would fill now. Walks levels, not orders. */
  quote(want: Want): Quote {
    const { levels } = this.ladder(opposite(want.side));
    let left = Number(want.quantity);
    let turnover = 0n;
    for (let i = levels.length - 1; i >= 0 && left > 0; i -= 1) {
      const level = levels[i];
      if (!level || !takes(want.side, want.limit, level.price)) break;
      const taken = Math.min(left, level.quantity);
      turnover += BigInt(taken) * BigInt(level.price);
      left -= taken;
    }
    return { quantity: quantity(want.quantity - left), turnover };
  }

  /** How many makers a taker would meet; counts no further than one above `max`. */
  meets(want: Want, max: number): number {
    const { levels } = this.ladder(opposite(want.side));
    let left = Number(want.quantity);
    let makers = 0;
    for (let i = levels.length - 1; i >= 0; i -= 1) {
      const level = levels[i];
      if (!level || !takes(want.side, want.limit, level.price)) break;
      for (let place = level.first; place !== undefined; place = place.behind) {
        if (left <= 0 || makers > max) return makers;
        left -= place.order.open;
        makers += 1;
      }
    }
    return makers;
  }

  /**
   * Fills `want` against the other side: best price first, oldest first, each fill at the maker's
   * price. A maker that is used up leaves the book. What is not filled is the caller's to rest or
   * drop.
   */
  match(want: Want): Fill<Order>[] {
    const ladder = this.ladder(opposite(want.side));
    const fills: Fill<Order>[] = [];
    let left = Number(want.quantity);
    while (left > 0) {
      const level = ladder.best();
      if (!level || !takes(want.side, want.limit, level.price)) break;
      const place = level.first;
      assert(place !== undefined, "a level on the list has at least one order");
      const maker = place.order;
      const taken = quantity(Math.min(left, maker.open));
      left -= taken;
      fills.push({ maker, price: price(level.price), quantity: taken });
      if (taken === maker.open) {
        this.remove(place);
        maker.open = quantity(0);
      } else {
        maker.open = quantity(maker.open - taken);
        level.quantity = quantity(level.quantity - taken);
      }
    }
    return fills;
  }

  /** Every invariant, by walking everything. For audits and tests. */
  audit(): void {
    for (const side of ["buy", "sell"] as const) {
      let before: Price | undefined;
      for (const level of this.ladder(side).levels) {
        const better = side === "buy" ? 1 : -1;
        assert(before === undefined || (level.price - before) * better > 0, "levels are sorted");
        before = level.price;
        let sum = 0;
        for (let place = level.first; place; place = place.behind) {
          assert(place.level === level && place.order.price === level.price, "places know levels");
          assert(place.order.open > 0 && place.order.side === side, "orders are on their side");
          sum += place.order.open;
          assert(place.behind === undefined || place.behind.ahead === place, "links go both ways");
        }
        assert(sum === level.quantity && sum > 0, "a level's quantity is the sum of its orders");
      }
    }
    const [buy, sell] = [this.best("buy"), this.best("sell")];
    assert(buy === undefined || sell === undefined || buy < sell, "the book is never crossed");
  }
}
