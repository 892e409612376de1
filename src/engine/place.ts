/**
 * BUY, SELL and REPLACE: put before the floor, which takes them whole or refuses them, and trades
 * what can be traded (docs/spec/book.md).
 */
import { assert } from "../codec/assert.ts";
import { refuse, type Refused } from "../codec/verdict.ts";
import { field, kind, op, prevention, tif } from "../floor/command.ts";
import type { Line, OrderKey, PlaceCommand, ReplaceCommand } from "../letter/command.ts";
import { amount, quantity, type Price } from "../money/amount.ts";
import { explain } from "./admit.ts";
import { noteOrder, notOpen } from "./cancel.ts";
import { execute, sideNumber, type Fields } from "./execution.ts";
import { enter, findOrder, forget } from "./orders.ts";
import { labelsOf, rejectEntry } from "./records.ts";
import type { EngineRefusal } from "./refusals.ts";
import type { Account, Order, Venue } from "./state.ts";
import { note, type Turn } from "./turn.ts";

const tifs = {
  gtc: tif.gtc,
  ioc: tif.ioc,
  fok: tif.fok,
  post_only: tif.postOnly,
  day: tif.day,
  gtd: tif.gtd,
} as const;

/** The floor's number for a time in force. */
export function tifNumber(name: PlaceCommand["tif"]): number {
  return tifs[name];
}

/** Places an order, or refuses it. */
export function place(
  turn: Turn,
  account: Account,
  line: Line,
  command: PlaceCommand,
  key: OrderKey,
): void {
  const { state } = turn;
  const reject = (refusal: Refused<EngineRefusal>): void => {
    note(turn, account.fingerprint, rejectEntry(line, refusal));
  };
  if (line.id !== undefined && account.ids.has(line.id)) {
    return reject(refuse("id_reused", `The id ${line.id} was used before.`));
  }
  const venue = state.venues.get(command.market);
  if (!venue) {
    return reject(refuse("market_unknown", `There is no market ${command.market} here.`));
  }
  // The floor counts accepted orders; this one is the next, if it is accepted.
  const order = orderOf(account, venue, command, {
    ...labelsOf(line),
    key,
    number: state.floor.orderNumber + 1,
  });
  enter(state, order);
  const refusal = execute(turn, fieldsOf(order, command));
  if (refusal !== 0) {
    forget(state, order);
    return reject(explain(turn, { account, venue, command, refusal }));
  }
  assert(state.floor.orderNumber === order.number, "an order has the number it was given");
  if (line.id !== undefined) account.ids.add(line.id);
  noteOrder(turn, order, line);
}

type Named = Pick<Order, "id" | "tag" | "key" | "number">;

function orderOf(account: Account, venue: Venue, command: PlaceCommand, named: Named): Order {
  const { side, own, cap, expiry, price, trigger } = command;
  return {
    ...named,
    account,
    venue,
    side,
    own,
    cap,
    expiry,
    tif: command.tif,
    price,
    trigger,
    requested: command.quantity,
    open: command.quantity,
    held: amount(0),
    stands: "nowhere",
    ended: undefined,
  };
}

function fieldsOf(order: Order, command: PlaceCommand): Fields {
  return [
    [field.op, op.enter],
    [field.account, order.account.number],
    [field.market, order.venue.number],
    [field.id, order.number],
    [field.side, sideNumber(order.side)],
    [field.tif, tifNumber(command.tif)],
    [field.kind, command.price === undefined ? kind.market : kind.limit],
    [field.prevention, prevention[command.own]],
    [field.price, command.price ?? 0],
    [field.quantity, command.quantity],
    [field.trigger, command.trigger ?? 0],
    [field.expiry, command.expiry ?? 0],
    [field.cap, command.cap ?? 0],
  ];
}

/** Gives an open order another quantity, price or trigger, or refuses and leaves it as it was. */
export function replace(turn: Turn, account: Account, line: Line, command: ReplaceCommand): void {
  const reject = (refusal: Refused<EngineRefusal>): void => {
    note(turn, account.fingerprint, rejectEntry(line, refusal));
  };
  const order = findOrder(account, command.order);
  if (!order) return reject(notOpen(command.order));
  const wrong = unlike(order, command);
  if (wrong !== undefined) return reject(refuse("kind_wrong", wrong));
  if (isNothing(order, command)) {
    return reject(refuse("replace_nothing", "The order is as this would make it."));
  }
  const { requested, open } = order;
  const filled = requested - open;
  if (command.quantity !== undefined && command.quantity > filled) {
    order.requested = command.quantity;
    // What trades is taken off what will be open; if it keeps its place, the floor says what is.
    const left = quantity(command.quantity - filled);
    if (!keepsPlace(order, command.price, left)) order.open = left;
  }
  const refusal = execute(turn, [
    [field.op, op.replace],
    [field.account, account.number],
    [field.id, order.number],
    [field.tif, command.postOnly ? tif.postOnly : tif.gtc],
    [field.price, command.price ?? 0],
    [field.quantity, command.quantity ?? 0],
    [field.trigger, command.trigger ?? 0],
  ]);
  if (refusal !== 0) {
    Object.assign(order, { requested, open });
    return reject(explain(turn, { account, venue: order.venue, command, order, refusal }));
  }
  if (command.price !== undefined) order.price = command.price;
  if (order.tif === "gtc" || order.tif === "post_only") {
    order.tif = command.postOnly ? "post_only" : "gtc";
  }
  noteOrder(turn, order, line);
}

/** Whether a replaced order stays where it stands (docs/spec/book.md §4.3). */
function keepsPlace({ stands, price, open }: Order, to: Price | undefined, left: number): boolean {
  return stands === "book" && (to === undefined || to === price) && left <= open;
}

/** Whether nothing would change, not even the order's place in its queue. */
function isNothing(order: Order, command: ReplaceCommand): boolean {
  const { quantity: lots, price, trigger, postOnly } = command;
  const isPostOnly = order.tif === "post_only";
  return (
    (lots === undefined || lots === order.requested) &&
    (price === undefined || price === order.price) &&
    (trigger === undefined || trigger === order.trigger) &&
    postOnly === isPostOnly
  );
}

/** What an order of this kind cannot be replaced by. */
function unlike(order: Order, command: ReplaceCommand): string | undefined {
  if (command.trigger !== undefined && order.stands !== "waiting") {
    return "Only a stop that waits has a trigger.";
  }
  if (command.price !== undefined && order.price === undefined) {
    return "A market order has no price.";
  }
  if (!command.postOnly) return undefined;
  if (order.stands === "waiting") return "A stop is never POST_ONLY.";
  return order.tif === "gtc" || order.tif === "post_only"
    ? undefined
    : "An order that ends by itself is never POST_ONLY.";
}
