/**
 * Orders, from words as people write them to a line of a letter: BUY, SELL, REPLACE, CANCEL,
 * CANCELALL and CANCELAFTER (docs/spec/letter.md §4). Decimals are converted by the card; terms
 * that never go together (docs/spec/book.md §3) are refused here, by their own words.
 */
import { time, type Time } from "../codec/time.ts";
import type { OrderName, OwnMode, Side, Tif } from "../letter/command.ts";
import { parseOrderName } from "../letter/orderid.ts";
import { impliedTif, parseOwn, parseTif } from "../letter/terms.ts";
import type { Amount, Price } from "../money/amount.ts";
import { notional, type Market } from "../money/market.ts";
import {
  assetOf,
  marketOf,
  printable,
  readAmount,
  readPrice,
  readQuantity,
  type Steps,
} from "./amounts.ts";
import { lineOf, type Line, type Names } from "./compose.ts";
import { trouble, type Outcome, type Trouble } from "./errors.ts";
import { readLater } from "./times.ts";

/** An order as a person writes it: decimals, and times as `readLater` takes them. */
export type OrderAsked = {
  readonly side: Side;
  readonly quantity: string;
  readonly market: string;
  /** None: at the market. */
  readonly price?: string | undefined;
  readonly expiry?: string | undefined;
  /** `GTC`, `DAY`, `IOC`, `FOK` or `POST_ONLY`, in either case. */
  readonly tif?: string | undefined;
  readonly stop?: string | undefined;
  readonly own?: string | undefined;
  readonly cap?: string | undefined;
};

/** What an order's terms come to. */
type Terms = {
  readonly price: Price | undefined;
  readonly expiry: Time | undefined;
  readonly tif: Tif;
  readonly trigger: Price | undefined;
  readonly own: OwnMode;
  readonly cap: Amount | undefined;
};

function wrongKind(what: string, next: string): Trouble {
  return trouble("E129", what, { next });
}

/** BUY or SELL: `10 GLD/BTC @ 0.0421`; without a price a market order. */
export function placeLine(card: Steps, order: OrderAsked, names: Names, now: Time): Outcome<Line> {
  const market = marketOf(card, order.market);
  if (!market.ok) return market;
  const quantity = readQuantity(card, market.value, order.quantity);
  if (!quantity.ok) return quantity;
  const terms = readTerms(card, market.value, order, now);
  if (!terms.ok) return terms;
  const wrong = refuseKind(order.side, terms.value);
  if (wrong) return wrong;
  const { price } = terms.value;
  if (price !== undefined && notional(market.value, quantity.value, price) === undefined) {
    return trouble("E103", "Quantity times price is more than any account can hold.");
  }
  const { side } = order;
  const what = {
    kind: "place",
    side,
    market: market.value.name,
    quantity: quantity.value,
  } as const;
  return lineOf({ ...what, ...terms.value }, names);
}

function maybe<Value>(
  text: string | undefined,
  read: (text: string) => Outcome<Value>,
): Outcome<Value | undefined> {
  return text === undefined ? { ok: true, value: undefined } : read(text);
}

function readTerms(card: Steps, market: Market, order: OrderAsked, now: Time): Outcome<Terms> {
  const price = maybe(order.price, (text) => readPrice(market, text));
  if (!price.ok) return price;
  const trigger = maybe(order.stop, (text) => readPrice(market, text));
  if (!trigger.ok) return trigger;
  const cap = maybe(order.cap, (text) => capOf(card, market, text));
  if (!cap.ok) return cap;
  const expiry = maybe(order.expiry, (text) => readLater(text, now));
  if (!expiry.ok) return expiry;
  const own = maybe(order.own, readOwn);
  if (!own.ok) return own;
  const tif = maybe(order.tif, readTif);
  if (!tif.ok) return tif;
  const isMarket = order.price === undefined && order.stop === undefined;
  if (isMarket && order.expiry !== undefined) {
    return trouble("E108", "A market order has no expiry.", { next: "Give a price: @ PRICE" });
  }
  if (order.expiry !== undefined && order.tif !== undefined) {
    const what = `An order that stands until a time is not ${printable(order.tif)} as well.`;
    return wrongKind(what, "Leave out one of them.");
  }
  const when = { price: price.value, expiry: expiry.value };
  return {
    ok: true,
    value: {
      ...when,
      tif: tif.value ?? impliedTif(when),
      trigger: trigger.value,
      own: own.value ?? "newest",
      cap: cap.value,
    },
  };
}

function capOf(card: Steps, market: Market, text: string): Outcome<Amount> {
  const asset = assetOf(card, market.quote);
  return asset.ok ? readAmount(asset.value, text) : asset;
}

function readTif(text: string): Outcome<Tif> {
  const tif = parseTif(text.toUpperCase().replace("-", "_"));
  if (tif !== undefined) return { ok: true, value: tif };
  const next = "Write GTC, DAY, IOC, FOK or POST_ONLY; a time goes with --until.";
  return wrongKind(`${printable(text)} is no time in force.`, next);
}

