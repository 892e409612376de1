/**
 * New orders: written into a slot, admitted or refused, then matched, collected or left to wait
 * (docs/spec/book.md). `incoming` is also the way of a replaced order and of a stop that was set
 * off.
 */
import { assert } from "../codec/assert.ts";
import { coldColumn, hotColumn, linkColumn, originColumn } from "../book/orders.ts";
import { amountMax } from "../money/amount.ts";
import {
  checkAmounts,
  checkFunds,
  checkPassive,
  checkPrice,
  checkQuantity,
  checkTerms,
  fillable,
  isOnTick,
  stopNeed,
} from "./admit.ts";
import { field, kind, phase, side, tif } from "./command.ts";
import { end, event } from "./events.ts";
import { accountColumn, flag, type Floor } from "./floor.ts";
import { finish, forget, hold, release, rest, settleDown, wait } from "./lifecycle.ts";
import { isCall, type Market } from "./market.ts";
import { crosses, match, outcome } from "./match.ts";
import { refusal } from "./refusals.ts";
const { opens: accountOpens } = accountColumn;
const { held: hotHeld, id: hotId, open: hotOpen, ticks: hotTicks } = hotColumn;
const {
  account: linkAccount,
  balance: linkBalance,
  flags: linkFlags,
  makerRate: linkMakerRate,
} = linkColumn;
const { cap: coldCap, expiry: coldExpiry, trigger: coldTrigger } = coldColumn;
const { number: originNumber, requested: originRequested } = originColumn;
const {
  capped: flagCapped,
  market: flagMarket,
  marketShift: flagMarketShift,
  preventionShift: flagPreventionShift,
  side: flagSide,
  tifMask: flagTifMask,
  tifShift: flagTifShift,
  traded: flagTraded,
  waiting: flagWaiting,
} = flag;
const {
  day: tifDay,
  fok: tifFok,
  gtc: tifGtc,
  gtd: tifGtd,
  ioc: tifIoc,
  postOnly: tifPostOnly,
} = tif;
const { continuous: phaseContinuous, volatilityCall: phaseVolatilityCall } = phase;
const {
  account: fieldAccount,
  cap: fieldCap,
  expiry: fieldExpiry,
  id: fieldId,
  kind: fieldKind,
  market: fieldMarket,
  op: fieldOp,
  prevention: fieldPrevention,
  price: fieldPrice,
  quantity: fieldQuantity,
  side: fieldSide,
  tif: fieldTif,
  trigger: fieldTrigger,
} = field;
const { phase: eventPhase, rejected: eventRejected, triggered: eventTriggered } = event;
const { cap: endCap, funds: endFunds, immediate: endImmediate, ownOrder: endOwnOrder } = end;
const {
  band: outcomeBand,
  cap: outcomeCap,
  ownOrder: outcomeOwnOrder,
  suspended: outcomeSuspended,
} = outcome;
const {
  expiryPassed: refusalExpiryPassed,
  fokUnfillable: refusalFokUnfillable,
  fundsShort: refusalFundsShort,
  kindWrong: refusalKindWrong,
  marketUnknown: refusalMarketUnknown,
  orderTaken: refusalOrderTaken,
  ordersOpenLimit: refusalOrdersOpenLimit,
  phaseForbids: refusalPhaseForbids,
  priceNotOnTick: refusalPriceNotOnTick,
  priceTooHigh: refusalPriceTooHigh,
  wouldCross: refusalWouldCross,
} = refusal;
const { market: kindMarket } = kind;
const { sell: sideSell } = side;

/** Refuses the command in hand. */
export function reject(floor: Floor, market: number, why: number): void {
  const { command, events } = floor;
  const at = events.next();
  events.setInts(at, eventRejected, market, command[fieldAccount] ?? 0, 0);
  events.setFlags(at, command[fieldOp] ?? 0, why);
  events.setIds(at, command[fieldId] ?? 0, 0);
}

