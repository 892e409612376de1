/**
 * The slow, obvious floor: docs/spec/book.md, ledger.md and phases.md as code, one rule after the
 * other. Orders are objects in one list, searched whole each time; money is BigInt; what is held is
 * summed anew whenever somebody asks. It is the oracle of the fast floor for ever: nothing runs on
 * it, and nothing in it may become clever.
 *
 * What it says is a list of numbers for each event, in the order of `heard` (hear.ts).
 */
import { assert } from "../codec/assert.ts";
import { end, event, tradeFlag } from "./events.ts";
import { isCall, type Listing } from "./market.ts";
import { phase, prevention, side, tif } from "./command.ts";
import { refusal } from "./refusals.ts";
import { cappedLots, fee, uncrossPrice } from "./naivesums.ts";

/** A command as the slow floor takes it: the fields of command.ts by name. */
export type Told = {
  readonly op: number;
  readonly time: number;
  readonly account: number;
  readonly market: number;
  readonly id: number;
  readonly side: number;
  readonly tif: number;
  readonly kind: number;
  readonly prevention: number;
  readonly price: number;
  readonly quantity: number;
  readonly trigger: number;
  readonly expiry: number;
  readonly cap: number;
  readonly phase: number;
};

export type NaiveOrder = {
  readonly id: number;
  readonly number: number;
  readonly account: number;
  readonly market: number;
  readonly side: number;
  tif: number;
  readonly prevention: number;
  /** A market order: `price` is its collar. */
  readonly marketKind: boolean;
  readonly makerRate: number;
  readonly expiry: number;
  /** The last two of a waiting stop: 0 for all others. */
  trigger: number;
  stopHold: bigint;
  price: number;
  open: number;
  requested: number;
  taken: bigint;
  made: bigint;
  /** What it may still pay; `undefined`: no cap. */
  cap: bigint | undefined;
};

export type NaiveMarket = {
  readonly number: number;
  readonly listing: Listing;
  phase: number;
  last: number;
  reference: number;
};

const safeMax = BigInt(Number.MAX_SAFE_INTEGER);

type Options = { readonly ordersOpenMax: number; readonly walkMax: number };

/** The floor as the pages describe it. */
export class NaiveFloor {
  time = 0;
  /** Every open order; at one price, or one trigger, whoever stands first here was there first. */
  orders: NaiveOrder[] = [];
  readonly markets: NaiveMarket[] = [];
  /** By `account asset`. */
  readonly totals: Map<string, bigint> = new Map();
  readonly switches: Map<number, number> = new Map();
  said: number[][] = [];
  orderNumber = 0;
  tradeNumber = 0;
  readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  total(account: number, asset: number): bigint {
    return this.totals.get(`${account} ${asset}`) ?? 0n;
  }

  move(asset: number, from: number, to: number, units: bigint): void {
    this.totals.set(`${from} ${asset}`, this.total(from, asset) - units);
    this.totals.set(`${to} ${asset}`, this.total(to, asset) + units);
  }

  market(number: number): NaiveMarket {
    const market = this.markets[number];
    assert(market !== undefined, "a market stays");
    return market;
  }

  /** ledger.md §3.1 and §3.4: what an open order holds. */
  need(order: NaiveOrder): bigint {
    const { listing } = this.market(order.market);
    if (order.trigger !== 0) return order.stopHold;
    if (order.side === side.sell) return BigInt(order.open) * BigInt(listing.lot);
    const rest = this.notional(order, order.open, order.price);
    return rest + fee(order.made, rest, order.makerRate);
  }

  notional(order: NaiveOrder, lots: number, price: number): bigint {
    return BigInt(lots) * BigInt(price) * BigInt(this.market(order.market).listing.unit);
  }

  heldAsset(order: NaiveOrder): number {
    const { listing } = this.market(order.market);
    return order.side === side.buy ? listing.quote : listing.base;
  }

  held(account: number, asset: number, except?: NaiveOrder): bigint {
    let sum = 0n;
    for (const order of this.orders) {
      if (order.account !== account || order === except) continue;
      if (this.heldAsset(order) === asset) sum += this.need(order);
    }
    return sum;
  }

  /** What `order` may be paid with: its own hold counts as free. */
  free(order: NaiveOrder): bigint {
    const asset = this.heldAsset(order);
    return this.total(order.account, asset) - this.held(order.account, asset, order);
  }

  /** Those of the other side that `order` would meet at its limit, in the order it meets them. */
  opposite(order: NaiveOrder): NaiveOrder[] {
    const buying = order.side === side.buy;
    return this.queue(order.market, 1 - order.side).filter((other) =>
      buying ? other.price <= order.price : other.price >= order.price,
    );
  }

