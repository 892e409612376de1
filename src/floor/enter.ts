/**
 * New orders: written into a slot, admitted or refused, then matched, collected or left to wait
 * (docs/spec/book.md). `incoming` is also the way of a replaced order and of a stop that was set
 * off.
 */
import { assert } from "../codec/assert.ts";
import { int, num } from "../codec/columns.ts";
import { coldColumn, hotColumn, linkColumn } from "../book/orders.ts";
import { amountMax } from "../money/amount.ts";
import {
  checkAmounts,
  checkFunds,
  checkQuantity,
  checkTerms,
  fillable,
  stopNeed,
} from "./admit.ts";
import { field, kind, phase, side, tif } from "./command.ts";
import { end, event } from "./events.ts";
import { flag, type Floor } from "./floor.ts";
import { finish, forget, hold, release, rest, wait } from "./lifecycle.ts";
import { isCall, type Market } from "./market.ts";
import { crosses, match, outcome } from "./match.ts";
import { refusal } from "./refusals.ts";

/** Refuses the command in hand. */
export function reject(floor: Floor, market: number, why: number): void {
  const { command, events } = floor;
  const at = events.next();
  events.setInts(at, event.rejected, market, num(command, field.account), 0);
  events.setFlags(at, num(command, field.op), why);
  events.setIds(at, num(command, field.id), 0);
}

/** The command `enter`. */
export function enter(floor: Floor): void {
  const { command, orders } = floor;
  const number = num(command, field.market);
  const market = floor.markets[number];
  if (market === undefined) return reject(floor, number, refusal.marketUnknown);
  if (floor.ids.find(num(command, field.id)) !== 0) {
    return reject(floor, number, refusal.orderTaken);
  }
  const slot = orders.take();
  write(floor, market, slot);
  const why = admit(floor, market, slot);
  if (why !== 0) {
    orders.give(slot);
    return reject(floor, number, why);
  }
  floor.orderNumber += 1;
  orders.cold[(slot << 3) + coldColumn.number] = floor.orderNumber;
  if (market.stops !== 0) floor.tasks.push({ kind: "stops", market: number });
  const flags = int(orders.links, (slot << 4) + linkColumn.flags);
  if ((flags & flag.waiting) === 0) return incoming(floor, market, slot);
  if (isDue(floor, market, slot)) return setOff(floor, market, slot);
  const limit = num(orders.cold, (slot << 3) + coldColumn.trigger);
  hold(floor, slot, stopNeed(floor, market, slot, limit));
  wait(floor, market, slot);
}

/** Writes the command's order into a slot. A stop's `ticks` is its trigger while it waits. */
function write(floor: Floor, market: Market, slot: number): void {
  const { command } = floor;
  const { hot, links, cold } = floor.orders;
  const account = num(command, field.account);
  assert(account > 1 && account < floor.accounts.count, "an account that trades exists");
  const selling = num(command, field.side) === side.sell;
  const force = num(command, field.tif);
  const trigger = num(command, field.trigger);
  const cap = num(command, field.cap);
  let flags = (market.number << flag.marketShift) | (force << flag.tifShift);
  flags |= num(command, field.prevention) << flag.preventionShift;
  if (selling) flags |= flag.side;
  let ticks = num(command, field.price);
  if (market.tick !== 1) ticks /= market.tick;
  if (num(command, field.kind) === kind.market) {
    flags |= flag.market;
    ticks = market.collar(!selling);
    if (!selling) flags |= flag.capped;
  }
  if (trigger !== 0) flags |= flag.waiting;
  const quantity = num(command, field.quantity);
  const first = slot << 3;
  hot[first + hotColumn.ticks] = trigger === 0 ? ticks : trigger / market.tick;
  hot[first + hotColumn.open] = quantity;
  hot[first + hotColumn.held] = 0;
  hot[first + hotColumn.id] = num(command, field.id);
  cold[first + coldColumn.expiry] = force === tif.gtd ? num(command, field.expiry) : 0;
  cold[first + coldColumn.trigger] = trigger === 0 ? 0 : ticks;
  cold[first + coldColumn.requested] = quantity;
  cold[first + coldColumn.taken] = 0;
  cold[first + coldColumn.made] = 0;
  const place = floor.balances.place(account, selling ? market.base : market.quote);
  cold[first + coldColumn.cap] = 0;
  if ((flags & flag.capped) !== 0) {
    cold[first + coldColumn.cap] = cap === 0 && trigger === 0 ? floor.balances.free(place) : cap;
  }
  links[(slot << 4) + linkColumn.account] = account;
  links[(slot << 4) + linkColumn.balance] = place;
  links[(slot << 4) + linkColumn.flags] = flags;
  links[(slot << 4) + linkColumn.makerRate] = market.makerRate;
}