/** The command `enter`. */
export function enter(floor: Floor): void {
  const { command, orders } = floor;
  const number = command[fieldMarket] ?? 0;
  const market = floor.markets[number];
  if (market === undefined) return reject(floor, number, refusalMarketUnknown);
  if (floor.ids.find(command[fieldId] ?? 0) !== 0) {
    return reject(floor, number, refusalOrderTaken);
  }
  const slot = orders.take();
  write(floor, market, slot);
  const why = admit(floor, market, slot);
  if (why !== 0) {
    orders.give(slot);
    return reject(floor, number, why);
  }
  floor.orderNumber += 1;
  orders.origins[(slot << 1) | originNumber] = floor.orderNumber;
  if (market.stops !== 0) floor.tasks.push({ kind: "stops", market: number });
  const flags = orders.links[(slot << 4) | linkFlags] ?? 0;
  if ((flags & flagWaiting) === 0) {
    return floor.passive ? settleDown(floor, market, slot) : goOn(floor, market, slot);
  }
  if (isDue(floor, market, slot)) return setOff(floor, market, slot);
  const limit = orders.cold[(slot << 3) | coldTrigger] ?? 0;
  hold(floor, slot, stopNeed(floor, market, slot, limit));
  wait(floor, market, slot);
}

/** Writes the command's order into a slot. A stop's `ticks` is its trigger while it waits. */
function write(floor: Floor, market: Market, slot: number): void {
  const { command } = floor;
  const { hot, links, cold, origins } = floor.orders;
  const account = command[fieldAccount] ?? 0;
  if (!(account > 1 && account < floor.accounts.count)) {
    assert(false, "an account that trades exists");
  }
  const selling = (command[fieldSide] ?? 0) === sideSell;
  const force = command[fieldTif] ?? 0;
  const trigger = command[fieldTrigger] ?? 0;
  const cap = command[fieldCap] ?? 0;
  let flags = (market.number << flagMarketShift) | (force << flagTifShift);
  flags |= (command[fieldPrevention] ?? 0) << flagPreventionShift;
  if (selling) flags |= flagSide;
  let ticks = command[fieldPrice] ?? 0;
  if (market.tick !== 1) ticks /= market.tick;
  if ((command[fieldKind] ?? 0) === kindMarket) {
    flags |= flagMarket;
    ticks = market.collar(!selling);
    if (!selling) flags |= flagCapped;
  }
  if (trigger !== 0) flags |= flagWaiting;
  const quantity = command[fieldQuantity] ?? 0;
  const first = slot << 3;
  hot[first | hotTicks] = trigger === 0 ? ticks : trigger / market.tick;
  hot[first | hotOpen] = quantity;
  hot[first | hotHeld] = 0;
  hot[first | hotId] = command[fieldId] ?? 0;
  if (force === tifGtd) cold[first | coldExpiry] = command[fieldExpiry] ?? 0;
  if (trigger !== 0) cold[first | coldTrigger] = ticks;
  origins[(slot << 1) | originRequested] = quantity;
  const place = floor.balances.place(account, selling ? market.base : market.quote);
  if ((flags & flagCapped) !== 0) {
    cold[first | coldCap] = cap === 0 && trigger === 0 ? floor.balances.free(place) : cap;
  }
  links[(slot << 4) | linkAccount] = account;
  links[(slot << 4) | linkBalance] = place;
  links[(slot << 4) | linkFlags] = flags;
  links[(slot << 4) | linkMakerRate] = market.makerRate;
}