  /** The resting orders of one side, best price first, then who was there first. */
  queue(market: number, of: number): NaiveOrder[] {
    return this.orders
      .filter((order) => order.market === market && order.side === of && order.trigger === 0)
      .toSorted((a, b) => (of === side.buy ? b.price - a.price : a.price - b.price));
  }

  inBand(market: NaiveMarket, price: number): boolean {
    return within(market.reference, market.listing.bandRate, price, market.listing.tick);
  }

  /** The most its fees can be on `notional`, whoever came and who was there. */
  feeBound(market: NaiveMarket, order: NaiveOrder, notional: bigint): bigint {
    const { takerRate } = market.listing;
    const one = takerRate > 0 && order.makerRate > 0 ? 1n : 0n;
    return fee(0n, notional, Math.max(takerRate, order.makerRate)) + one;
  }

  /** ledger.md §3.2: what a limit buy can cost now. */
  cost(market: NaiveMarket, order: NaiveOrder): bigint {
    let left = order.open;
    let quote = 0n;
    let beyond = 0;
    const trading = market.phase === phase.continuous;
    for (const [met, other] of (trading ? this.opposite(order) : []).entries()) {
      if (left === 0 || !this.inBand(market, other.price)) break;
      if (met >= this.options.walkMax) {
        beyond = left;
        left = 0;
      } else if (other.account !== order.account) {
        const lots = Math.min(left, other.open);
        quote += this.notional(order, lots, other.price);
        left -= lots;
      } else if (order.prevention !== prevention.oldest) {
        left = 0;
      }
    }
    const rests = order.tif !== tif.ioc && order.tif !== tif.fok;
    const rest = rests ? this.notional(order, left, order.price) : 0n;
    const far = this.notional(order, beyond, order.price);
    const worst = this.notional(order, order.open, order.price);
    const bound = worst + this.feeBound(market, order, worst);
    const exact =
      quote +
      fee(order.taken, quote, market.listing.takerRate) +
      rest +
      fee(order.made, rest, order.makerRate) +
      far +
      (far === 0n ? 0n : this.feeBound(market, order, far));
    return exact < bound ? exact : bound;
  }

  /** book.md §3, FOK. */
  fillable(market: NaiveMarket, order: NaiveOrder): boolean {
    let left = order.open;
    let quote = 0n;
    for (const [met, other] of this.opposite(order).entries()) {
      if (met >= this.options.walkMax || !this.inBand(market, other.price)) return false;
      if (other.account !== order.account) {
        const lots = Math.min(left, other.open);
        quote += this.notional(order, lots, other.price);
        left -= lots;
      } else if (order.prevention !== prevention.oldest) {
        return false;
      }
      if (left > 0) continue;
      return (
        order.cap === undefined || quote + fee(0n, quote, market.listing.takerRate) <= order.cap
      );
    }
    return false;
  }

  /** book.md §9, `amount_too_large`. */
  tooLarge(market: NaiveMarket, order: NaiveOrder, limit: number): boolean {
    const { listing } = market;
    if (BigInt(order.open) * BigInt(listing.lot) > safeMax) return true;
    if (order.cap !== undefined) return false;
    const highest = listing.priceMax - (listing.priceMax % listing.tick);
    const price = order.side === side.sell ? highest : limit;
    const notional = this.notional(order, order.open, price);
    const fees = this.feeBound(market, order, notional);
    return order.taken + order.made + notional > safeMax || notional + fees > safeMax;
  }

  /** ledger.md §3.4: what a stop holds while it waits. */
  stopNeed(market: NaiveMarket, order: NaiveOrder): bigint {
    if (order.side === side.sell) return BigInt(order.open) * BigInt(market.listing.lot);
    if (order.cap !== undefined) return order.cap;
    const notional = this.notional(order, order.open, order.price);
    return notional + this.feeBound(market, order, notional);
  }

  fundsShort(market: NaiveMarket, order: NaiveOrder): boolean {
    const free = this.free(order);
    if (order.trigger !== 0) return this.stopNeed(market, order) > free;
    if (order.side === side.sell) return BigInt(order.open) * BigInt(market.listing.lot) > free;
    return (order.cap ?? this.cost(market, order)) > free;
  }

  // What happens to orders.

  rest(order: NaiveOrder): void {
    this.orders.push(order);
    this.say(event.rested, order, order.price, order.open);
  }

  say(what: number, order: NaiveOrder, price: number, open: number): void {
    this.said.push([what, order.market, order.account, order.side, order.id, price, open]);
  }

  drop(order: NaiveOrder): void {
    this.orders = this.orders.filter((other) => other !== order);
  }

