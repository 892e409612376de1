/**
 * A peer of our own: the book that a careful programmer writes without typed arrays. Orders are
 * objects from a pool, found by a Map; a level for each price between the lowest and the highest;
 * no accounts, no money, no events. It plays one-instrument streams.
 */
import { processSeconds } from "./gauge.ts";
import { streamOp, TradeHash, type Stream } from "../src/floor/stream.ts";

type Order = {
  id: number;
  side: number;
  price: number;
  open: number;
  next: Order | undefined;
  prev: Order | undefined;
};

type Level = { first: Order | undefined; last: Order | undefined };

class PooledBook {
  readonly hash = new TradeHash(1);
  private readonly orders = new Map<number, Order>();
  private readonly pool: Order[] = [];
  private readonly buys: Level[];
  private readonly sells: Level[];
  private readonly lowest: number;
  private bid = -1;
  private ask: number;

  constructor(lowest: number, highest: number) {
    const levels = highest - lowest + 1;
    const empty = (): Level => ({ first: undefined, last: undefined });
    this.lowest = lowest;
    this.buys = Array.from({ length: levels }, empty);
    this.sells = Array.from({ length: levels }, empty);
    this.ask = levels;
  }

  enter(id: number, side: number, price: number, open: number, immediate: boolean): void {
    if (this.orders.has(id)) return;
    const order = this.pool.pop() ?? newOrder();
    order.id = id;
    order.side = side;
    order.price = price - this.lowest;
    order.open = open;
    this.match(order);
    if (order.open > 0 && !immediate) this.rest(order);
    else this.pool.push(order);
  }

  cancel(id: number): void {
    const order = this.orders.get(id);
    if (order === undefined) return;
    this.unlink(order);
    this.orders.delete(id);
    this.pool.push(order);
  }

  move(id: number, price: number): void {
    const order = this.orders.get(id);
    if (order === undefined) return;
    this.unlink(order);
    this.orders.delete(id);
    order.price = price - this.lowest;
    this.match(order);
    if (order.open > 0) this.rest(order);
    else this.pool.push(order);
  }

  private match(taker: Order): void {
    while (taker.open > 0) {
      const best = taker.side === 0 ? this.ask : this.bid;
      if (taker.side === 0 ? best > taker.price : best < taker.price) return;
      const maker = (taker.side === 0 ? this.sells : this.buys)[best]?.first;
      if (maker === undefined) return;
      const lots = Math.min(maker.open, taker.open);
      this.hash.trade(0, taker.id, maker.id, best + this.lowest, lots);
      taker.open -= lots;
      maker.open -= lots;
      if (maker.open > 0) return;
      this.unlink(maker);
      this.orders.delete(maker.id);
      this.pool.push(maker);
    }
  }

  private rest(order: Order): void {
    const level = (order.side === 0 ? this.buys : this.sells)[order.price];
    if (level === undefined) throw new Error("couldn't rest an order outside of the book's prices");
    order.prev = level.last;
    order.next = undefined;
    if (level.last === undefined) level.first = order;
    else level.last.next = order;
    level.last = order;
    this.orders.set(order.id, order);
    if (order.side === 0 && order.price > this.bid) this.bid = order.price;
    if (order.side === 1 && order.price < this.ask) this.ask = order.price;
  }

  private unlink(order: Order): void {
    const { side, price, next, prev } = order;
    const levels = side === 0 ? this.buys : this.sells;
    const level = levels[price];
    if (level === undefined) return;
    if (prev === undefined) level.first = next;
    else prev.next = next;
    if (next === undefined) level.last = prev;
    else next.prev = prev;
    if (level.first !== undefined) return;
    if (side === 0 && price === this.bid) {
      while (this.bid >= 0 && levels[this.bid]?.first === undefined) this.bid -= 1;
    } else if (side === 1 && price === this.ask) {
      while (this.ask < levels.length && levels[this.ask]?.first === undefined) this.ask += 1;
    }
  }
}

function newOrder(): Order {
  return { id: 0, side: 0, price: 0, open: 0, next: undefined, prev: undefined };
}

/** Plays a one-instrument stream; gives processor seconds of the timed part and the trade hash. */
export function playPooled(stream: Stream): { readonly seconds: number; readonly hash: string } {
  const book = new PooledBook(stream.minPrice, stream.maxPrice);
  let started = 0;
  for (let i = 0; i < stream.commands; i += 1) {
    if (i === stream.prefill) started = processSeconds();
    const first = i << 3;
    const codes = stream.words[first] ?? 0;
    const id = stream.words[first + 2] ?? 0;
    const price = stream.words[first + 4] ?? 0;
    const what = codes & 0xff;
    if (what === streamOp.enter) {
      const immediate = ((codes >> 16) & 0xff) === 1;
      book.enter(id, (codes >> 8) & 0xff, price, stream.words[first + 5] ?? 0, immediate);
    } else if (what === streamOp.cancel) {
      book.cancel(id);
    } else {
      book.move(id, price);
    }
  }
  return { seconds: processSeconds() - started, hash: book.hash.digest() };
}
