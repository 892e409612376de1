/** The commands of the slow floor (naive.ts), each as the pages have it. */
import { end, event } from "./events.ts";
import { kind, op, phase, side, tif } from "./command.ts";
import { collar, type NaiveFloor, type NaiveMarket, type NaiveOrder, type Told } from "./naive.ts";
import { refusal } from "./refusals.ts";

/** Does a command whole, after what is due before it; gives what it says. */
export function tellNaive(floor: NaiveFloor, told: Told): readonly (readonly number[])[] {
  floor.said = [];
  floor.time = told.time;
  performDue(floor);
  perform(floor, told);
  return floor.said;
}

function reject(floor: NaiveFloor, told: Told, why: number): void {
  floor.said.push([event.rejected, told.op, why, told.id]);
}

/** book.md §1.2. */
function performDue(floor: NaiveFloor): void {
  for (;;) {
    const [order] = floor.orders
      .filter(({ tif: force, expiry }) => force === tif.gtd && expiry <= floor.time)
      .toSorted((a, b) => a.expiry - b.expiry || a.number - b.number);
    const [fires] = [...floor.switches]
      .filter(([, when]) => when <= floor.time)
      .toSorted(([a, x], [b, y]) => x - y || a - b);
    if (order !== undefined && (fires === undefined || order.expiry <= fires[1])) {
      floor.endOrder(order, end.expired);
    } else if (fires !== undefined) {
      floor.switches.delete(fires[0]);
      floor.said.push([event.fired, fires[0]]);
      cancelAll(floor, fires[0], -1, -1);
    } else {
      return;
    }
  }
}

function perform(floor: NaiveFloor, told: Told): void {
  switch (told.op) {
    case op.enter:
      return enter(floor, told);
    case op.cancel:
    case op.replace:
    case op.reduce:
      return change(floor, told);
    case op.cancelAll:
      if (told.market !== -1 && floor.markets[told.market] === undefined) {
        return reject(floor, told, refusal.marketUnknown);
      }
      return cancelAll(floor, told.account, told.market, told.side);
    case op.cancelAfter:
      if (told.expiry !== 0 && told.expiry <= floor.time) {
        return reject(floor, told, refusal.expiryPassed);
      }
      floor.switches.delete(told.account);
      if (told.expiry !== 0) floor.switches.set(told.account, told.expiry);
      floor.said.push([event.switched, told.account, told.expiry]);
      return;
    case op.phase:
      return changePhase(floor, told);
    case op.reference:
      return reference(floor, told);
    default:
  }
}

/** book.md §8.1. */
function cancelAll(floor: NaiveFloor, account: number, market: number, of: number): void {
  const mine = floor.orders
    .filter((order) => order.account === account)
    .filter((order) => market === -1 || order.market === market)
    .filter((order) => of === -1 || order.side === of)
    .toSorted((a, b) => a.number - b.number);
  for (const order of mine) floor.endOrder(order, end.cancelled);
}

/** phases.md §1.4. */
function changePhase(floor: NaiveFloor, told: Told): void {
  const market = floor.markets[told.market];
  if (market === undefined) return reject(floor, told, refusal.marketUnknown);
  floor.setPhase(market, told.phase);
  if (told.phase !== phase.continuous && told.phase !== phase.closed) return;
  floor.uncross(market);
  if (told.phase === phase.continuous) return floor.runStops(market);
  const days = floor.orders
    .filter((order) => order.market === market.number && order.tif === tif.day)
    .toSorted((a, b) => a.number - b.number);
  for (const order of days) floor.endOrder(order, end.expired);
}

function reference(floor: NaiveFloor, told: Told): void {
  const market = floor.markets[told.market];
  if (market === undefined) return reject(floor, told, refusal.marketUnknown);
  if (told.price % market.listing.tick !== 0) return reject(floor, told, refusal.priceNotOnTick);
  if (told.price > market.listing.priceMax) return reject(floor, told, refusal.priceTooHigh);
  market.reference = told.price;
}

function newOrder(floor: NaiveFloor, market: NaiveMarket, told: Told): NaiveOrder {
  const marketKind = told.kind === kind.market;
  const buying = told.side === side.buy;
  const order: NaiveOrder = {
    id: told.id,
    number: floor.orderNumber + 1,
    account: told.account,
    market: told.market,
    side: told.side,
    tif: told.tif,
    prevention: told.prevention,
    marketKind,
    makerRate: market.listing.makerRate,
    expiry: told.tif === tif.gtd ? told.expiry : 0,
    trigger: told.trigger,
    stopHold: 0n,
    price: marketKind ? collar(market, buying) : told.price,
    open: told.quantity,
    requested: told.quantity,
    taken: 0n,
    made: 0n,
    cap: marketKind && buying ? BigInt(told.cap) : undefined,
  };
  if (order.cap === 0n && order.trigger === 0) order.cap = floor.free(order);
  return order;
}

function enter(floor: NaiveFloor, told: Told): void {
  const market = floor.markets[told.market];
  if (market === undefined) return reject(floor, told, refusal.marketUnknown);
  if (floor.orders.some((order) => order.id === told.id)) {
    return reject(floor, told, refusal.orderTaken);
  }
  const order = newOrder(floor, market, told);
  const why = admit(floor, market, order);
  if (why !== 0) return reject(floor, told, why);
  floor.orderNumber += 1;
  if (order.trigger === 0) {
    floor.incoming(order);
  } else if (floor.due(order)) {
    floor.setOff(market, order);
  } else {
    waitStop(floor, market, order);
  }
  floor.runStops(market);
}

function waitStop(floor: NaiveFloor, market: NaiveMarket, order: NaiveOrder): void {
  order.stopHold = floor.stopNeed(market, order);
  floor.orders.push(order);
  floor.say(event.waiting, order, order.trigger, order.open);
}

