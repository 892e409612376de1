/**
 * The way in: `submit` takes the command in `floor.command`, `proceed` goes on with what the step
 * left over (docs/spec/book.md §1.4). Both say whether something is still to do.
 *
 * What is left over is a stack of tasks, the next one last. While there is one nothing else is
 * taken, so that how a command was cut into steps never shows in what comes of it.
 */
import { assert } from "../codec/assert.ts";
import { linkColumn } from "../book/orders.ts";
import { cancel, reduce, replace } from "./change.ts";
import { field, op, phase } from "./command.ts";
import { enter, goOn, reject, setOff, setPhase } from "./enter.ts";
import { end, event } from "./events.ts";
import { accountColumn, flag, marketOf, type Floor } from "./floor.ts";
import { lift, takeOut } from "./lifecycle.ts";
import { refusal } from "./refusals.ts";
import { uncross, type Uncrossing } from "./uncross.ts";
const { first: accountFirst } = accountColumn;
const { flags: linkFlags, mineNext: linkMineNext } = linkColumn;
const { marketShift: flagMarketShift, side: flagSide } = flag;
const { closed: phaseClosed, closingCall: phaseClosingCall, continuous: phaseContinuous } = phase;
const {
  account: fieldAccount,
  expiry: fieldExpiry,
  market: fieldMarket,
  op: fieldOp,
  phase: fieldPhase,
  price: fieldPrice,
  side: fieldSide,
  time: fieldTime,
} = field;
const {
  cancel: opCancel,
  cancelAfter: opCancelAfter,
  cancelAll: opCancelAll,
  enter: opEnter,
  phase: opPhase,
  reduce: opReduce,
  reference: opReference,
  replace: opReplace,
  tick: opTick,
} = op;
const { fired: eventFired, switched: eventSwitched } = event;
const { cancelled: endCancelled, expired: endExpired } = end;
const {
  expiryPassed: refusalExpiryPassed,
  marketUnknown: refusalMarketUnknown,
  priceNotOnTick: refusalPriceNotOnTick,
  priceTooHigh: refusalPriceTooHigh,
} = refusal;

/** What is still to do. */
export type Task =
  /** What is due by now. */
  | { readonly kind: "due" }
  /** The command itself, after what was due before it. */
  | { readonly kind: "command" }
  /** An order on its way through the book. */
  | { readonly kind: "match"; readonly market: number; readonly slot: number }
  /** Stops that the last trade sets off. */
  | { readonly kind: "stops"; readonly market: number }
  | Uncrossing
  /** The DAY orders of a market that closed. */
  | { readonly kind: "days"; readonly market: number }
  /** Orders of an account; -1 is every market, every side. */
  | CancelAll;

type CancelAll = {
  readonly kind: "cancelAll";
  readonly account: number;
  readonly market: number;
  readonly side: number;
  /** The order that is looked at next. */
  slot: number;
};

/** Takes the command in `floor.command`; true if something of it is pending. */
export function submit(floor: Floor): boolean {
  if (floor.tasks.length !== 0) assert(false, "nothing else is taken while something is pending");
  const time = floor.command[fieldTime] ?? 0;
  if (!(time >= floor.time)) assert(false, "time never goes back");
  floor.events.count = 0;
  floor.budget = floor.options.stepMax;
  floor.time = time;
  if (time < floor.due) {
    execute(floor);
  } else {
    floor.tasks.push({ kind: "command" }, { kind: "due" });
  }
  return floor.tasks.length !== 0 && work(floor);
}

/** Goes on with what is pending; true if something still is. */
export function proceed(floor: Floor): boolean {
  assert(floor.tasks.length !== 0, "something is pending");
  floor.events.count = 0;
  floor.budget = floor.options.stepMax;
  return work(floor);
}

function work(floor: Floor): boolean {
  for (;;) {
    const task = floor.tasks.at(-1);
    if (task === undefined) return false;
    if (floor.budget <= 0) return true;
    perform(floor, task);
  }
}

function execute(floor: Floor): void {
  switch (floor.command[fieldOp] ?? 0) {
    case opEnter:
      return enter(floor);
    case opCancel:
      return cancel(floor);
    case opReplace:
      return replace(floor);
    case opReduce:
      return reduce(floor);
    case opCancelAll:
      return cancelAll(floor);
    case opCancelAfter:
      return cancelAfter(floor);
    case opPhase:
      return changePhase(floor);
    case opReference:
      return reference(floor);
    case opTick:
      return;
    default:
      assert(false, "a command is one of the list");
  }
}

/** Does as much of a task as the step has room for; a task that is done leaves the stack. */
function perform(floor: Floor, task: Task): void {
  switch (task.kind) {
    case "due":
      return performDue(floor);
    case "command":
      floor.tasks.pop();
      return execute(floor);
    case "match":
      floor.tasks.pop();
      return goOn(floor, marketOf(floor, task.market), task.slot);
    case "stops":
      return performStops(floor, task.market);
    case "uncross":
      if (uncross(floor, task)) floor.tasks.pop();
      return;
    case "days":
      return performDays(floor, task.market);
    case "cancelAll":
      return performCancelAll(floor, task);
  }
}