/** Every check of a new order, in the order of the list. */
function admit(floor: Floor, market: Market, slot: number): number {
  const { command } = floor;
  const { hot, links, cold } = floor.orders;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const force = (flags >> flag.tifShift) & flag.tifMask;
  const plain = (flags & (flag.waiting | flag.market)) === 0;
  if (market.phase !== phase.continuous && !isCollected(market, flags, force)) {
    return refusal.phaseForbids;
  }
  const ticks = num(hot, (slot << 3) + hotColumn.ticks);
  const open = num(hot, (slot << 3) + hotColumn.open);
  assert(Math.floor(open) === open, "a quantity is of whole lots");
  const why = plain ? checkTerms(market, ticks, open) : checkUnusual(floor, market, slot);
  if (why !== 0) return why;
  if (force === tif.gtd && num(cold, (slot << 3) + coldColumn.expiry) <= floor.time) {
    return refusal.expiryPassed;
  }
  const account = num(command, field.account);
  if (int(floor.accounts.opens, account) >= floor.options.ordersOpenMax) {
    return refusal.ordersOpenLimit;
  }
  if ((flags & flag.waiting) !== 0) return admitStop(floor, market, slot);
  const amounts = checkAmounts(market, floor, slot);
  if (amounts !== 0) return amounts;
  if (force === tif.postOnly && crosses(market, ticks, (flags & flag.side) === 0)) {
    return refusal.wouldCross;
  }
  const funds = checkFunds(floor, market, slot);
  if (funds !== 0) return funds;
  return force === tif.fok && !fillable(floor, market, slot) ? refusal.fokUnfillable : 0;
}

/** Whether an order is taken outside of the continuous phase: in a call, to rest or to wait. */
function isCollected(market: Market, flags: number, force: number): boolean {
  if (!isCall(market.phase)) return false;
  if ((flags & flag.waiting) !== 0) return true;
  const rests = force === tif.gtc || force === tif.day || force === tif.gtd;
  return rests && (flags & flag.market) === 0;
}

/** The terms of market orders and stops. */
function checkUnusual(floor: Floor, market: Market, slot: number): number {
  const { hot, links, cold } = floor.orders;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const force = (flags >> flag.tifShift) & flag.tifMask;
  const priced = (flags & flag.market) === 0;
  const waits = (flags & flag.waiting) !== 0;
  if (!priced && !waits && force !== tif.ioc && force !== tif.fok) return refusal.kindWrong;
  if (waits && (force === tif.fok || force === tif.postOnly)) return refusal.kindWrong;
  const capped = (flags & flag.capped) !== 0;
  const cap = num(cold, (slot << 3) + coldColumn.cap);
  if (waits && capped && cap === 0) return refusal.kindWrong;
  assert(cap <= amountMax, "a cap is an amount");
  const open = num(hot, (slot << 3) + hotColumn.open);
  if (waits) {
    const why = checkTrigger(market, num(hot, (slot << 3) + hotColumn.ticks));
    if (why !== 0) return why;
  }
  if (!priced) return checkQuantity(market, open);
  const ticks = (slot << 3) + (waits ? coldColumn.trigger : hotColumn.ticks);
  return checkTerms(market, num(waits ? cold : hot, ticks), open);
}

/** A trigger is a price on the tick and below the highest; it may lie outside the limits. */
export function checkTrigger(market: Market, trigger: number): number {
  if (!(trigger > 0) || trigger !== Math.floor(trigger)) return refusal.priceNotOnTick;
  return trigger > market.ticksMax ? refusal.priceTooHigh : 0;
}