function readOwn(text: string): Outcome<OwnMode> {
  const own = parseOwn(text.toLowerCase());
  if (own !== undefined) return { ok: true, value: own };
  const what = `${printable(text)} does not say which of two own orders ends.`;
  return wrongKind(what, "Write newest, oldest or both.");
}

/** Terms that the book knows no order of. */
function refuseKind(side: Side, terms: Terms): Trouble | undefined {
  const { price, trigger, tif, cap } = terms;
  if (cap !== undefined && side === "sell") {
    return wrongKind("A sale pays nothing that could be capped.", "Leave out the cap.");
  }
  if (cap !== undefined && price !== undefined) {
    return wrongKind("A price is a cap itself.", "Leave out the cap, or the price.");
  }
  if (trigger !== undefined) {
    if (tif === "fok" || tif === "post_only") {
      return wrongKind("A stop is neither FOK nor POST_ONLY.", "GTC, DAY or IOC.");
    }
    if (side === "buy" && price === undefined && cap === undefined) {
      return wrongKind(
        "A stop that buys without a price could cost anything.",
        "Say how much at most: --cap AMOUNT, or a price: @ PRICE",
      );
    }
    return undefined;
  }
  return price === undefined && tif !== "ioc" && tif !== "fok"
    ? wrongKind("Without a price an order trades at once or not at all.", "Give a price: @ PRICE")
    : undefined;
}

/** How an order is to be changed, as a person writes it; what is not said stays. */
export type ChangeAsked = {
  readonly order: string;
  readonly quantity?: string | undefined;
  readonly price?: string | undefined;
  readonly stop?: string | undefined;
  readonly postOnly?: boolean | undefined;
};

/** REPLACE, of an order that is on this market. */
export function replaceLine(
  card: Steps,
  asked: ChangeAsked & { readonly market: string },
  names: Names,
): Outcome<Line> {
  const order = readOrderName(asked.order);
  if (!order.ok) return order;
  const market = marketOf(card, asked.market);
  if (!market.ok) return market;
  const quantity = maybe(asked.quantity, (text) => readQuantity(card, market.value, text));
  if (!quantity.ok) return quantity;
  const price = maybe(asked.price, (text) => readPrice(market.value, text));
  if (!price.ok) return price;
  const trigger = maybe(asked.stop, (text) => readPrice(market.value, text));
  if (!trigger.ok) return trigger;
  const postOnly = asked.postOnly === true;
  const changes = { quantity: quantity.value, price: price.value, trigger: trigger.value };
  const isNothing = Object.values(changes).every((value) => value === undefined);
  if (isNothing && !postOnly) return trouble("E130");
  return lineOf({ kind: "replace", order: order.value, ...changes, postOnly }, names);
}

/** An order's name as typed; dashes as shown to people are taken. */
export function readOrderName(name: string): Outcome<OrderName> {
  const shown = /^[0-9a-f]{4}(-[0-9a-f]{4}){4,15}\.\d+$/.test(name)
    ? name.replaceAll("-", "")
    : name;
  const order = parseOrderName(shown);
  if (order) return { ok: true, value: order };
  return trouble("E109", `${printable(name)} is no order's name.`);
}

/** Whether an order of this key (whole order id and line) and own id is what the name means. */
export function isCalled(
  order: { readonly key: string; readonly id: string | undefined },
  name: OrderName,
): boolean {
  if (name.kind === "own") return order.id === name.id;
  return order.key.startsWith(name.prefix) && order.key.endsWith(`.${name.line}`);
}

/** CANCEL, by own id or by order id and line. */
export function cancelLine(name: string, names: Names): Outcome<Line> {
  const order = readOrderName(name);
  return order.ok ? lineOf({ kind: "cancel", order: order.value }, names) : order;
}

/** CANCELALL, of one market or of all, of one side or of both. */
export function cancelAllLine(
  card: Steps,
  which: { readonly market?: string | undefined; readonly side?: Side | undefined },
  names: Names,
): Outcome<Line> {
  const { market: asked, side } = which;
  const market = maybe(asked, (name) => marketOf(card, name));
  if (!market.ok) return market;
  return lineOf({ kind: "cancelall", market: market.value?.name, side }, names);
}

/** CANCELAFTER: `10m` from now, a time, or `off`. */
export function cancelAfterLine(when: string, names: Names, now: Time): Outcome<Line> {
  if (when.toLowerCase() === "off") {
    return lineOf({ kind: "cancelafter", at: undefined }, names);
  }
  const later = readLater(when, now);
  if (later.ok) return lineOf({ kind: "cancelafter", at: time(later.value) }, names);
  return { ...later, next: "Write 90s, 10m, 24h, 2026-11-21T12:00:00Z, or off." };
}

/** Splits `@ PRICE`, `@PRICE` or nothing from the end of an order's words. */
export function priceIn(words: readonly string[]): Outcome<string | undefined> {
  const text = words.join(" ").trim();
  if (text === "") return { ok: true, value: undefined };
  const match = /^@ ?(\S+)$/.exec(text);
  if (!match)
    return trouble("E100", `An order ends with \`@ PRICE\`, not with ${printable(text)}.`);
  return { ok: true, value: match[1] === "market" ? undefined : match[1] };
}
