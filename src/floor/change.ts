/** Commands about open orders: cancel, reduce, replace (docs/spec/book.md §4, §8). */
import { coldColumn, hotColumn, linkColumn, originColumn } from "../book/orders.ts";
import {
  checkAmounts,
  checkFunds,
  checkPrice,
  checkPassive,
  checkQuantity,
  checkTerms,
  stopNeed,
} from "./admit.ts";
import { field, phase, tif } from "./command.ts";
import { admitStop, checkStop, goOn, isDue, reject, setOff } from "./enter.ts";
import { end, event } from "./events.ts";
import { flag, marketOf, type Floor } from "./floor.ts";
import {
  hold,
  ladderOf,
  lift,
  needOf,
  release,
  say,
  settleDown,
  takeOut,
  wait,
} from "./lifecycle.ts";
import type { Market } from "./market.ts";
import { crosses } from "./match.ts";
import { move } from "./move.ts";
import { refusal } from "./refusals.ts";
const { held: hotHeld, open: hotOpen, ticks: hotTicks } = hotColumn;
const { account: linkAccount, balance: linkBalance, flags: linkFlags } = linkColumn;
const { trigger: coldTrigger } = coldColumn;
const { requested: originRequested } = originColumn;
const {
  market: flagMarket,
  marketShift: flagMarketShift,
  side: flagSide,
  tifMask: flagTifMask,
  tifShift: flagTifShift,
  waiting: flagWaiting,
} = flag;
const { gtc: tifGtc, postOnly: tifPostOnly } = tif;
const { closed: phaseClosed, continuous: phaseContinuous, halt: phaseHalt } = phase;
const {
  account: fieldAccount,
  id: fieldId,
  price: fieldPrice,
  quantity: fieldQuantity,
  tif: fieldTif,
  trigger: fieldTrigger,
} = field;
const { reduced: eventReduced } = event;
const { cancelled: endCancelled } = end;
const {
  orderNotOpen: refusalOrderNotOpen,
  phaseForbids: refusalPhaseForbids,
  wouldCross: refusalWouldCross,
} = refusal;

/** The slot of the order that the command names, or 0 if its account has none of that id. */
function named(floor: Floor): number {
  const slot = floor.ids.find(floor.command[fieldId] ?? 0);
  if (slot === 0) return 0;
  const account = floor.orders.links[(slot << 4) | linkAccount] ?? 0;
  return account === (floor.command[fieldAccount] ?? 0) ? slot : 0;
}

export function cancel(floor: Floor): void {
  const slot = named(floor);
  if (slot === 0) return reject(floor, 0, refusalOrderNotOpen);
  takeOut(floor, slot, endCancelled);
}

export function reduce(floor: Floor): void {
  const slot = named(floor);
  if (slot === 0) return reject(floor, 0, refusalOrderNotOpen);
  const { hot, origins, links } = floor.orders;
  const open = hot[(slot << 3) | hotOpen] ?? 0;
  const by = floor.command[fieldQuantity] ?? 0;
  if (by >= open) return takeOut(floor, slot, endCancelled);
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const market = marketOf(floor, flags >>> flagMarketShift);
  const requested = (slot << 1) | originRequested;
  origins[requested] = (origins[requested] ?? 0) - by;
  shrink(floor, market, slot, open - by);
}

/** A standing order has `open` left from now on, and keeps its place. */
function shrink(floor: Floor, market: Market, slot: number, open: number): void {
  const { hot, cold, links } = floor.orders;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const at = (slot << 3) | hotOpen;
  ladderOf(floor, market, flags).lower(slot, (hot[at] ?? 0) - open);
  hot[at] = open;
  const held = (slot << 3) | hotHeld;
  const need =
    (flags & flagWaiting) === 0
      ? needOf(floor, market, slot)
      : stopNeedNow(floor, market, slot, cold[(slot << 3) | coldTrigger] ?? 0);
  floor.balances.hold(links[(slot << 4) | linkBalance] ?? 0, need - (hot[held] ?? 0));
  hot[held] = need;
  say(floor, market, slot, eventReduced);
}

/** What a smaller stop needs at the fees of today, but no more than it holds. */
function stopNeedNow(floor: Floor, market: Market, slot: number, limit: number): number {
  const held = floor.orders.hot[(slot << 3) | hotHeld] ?? 0;
  return Math.min(held, stopNeed(floor, market, slot, limit));
}

export function replace(floor: Floor): void {
  const slot = named(floor);
  if (slot === 0) return reject(floor, 0, refusalOrderNotOpen);
  if (!move(floor, slot)) replaceAny(floor, slot);
}

function replaceAny(floor: Floor, slot: number): void {
  const { command } = floor;
  const { hot, origins, links } = floor.orders;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const market = marketOf(floor, flags >>> flagMarketShift);
  if (market.phase === phaseClosed || market.phase === phaseHalt) {
    return reject(floor, market.number, refusalPhaseForbids);
  }
  const quantity = command[fieldQuantity] ?? 0;
  const open = hot[(slot << 3) | hotOpen] ?? 0;
  const filled = (origins[(slot << 1) | originRequested] ?? 0) - open;
  const left = quantity === 0 ? open : quantity - filled;
  if (left <= 0) return takeOut(floor, slot, endCancelled);
  if ((flags & flagWaiting) !== 0) return replaceStop(floor, market, slot, left);
  const price = command[fieldPrice] ?? 0;
  const ticks = hot[(slot << 3) | hotTicks] ?? 0;
  const next = price === 0 ? ticks : market.tick === 1 ? price : price / market.tick;
  if (next === ticks && left <= open) {
    const why = quantity === 0 ? 0 : checkQuantity(market, quantity);
    if (why !== 0) return reject(floor, market.number, why);
    origins[(slot << 1) | originRequested] = filled + left;
    restate(floor, slot);
    return shrink(floor, market, slot, left);
  }
  requeue(floor, market, slot, next, left);
}

