/**
 * The books between rounds: offers come, change and go, and for any one of them the rings through
 * it are found at once. Each pair of tokens has its queue, best rate first, the larger first of
 * equal ones; what an offer's ring would need is looked for along the best of each pair, over at
 * most nine of them.
 *
 * What `takeThrough` finds is taken from the stocks here: a caller who does not go through with a
 * ring sets its offers again.
 */
import { assert, at } from "../codec/assert.ts";
import { netRate } from "./books.ts";
import { ringSizeMax } from "./limits.ts";
import type { FoundRing, Offer, Token } from "./offer.ts";
import { Outlook } from "./outlook.ts";
import { profit, Walks } from "./search.ts";
import { ringOf, sellableOf, type Stock, stockOf } from "./stock.ts";
import { compare, rateOf } from "./table.ts";

type Entry = {
  readonly stock: Stock;
  readonly pair: number;
  /** What it gives over what it wants at fair prices; and that net of what its place costs. */
  readonly rate: number;
  readonly net: number;
  /** Value of one unit of what it sells, and of all that it can sell. */
  readonly price: number;
  readonly value: number;
  /** Cannot be used in this search. */
  isAside: boolean;
};

/** Less than this part of an order hardly makes whole units: what is left waits for a round. */
const dustDivisor = 1_000_000n;

/**
 * For so many places in a ring an offer must be able to pay, or stand behind others: the smallest
 * one of a ring pays for its partners too. Who can pay for less may still find a ring in a round.
 */
const placesPaid = 3;

type Found = {
  readonly entries: readonly Entry[];
  readonly net: number;
  /** Those too small to pay for a ring that leaves so much over; the smallest, if it pays. */
  readonly small: readonly Entry[];
};

/** How many searches one offer is given, whether they find a ring or set offers aside. */
const searchesMax = 6;