/** Every check of a new order, in the order of the list. */
function admit(floor: Floor, market: Market, slot: number): number {
  const { command } = floor;
  const { hot, links, cold } = floor.orders;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const force = (flags >> flagTifShift) & flagTifMask;
  const plain = (flags & (flagWaiting | flagMarket)) === 0;
  if (market.phase !== phaseContinuous && !isCollected(market, flags, force)) {
    return refusalPhaseForbids;
  }
  const ticks = hot[(slot << 3) | hotTicks] ?? 0;
  const open = hot[(slot << 3) | hotOpen] ?? 0;
  if (Math.floor(open) !== open) assert(false, "a quantity is of whole lots");
  const why = plain ? checkTerms(market, ticks, open) : checkUnusual(floor, market, slot);
  if (why !== 0) return why;
  if (force === tifGtd && (cold[(slot << 3) | coldExpiry] ?? 0) <= floor.time) {
    return refusalExpiryPassed;
  }
  const account = command[fieldAccount] ?? 0;
  if ((floor.accounts.rows[(account << 2) | accountOpens] ?? 0) >= floor.options.ordersOpenMax) {
    return refusalOrdersOpenLimit;
  }
  if ((flags & flagWaiting) !== 0) return admitStop(floor, market, slot);
  const trading = market.phase === phaseContinuous;
  const meets = trading && crosses(market, ticks, (flags & flagSide) === 0);
  floor.passive = !meets && force !== tifIoc && force !== tifFok;
  if (floor.passive) return checkPassive(floor, market, slot);
  const amounts = checkAmounts(market, floor, slot);
  if (amounts !== 0) return amounts;
  if (meets && force === tifPostOnly) return refusalWouldCross;
  const funds = checkFunds(floor, market, slot);
  if (funds !== 0) return funds;
  return force === tifFok && !fillable(floor, market, slot) ? refusalFokUnfillable : 0;
}

/** Whether an order is taken outside of the continuous phase: in a call, to rest or to wait. */
function isCollected(market: Market, flags: number, force: number): boolean {
  if (!isCall(market.phase)) return false;
  if ((flags & flagWaiting) !== 0) return true;
  const rests = force === tifGtc || force === tifDay || force === tifGtd;
  return rests && (flags & flagMarket) === 0;
}

/** The terms of market orders and stops. */
function checkUnusual(floor: Floor, market: Market, slot: number): number {
  const { hot, links, cold } = floor.orders;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const force = (flags >> flagTifShift) & flagTifMask;
  const priced = (flags & flagMarket) === 0;
  const waits = (flags & flagWaiting) !== 0;
  if (!priced && !waits && force !== tifIoc && force !== tifFok) return refusalKindWrong;
  if (waits && (force === tifFok || force === tifPostOnly)) return refusalKindWrong;
  const capped = (flags & flagCapped) !== 0;
  const cap = capped ? (cold[(slot << 3) | coldCap] ?? 0) : 0;
  if (waits && capped && cap === 0) return refusalKindWrong;
  assert(cap <= amountMax, "a cap is an amount");
  const why = waits ? checkStop(floor, market, slot) : 0;
  return why === 0 ? checkQuantity(market, hot[(slot << 3) | hotOpen] ?? 0) : why;
}

/** Trigger and limit of a stop, in the order of the list; a trigger may lie outside the limits. */
export function checkStop(floor: Floor, market: Market, slot: number): number {
  const { hot, links, cold } = floor.orders;
  const trigger = hot[(slot << 3) | hotTicks] ?? 0;
  const priced = ((links[(slot << 4) | linkFlags] ?? 0) & flagMarket) === 0;
  const limit = priced ? (cold[(slot << 3) | coldTrigger] ?? 0) : trigger;
  if (!isOnTick(trigger) || !isOnTick(limit)) return refusalPriceNotOnTick;
  if (trigger > market.ticksMax) return refusalPriceTooHigh;
  return priced ? checkPrice(market, limit) : 0;
}

