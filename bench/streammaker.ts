/**
 * Order streams from a seed: integers only, the same bytes on any machine (README of the shared
 * benchmark; a test holds the first bytes of their SHA-256). What is sent next depends on what is
 * resting, so the maker plays its own stream on a small book of sorted lists.
 */
import { at } from "../src/codec/assert.ts";
import { headerBytes, marketFlag, recordBytes, streamOp, writeHead } from "../src/floor/stream.ts";

/** Parts per thousand of each kind of command. */
type Mix = {
  readonly instruments: number;
  readonly accounts: number;
  readonly resting: number;
  readonly gtc: number;
  readonly ioc: number;
  readonly cancel: number;
  readonly move: number;
  readonly crossGtc: number;
  readonly crossMove: number;
  readonly fok: number;
  readonly post: number;
  readonly market: number;
  readonly reduce: number;
  readonly misses: number;
};

const none = { fok: 0, post: 0, market: 0, reduce: 0, misses: 0 };
const xcore = { gtc: 90, ioc: 30, cancel: 60, move: 820, crossGtc: 150, crossMove: 45, ...none };
const flow = { gtc: 500, ioc: 40, cancel: 460, move: 0, crossGtc: 100, crossMove: 0, ...none };
const full = { gtc: 350, ioc: 40, cancel: 250, move: 200, crossGtc: 120, crossMove: 80 };

/** The five streams on which independent engines agree. */
export const mixes: Readonly<Record<string, Mix>> = {
  "xcore-1": { instruments: 1, accounts: 1000, resting: 1000, ...xcore },
  "xcore-100": { instruments: 100, accounts: 10_000, resting: 1000, ...xcore },
  "flow-1": { instruments: 1, accounts: 1000, resting: 10_000, ...flow },
  "flow-100": { instruments: 100, accounts: 10_000, resting: 1000, ...flow },
  "full-10": {
    instruments: 10,
    accounts: 500,
    resting: 500,
    ...full,
    fok: 30,
    post: 60,
    market: 20,
    reduce: 50,
    misses: 20,
  },
};

/** Small fast counter of 32 bits (sfc32), seeded by splitmix32. */
class Chance {
  private a: number;
  private b: number;
  private c: number;
  private d = 1;

  constructor(seed: number) {
    let state = seed >>> 0;
    const split = (): number => {
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return (mixed ^ (mixed >>> 15)) >>> 0;
    };
    this.a = split();
    this.b = split();
    this.c = split();
    for (let i = 0; i < 16; i += 1) this.word();
  }

  word(): number {
    const sum = (this.a + this.b + this.d) >>> 0;
    this.d = (this.d + 1) >>> 0;
    this.a = (this.b ^ (this.b >>> 9)) >>> 0;
    this.b = (this.c + (this.c << 3)) >>> 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) >>> 0;
    this.c = (this.c + sum) >>> 0;
    return sum;
  }

  below(limit: number): number {
    return Math.floor((this.word() * limit) / 4_294_967_296);
  }

  permille(part: number): boolean {
    return this.below(1000) < part;
  }
}

type Resting = {
  readonly id: number;
  readonly account: number;
  readonly side: number;
  readonly instrument: number;
  price: number;
  open: number;
};

/** One side: prices, the best first, and their queues. */
class Half {
  readonly prices: number[] = [];
  readonly queues: Map<number, Resting[]> = new Map();
  private readonly sign: number;

  constructor(side: number) {
    this.sign = side === 0 ? 1 : -1;
  }

  best(): number {
    return this.prices[0] ?? 0;
  }

  queue(price: number): Resting[] {
    return this.queues.get(price) ?? [];
  }

  add(order: Resting): void {
    const queue = this.queues.get(order.price);
    if (queue !== undefined) {
      queue.push(order);
      return;
    }
    this.queues.set(order.price, [order]);
    this.prices.splice(this.indexOf(order.price), 0, order.price);
  }

  remove(order: Resting): void {
    const queue = this.queue(order.price);
    queue.splice(queue.indexOf(order), 1);
    if (queue.length > 0) return;
    this.queues.delete(order.price);
    this.prices.splice(this.indexOf(order.price), 1);
  }

  private indexOf(price: number): number {
    let low = 0;
    let high = this.prices.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(this.prices, middle) * this.sign > price * this.sign) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const middle = 100_000;
const lowest = 90_000;
const highest = 110_000;
const any = { buy: Infinity, sell: 0 };

/** One record's fields. */
type Sent = {
  readonly op: number;
  readonly side: number;
  readonly tif: number;
  readonly flags: number;
  readonly instrument: number;
  readonly id: number;
  readonly account: number;
  readonly price: number;
  readonly lots: number;
};

/** Makes a stream; `commands` of them are sent after the books are built. */
export function makeStream(mix: Mix, commands: number, seed: number): Uint8Array {
  return new Maker(mix, seed).make(commands, seed);
}

class Maker {
  private readonly mix: Mix;
  private readonly chance: Chance;
  private readonly middles: number[];
  private readonly halves: Half[][];
  private readonly orders = new Map<number, Resting>();
  /** The live orders of each instrument, and where each stands among them. */
  private readonly live: number[][];
  private readonly places = new Map<number, number>();
  private readonly weights: number[] = [];
  private readonly sent: Sent[] = [];
  private nextId = 1;

