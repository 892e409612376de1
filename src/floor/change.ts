/** Commands about open orders: cancel, reduce, replace (docs/spec/book.md §4, §8). */
import { int, num } from "../codec/columns.ts";
import { coldColumn, hotColumn, linkColumn } from "../book/orders.ts";
import {
  checkAmounts,
  checkFunds,
  checkPrice,
  checkQuantity,
  checkTerms,
  stopNeed,
} from "./admit.ts";
import { field, phase, tif } from "./command.ts";
import { admitStop, checkTrigger, incoming, isDue, reject, setOff } from "./enter.ts";
import { end, event } from "./events.ts";
import { flag, marketOf, type Floor } from "./floor.ts";
import { hold, ladderOf, lift, needOf, release, say, takeOut, wait } from "./lifecycle.ts";
import type { Market } from "./market.ts";
import { crosses } from "./match.ts";
import { refusal } from "./refusals.ts";

/** The slot of the order that the command names, or 0 if its account has none of that id. */
function named(floor: Floor): number {
  const slot = floor.ids.find(num(floor.command, field.id));
  if (slot === 0) return 0;
  const account = int(floor.orders.links, (slot << 4) + linkColumn.account);
  return account === num(floor.command, field.account) ? slot : 0;
}

export function cancel(floor: Floor): void {
  const slot = named(floor);
  if (slot === 0) return reject(floor, 0, refusal.orderNotOpen);
  takeOut(floor, slot, end.cancelled);
}

export function reduce(floor: Floor): void {
  const slot = named(floor);
  if (slot === 0) return reject(floor, 0, refusal.orderNotOpen);
  const { hot, cold, links } = floor.orders;
  const open = num(hot, (slot << 3) + hotColumn.open);
  const by = num(floor.command, field.quantity);
  if (by >= open) return takeOut(floor, slot, end.cancelled);
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const market = marketOf(floor, flags >>> flag.marketShift);
  const requested = (slot << 3) + coldColumn.requested;
  cold[requested] = num(cold, requested) - by;
  shrink(floor, market, slot, open - by);
}

/** A standing order has `open` left from now on, and keeps its place. */
function shrink(floor: Floor, market: Market, slot: number, open: number): void {
  const { hot, cold, links } = floor.orders;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const at = (slot << 3) + hotColumn.open;
  ladderOf(floor, market, flags).lower(slot, num(hot, at) - open);
  hot[at] = open;
  const held = (slot << 3) + hotColumn.held;
  const need =
    (flags & flag.waiting) === 0
      ? needOf(floor, market, slot)
      : stopNeedNow(floor, market, slot, num(cold, (slot << 3) + coldColumn.trigger));
  floor.balances.hold(int(links, (slot << 4) + linkColumn.balance), need - num(hot, held));
  hot[held] = need;
  say(floor, market, slot, event.reduced);
}

/** What a smaller stop needs at the fees of today, but no more than it holds. */
function stopNeedNow(floor: Floor, market: Market, slot: number, limit: number): number {
  const held = num(floor.orders.hot, (slot << 3) + hotColumn.held);
  return Math.min(held, stopNeed(floor, market, slot, limit));
}

export function replace(floor: Floor): void {
  const { command } = floor;
  const slot = named(floor);
  if (slot === 0) return reject(floor, 0, refusal.orderNotOpen);
  const { hot, cold, links } = floor.orders;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const market = marketOf(floor, flags >>> flag.marketShift);
  if (market.phase === phase.closed || market.phase === phase.halt) {
    return reject(floor, market.number, refusal.phaseForbids);
  }
  const quantity = num(command, field.quantity);
  const open = num(hot, (slot << 3) + hotColumn.open);
  const filled = num(cold, (slot << 3) + coldColumn.requested) - open;
  const left = quantity === 0 ? open : quantity - filled;
  if (left <= 0) return takeOut(floor, slot, end.cancelled);
  if ((flags & flag.waiting) !== 0) return replaceStop(floor, market, slot, left);
  const price = num(command, field.price);
  const ticks = num(hot, (slot << 3) + hotColumn.ticks);
  const next = price === 0 ? ticks : market.tick === 1 ? price : price / market.tick;
  if (next === ticks && left <= open) {
    const why = quantity === 0 ? 0 : checkQuantity(market, quantity);
    if (why !== 0) return reject(floor, market.number, why);
    cold[(slot << 3) + coldColumn.requested] = filled + left;
    return shrink(floor, market, slot, left);
  }
  requeue(floor, market, slot, next, left);
}