/** The live offers in their pairs. */
export class Standing {
  readonly #prices: ReadonlyMap<string, { readonly number: number; readonly price: number }>;
  readonly #gas: number;
  readonly #sizeMax: number;
  readonly #walks: Walks;
  readonly #outlook: Outlook;
  readonly #entries = new Map<string, Entry>();
  readonly #pairs = new Map<number, number>();
  readonly #queues: Entry[][] = [];
  readonly #graph: {
    readonly tokens: number;
    readonly from: number[];
    readonly to: number[];
    readonly outgoing: number[][];
    readonly incoming: number[][];
    readonly tops: number[];
  };

  constructor(
    tokens: readonly Token[],
    {
      gasPerOrder = 0,
      sizeMax = ringSizeMax,
    }: { readonly gasPerOrder?: number | undefined; readonly sizeMax?: number | undefined } = {},
  ) {
    const priced = tokens.filter(({ price }) => price > 0 && price < Infinity);
    priced.sort((a, b) => compare(a.id, b.id));
    this.#prices = new Map(priced.map(({ id, price }, number) => [id, { number, price }]));
    this.#gas = gasPerOrder;
    this.#sizeMax = sizeMax;
    this.#walks = new Walks(priced.length, sizeMax);
    this.#outlook = new Outlook(priced.length, sizeMax);
    this.#graph = {
      tokens: priced.length,
      from: [],
      to: [],
      outgoing: priced.map(() => []),
      incoming: priced.map(() => []),
      tops: [],
    };
  }

  /** Adds an offer, or puts it in the place of the one with its id. */
  set(offer: Offer): void {
    this.remove(offer.id);
    this.#enter(stockOf(offer));
  }

  /** Takes an offer away, if it is here. */
  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#leave(entry);
  }

  #enter(stock: Stock): void {
    const { offer } = stock;
    const sells = this.#prices.get(offer.sell);
    const buys = this.#prices.get(offer.buy);
    const left = sellableOf(stock);
    if (!sells || !buys || sells === buys || left < (offer.sellMin ?? 1n)) return;
    if (left * dustDivisor < offer.sellAmount) return;
    const { price } = sells;
    const pair = this.#pairOf(sells.number, buys.number);
    const rate = rateOf(offer, price, buys.price);
    const value = Number(left) * price;
    const net = netRate(rate, value, this.#gas * placesPaid);
    const entry = { stock, pair, rate, net, price, value, isAside: false };
    this.#entries.set(offer.id, entry);
    const queue = at(this.#queues, pair);
    queue.splice(placeIn(queue, entry), 0, entry);
    this.#refresh(pair);
  }

  #leave(entry: Entry): void {
    this.#entries.delete(entry.stock.offer.id);
    const queue = at(this.#queues, entry.pair);
    queue.splice(placeIn(queue, entry), 1);
    this.#refresh(entry.pair);
  }

  /** Finds the rings through one offer, the most valuable first, and takes them. */
  takeThrough(id: string): readonly FoundRing[] {
    const rings: FoundRing[] = [];
    const aside: Entry[] = [];
    const first = this.#entries.get(id);
    if (first !== undefined) this.#hideSmall(first, aside);
    for (let search = 0; search < searchesMax; search++) {
      const entry = this.#entries.get(id);
      if (entry === undefined) break;
      const found = this.#search(entry);
      if (found === undefined) break;
      const taken = found.net > 0 ? this.#take(found.entries) : undefined;
      if (taken?.kind === "ring") {
        rings.push(taken.ring);
        continue;
      }
      const short = taken?.tooSmall;
      const blocking = short === undefined ? found.small : [at(found.entries, short)];
      // If the offer itself is what is too small, other partners do not help.
      if (blocking.includes(entry)) break;
      this.#setAside(blocking, aside);
    }
    for (const one of aside) one.isAside = false;
    for (const pair of new Set(aside.map((one) => one.pair))) this.#refresh(pair);
    return rings;
  }

  #setAside(entries: readonly Entry[], aside: Entry[]): void {
    for (const one of entries) {
      one.isAside = true;
      aside.push(one);
      this.#refresh(one.pair);
    }
  }

  /** An offer with a minimum can use only partners that are large enough for it. */
  #hideSmall(entry: Entry, aside: Entry[]): void {
    const { sellMin } = entry.stock.offer;
    if (sellMin === undefined) return;
    const least = Number(sellMin) * entry.price * hideBelow;
    for (const queue of this.#queues) {
      for (const other of queue) {
        if (other === entry || other.value >= least) continue;
        other.isAside = true;
        aside.push(other);
      }
    }
    for (const pair of this.#queues.keys()) this.#refresh(pair);
  }

  /** The most valuable ring through an offer, over all lengths. */
  #search(entry: Entry): Found | undefined {
    const graph = this.#graph;
    const start = at(graph.to, entry.pair);
    const end = at(graph.from, entry.pair);
    const hopsMax = this.#sizeMax - 1;
    // Every partner's place is paid for in its net rate; its own in its own.
    const aim = this.#outlook.aim(end, profit / entry.net, hopsMax);
    this.#walks.search(graph, { start, end, hops: hopsMax, floor: -1, aim });
    let best: Found | undefined;
    for (let hops = 1; hops <= hopsMax; hops++) {
      if (this.#walks.product(hops, end) * entry.net <= profit) continue;
      const walk = this.#walks.walk(graph, { hops, token: end });
      const found = this.#worth([entry, ...walk.map((pair) => this.#topOf(pair))]);
      if (best === undefined || found.net > best.net) best = found;
    }
    return best;
  }

  #worth(entries: readonly Entry[]): Found {
    let weight = 1;
    let least = Infinity;
    const scales = entries.map((entry) => {
      const scale = entry.value / weight;
      least = Math.min(least, scale);
      weight /= entry.rate;
      return scale;
    });
    const cost = this.#gas * entries.length;
    const needed = Math.max(least, cost / (1 - weight));
    const small = entries.filter((_, i) => at(scales, i) <= needed);
    return { entries, net: least * (1 - weight) - cost, small };
  }

  #take(entries: readonly Entry[]): ReturnType<typeof ringOf> {
    const taken = ringOf(entries.map(({ stock }) => ({ stock, cap: sellableOf(stock) })));
    if (taken.kind === "none") return taken;
    for (const entry of entries) {
      this.#leave(entry);
      this.#enter(entry.stock);
    }
    return taken;
  }

  /** The best offer of a pair that can be used. */
  #usable(pair: number): Entry | undefined {
    return at(this.#queues, pair).find((one) => !one.isAside);
  }

  #topOf(pair: number): Entry {
    const found = this.#usable(pair);
    assert(found !== undefined, "a walk goes through pairs that have an offer");
    return found;
  }

  #refresh(pair: number): void {
    this.#graph.tops[pair] = this.#usable(pair)?.net ?? 0;
    this.#outlook.changed(this.#graph, pair);
  }

  #pairOf(from: number, to: number): number {
    const key = from * this.#graph.tokens + to;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    const pair = this.#queues.length;
    this.#pairs.set(key, pair);
    this.#queues.push([]);
    this.#graph.from.push(from);
    this.#graph.to.push(to);
    this.#graph.tops.push(0);
    at(this.#graph.outgoing, from).push(pair);
    at(this.#graph.incoming, to).push(pair);
    return pair;
  }
}

/** A ring's places differ in value by what it leaves over: partners may be a little smaller. */
const hideBelow = 0.9;

/** Where an entry is, or belongs, in its queue. */
function placeIn(queue: readonly Entry[], entry: Entry): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(at(queue, middle), entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(a: Entry, b: Entry): boolean {
  if (a.net !== b.net) return a.net > b.net;
  if (a.value !== b.value) return a.value > b.value;
  return compare(a.stock.offer.id, b.stock.offer.id) < 0;
}