  endOrder(order: NaiveOrder, why: number): void {
    this.drop(order);
    const { market, account, side, id, open } = order;
    this.said.push([event.ended, market, account, side, why, id, open]);
  }

  /** An admitted order that stands nowhere: collected, or matched. */
  incoming(order: NaiveOrder): void {
    const market = this.market(order.market);
    if (market.phase !== phase.continuous) return this.rest(order);
    for (;;) {
      if (order.open === 0) return;
      const [maker] = this.opposite(order);
      if (maker === undefined) break;
      if (!this.inBand(market, maker.price)) {
        const rests = !order.marketKind && order.tif !== tif.ioc;
        if (rests || order.taken > 0n) this.setPhase(market, phase.volatilityCall);
        break;
      }
      if (maker.account === order.account) {
        if (order.prevention !== prevention.newest) this.endOrder(maker, end.ownOrder);
        if (order.prevention !== prevention.oldest) return this.endOrder(order, end.ownOrder);
        continue;
      }
      let lots = Math.min(order.open, maker.open);
      if (order.cap !== undefined) {
        const unit = this.notional(order, 1, maker.price);
        lots = cappedLots(order.cap, unit, lots, order.taken, market.listing.takerRate);
        if (lots === 0) return this.endOrder(order, end.cap);
      }
      this.trade(market, order, maker, lots);
    }
    if (order.marketKind || order.tif === tif.ioc) return this.endOrder(order, end.immediate);
    this.rest(order);
  }

  /** A trade at the maker's price. */
  trade(market: NaiveMarket, taker: NaiveOrder, maker: NaiveOrder, lots: number): void {
    const quote = this.notional(taker, lots, maker.price);
    const takerFee = fee(taker.taken, quote, market.listing.takerRate);
    const makerFee = fee(maker.made, quote, maker.makerRate);
    taker.taken += quote;
    maker.made += quote;
    if (taker.cap !== undefined) taker.cap -= quote + takerFee;
    taker.open -= lots;
    maker.open -= lots;
    market.last = maker.price;
    const [buy, sell] = taker.side === side.buy ? [taker, maker] : [maker, taker];
    this.settle(market, buy.account, sell.account, lots, quote);
    this.payFees(market, taker.account, takerFee);
    this.payFees(market, maker.account, makerFee);
    const price = maker.price;
    this.tell(market, taker, maker, [0, price, lots, Number(takerFee), Number(makerFee)]);
    if (maker.open === 0) this.drop(maker);
  }

  tell(market: NaiveMarket, taker: NaiveOrder, maker: NaiveOrder, terms: number[]): void {
    this.tradeNumber += 1;
    const [flags = 0, ...rest] = terms;
    const done =
      (maker.open === 0 ? tradeFlag.makerDone : 0) | (taker.open === 0 ? tradeFlag.takerDone : 0);
    const head = [event.trade, market.number, taker.account, maker.account, taker.side];
    this.said.push([...head, flags | done, taker.id, maker.id, ...rest, this.tradeNumber]);
  }

  settle(market: NaiveMarket, buyer: number, seller: number, lots: number, quote: bigint): void {
    this.move(market.listing.quote, buyer, seller, quote);
    this.move(market.listing.base, seller, buyer, BigInt(lots) * BigInt(market.listing.lot));
  }

  payFees(market: NaiveMarket, account: number, units: bigint): void {
    this.move(market.listing.quote, account, 1, units);
  }

  /** book.md §6.2: while any stop is due. */
  runStops(market: NaiveMarket): void {
    for (;;) {
      const next = this.dueStops(market)[0];
      if (next === undefined) return;
      this.drop(next);
      this.setOff(market, next);
    }
  }

  /**
   * Buys before sells, of buys the lowest trigger, of sells the highest, then who waits longest.
   */
  dueStops(market: NaiveMarket): NaiveOrder[] {
    const stops = this.orders.filter((order) => order.market === market.number && this.due(order));
    return stops.toSorted((a, b) => {
      if (a.side !== b.side) return a.side - b.side;
      return a.side === side.buy ? a.trigger - b.trigger : b.trigger - a.trigger;
    });
  }

  due(order: NaiveOrder): boolean {
    const { last, phase: now } = this.market(order.market);
    if (order.trigger === 0 || now !== phase.continuous || last === 0) return false;
    return order.side === side.buy ? last >= order.trigger : last <= order.trigger;
  }

  setOff(market: NaiveMarket, order: NaiveOrder): void {
    this.say(event.triggered, order, order.trigger, order.open);
    order.trigger = 0;
    order.stopHold = 0n;
    if (order.marketKind) order.price = collar(market, order.side === side.buy);
    if (this.fundsShort(market, order)) return this.endOrder(order, end.funds);
    this.incoming(order);
  }

