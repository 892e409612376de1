/**
 * An order comes to rest and leaves: the ladder, the hold, the ids, its account's list, the DAY
 * orders, the expiries and the event always change together, here.
 */
import { assert } from "../codec/assert.ts";
import { Ladder } from "../book/ladder.ts";
import { chainColumn, coldColumn, hotColumn, linkColumn } from "../book/orders.ts";
import { feeOfPart } from "../money/fee.ts";
import { tif } from "./command.ts";
import { event } from "./events.ts";
import { accountColumn, flag, marketOf, type Floor } from "./floor.ts";
import type { Market } from "./market.ts";
const { first: accountFirst, last: accountLast, opens: accountOpens } = accountColumn;
const { held: hotHeld, id: hotId, open: hotOpen, ticks: hotTicks } = hotColumn;
const {
  account: linkAccount,
  balance: linkBalance,
  flags: linkFlags,
  makerRate: linkMakerRate,
  mineNext: linkMineNext,
  minePrev: linkMinePrev,
} = linkColumn;
const { expiry: coldExpiry, made: coldMade } = coldColumn;
const { after: chainAfter, before: chainBefore } = chainColumn;
const {
  entered: flagEntered,
  marketShift: flagMarketShift,
  side: flagSide,
  tifMask: flagTifMask,
  tifShift: flagTifShift,
  traded: flagTraded,
  waiting: flagWaiting,
} = flag;
const { day: tifDay, gtd: tifGtd } = tif;
const { ended: eventEnded, rested: eventRested, waiting: eventWaiting } = event;

/** The ladder in which an order with these flags stands. */
export function ladderOf(floor: Floor, market: Market, flags: number): Ladder {
  const selling = (flags & flagSide) === 1;
  if ((flags & flagWaiting) === 0) return selling ? market.sells : market.buys;
  // A sell stop waits for prices to fall: the highest trigger is next.
  market.buyStops ??= new Ladder(floor.orders, -1);
  market.sellStops ??= new Ladder(floor.orders, 1);
  return selling ? market.sellStops : market.buyStops;
}

/** What a resting order needs held: its base, or the notional at its limit and the maker fee. */
export function needOf(floor: Floor, market: Market, slot: number): number {
  lookUpNeed(floor, market, slot);
  return floor.cost[0] ?? 0;
}

/** The same into `floor.cost`: a number that is returned may have to be put on the heap. */
function lookUpNeed(floor: Floor, market: Market, slot: number): void {
  const { cost } = floor;
  const { hot, cold, links } = floor.orders;
  const open = hot[(slot << 3) | hotOpen] ?? 0;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  if ((flags & flagSide) === 1) {
    cost[0] = open * market.lot;
    return;
  }
  const rest = open * (hot[(slot << 3) | hotTicks] ?? 0) * market.unitTick;
  const rate = links[(slot << 4) | linkMakerRate] ?? 0;
  const made = (flags & flagTraded) === 0 ? 0 : (cold[(slot << 3) | coldMade] ?? 0);
  cost[0] = rest + feeOfPart(made, rest, rate);
}

/** Puts an order that stands in no ladder to rest at its price, with its hold. */
export function rest(floor: Floor, market: Market, slot: number): void {
  lookUpNeed(floor, market, slot);
  settleDown(floor, market, slot);
}

/** The same, of an order whose need `floor.cost` is. */
export function settleDown(floor: Floor, market: Market, slot: number): void {
  const { hot, links } = floor.orders;
  const held = (slot << 3) | hotHeld;
  const need = floor.cost[0] ?? 0;
  floor.balances.hold(links[(slot << 4) | linkBalance] ?? 0, need - (hot[held] ?? 0));
  hot[held] = need;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const ladder = (flags & flagSide) === 1 ? market.sells : market.buys;
  ladder.push(slot);
  if ((flags & flagEntered) === 0) enterIndexes(floor, market, slot, flags);
  say(floor, market, slot, eventRested);
}

/** Puts a stop to wait at its trigger; its hold is the caller's. */
export function wait(floor: Floor, market: Market, slot: number): void {
  const flags = floor.orders.links[(slot << 4) | linkFlags] ?? 0;
  assert((flags & flagWaiting) !== 0, "only stops wait");
  ladderOf(floor, market, flags).push(slot);
  market.stops += 1;
  if ((flags & flagEntered) === 0) enterIndexes(floor, market, slot, flags);
  say(floor, market, slot, eventWaiting);
}

/** Takes an order out of its ladder; it stays known, and keeps its hold. */
export function lift(floor: Floor, market: Market, slot: number): void {
  const flags = floor.orders.links[(slot << 4) | linkFlags] ?? 0;
  if ((flags & flagWaiting) !== 0) {
    ladderOf(floor, market, flags).remove(slot);
    market.stops -= 1;
  } else if ((flags & flagSide) === 1) {
    market.sells.remove(slot);
  } else {
    market.buys.remove(slot);
  }
}

/** Sets aside for an order that holds nothing. */
export function hold(floor: Floor, slot: number, units: number): void {
  floor.orders.hot[(slot << 3) | hotHeld] = units;
  floor.balances.hold(floor.orders.links[(slot << 4) | linkBalance] ?? 0, units);
}

/** Lets go of all that an order holds. */
export function release(floor: Floor, slot: number): void {
  const { hot, links } = floor.orders;
  const at = (slot << 3) | hotHeld;
  const held = hot[at] ?? 0;
  if (held === 0) return;
  floor.balances.hold(links[(slot << 4) | linkBalance] ?? 0, -held);
  hot[at] = 0;
}

