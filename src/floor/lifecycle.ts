/**
 * An order comes to rest and leaves: the ladder, the hold, the ids, its account's list, the DAY
 * orders, the expiries and the event always change together, here.
 */
import { assert } from "../codec/assert.ts";
import { int, num } from "../codec/columns.ts";
import { Ladder } from "../book/ladder.ts";
import { chainColumn, coldColumn, hotColumn, linkColumn } from "../book/orders.ts";
import { feeOfPart } from "../money/fee.ts";
import { tif } from "./command.ts";
import { event } from "./events.ts";
import { flag, marketOf, type Floor } from "./floor.ts";
import type { Market } from "./market.ts";

/** The ladder in which an order with these flags stands. */
export function ladderOf(floor: Floor, market: Market, flags: number): Ladder {
  const selling = (flags & flag.side) === 1;
  if ((flags & flag.waiting) === 0) return selling ? market.sells : market.buys;
  // A sell stop waits for prices to fall: the highest trigger is next.
  market.buyStops ??= new Ladder(floor.orders, -1);
  market.sellStops ??= new Ladder(floor.orders, 1);
  return selling ? market.sellStops : market.buyStops;
}

/** What a resting order needs held: its base, or the notional at its limit and the maker fee. */
export function needOf(floor: Floor, market: Market, slot: number): number {
  const { hot, cold, links } = floor.orders;
  const open = num(hot, (slot << 3) + hotColumn.open);
  if ((int(links, (slot << 4) + linkColumn.flags) & flag.side) === 1) return open * market.lot;
  const rest = open * num(hot, (slot << 3) + hotColumn.ticks) * market.unitTick;
  const rate = int(links, (slot << 4) + linkColumn.makerRate);
  if (rate === 0) return rest;
  return rest + feeOfPart(num(cold, (slot << 3) + coldColumn.made), rest, rate);
}

/** Puts an order to rest at its price, with its hold. */
export function rest(floor: Floor, market: Market, slot: number): void {
  const need = needOf(floor, market, slot);
  hold(floor, slot, need);
  const { links } = floor.orders;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const ladder = (flags & flag.side) === 1 ? market.sells : market.buys;
  ladder.push(slot);
  if ((flags & flag.entered) === 0) enterIndexes(floor, market, slot, flags);
  say(floor, market, slot, event.rested);
}

/** Puts a stop to wait at its trigger; its hold is the caller's. */
export function wait(floor: Floor, market: Market, slot: number): void {
  const flags = int(floor.orders.links, (slot << 4) + linkColumn.flags);
  assert((flags & flag.waiting) !== 0, "only stops wait");
  ladderOf(floor, market, flags).push(slot);
  market.stops += 1;
  if ((flags & flag.entered) === 0) enterIndexes(floor, market, slot, flags);
  say(floor, market, slot, event.waiting);
}

/** Takes an order out of its ladder; it stays known, and keeps its hold. */
export function lift(floor: Floor, market: Market, slot: number): void {
  const flags = int(floor.orders.links, (slot << 4) + linkColumn.flags);
  if ((flags & flag.waiting) !== 0) {
    ladderOf(floor, market, flags).remove(slot);
    market.stops -= 1;
  } else if ((flags & flag.side) === 1) {
    market.sells.remove(slot);
  } else {
    market.buys.remove(slot);
  }
}

/** Sets aside for an order that holds nothing. */
export function hold(floor: Floor, slot: number, units: number): void {
  floor.orders.hot[(slot << 3) + hotColumn.held] = units;
  floor.balances.hold(int(floor.orders.links, (slot << 4) + linkColumn.balance), units);
}

/** Lets go of all that an order holds. */
export function release(floor: Floor, slot: number): void {
  const { hot, links } = floor.orders;
  const at = (slot << 3) + hotColumn.held;
  const held = num(hot, at);
  if (held === 0) return;
  floor.balances.hold(int(links, (slot << 4) + linkColumn.balance), -held);
  hot[at] = 0;
}

/** Takes an order that stands in a ladder out for good, and says why. */
export function takeOut(floor: Floor, slot: number, why: number): void {
  const flags = int(floor.orders.links, (slot << 4) + linkColumn.flags);
  const market = marketOf(floor, flags >>> flag.marketShift);
  lift(floor, market, slot);
  finish(floor, market, slot, why);
}