/** A replaced order is admitted as it will stand; its row is put back if it is refused. */
function requeue(floor: Floor, market: Market, slot: number, ticks: number, open: number): void {
  const { hot, origins } = floor.orders;
  const first = slot << 3;
  const oldTicks = hot[first | hotTicks] ?? 0;
  const oldOpen = hot[first | hotOpen] ?? 0;
  hot[first | hotTicks] = ticks;
  hot[first | hotOpen] = open;
  const why = admitReplaced(floor, market, slot);
  hot[first | hotTicks] = oldTicks;
  hot[first | hotOpen] = oldOpen;
  if (why !== 0) return reject(floor, market.number, why);
  lift(floor, market, slot);
  restate(floor, slot);
  hot[first | hotTicks] = ticks;
  hot[first | hotOpen] = open;
  // Most replaced orders keep their quantity, and their cold row is left alone.
  if (open !== oldOpen) {
    origins[(slot << 1) | originRequested] =
      (origins[(slot << 1) | originRequested] ?? 0) + open - oldOpen;
  }
  if (floor.passive) return settleDown(floor, market, slot);
  release(floor, slot);
  if (market.stops !== 0) floor.tasks.push({ kind: "stops", market: market.number });
  goOn(floor, market, slot);
}

/** A resting order is POST_ONLY from now on if the command says so, and not if it does not. */
function restate(floor: Floor, slot: number): void {
  const { links } = floor.orders;
  const at = (slot << 4) | linkFlags;
  const flags = links[at] ?? 0;
  const force = (flags >> flagTifShift) & flagTifMask;
  if (force !== tifGtc && force !== tifPostOnly) return;
  const next = floor.command[fieldTif] === tifPostOnly ? tifPostOnly : tifGtc;
  links[at] = (flags & ~(flagTifMask << flagTifShift)) | (next << flagTifShift);
}

function admitReplaced(floor: Floor, market: Market, slot: number): number {
  const { hot, links } = floor.orders;
  const quantity = floor.command[fieldQuantity] ?? 0;
  const ticks = hot[(slot << 3) | hotTicks] ?? 0;
  const terms = quantity === 0 ? checkPrice(market, ticks) : checkTerms(market, ticks, quantity);
  if (terms !== 0) return terms;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const buying = (flags & flagSide) === 0;
  floor.passive = market.phase !== phaseContinuous || !crosses(market, ticks, buying);
  if (floor.passive) return checkPassive(floor, market, slot);
  const amounts = checkAmounts(market, floor, slot);
  if (amounts !== 0) return amounts;
  if (floor.command[fieldTif] === tifPostOnly) return refusalWouldCross;
  return checkFunds(floor, market, slot);
}

/** A waiting stop gets another limit, quantity or trigger, and goes behind the others there. */
function replaceStop(floor: Floor, market: Market, slot: number, open: number): void {
  const { command } = floor;
  const { hot, cold, links, origins } = floor.orders;
  const first = slot << 3;
  const old = {
    trigger: hot[first | hotTicks] ?? 0,
    open: hot[first | hotOpen] ?? 0,
    limit: cold[first | coldTrigger] ?? 0,
  };
  const [price, trigger] = [command[fieldPrice] ?? 0, command[fieldTrigger] ?? 0];
  const priced = ((links[(slot << 4) | linkFlags] ?? 0) & flagMarket) === 0;
  hot[first | hotTicks] = trigger === 0 ? old.trigger : trigger / market.tick;
  hot[first | hotOpen] = open;
  if (price !== 0 && priced) cold[first | coldTrigger] = price / market.tick;
  const why = admitReplacedStop(floor, market, slot);
  const terms = {
    trigger: hot[first | hotTicks] ?? 0,
    limit: cold[first | coldTrigger] ?? 0,
  };
  hot[first | hotTicks] = old.trigger;
  hot[first | hotOpen] = old.open;
  cold[first | coldTrigger] = old.limit;
  if (why !== 0) return reject(floor, market.number, why);
  lift(floor, market, slot);
  release(floor, slot);
  hot[first | hotTicks] = terms.trigger;
  hot[first | hotOpen] = open;
  cold[first | coldTrigger] = terms.limit;
  origins[(slot << 1) | originRequested] = open;
  if (isDue(floor, market, slot)) {
    floor.tasks.push({ kind: "stops", market: market.number });
    return setOff(floor, market, slot);
  }
  hold(floor, slot, stopNeed(floor, market, slot, terms.limit));
  wait(floor, market, slot);
}

function admitReplacedStop(floor: Floor, market: Market, slot: number): number {
  const quantity = floor.command[fieldQuantity] ?? 0;
  const terms = checkStop(floor, market, slot);
  if (terms !== 0) return terms;
  const why = quantity === 0 ? 0 : checkQuantity(market, quantity);
  return why === 0 ? admitStop(floor, market, slot) : why;
}
