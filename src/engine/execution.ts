/**
 * One command on the floor, from its step to what everybody is told of it: trades and fills, moves
 * and holds, levels and phases (docs/spec/book.md, report.md §3, log.md §3).
 *
 * The floor speaks in events and numbers; here they become records. Its steps are taken until
 * nothing is pending, and what is told does not depend on how it was cut into steps. The totals
 * after each move, and the sums held after each hold, are counted back from how the balances stand
 * at the end: nothing else has changed them in between.
 */
import { assert } from "../codec/assert.ts";
import { field, side as sides } from "../floor/command.ts";
import { end, event, tradeFlag } from "../floor/events.ts";
import { heldBy } from "../floor/read.ts";
import { proceed, submit } from "../floor/steps.ts";
import type { OrderKey } from "../letter/command.ts";
import type { MoveCause } from "../letter/entry.ts";
import { printLeaf } from "../log/leaf.ts";
import { time, type Time } from "../codec/time.ts";
import { amount, price, quantity } from "../money/amount.ts";
import { setCall } from "./hours.ts";
import { forget, orderAt, venueAt } from "./orders.ts";
import { noteMoved } from "./purse.ts";
import { heldAsset, holdEntry, labelsOf, switchEntry } from "./records.ts";
import type { Phase } from "./calendar.ts";
import type { Account, EndCause, Order, State, Venue } from "./state.ts";
import { note, notesOf, touchLevel, type Turn } from "./turn.ts";

/** Columns of the floor's command row with their values; those that are left out are 0. */
export type Fields = readonly (readonly [column: number, value: number])[];

/** The phases by their numbers on the floor. */
export const phases: readonly Phase[] = [
  "closed",
  "pre_open",
  "opening_call",
  "continuous",
  "halt",
  "volatility_call",
  "closing_call",
];

/** The phase that a market is in. */
export function phaseOf(state: State, venue: Venue): Phase {
  const market = state.floor.markets[venue.number];
  assert(market !== undefined, "a market stays");
  const phase = phases[market.phase];
  assert(phase !== undefined, "a phase is one of the list");
  return phase;
}

type Moved = {
  readonly account: Account;
  readonly asset: string;
  readonly change: number;
  readonly cause: MoveCause;
};

/** A command being carried out, and what it has done so far. */
type Execution = {
  readonly turn: Turn;
  readonly moves: Moved[];
  /** Orders that it touched, in order, each once. */
  readonly orders: Set<Order>;
  /** Accounts whose switch it fired. */
  readonly fired: number[];
  /** Orders that it ended, in order. */
  readonly ended: Order[];
  /** What `cancelled` is to be called. */
  readonly cause: EndCause;
  readonly at: Time;
  refusal: number;
};

type Options = {
  readonly at?: Time;
  readonly cause?: EndCause;
  /** Where the orders that it ends are written down. */
  readonly ended?: Order[];
};

/**
 * Carries a command out; gives 0, or the floor's refusal (`floorRefusals`), after which nothing has
 * changed but what was due by then.
 */
export function execute(
  turn: Turn,
  fields: Fields,
  { at = turn.at, cause = "cancelled", ended = [] }: Options = {},
): number {
  const { floor } = turn.state;
  floor.command.fill(0);
  floor.command[field.time] = at;
  for (const [column, value] of fields) floor.command[column] = value;
  const execution: Execution = {
    turn,
    moves: [],
    orders: new Set(),
    fired: [],
    ended,
    cause,
    at,
    refusal: 0,
  };
  let pending = submit(floor);
  tell(execution);
  while (pending) {
    pending = proceed(floor);
    tell(execution);
  }
  tellHolds(execution);
  tellMoves(execution);
  return execution.refusal;
}