/** A replaced order is admitted as it will stand; its row is put back if it is refused. */
function requeue(floor: Floor, market: Market, slot: number, ticks: number, open: number): void {
  const { hot, cold } = floor.orders;
  const first = slot << 3;
  const oldTicks = num(hot, first + hotColumn.ticks);
  const oldOpen = num(hot, first + hotColumn.open);
  hot[first + hotColumn.ticks] = ticks;
  hot[first + hotColumn.open] = open;
  const why = admitReplaced(floor, market, slot);
  hot[first + hotColumn.ticks] = oldTicks;
  hot[first + hotColumn.open] = oldOpen;
  if (why !== 0) return reject(floor, market.number, why);
  lift(floor, market, slot);
  release(floor, slot);
  hot[first + hotColumn.ticks] = ticks;
  hot[first + hotColumn.open] = open;
  cold[first + coldColumn.requested] = num(cold, first + coldColumn.requested) + open - oldOpen;
  if (market.stops !== 0) floor.tasks.push({ kind: "stops", market: market.number });
  incoming(floor, market, slot);
}

function admitReplaced(floor: Floor, market: Market, slot: number): number {
  const { hot, links } = floor.orders;
  const quantity = num(floor.command, field.quantity);
  const ticks = num(hot, (slot << 3) + hotColumn.ticks);
  const terms =
    quantity === 0 ? checkPrice(market, ticks) : checkTerms(market, ticks, quantity);
  if (terms !== 0) return terms;
  const amounts = checkAmounts(market, floor, slot);
  if (amounts !== 0) return amounts;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const force = (flags >> flag.tifShift) & flag.tifMask;
  const buying = (flags & flag.side) === 0;
  const trading = market.phase === phase.continuous;
  if (force === tif.postOnly && trading && crosses(market, ticks, buying)) {
    return refusal.wouldCross;
  }
  return checkFunds(floor, market, slot);
}

/** A waiting stop gets another limit, quantity or trigger, and goes behind the others there. */
function replaceStop(floor: Floor, market: Market, slot: number, open: number): void {
  const { command } = floor;
  const { hot, cold, links } = floor.orders;
  const first = slot << 3;
  const old = {
    trigger: num(hot, first + hotColumn.ticks),
    open: num(hot, first + hotColumn.open),
    limit: num(cold, first + coldColumn.trigger),
  };
  const [price, trigger] = [num(command, field.price), num(command, field.trigger)];
  const priced = (int(links, (slot << 4) + linkColumn.flags) & flag.market) === 0;
  hot[first + hotColumn.ticks] = trigger === 0 ? old.trigger : trigger / market.tick;
  hot[first + hotColumn.open] = open;
  if (price !== 0 && priced) cold[first + coldColumn.trigger] = price / market.tick;
  const why = admitReplacedStop(floor, market, slot);
  const terms = {
    trigger: num(hot, first + hotColumn.ticks),
    limit: num(cold, first + coldColumn.trigger),
  };
  hot[first + hotColumn.ticks] = old.trigger;
  hot[first + hotColumn.open] = old.open;
  cold[first + coldColumn.trigger] = old.limit;
  if (why !== 0) return reject(floor, market.number, why);
  lift(floor, market, slot);
  release(floor, slot);
  hot[first + hotColumn.ticks] = terms.trigger;
  hot[first + hotColumn.open] = open;
  cold[first + coldColumn.trigger] = terms.limit;
  cold[first + coldColumn.requested] = open;
  if (isDue(floor, market, slot)) {
    floor.tasks.push({ kind: "stops", market: market.number });
    return setOff(floor, market, slot);
  }
  hold(floor, slot, stopNeed(floor, market, slot, terms.limit));
  wait(floor, market, slot);
}

function admitReplacedStop(floor: Floor, market: Market, slot: number): number {
  const { hot, cold, links } = floor.orders;
  const quantity = num(floor.command, field.quantity);
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const trigger = checkTrigger(market, num(hot, (slot << 3) + hotColumn.ticks));
  if (trigger !== 0) return trigger;
  if ((flags & flag.market) === 0) {
    const why = checkPrice(market, num(cold, (slot << 3) + coldColumn.trigger));
    if (why !== 0) return why;
  }
  const why = quantity === 0 ? 0 : checkQuantity(market, quantity);
  return why === 0 ? admitStop(floor, market, slot) : why;
}