/** What a stop can cost at worst must be free. */
export function admitStop(floor: Floor, market: Market, slot: number): number {
  const { hot, links, cold } = floor.orders;
  const ticks = (slot << 3) + hotColumn.ticks;
  const trigger = num(hot, ticks);
  const limit = num(cold, (slot << 3) + coldColumn.trigger);
  hot[ticks] = limit;
  const why = checkAmounts(market, floor, slot);
  hot[ticks] = trigger;
  if (why !== 0) return why;
  const need = stopNeed(floor, market, slot, limit);
  const own = num(hot, (slot << 3) + hotColumn.held);
  const place = int(links, (slot << 4) + linkColumn.balance);
  return need > floor.balances.free(place) + own ? refusal.fundsShort : 0;
}

/** Whether a waiting stop is due at the last trade's price, while the market trades. */
export function isDue(floor: Floor, market: Market, slot: number): boolean {
  if (market.phase !== phase.continuous || market.last === 0) return false;
  const trigger = num(floor.orders.hot, (slot << 3) + hotColumn.ticks);
  const selling = (int(floor.orders.links, (slot << 4) + linkColumn.flags) & flag.side) === 1;
  return selling ? market.last <= trigger : market.last >= trigger;
}

/**
 * A stop that stands in no ladder goes in as an order: its limit is a price again, and what it held
 * is free to pay with.
 */
export function setOff(floor: Floor, market: Market, slot: number): void {
  const { hot, links, cold } = floor.orders;
  const { events } = floor;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const at = events.next();
  const ticks = (slot << 3) + hotColumn.ticks;
  const trigger = num(hot, ticks);
  events.setInts(
    at,
    event.triggered,
    market.number,
    int(links, (slot << 4) + linkColumn.account),
    0,
  );
  events.setFlags(at, flags & flag.side, 0);
  events.setIds(at, num(hot, (slot << 3) + hotColumn.id), 0);
  events.setTerms(at, trigger * market.tick, num(hot, (slot << 3) + hotColumn.open));
  release(floor, slot);
  links[(slot << 4) + linkColumn.flags] = flags & ~flag.waiting;
  const buying = (flags & flag.side) === 0;
  const priced = (flags & flag.market) === 0;
  hot[ticks] = priced
    ? num(cold, (slot << 3) + coldColumn.trigger)
    : market.collar(buying);
  cold[(slot << 3) + coldColumn.trigger] = 0;
  if (checkFunds(floor, market, slot) !== 0) return finish(floor, market, slot, end.funds);
  incoming(floor, market, slot);
}

/** An admitted order that stands in no ladder and holds nothing: collected, or matched. */
export function incoming(floor: Floor, market: Market, slot: number): void {
  if (market.phase !== phase.continuous) return rest(floor, market, slot);
  goOn(floor, market, slot);
}

/** Matches an order, and does what is to be done with its rest; or it is to be gone on with. */
export function goOn(floor: Floor, market: Market, slot: number): void {
  const came = match(floor, market, slot);
  const { hot, links } = floor.orders;
  if (num(hot, (slot << 3) + hotColumn.open) === 0) return forget(floor, market, slot);
  if (came === outcome.suspended) {
    floor.tasks.push({ kind: "match", market: market.number, slot });
    return;
  }
  if (came === outcome.ownOrder) return finish(floor, market, slot, end.ownOrder);
  if (came === outcome.cap) return finish(floor, market, slot, end.cap);
  if (came === outcome.band) setPhase(floor, market, phase.volatilityCall);
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const force = (flags >> flag.tifShift) & flag.tifMask;
  if ((flags & flag.market) !== 0 || force === tif.ioc) {
    return finish(floor, market, slot, end.immediate);
  }
  rest(floor, market, slot);
}

/** A market is in another phase from now on. */
export function setPhase(floor: Floor, market: Market, to: number): void {
  market.phase = to;
  const at = floor.events.next();
  floor.events.setInts(at, event.phase, market.number, 0, 0);
  floor.events.setFlags(at, 0, to);
  floor.events.setTerms(at, market.last * market.tick, 0);
}