/** What a stop can cost at worst must be free. */
export function admitStop(floor: Floor, market: Market, slot: number): number {
  const { hot, links, cold } = floor.orders;
  const ticks = (slot << 3) | hotTicks;
  const trigger = hot[ticks] ?? 0;
  const limit = cold[(slot << 3) | coldTrigger] ?? 0;
  hot[ticks] = limit;
  const why = checkAmounts(market, floor, slot);
  hot[ticks] = trigger;
  if (why !== 0) return why;
  const need = stopNeed(floor, market, slot, limit);
  const own = hot[(slot << 3) | hotHeld] ?? 0;
  const place = links[(slot << 4) | linkBalance] ?? 0;
  return need > floor.balances.free(place) + own ? refusalFundsShort : 0;
}

/** Whether a waiting stop is due at the last trade's price, while the market trades. */
export function isDue(floor: Floor, market: Market, slot: number): boolean {
  if (market.phase !== phaseContinuous || market.last === 0) return false;
  const trigger = floor.orders.hot[(slot << 3) | hotTicks] ?? 0;
  const selling = ((floor.orders.links[(slot << 4) | linkFlags] ?? 0) & flagSide) === 1;
  return selling ? market.last <= trigger : market.last >= trigger;
}

/**
 * A stop that stands in no ladder goes in as an order: its limit is a price again, and what it held
 * is free to pay with.
 */
export function setOff(floor: Floor, market: Market, slot: number): void {
  const { hot, links, cold } = floor.orders;
  const { events } = floor;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const at = events.next();
  const ticks = (slot << 3) | hotTicks;
  const trigger = hot[ticks] ?? 0;
  events.setInts(at, eventTriggered, market.number, links[(slot << 4) | linkAccount] ?? 0, 0);
  events.setFlags(at, flags & flagSide, 0);
  events.setIds(at, hot[(slot << 3) | hotId] ?? 0, 0);
  events.setTerms(at, trigger * market.tick, hot[(slot << 3) | hotOpen] ?? 0);
  release(floor, slot);
  links[(slot << 4) | linkFlags] = flags & ~flagWaiting;
  const buying = (flags & flagSide) === 0;
  const priced = (flags & flagMarket) === 0;
  hot[ticks] = priced ? (cold[(slot << 3) | coldTrigger] ?? 0) : market.collar(buying);
  if (checkFunds(floor, market, slot) !== 0) return finish(floor, market, slot, endFunds);
  incoming(floor, market, slot);
}

/** An admitted order that stands in no ladder and holds nothing: collected, or matched. */
export function incoming(floor: Floor, market: Market, slot: number): void {
  if (market.phase !== phaseContinuous) return rest(floor, market, slot);
  goOn(floor, market, slot);
}

/** Matches an order, and does what is to be done with its rest; or it is to be gone on with. */
export function goOn(floor: Floor, market: Market, slot: number): void {
  const came = match(floor, market, slot);
  const { hot, links } = floor.orders;
  if ((hot[(slot << 3) | hotOpen] ?? 0) === 0) return forget(floor, market, slot);
  if (came === outcomeSuspended) {
    floor.tasks.push({ kind: "match", market: market.number, slot });
    return;
  }
  if (came === outcomeOwnOrder) return finish(floor, market, slot, endOwnOrder);
  if (came === outcomeCap) return finish(floor, market, slot, endCap);
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const force = (flags >> flagTifShift) & flagTifMask;
  const rests = (flags & flagMarket) === 0 && force !== tifIoc;
  // What neither rests nor traded costs nothing: whoever has nothing would keep a market in calls.
  const calls = rests || (flags & flagTraded) !== 0;
  if (came === outcomeBand && calls) setPhase(floor, market, phaseVolatilityCall);
  if (rests) rest(floor, market, slot);
  else finish(floor, market, slot, endImmediate);
}

/** A market is in another phase from now on. */
export function setPhase(floor: Floor, market: Market, to: number): void {
  market.phase = to;
  const at = floor.events.next();
  floor.events.setInts(at, eventPhase, market.number, 0, 0);
  floor.events.setFlags(at, 0, to);
  floor.events.setTerms(at, market.last * market.tick, 0);
}