/** What one step said, in order. */
function tell(execution: Execution): void {
  const { state } = execution.turn;
  const { events } = state.floor;
  for (let i = 0; i < events.count; i += 1) {
    switch (events.kind(i)) {
      case event.rejected:
        execution.refusal = events.flags(i);
        break;
      case event.trade:
        tellTrade(execution, i);
        break;
      case event.rested:
      case event.reduced:
      case event.waiting:
      case event.triggered:
        tellStanding(execution, i);
        break;
      case event.ended:
        tellEnd(execution, i);
        break;
      case event.phase:
        tellPhase(execution, i);
        break;
      case event.uncrossed:
      case event.switched:
        // Told by its trades, and by the line that set it.
        break;
      case event.fired:
        tellFired(execution, events.account(i));
        break;
      default:
        assert(false, "an event is one of the list");
    }
  }
}

function touch(execution: Execution, order: Order): void {
  execution.orders.add(order);
  execution.turn.passive.add(order);
}

/** The level at which an order stands has changed. */
function touchOwn(turn: Turn, order: Order): void {
  if (order.stands !== "book") return;
  assert(order.price !== undefined, "what rests has a price");
  touchLevel(turn, order.venue, { side: order.side, price: order.price });
}

/** A trade in the log, a FILL on each side, and the money. */
function tellTrade(execution: Execution, i: number): void {
  const { turn } = execution;
  const { events } = turn.state.floor;
  const flags = events.flags(i);
  const [taker, maker] = [
    orderAt(turn.state, events.id(i)),
    orderAt(turn.state, events.otherId(i)),
  ];
  const { market } = taker.venue;
  const isCall = (flags & tradeFlag.uncross) !== 0;
  const [lots, at] = [quantity(events.quantity(i)), price(events.price(i))];
  const number = events.number(i);
  const quote = amount(lots * at * market.unit);
  const trade = { number, market: market.name, quantity: lots, price: at };
  const took = isCall ? "call" : taker.side;
  turn.leaves.push(printLeaf({ kind: "trade", ...trade, at: execution.at, taker: took }));
  const parties = [
    { order: taker, fee: amount(events.fee(i)), isDone: tradeFlag.takerDone, taker: !isCall },
    { order: maker, fee: amount(events.otherFee(i)), isDone: tradeFlag.makerDone, taker: false },
  ];
  for (const { order, fee, isDone, taker: isTaker } of parties) {
    touchOwn(turn, order);
    touch(execution, order);
    notesOf(turn, order.account.fingerprint).fills.push({
      kind: "fill",
      trade: number,
      key: order.key,
      side: order.side,
      market: market.name,
      quantity: lots,
      price: at,
      quote,
      fee,
      role: isTaker ? "taker" : "maker",
      ...labelsOf(order),
    });
    order.open = quantity(order.open - lots);
    moveFor(execution, order, { number, quote, base: lots * market.lot, fee });
    if ((flags & isDone) !== 0) forget(turn.state, order);
  }
}

type Part = {
  readonly number: number;
  readonly quote: number;
  readonly base: number;
  readonly fee: number;
};

/** What one side of a trade pays and gets. */
function moveFor({ moves }: Execution, order: Order, { number, quote, base, fee }: Part): void {
  const { account, venue } = order;
  const sign = order.side === "buy" ? 1 : -1;
  const cause = { kind: "trade", number } as const;
  moves.push({ account, asset: venue.market.quote, change: -sign * quote, cause });
  const feeCause = { kind: "fee", number } as const;
  if (fee > 0) moves.push({ account, asset: venue.market.quote, change: -fee, cause: feeCause });
  moves.push({ account, asset: venue.market.base, change: sign * base, cause });
}

/** An order stands somewhere, or somewhere else than it did. */
function tellStanding(execution: Execution, i: number): void {
  const { turn } = execution;
  const { events } = turn.state.floor;
  const order = orderAt(turn.state, events.id(i));
  touch(execution, order);
  const open = quantity(events.quantity(i));
  // A level that is as it was is not told again.
  if (events.kind(i) === event.reduced && open === order.open) return;
  // Where it stood before, it stands no more.
  touchOwn(turn, order);
  switch (events.kind(i)) {
    case event.waiting:
      order.stands = "waiting";
      order.trigger = price(events.price(i));
      break;
    case event.triggered:
      order.stands = "nowhere";
      return;
    case event.rested:
      order.stands = "book";
      order.price = price(events.price(i));
      break;
    default:
      break;
  }
  order.open = open;
  touchOwn(turn, order);
}