/** Takes an order that stands in a ladder out for good, and says why. */
export function takeOut(floor: Floor, slot: number, why: number): void {
  const flags = floor.orders.links[(slot << 4) | linkFlags] ?? 0;
  const market = marketOf(floor, flags >>> flagMarketShift);
  lift(floor, market, slot);
  finish(floor, market, slot, why);
}

/** The end of an order that stands in no ladder: says why, and forgets it. */
export function finish(floor: Floor, market: Market, slot: number, why: number): void {
  const { hot, links } = floor.orders;
  const { events } = floor;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const at = events.next();
  events.setInts(at, eventEnded, market.number, links[(slot << 4) | linkAccount] ?? 0, 0);
  events.setFlags(at, flags & flagSide, why);
  events.setIds(at, hot[(slot << 3) | hotId] ?? 0, 0);
  const ticks = hot[(slot << 3) | hotTicks] ?? 0;
  events.setTerms(at, ticks * market.tick, hot[(slot << 3) | hotOpen] ?? 0);
  forget(floor, market, slot);
}

/** Forgets an order that stands in no ladder; what it holds is let go. */
export function forget(floor: Floor, market: Market, slot: number): void {
  release(floor, slot);
  const flags = floor.orders.links[(slot << 4) | linkFlags] ?? 0;
  if ((flags & flagEntered) !== 0) leaveIndexes(floor, market, slot, flags);
  floor.orders.give(slot);
}

/** Tells where an order stands now. */
export function say(floor: Floor, market: Market, slot: number, what: number): void {
  const { hot, links } = floor.orders;
  const { events } = floor;
  const at = events.next();
  events.setInts(at, what, market.number, links[(slot << 4) | linkAccount] ?? 0, 0);
  events.setFlags(at, (links[(slot << 4) | linkFlags] ?? 0) & flagSide, 0);
  events.setIds(at, hot[(slot << 3) | hotId] ?? 0, 0);
  const ticks = hot[(slot << 3) | hotTicks] ?? 0;
  events.setTerms(at, ticks * market.tick, hot[(slot << 3) | hotOpen] ?? 0);
}

/** Makes an order known; its account's list is in order of number, as numbers only rise. */
export function enterIndexes(floor: Floor, market: Market, slot: number, flags: number): void {
  const { links, cold } = floor.orders;
  const { accounts } = floor;
  links[(slot << 4) | linkFlags] = flags | flagEntered;
  floor.ids.add(slot);
  const account = links[(slot << 4) | linkAccount] ?? 0;
  const before = accounts.rows[(account << 2) | accountLast] ?? 0;
  if (before === 0) accounts.rows[(account << 2) | accountFirst] = slot;
  else links[(before << 4) | linkMineNext] = slot;
  links[(slot << 4) | linkMinePrev] = before;
  links[(slot << 4) | linkMineNext] = 0;
  accounts.rows[(account << 2) | accountLast] = slot;
  accounts.rows[(account << 2) | accountOpens] =
    (accounts.rows[(account << 2) | accountOpens] ?? 0) + 1;
  const force = (flags >> flagTifShift) & flagTifMask;
  if (force < tifDay) return;
  if (force === tifGtd) {
    floor.expiries.add(slot);
    floor.due = Math.min(floor.due, cold[(slot << 3) | coldExpiry] ?? 0);
  } else {
    enterDay(floor, market, slot);
  }
}

function leaveIndexes(floor: Floor, market: Market, slot: number, flags: number): void {
  const { links } = floor.orders;
  const { accounts } = floor;
  floor.ids.remove(slot);
  const account = links[(slot << 4) | linkAccount] ?? 0;
  const next = links[(slot << 4) | linkMineNext] ?? 0;
  const prev = links[(slot << 4) | linkMinePrev] ?? 0;
  if (prev === 0) accounts.rows[(account << 2) | accountFirst] = next;
  else links[(prev << 4) | linkMineNext] = next;
  if (next === 0) accounts.rows[(account << 2) | accountLast] = prev;
  else links[(next << 4) | linkMinePrev] = prev;
  accounts.rows[(account << 2) | accountOpens] =
    (accounts.rows[(account << 2) | accountOpens] ?? 0) - 1;
  const force = (flags >> flagTifShift) & flagTifMask;
  if (force < tifDay) return;
  if (force === tifGtd) floor.expiries.remove(slot);
  else leaveDay(floor, market, slot);
}

/** The market's DAY orders, in order of number as well. */
function enterDay(floor: Floor, market: Market, slot: number): void {
  const { chains } = floor.orders;
  const before = market.dayLast;
  if (before === 0) market.dayFirst = slot;
  else chains[(before << 4) | chainAfter] = slot;
  chains[(slot << 4) | chainBefore] = before;
  chains[(slot << 4) | chainAfter] = 0;
  market.dayLast = slot;
}

function leaveDay(floor: Floor, market: Market, slot: number): void {
  const { chains } = floor.orders;
  const after = chains[(slot << 4) | chainAfter] ?? 0;
  const before = chains[(slot << 4) | chainBefore] ?? 0;
  if (before === 0) market.dayFirst = after;
  else chains[(before << 4) | chainAfter] = after;
  if (after === 0) market.dayLast = before;
  else chains[(after << 4) | chainBefore] = before;
}