/** book.md §9, a new order. */
function admit(floor: NaiveFloor, market: NaiveMarket, order: NaiveOrder): number {
  if (!floor.taken(market, order)) return refusal.phaseForbids;
  const immediate = order.tif === tif.ioc || order.tif === tif.fok;
  const stop = order.trigger !== 0;
  if (order.marketKind && !stop && !immediate) return refusal.kindWrong;
  if (stop && (order.tif === tif.fok || order.tif === tif.postOnly)) return refusal.kindWrong;
  if (stop && order.cap === 0n) return refusal.kindWrong;
  const terms = checkAll(floor, market, order, order.open);
  if (terms !== 0) return terms;
  if (order.tif === tif.gtd && order.expiry <= floor.time) return refusal.expiryPassed;
  const open = floor.orders.filter(({ account }) => account === order.account).length;
  if (open >= floor.options.ordersOpenMax) return refusal.ordersOpenLimit;
  if (floor.tooLarge(market, order, order.price)) return refusal.amountTooLarge;
  if (order.tif === tif.postOnly && floor.opposite(order).length > 0) return refusal.wouldCross;
  if (floor.fundsShort(market, order)) return refusal.fundsShort;
  return order.tif === tif.fok && !floor.fillable(market, order) ? refusal.fokUnfillable : 0;
}

/** Trigger, price and quantity; a quantity of 0 was not asked for. */
function checkAll(
  floor: NaiveFloor,
  market: NaiveMarket,
  order: NaiveOrder,
  quantity: number,
): number {
  const { tick, priceMax } = market.listing;
  const isOff = (price: number): boolean => price <= 0 || price % tick !== 0;
  if (order.trigger !== 0 && isOff(order.trigger)) return refusal.priceNotOnTick;
  if (!order.marketKind && isOff(order.price)) return refusal.priceNotOnTick;
  if (order.trigger > priceMax) return refusal.priceTooHigh;
  const why = order.marketKind ? 0 : floor.checkPrice(market, order.price);
  if (why !== 0) return why;
  return quantity === 0 ? 0 : floor.checkQuantity(market, quantity);
}

/** book.md §4. */
function change(floor: NaiveFloor, told: Told): void {
  const order = floor.orders.find(({ id, account }) => id === told.id && account === told.account);
  if (order === undefined) return reject(floor, told, refusal.orderNotOpen);
  if (told.op === op.cancel) return floor.endOrder(order, end.cancelled);
  const market = floor.market(order.market);
  if (told.op === op.reduce) {
    if (told.quantity >= order.open) return floor.endOrder(order, end.cancelled);
    order.requested -= told.quantity;
    return shrink(floor, market, order, order.open - told.quantity);
  }
  if (market.phase === phase.closed || market.phase === phase.halt) {
    return reject(floor, told, refusal.phaseForbids);
  }
  const filled = order.requested - order.open;
  const open = told.quantity === 0 ? order.open : told.quantity - filled;
  if (open <= 0) return floor.endOrder(order, end.cancelled);
  const price = told.price === 0 || order.marketKind ? order.price : told.price;
  if (order.trigger === 0 && price === order.price && open <= order.open) {
    const why = told.quantity === 0 ? 0 : floor.checkQuantity(market, told.quantity);
    if (why !== 0) return reject(floor, told, why);
    order.requested = filled + open;
    restate(order, told);
    return shrink(floor, market, order, open);
  }
  requeue(floor, told, order, { price, open });
}

function shrink(floor: NaiveFloor, market: NaiveMarket, order: NaiveOrder, open: number): void {
  order.open = open;
  const need = floor.stopNeed(market, order);
  if (order.trigger !== 0 && need < order.stopHold) order.stopHold = need;
  const price = order.trigger === 0 ? order.price : order.trigger;
  floor.say(event.reduced, order, price, open);
}

/** Admitted as it will stand; refused, it stays as it was. */
function requeue(
  floor: NaiveFloor,
  told: Told,
  order: NaiveOrder,
  { price, open }: { readonly price: number; readonly open: number },
): void {
  const market = floor.market(order.market);
  const old = { price: order.price, open: order.open, trigger: order.trigger };
  if (order.trigger !== 0 && told.trigger !== 0) order.trigger = told.trigger;
  order.price = price;
  order.open = open;
  const why = admitAgain(floor, told, market, order);
  if (why !== 0) {
    Object.assign(order, old);
    return reject(floor, told, why);
  }
  floor.drop(order);
  order.requested += open - old.open;
  if (order.trigger === 0) {
    restate(order, told);
    floor.incoming(order);
  } else if (floor.due(order)) {
    floor.setOff(market, order);
  } else {
    waitStop(floor, market, order);
  }
  floor.runStops(market);
}

/** A replaced order is POST_ONLY if the command says so, and not if it does not. */
function restate(order: NaiveOrder, told: Told): void {
  if (order.tif !== tif.gtc && order.tif !== tif.postOnly) return;
  order.tif = told.tif === tif.postOnly ? tif.postOnly : tif.gtc;
}

function admitAgain(floor: NaiveFloor, told: Told, market: NaiveMarket, order: NaiveOrder): number {
  const terms = checkAll(floor, market, order, told.quantity);
  if (terms !== 0) return terms;
  if (floor.tooLarge(market, order, order.price)) return refusal.amountTooLarge;
  const crosses = floor.opposite(order).length > 0 && market.phase === phase.continuous;
  const plain = order.trigger === 0 && told.tif === tif.postOnly;
  if (plain && crosses) return refusal.wouldCross;
  return floor.fundsShort(market, order) ? refusal.fundsShort : 0;
}