function tellEnd(execution: Execution, i: number): void {
  const { turn, fired } = execution;
  const { events } = turn.state.floor;
  const order = orderAt(turn.state, events.id(i));
  touch(execution, order);
  touchOwn(turn, order);
  order.ended = fired.includes(events.account(i)) ? "switch" : whyEnded(execution, events.flags(i));
  execution.ended.push(order);
  forget(turn.state, order);
}

function whyEnded({ cause }: Execution, why: number): EndCause {
  switch (why) {
    case end.expired:
      return "expired";
    case end.immediate:
      return "immediate";
    case end.ownOrder:
      return "own_order";
    case end.cap:
      return "cap";
    case end.funds:
      return "funds";
    default:
      assert(why === end.cancelled, "an end is one of the list");
      return cause;
  }
}

/** An account's switch has fired: what it takes out now ends by it. */
function tellFired({ turn, fired }: Execution, number: number): void {
  const account = turn.state.customers[number];
  assert(account !== undefined, "a switch is a customer's");
  fired.push(number);
  note(turn, account.fingerprint, switchEntry(0, undefined));
}

/** A market is in another phase; if it called that phase itself, for so long. */
function tellPhase({ turn, at }: Execution, i: number): void {
  const { state, leaves } = turn;
  const { events } = state.floor;
  const venue = venueAt(state, events.market(i));
  const phase = phases[events.flags(i)];
  assert(phase !== undefined, "a phase is one of the list");
  const lasts = state.configuration.volatilityMs.get(venue.market.name) ?? 0;
  setCall(state, venue, phase === "volatility_call" ? time(at + lasts) : undefined);
  leaves.push(printLeaf({ kind: "phase", market: venue.market.name, phase, at }));
}

/** HOLD records: one for each order whose hold has changed. */
function tellHolds({ turn, orders }: Execution): void {
  const { floor } = turn.state;
  const changed: Held[] = [];
  for (const order of orders) {
    const held = heldBy(floor, order.number);
    const change = held - order.held;
    order.held = amount(held);
    const { account, key } = order;
    if (change !== 0) changed.push({ account, key, change, asset: heldAsset(order) });
  }
  for (const { changed: one, sum: held } of sumsAfter(turn, changed, "held")) {
    const { account, key, change, asset } = one;
    const notes = notesOf(turn, account.fingerprint);
    const cause = { kind: "order", key } as const;
    notes.holds.push(holdEntry({ asset, change, held, cause }));
    notes.touched.add(asset);
  }
}

/** MOVE records, each with the total after it. */
function tellMoves({ turn, moves }: Execution): void {
  if (moves.length === 0) return;
  for (const { changed, sum: total } of sumsAfter(turn, moves, "total")) {
    const { account, asset, change, cause } = changed;
    noteMoved(turn, account.fingerprint, { asset, change, total, cause });
  }
}

type Changed = { readonly account: Account; readonly asset: string; readonly change: number };
type Held = Changed & { readonly key: OrderKey };

/** What a balance was after each change, counted back from what it is after the last. */
function sumsAfter<Change extends Changed>(
  { state }: Turn,
  changes: readonly Change[],
  what: "held" | "total",
): readonly { readonly changed: Change; readonly sum: number }[] {
  const { floor, assets } = state;
  const read = ({ account, asset }: Changed): number =>
    floor.balances.read(account.number, assets.get(asset) ?? 0)[what];
  const [only] = changes;
  if (only !== undefined && changes.length === 1) return [{ changed: only, sum: read(only) }];
  const before = new Map<string, number>();
  const sums: { readonly changed: Change; readonly sum: number }[] = [];
  for (const changed of changes.toReversed()) {
    const { account, asset, change } = changed;
    const whose = `${account.number} ${asset}`;
    const sum = before.get(whose) ?? read(changed);
    before.set(whose, sum - change);
    sums.push({ changed, sum });
  }
  return sums.toReversed();
}

/** The floor's word for a side. */
export function sideNumber(side: "buy" | "sell"): number {
  return sides[side];
}
