/**
 * The way in: `submit` takes the command in `floor.command`, `proceed` goes on with what the step
 * left over (docs/spec/book.md §1.4). Both say whether something is still to do.
 *
 * What is left over is a stack of tasks, the next one last. While there is one nothing else is
 * taken, so that how a command was cut into steps never shows in what comes of it.
 */
import { assert } from "../codec/assert.ts";
import { int, num } from "../codec/columns.ts";
import { hotColumn, linkColumn } from "../book/orders.ts";
import { cancel, reduce, replace } from "./change.ts";
import { field, op, phase } from "./command.ts";
import { enter, goOn, reject, setOff, setPhase } from "./enter.ts";
import { end, event } from "./events.ts";
import { flag, marketOf, type Floor } from "./floor.ts";
import { lift, takeOut } from "./lifecycle.ts";
import { refusal } from "./refusals.ts";
import { uncross, type Uncrossing } from "./uncross.ts";

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
};

/** Takes the command in `floor.command`; true if something of it is pending. */
export function submit(floor: Floor): boolean {
  assert(floor.tasks.length === 0, "nothing else is taken while something is pending");
  const time = num(floor.command, field.time);
  assert(time >= floor.time, "time never goes back");
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
  switch (num(floor.command, field.op)) {
    case op.enter:
      return enter(floor);
    case op.cancel:
      return cancel(floor);
    case op.replace:
      return replace(floor);
    case op.reduce:
      return reduce(floor);
    case op.cancelAll:
      return cancelAll(floor);
    case op.cancelAfter:
      return cancelAfter(floor);
    case op.phase:
      return changePhase(floor);
    case op.reference:
      return reference(floor);
    case op.tick:
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
      takeOut(floor, expiries.first, end.expired);
      continue;
    }
    const account = switches.first;
    switches.remove(account);
    accounts.switches[account] = 0;
    events.setInts(events.next(), event.fired, 0, account, 0);
    floor.tasks.push({ kind: "cancelAll", account, market: -1, side: -1 });
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
  if (stops === 0 || now !== phase.continuous || last === 0) return 0;
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
    takeOut(floor, market.dayFirst, end.expired);
  }
}

function performCancelAll(floor: Floor, task: CancelAll): void {
  const { links } = floor.orders;
  let slot = int(floor.accounts.firsts, task.account);
  while (slot !== 0) {
    if (floor.budget <= 0) return;
    const next = int(links, (slot << 4) + linkColumn.mineNext);
    const flags = int(links, (slot << 4) + linkColumn.flags);
    const meant =
      (task.market === -1 || task.market === flags >>> flag.marketShift) &&
      (task.side === -1 || task.side === (flags & flag.side));
    if (meant) {
      floor.budget -= 1;
      takeOut(floor, slot, end.cancelled);
    }
    slot = next;
  }
  floor.tasks.pop();
}

function cancelAll(floor: Floor): void {
  const { command } = floor;
  const market = num(command, field.market);
  if (market !== -1 && floor.markets[market] === undefined) {
    return reject(floor, market, refusal.marketUnknown);
  }
  const account = num(command, field.account);
  floor.tasks.push({ kind: "cancelAll", account, market, side: num(command, field.side) });
}

function cancelAfter(floor: Floor): void {
  const { command, accounts, switches, events } = floor;
  const account = num(command, field.account);
  const when = num(command, field.expiry);
  if (when !== 0 && when <= floor.time) return reject(floor, 0, refusal.expiryPassed);
  if (num(accounts.switches, account) !== 0) switches.remove(account);
  accounts.switches[account] = when;
  if (when !== 0) {
    switches.add(account);
    floor.due = Math.min(floor.due, when);
  }
  const at = events.next();
  events.setInts(at, event.switched, 0, account, 0);
  events.setNumber(at, when);
}

function changePhase(floor: Floor): void {
  const { command, tasks } = floor;
  const number = num(command, field.market);
  const market = floor.markets[number];
  if (market === undefined) return reject(floor, number, refusal.marketUnknown);
  const to = num(command, field.phase);
  assert(to >= phase.closed && to <= phase.closingCall, "a phase is one of the list");
  setPhase(floor, market, to);
  if (to === phase.continuous) tasks.push({ kind: "stops", market: number });
  if (to === phase.closed) tasks.push({ kind: "days", market: number });
  if (to === phase.continuous || to === phase.closed) {
    tasks.push({ kind: "uncross", market: number, ticks: 0, lots: 0 });
  }
}

function reference(floor: Floor): void {
  const { command } = floor;
  const number = num(command, field.market);
  const market = floor.markets[number];
  if (market === undefined) return reject(floor, number, refusal.marketUnknown);
  const ticks = num(command, field.price) / market.tick;
  if (ticks !== Math.floor(ticks)) return reject(floor, number, refusal.priceNotOnTick);
  if (ticks > market.ticksMax) return reject(floor, number, refusal.priceTooHigh);
  market.setReference(ticks);
}

/** What an order has open, by its id; 0 if there is none. */
export function openOf(floor: Floor, id: number): number {
  const slot = floor.ids.find(id);
  return slot === 0 ? 0 : num(floor.orders.hot, (slot << 3) + hotColumn.open);
}