/** Orders whose time has come, then switches, by time. */
function performDue(floor: Floor): void {
  const { expiries, switches, accounts, events } = floor;
  while (floor.budget > 0) {
    const [order, fires] = [expiries.due, switches.due];
    if (Math.min(order, fires) > floor.time) {
      floor.due = Math.min(order, fires);
      floor.tasks.pop();
      return;
    }
    floor.budget -= 1;
    if (order <= fires) {
      takeOut(floor, expiries.first, endExpired);
      continue;
    }
    const account = switches.first;
    switches.remove(account);
    accounts.switches[account] = 0;
    events.setInts(events.next(), eventFired, 0, account, 0);
    pushCancelAll(floor, account, -1, -1);
    return;
  }
}

/** The stops that are due, one after the other; each is matched to its end before the next. */
function performStops(floor: Floor, number: number): void {
  const market = marketOf(floor, number);
  while (floor.budget > 0) {
    const slot = dueStop(floor, number);
    if (slot === 0) {
      floor.tasks.pop();
      return;
    }
    floor.budget -= 1;
    lift(floor, market, slot);
    setOff(floor, market, slot);
    if (floor.tasks.at(-1)?.kind === "match") return;
  }
}

/** The next stop that is due, or 0. */
function dueStop(floor: Floor, number: number): number {
  const { stops, phase: now, last, buyStops, sellStops } = marketOf(floor, number);
  if (stops === 0 || now !== phaseContinuous || last === 0) return 0;
  if (buyStops && buyStops.bestKey >= -last) return buyStops.front(buyStops.bestRow);
  if (sellStops && sellStops.bestKey >= last) return sellStops.front(sellStops.bestRow);
  return 0;
}

function performDays(floor: Floor, number: number): void {
  const market = marketOf(floor, number);
  while (floor.budget > 0) {
    if (market.dayFirst === 0) {
      floor.tasks.pop();
      return;
    }
    floor.budget -= 1;
    takeOut(floor, market.dayFirst, endExpired);
  }
}

function pushCancelAll(floor: Floor, account: number, market: number, side: number): void {
  const slot = floor.accounts.rows[(account << 2) | accountFirst] ?? 0;
  floor.tasks.push({ kind: "cancelAll", account, market, side, slot });
}

/** Each order that is looked at is work, whether it is meant or not. */
function performCancelAll(floor: Floor, task: CancelAll): void {
  const { links } = floor.orders;
  while (task.slot !== 0) {
    if (floor.budget <= 0) return;
    floor.budget -= 1;
    const { slot } = task;
    task.slot = links[(slot << 4) | linkMineNext] ?? 0;
    const flags = links[(slot << 4) | linkFlags] ?? 0;
    const meant =
      (task.market === -1 || task.market === flags >>> flagMarketShift) &&
      (task.side === -1 || task.side === (flags & flagSide));
    if (meant) takeOut(floor, slot, endCancelled);
  }
  floor.tasks.pop();
}

function cancelAll(floor: Floor): void {
  const { command } = floor;
  const market = command[fieldMarket] ?? 0;
  if (market !== -1 && floor.markets[market] === undefined) {
    return reject(floor, market, refusalMarketUnknown);
  }
  const account = command[fieldAccount] ?? 0;
  pushCancelAll(floor, account, market, command[fieldSide] ?? 0);
}

function cancelAfter(floor: Floor): void {
  const { command, accounts, switches, events } = floor;
  const account = command[fieldAccount] ?? 0;
  const when = command[fieldExpiry] ?? 0;
  if (when !== 0 && when <= floor.time) return reject(floor, 0, refusalExpiryPassed);
  if ((accounts.switches[account] ?? 0) !== 0) switches.remove(account);
  accounts.switches[account] = when;
  if (when !== 0) {
    switches.add(account);
    floor.due = Math.min(floor.due, when);
  }
  const at = events.next();
  events.setInts(at, eventSwitched, 0, account, 0);
  events.setNumber(at, when);
}

function changePhase(floor: Floor): void {
  const { command, tasks } = floor;
  const number = command[fieldMarket] ?? 0;
  const market = floor.markets[number];
  if (market === undefined) return reject(floor, number, refusalMarketUnknown);
  const to = command[fieldPhase] ?? 0;
  assert(to >= phaseClosed && to <= phaseClosingCall, "a phase is one of the list");
  setPhase(floor, market, to);
  if (to === phaseContinuous) tasks.push({ kind: "stops", market: number });
  if (to === phaseClosed) tasks.push({ kind: "days", market: number });
  if (to === phaseContinuous || to === phaseClosed) {
    tasks.push({ kind: "uncross", market: number, ticks: 0, lots: 0 });
  }
}

function reference(floor: Floor): void {
  const { command } = floor;
  const number = command[fieldMarket] ?? 0;
  const market = floor.markets[number];
  if (market === undefined) return reject(floor, number, refusalMarketUnknown);
  const ticks = (command[fieldPrice] ?? 0) / market.tick;
  if (ticks !== Math.floor(ticks)) return reject(floor, number, refusalPriceNotOnTick);
  if (ticks > market.ticksMax) return reject(floor, number, refusalPriceTooHigh);
  market.setReference(ticks);
}
