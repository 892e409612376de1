/**
 * The records about orders (docs/spec/report.md §3): ORDER, FILL and SWITCH, printed and read.
 */
import { assert } from "../codec/assert.ts";
import type { Time } from "../codec/time.ts";
import { amount, price, type Amount, type Price, type Quantity } from "../money/amount.ts";
import { parseCount } from "./atoms.ts";
import type { OrderKey, Side } from "./command.ts";
import { printUnix } from "./fieldgrammar.ts";
import type { Fields } from "./fields.ts";
import { printKey } from "./orderid.ts";
import type { Labels, Printed } from "./row.ts";
import { impliedTif, parseOwn, parseTif, printTerms, type Terms } from "./terms.ts";

const orderStatuses = [
  // A stop that waits for its trigger.
  "waiting",
  "resting",
  "partly_filled",
  "filled",
  "cancelled",
  "expired",
] as const;
/** What an order is doing. */
export type OrderStatus = (typeof orderStatuses)[number];

/** Why an order was cancelled without its customer's asking. */
export const cancelReasons = [
  // What does not trade at once may not rest.
  "immediate",
  // It met one of its own account.
  "own_order",
  // Its cap does not pay for another lot.
  "cap",
  // A stop that was set off and cannot be paid any more.
  "funds",
  // CANCELAFTER.
  "switch",
  // Its market's shares were split.
  "ratio",
  "delisted",
] as const;
/** One of `cancelReasons`. */
export type CancelReason = (typeof cancelReasons)[number];

/** Who was there first; in an uncross nobody came, and both are makers. */
export type Role = "maker" | "taker";

/** ORDER: how an order stands. `line` is 0 when the order is not of the letter answered. */
export type OrderEntry = Labels &
  Terms & {
    readonly kind: "order";
    readonly line: number;
    readonly key: OrderKey;
    /** `waiting` only with a trigger. */
    readonly status: OrderStatus;
    readonly side: Side;
    readonly market: string;
    readonly requested: Quantity;
    /** `undefined`: a market order. */
    readonly price: Price | undefined;
    readonly filled: Quantity;
    readonly open: Quantity;
    readonly expiry: Time | undefined;
    /** Only with `cancelled`. */
    readonly why: CancelReason | undefined;
  };

/** FILL: one side of a trade. */
export type FillEntry = Labels & {
  readonly kind: "fill";
  readonly trade: number;
  readonly key: OrderKey;
  readonly side: Side;
  readonly market: string;
  readonly quantity: Quantity;
  readonly price: Price;
  readonly quote: Amount;
  readonly fee: Amount;
  readonly role: Role;
};

/** SWITCH: the dead man's switch. `line` is 0 in a statement, and when it went off. */
export type SwitchEntry = Labels & {
  readonly kind: "switch";
  readonly line: number;
  /** `undefined`: it is off. */
  readonly at: Time | undefined;
};

/** Any of them. */
export type OrdersEntry = OrderEntry | FillEntry | SwitchEntry;

/** The record's name, fields and labels. */
export function printOrdersEntry(entry: OrdersEntry): Printed {
  switch (entry.kind) {
    case "order":
      return printOrder(entry);
    case "fill": {
      const { trade, key, side, market, quantity, quote, fee, role } = entry;
      const traded = [quantity, entry.price, quote, fee, role];
      return {
        name: "FILL",
        fields: [trade, printKey(key), side, market, ...traded],
        labels: entry,
      };
    }
    case "switch": {
      const at = entry.at && printUnix(entry.at);
      return { name: "SWITCH", fields: [entry.line, at], labels: entry };
    }
  }
}

function printOrder(entry: OrderEntry): Printed {
  const { line, key, status, side, market, requested, filled, open, expiry, why } = entry;
  assert(status !== "waiting" || entry.trigger !== undefined, "only stops wait");
  assert(status === "cancelled" || why === undefined, "why goes with cancelled");
  const what = [line, printKey(key), status, side, market, requested, entry.price, filled, open];
  const until = expiry === undefined ? undefined : printUnix(expiry);
  const reason = why === undefined ? [] : [`why=${why}`];
  const fields = [...what, until, ...printTerms(entry), ...reason];
  return { name: "ORDER", fields, labels: entry };
}

/** Readers of what `printOrdersEntry` prints, by record name. */
export const ordersReaders: readonly (readonly [string, (f: Fields) => OrdersEntry])[] = [
  ["ORDER", readOrder],
  ["FILL", readFill],
  ["SWITCH", readSwitch],
];

function readOrder(f: Fields): OrdersEntry {
  const order = {
    kind: "order",
    line: f.line(),
    key: f.key(),
    status: f.word(orderStatuses),
    side: f.word(["buy", "sell"]),
    market: f.market(),
    requested: f.quantity(),
    price: f.maybe(() => f.price()),
    filled: f.quantity(),
    open: f.quantity(),
    expiry: f.maybe(() => f.seconds()),
  } as const;
  const implied = impliedTif(order);
  const tif = f.option("tif", (text) => {
    const said = order.expiry === undefined ? parseTif(text) : undefined;
    return said === implied ? undefined : said;
  });
  const trigger = f.option("stop", (text) => branded(parseCount(text), price));
  const own = f.option("own", (text) => (text === "newest" ? undefined : parseOwn(text)));
  const cap = f.option("cap", (text) => branded(parseCount(text), amount));
  const why = f.option("why", (text) => cancelReasons.find((reason) => reason === text));
  f.must(order.status !== "waiting" || trigger !== undefined, "a stop, yet it waits");
  f.must(order.status === "cancelled" || why === undefined, "cancelled, yet it says why");
  const terms = { tif: tif ?? implied, trigger, own: own ?? "newest", cap } as const;
  return { ...order, ...terms, why, ...f.labels() };
}

function branded<Value>(
  value: number | undefined,
  brand: (value: number) => Value,
): Value | undefined {
  return value === undefined ? undefined : brand(value);
}

function readFill(f: Fields): OrdersEntry {
  return {
    kind: "fill",
    trade: f.count(),
    key: f.key(),
    side: f.word(["buy", "sell"]),
    market: f.market(),
    quantity: f.quantity(),
    price: f.price(),
    quote: f.amount(),
    fee: f.amount(),
    role: f.word(["maker", "taker"]),
    ...f.labels(),
  };
}

function readSwitch(f: Fields): OrdersEntry {
  return { kind: "switch", line: f.line(), at: f.maybe(() => f.seconds()), ...f.labels() };
}