/** The end of an order that stands in no ladder: says why, and forgets it. */
export function finish(floor: Floor, market: Market, slot: number, why: number): void {
  const { hot, links } = floor.orders;
  const { events } = floor;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const at = events.next();
  events.setInts(at, event.ended, market.number, int(links, (slot << 4) + linkColumn.account), 0);
  events.setFlags(at, flags & flag.side, why);
  events.setIds(at, num(hot, (slot << 3) + hotColumn.id), 0);
  const ticks = num(hot, (slot << 3) + hotColumn.ticks);
  events.setTerms(at, ticks * market.tick, num(hot, (slot << 3) + hotColumn.open));
  forget(floor, market, slot);
}

/** Forgets an order that stands in no ladder; what it holds is let go. */
export function forget(floor: Floor, market: Market, slot: number): void {
  release(floor, slot);
  const flags = int(floor.orders.links, (slot << 4) + linkColumn.flags);
  if ((flags & flag.entered) !== 0) leaveIndexes(floor, market, slot, flags);
  floor.orders.give(slot);
}

/** Tells where an order stands now. */
export function say(floor: Floor, market: Market, slot: number, what: number): void {
  const { hot, links } = floor.orders;
  const { events } = floor;
  const at = events.next();
  events.setInts(at, what, market.number, int(links, (slot << 4) + linkColumn.account), 0);
  events.setFlags(at, int(links, (slot << 4) + linkColumn.flags) & flag.side, 0);
  events.setIds(at, num(hot, (slot << 3) + hotColumn.id), 0);
  const ticks = num(hot, (slot << 3) + hotColumn.ticks);
  events.setTerms(at, ticks * market.tick, num(hot, (slot << 3) + hotColumn.open));
}

/** Makes an order known; its account's list is in order of number, as numbers only rise. */
function enterIndexes(floor: Floor, market: Market, slot: number, flags: number): void {
  const { links, cold } = floor.orders;
  const { accounts } = floor;
  links[(slot << 4) + linkColumn.flags] = flags | flag.entered;
  floor.ids.add(slot);
  const account = int(links, (slot << 4) + linkColumn.account);
  const before = int(accounts.lasts, account);
  if (before === 0) accounts.firsts[account] = slot;
  else links[(before << 4) + linkColumn.mineNext] = slot;
  links[(slot << 4) + linkColumn.minePrev] = before;
  links[(slot << 4) + linkColumn.mineNext] = 0;
  accounts.lasts[account] = slot;
  accounts.opens[account] = int(accounts.opens, account) + 1;
  const force = (flags >> flag.tifShift) & flag.tifMask;
  if (force < tif.day) return;
  if (force === tif.gtd) {
    floor.expiries.add(slot);
    floor.due = Math.min(floor.due, num(cold, (slot << 3) + coldColumn.expiry));
  } else {
    enterDay(floor, market, slot);
  }
}

function leaveIndexes(floor: Floor, market: Market, slot: number, flags: number): void {
  const { links } = floor.orders;
  const { accounts } = floor;
  floor.ids.remove(slot);
  const account = int(links, (slot << 4) + linkColumn.account);
  const next = int(links, (slot << 4) + linkColumn.mineNext);
  const prev = int(links, (slot << 4) + linkColumn.minePrev);
  if (prev === 0) accounts.firsts[account] = next;
  else links[(prev << 4) + linkColumn.mineNext] = next;
  if (next === 0) accounts.lasts[account] = prev;
  else links[(next << 4) + linkColumn.minePrev] = prev;
  accounts.opens[account] = int(accounts.opens, account) - 1;
  const force = (flags >> flag.tifShift) & flag.tifMask;
  if (force < tif.day) return;
  if (force === tif.gtd) floor.expiries.remove(slot);
  else leaveDay(floor, market, slot);
}

/** The market's DAY orders, in order of number as well. */
function enterDay(floor: Floor, market: Market, slot: number): void {
  const { chains } = floor.orders;
  const before = market.dayLast;
  if (before === 0) market.dayFirst = slot;
  else chains[(before << 4) + chainColumn.after] = slot;
  chains[(slot << 4) + chainColumn.before] = before;
  chains[(slot << 4) + chainColumn.after] = 0;
  market.dayLast = slot;
}

function leaveDay(floor: Floor, market: Market, slot: number): void {
  const { chains } = floor.orders;
  const after = int(chains, (slot << 4) + chainColumn.after);
  const before = int(chains, (slot << 4) + chainColumn.before);
  if (before === 0) market.dayFirst = after;
  else chains[(before << 4) + chainColumn.after] = after;
  if (after === 0) market.dayLast = before;
  else chains[(after << 4) + chainColumn.before] = before;
}