  setPhase(market: NaiveMarket, to: number): void {
    market.phase = to;
    this.said.push([event.phase, market.number, to, market.last]);
  }

  /** phases.md §2. */
  uncross(market: NaiveMarket): void {
    for (;;) {
      const [buys, sells] = [this.queue(market.number, 0), this.queue(market.number, 1)];
      const [bid, ask] = [buys[0], sells[0]];
      if (bid === undefined || ask === undefined || bid.price < ask.price) return;
      const price = uncrossPrice(market, buys, sells);
      let volume = 0;
      for (;;) {
        const buy = this.queue(market.number, 0)[0];
        const sell = this.queue(market.number, 1)[0];
        if (!buy || !sell || buy.price < price || sell.price > price) break;
        volume += buy.account === sell.account ? this.prevent(buy, sell) : 0;
        if (buy.account === sell.account) continue;
        const lots = Math.min(buy.open, sell.open);
        volume += lots;
        this.pair(market, buy, sell, price, lots);
      }
      if (volume === 0) continue;
      market.last = price;
      market.reference = price;
      this.said.push([event.uncrossed, market.number, price, volume]);
    }
  }

  /** What the newer of the two asks for. Nothing trades. */
  prevent(buy: NaiveOrder, sell: NaiveOrder): number {
    const [newer, older] = buy.number > sell.number ? [buy, sell] : [sell, buy];
    const mode = newer.prevention;
    const ends =
      mode === prevention.both ? [buy, sell] : [mode === prevention.newest ? newer : older];
    for (const order of ends) this.endOrder(order, end.ownOrder);
    return 0;
  }

  pair(market: NaiveMarket, buy: NaiveOrder, sell: NaiveOrder, price: number, lots: number): void {
    const quote = this.notional(buy, lots, price);
    const buyFee = fee(buy.made, quote, buy.makerRate);
    const sellFee = fee(sell.made, quote, sell.makerRate);
    buy.made += quote;
    sell.made += quote;
    buy.open -= lots;
    sell.open -= lots;
    this.settle(market, buy.account, sell.account, lots, quote);
    this.payFees(market, buy.account, buyFee);
    this.payFees(market, sell.account, sellFee);
    const fees = [Number(buyFee), Number(sellFee)];
    this.tell(market, buy, sell, [tradeFlag.uncross, price, lots, ...fees]);
    for (const order of [buy, sell]) if (order.open === 0) this.drop(order);
  }

  /** Whether an order of these terms is taken in this phase. */
  taken(market: NaiveMarket, order: NaiveOrder): boolean {
    if (market.phase === phase.continuous) return true;
    if (!isCall(market.phase)) return false;
    const rests = order.tif === tif.gtc || order.tif === tif.day || order.tif === tif.gtd;
    return order.trigger !== 0 || (rests && !order.marketKind);
  }

  /** Price, limits and quantity, in the order of the list; 0 if they are right. */
  checkPrice(market: NaiveMarket, price: number): number {
    const { tick, priceMax, limitRate } = market.listing;
    if (price <= 0 || price % tick !== 0) return refusal.priceNotOnTick;
    if (price > priceMax) return refusal.priceTooHigh;
    return within(market.reference, limitRate, price, tick) ? 0 : refusal.priceOutsideLimits;
  }

  checkQuantity(market: NaiveMarket, quantity: number): number {
    if (quantity < market.listing.quantityMin) return refusal.quantityTooSmall;
    return quantity > market.listing.quantityMax ? refusal.quantityTooLarge : 0;
  }
}

/** Whether a price lies within `rate` of the reference, rounded inwards to the tick. */
function within(reference: number, rate: number, price: number, tick: number): boolean {
  if (reference === 0 || rate === 0) return true;
  const ticks = BigInt(reference / tick);
  const reach = Number((ticks * BigInt(rate)) / 1_000_000n) * tick;
  return Math.abs(price - reference) <= reach;
}

/** How far a market order goes. */
export function collar(market: NaiveMarket, buying: boolean): number {
  const { collarRate, tick, priceMax } = market.listing;
  const highest = priceMax - (priceMax % tick);
  const middle = market.last === 0 ? market.reference : market.last;
  if (collarRate === 0 || middle === 0) return buying ? highest : tick;
  const reach = Number((BigInt(middle / tick) * BigInt(collarRate)) / 1_000_000n) * tick;
  return buying ? Math.min(highest, middle + reach) : Math.max(tick, middle - reach);
}
