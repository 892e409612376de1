/**
 * The commands about orders (docs/spec/letter.md §3, §4): BUY, SELL, REPLACE, CANCEL, CANCELALL and
 * CANCELAFTER, read and printed.
 *
 * Only the form is judged: which kinds of orders there are is the book's business (`kind_wrong`).
 */
import { assert, at } from "../codec/assert.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { price, quantity, type Price, type Quantity } from "../money/amount.ts";
import { quoted } from "./atoms.ts";
import type {
  Command,
  LineRefusal,
  OrderName,
  PlaceCommand,
  ReplaceCommand,
  Side,
} from "./command.ts";
import { printUnix, readPositive, readSeconds, refuseMarket, type Read } from "./fieldgrammar.ts";
import type { Options } from "./optiongrammar.ts";
import { parseOrderName, printOrderName } from "./orderid.ts";
import { impliedTif, printTerms, type Terms } from "./terms.ts";

function readQuantity(text: string): Verdict<Quantity, LineRefusal> {
  const names = { malformed: "quantity_malformed", zero: "quantity_zero" } as const;
  const lots = readPositive(text, "quantity", names);
  return lots.ok ? accept(quantity(lots.value)) : lots;
}

function readPrice(text: string): Verdict<Price, LineRefusal> {
  const units = readPositive(text, "price", { malformed: "price_malformed", zero: "price_zero" });
  return units.ok ? accept(price(units.value)) : units;
}

/** BUY or SELL. */
export function place(side: Side): Read {
  return (fields, options) => {
    const market = at(fields, 0);
    const marketRefused = refuseMarket(market);
    if (marketRefused) return marketRefused;
    const lots = readQuantity(at(fields, 1));
    if (!lots.ok) return lots;
    const terms = readTerms(side, fields, options);
    if (!terms.ok) return terms;
    return accept({ kind: "place", side, market, quantity: lots.value, ...terms.value });
  };
}

function readTerms(
  side: Side,
  fields: readonly string[],
  { tif, stop, own = "newest", cap }: Options,
): Verdict<Terms, LineRefusal> {
  const [, , priceText, expiryText] = fields;
  // `BUY|GLD/BTC|1200||1795262400`: no price, but an expiry.
  const unpriced = priceText === undefined || (priceText === "" && expiryText !== undefined);
  const limit = unpriced ? accept(undefined) : readPrice(priceText);
  if (!limit.ok) return limit;
  const expiry =
    expiryText === undefined
      ? accept(undefined)
      : readSeconds(expiryText, "expiry", "expiry_malformed");
  if (!expiry.ok) return expiry;
  const when = { price: limit.value, expiry: expiry.value };
  if (unpriced && expiryText !== undefined && stop === undefined) {
    return refuse("expiry_on_market_order", "A market order never rests, so it cannot expire.");
  }
  if (expiryText !== undefined && tif !== undefined) {
    return refuse("expiry_against_tif", "An order with an expiry stands until then; drop tif=.");
  }
  if (cap !== undefined && (side === "sell" || !unpriced)) {
    return refuse("cap_not_here", "Only a BUY without a price can be capped.");
  }
  return accept({ ...when, tif: tif ?? impliedTif(when), trigger: stop, own, cap });
}

/** The fields that `place` reads, with the verb. */
export function printPlace(command: PlaceCommand): readonly (string | number)[] {
  const { market, quantity: lots, price: limit, expiry, trigger, cap } = command;
  assert(limit !== undefined || expiry === undefined || trigger !== undefined, "stops may expire");
  assert(cap === undefined || (command.side === "buy" && limit === undefined), "only then a cap");
  const fields: (string | number)[] = [command.side === "buy" ? "BUY" : "SELL", market, lots];
  if (limit !== undefined || expiry !== undefined) fields.push(limit ?? "");
  if (expiry !== undefined) fields.push(printUnix(expiry));
  return [...fields, ...printTerms(command)];
}

function readOrder(text: string): Verdict<OrderName, LineRefusal> {
  const order = parseOrderName(text);
  if (order !== undefined) return accept(order);
  return refuse(
    "order_malformed",
    "It must be your own id, or 20 to 64 digits of the order id, a point and the line from 1.",
  );
}

/** The field of CANCEL. */
export function cancel(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const order = readOrder(at(fields, 0));
  return order.ok ? accept({ kind: "cancel", order: order.value }) : order;
}

/** The fields of REPLACE; `-` keeps what it was. */
export function replace(
  fields: readonly string[],
  { tif, stop }: Options,
): Verdict<Command, LineRefusal> {
  const lots = kept(at(fields, 1)) ?? readQuantity(at(fields, 1));
  if (!lots.ok) return lots;
  const [, , priceText = "-"] = fields;
  const limit = kept(priceText) ?? readPrice(priceText);
  if (!limit.ok) return limit;
  const order = readOrder(at(fields, 0));
  if (!order.ok) return order;
  return accept({
    kind: "replace",
    order: order.value,
    quantity: lots.value,
    price: limit.value,
    trigger: stop,
    postOnly: tif === "post_only",
  });
}

function kept(text: string): { readonly ok: true; readonly value: undefined } | undefined {
  return text === "-" ? { ok: true, value: undefined } : undefined;
}

/** The fields that `replace` reads, with the verb. */
export function printReplace(command: ReplaceCommand): readonly (string | number)[] {
  const { order, quantity: lots, price: limit, trigger, postOnly } = command;
  const fields: (string | number)[] = ["REPLACE", printOrderName(order), lots ?? "-"];
  if (limit !== undefined) fields.push(limit);
  if (postOnly) fields.push("tif=POST_ONLY");
  if (trigger !== undefined) fields.push(`stop=${trigger}`);
  return fields;
}

/** The fields of CANCELALL; `-` is every market. */
export function cancelAll(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const [first = "-", sideText] = fields;
  const market = first === "-" ? undefined : first;
  const marketRefused = market === undefined ? undefined : refuseMarket(market);
  if (marketRefused) return marketRefused;
  const side = (["buy", "sell"] as const).find((known) => known === sideText);
  if (sideText !== undefined && side === undefined) return refuseSide(sideText);
  return accept({ kind: "cancelall", market, side });
}

function refuseSide(text: string): Refused<LineRefusal> {
  return refuse("side_malformed", `${quoted(text)} is not buy or sell.`);
}

/** The fields that `cancelAll` reads, with the verb. */
export function printCancelAll(
  command: Extract<Command, { kind: "cancelall" }>,
): readonly string[] {
  const { market, side } = command;
  if (side !== undefined) return ["CANCELALL", market ?? "-", side];
  return market === undefined ? ["CANCELALL"] : ["CANCELALL", market];
}

/** The field of CANCELAFTER; 0 is off. */
export function cancelAfter(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const when = readSeconds(at(fields, 0), "time", "time_malformed");
  if (!when.ok) return when;
  return accept({ kind: "cancelafter", at: when.value === 0 ? undefined : when.value });
}