  constructor(mix: Mix, seed: number) {
    this.mix = mix;
    this.chance = new Chance(Math.imul(seed, 2_654_435_761) >>> 0);
    const each = Array.from({ length: mix.instruments }, (_, i) => i);
    this.middles = each.map(() => middle + this.chance.below(2001) - 1000);
    this.halves = each.map(() => [new Half(0), new Half(1)]);
    this.live = each.map(() => []);
    let sum = 0;
    for (const i of each) this.weights.push((sum += Math.floor(1_000_000 / (i + 1))));
  }

  make(commands: number, seed: number): Uint8Array {
    const { mix } = this;
    for (let i = 0; i < mix.instruments; i += 1) {
      for (let k = 0; k < mix.resting; k += 1) this.enter(i, { tif: 0, cross: false });
    }
    const prefill = this.sent.length;
    while (this.sent.length - prefill < commands) this.next();
    const bytes = new Uint8Array(headerBytes + this.sent.length * recordBytes);
    writeHead(bytes, {
      commands: this.sent.length,
      prefill,
      instruments: mix.instruments,
      accounts: mix.accounts,
      maxOrderId: this.nextId - 1 + (mix.misses > 0 ? 1_000_002 : 0),
      seed,
      minPrice: lowest - 4,
      maxPrice: highest + 4,
    });
    const view = new DataView(bytes.buffer);
    this.sent.forEach((sent, i) => writeRecord(view, sent, i));
    return bytes;
  }

  private next(): void {
    const { chance, mix } = this;
    const i = this.instrument();
    if (chance.permille(10)) this.drift(i);
    const kind = this.kind(i);
    if (kind === "gtc") this.enter(i, { tif: 0, cross: chance.permille(mix.crossGtc) });
    else if (kind === "ioc") this.enter(i, { tif: 1, cross: true });
    else if (kind === "fok") this.enter(i, { tif: 2, cross: true });
    else if (kind === "post") this.enter(i, { tif: 3, cross: chance.permille(100) });
    else if (kind === "market") this.enter(i, { tif: 1, cross: true, market: true });
    else if (at(this.live, i).length > 0) this.change(i, kind);
  }

  private drift(i: number): void {
    const moved = at(this.middles, i) + this.chance.below(3) - 1;
    const away = moved - middle;
    this.middles[i] = away > 3000 ? moved - 1 : away < -3000 ? moved + 1 : moved;
  }

  /** The kind of the next command; what rests is kept near its target. */
  private kind(i: number): string {
    const { mix } = this;
    const names = ["gtc", "ioc", "cancel", "move", "fok", "post", "market", "reduce"] as const;
    const total = names.reduce((sum, name) => sum + mix[name], 0);
    let left = this.chance.below(total);
    let kind: (typeof names)[number] = "reduce";
    for (const name of names) {
      if (left < mix[name]) {
        kind = name;
        break;
      }
      left -= mix[name];
    }
    const resting = at(this.live, i).length;
    if (kind === "gtc" && resting > mix.resting * 1.05) return "cancel";
    if (kind === "cancel" && resting < mix.resting * 0.95) return "gtc";
    return kind;
  }

  private instrument(): number {
    if (this.mix.instruments === 1) return 0;
    const total = at(this.weights, this.weights.length - 1);
    const drawn = Math.floor((this.chance.word() * total) / 4_294_967_296);
    return this.weights.findIndex((weight) => weight > drawn);
  }

  private lots(): number {
    const { chance } = this;
    const drawn = chance.below(100);
    if (drawn < 60) return 1 + chance.below(10);
    return drawn < 95 ? 10 + chance.below(90) : 100 + chance.below(900);
  }

  /** A price that trades with nothing. */
  private passive(i: number, side: number): number {
    const { chance } = this;
    const away = 1 + (chance.permille(300) ? chance.below(64) : chance.below(1024));
    const price = inside(at(this.middles, i) + (side === 0 ? -away : away));
    const other = at(at(this.halves, i), 1 - side).best();
    if (other === 0) return price;
    return side === 0 ? Math.min(price, other - 1) : Math.max(price, other + 1);
  }

  /** A price that trades, or 0 if nobody is there. */
  private crossing(i: number, side: number): number {
    const best = at(at(this.halves, i), 1 - side).best();
    if (best === 0) return 0;
    const further = this.chance.below(4);
    return inside(side === 0 ? best + further : best - further);
  }

  /** Whether an order would meet one of the account's own: no stream has a self-trade. */
  private meets(i: number, order: Omit<Resting, "id" | "instrument">): boolean {
    const half = at(at(this.halves, i), 1 - order.side);
    let left = order.open;
    for (const price of half.prices) {
      if (order.side === 0 ? price > order.price : price < order.price) return false;
      for (const maker of half.queue(price)) {
        if (maker.account === order.account) return true;
        left -= maker.open;
        if (left <= 0) return false;
      }
    }
    return false;
  }

  private enter(
    i: number,
    how: { readonly tif: number; readonly cross: boolean; readonly market?: boolean },
  ): void {
    const { chance, mix } = this;
    const market = how.market === true;
    const side = chance.below(2);
    let price = 0;
    if (!market) price = how.cross ? this.crossing(i, side) : this.passive(i, side);
    if (price === 0 && !market) return;
    const open = this.lots();
    const limit = market ? (side === 0 ? any.buy : any.sell) : price;
    let account = -1;
    if (how.cross || market) {
      for (let tries = 0; tries < 64 && account === -1; tries += 1) {
        const drawn = chance.below(mix.accounts);
        if (!this.meets(i, { account: drawn, side, price: limit, open })) account = drawn;
      }
      if (account === -1) return;
    } else {
      account = chance.below(mix.accounts);
    }
    const id = this.nextId;
    this.nextId += 1;
    const flags = market ? marketFlag : 0;
    const { tif } = how;
    const terms = { account, price, lots: open };
    this.sent.push({ op: streamOp.enter, side, tif, flags, instrument: i, id, ...terms });
    const order = { id, account, side, instrument: i, price: limit, open };
    if (tif === 3 && this.available(order, 1) > 0) return;
    if (tif === 2 && this.available(order, open) < open) return;
    this.match(order);
    if (order.open === 0 || market || tif === 1 || tif === 2) return;
    this.rest(order);
    this.places.set(id, at(this.live, i).push(id) - 1);
  }

  private change(i: number, kind: string): void {
    const { chance, mix } = this;
    const id = at(at(this.live, i), chance.below(at(this.live, i).length));
    const order = this.orders.get(id);
    if (order === undefined) throw new Error("couldn't find a live order");
    const { side, account } = order;
    const sent = { side, tif: 0, flags: 0, instrument: i, id, account, price: 0, lots: 0 };
    if (kind === "cancel") {
      const stale = mix.misses > 0 && chance.permille(mix.misses);
      const named = stale ? this.nextId + 1_000_000 : id;
      this.sent.push({ ...sent, op: streamOp.cancel, id: named });
      if (!stale) this.drop(order);
    } else if (kind === "reduce") {
      const lots = 1 + chance.below(20);
      this.sent.push({ ...sent, op: streamOp.reduce, lots });
      order.open -= Math.min(lots, order.open);
      if (order.open === 0) this.drop(order);
    } else {
      const crossing = chance.permille(mix.crossMove);
      const price = crossing ? this.crossing(i, side) : this.passive(i, side);
      if (price === 0 || price === order.price || this.meets(i, { ...order, price })) return;
      this.sent.push({ ...sent, op: streamOp.move, price, lots: order.open });
      at(at(this.halves, i), side).remove(order);
      this.orders.delete(id);
      order.price = price;
      this.match(order);
      if (order.open > 0) this.rest(order);
      else this.forget(order);
    }
  }

  private available(order: Resting, enough: number): number {
    const half = at(at(this.halves, order.instrument), 1 - order.side);
    let sum = 0;
    for (const price of half.prices) {
      if (order.side === 0 ? price > order.price : price < order.price) break;
      for (const maker of half.queue(price)) sum += maker.open;
      if (sum >= enough) break;
    }
    return sum;
  }

  private match(order: Resting): void {
    const half = at(at(this.halves, order.instrument), 1 - order.side);
    while (order.open > 0 && half.prices.length > 0) {
      const best = half.best();
      if (order.side === 0 ? best > order.price : best < order.price) return;
      const maker = at(half.queue(best), 0);
      const lots = Math.min(maker.open, order.open);
      maker.open -= lots;
      order.open -= lots;
      if (maker.open === 0) this.drop(maker);
    }
  }

  private rest(order: Resting): void {
    at(at(this.halves, order.instrument), order.side).add(order);
    this.orders.set(order.id, order);
  }

  private drop(order: Resting): void {
    at(at(this.halves, order.instrument), order.side).remove(order);
    this.orders.delete(order.id);
    this.forget(order);
  }

  /** Out of the live orders: the last one takes its place. */
  private forget({ id, instrument }: Resting): void {
    const place = this.places.get(id);
    if (place === undefined) return;
    const list = at(this.live, instrument);
    const last = list.pop();
    if (last !== undefined && last !== id) {
      list[place] = last;
      this.places.set(last, place);
    }
    this.places.delete(id);
  }
}

function inside(price: number): number {
  return Math.min(Math.max(price, lowest), highest);
}

function writeRecord(view: DataView, sent: Sent, index: number): void {
  const first = headerBytes + index * recordBytes;
  view.setUint8(first, sent.op);
  view.setUint8(first + 1, sent.side);
  view.setUint8(first + 2, sent.tif);
  view.setUint8(first + 3, sent.flags);
  const { instrument, id, account, price, lots } = sent;
  [instrument, id, account, price, lots, index].forEach((value, i) =>
    view.setUint32(first + 4 + 4 * i, value, true),
  );
}
