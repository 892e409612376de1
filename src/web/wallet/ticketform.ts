/**
 * The order ticket, checked while it is typed, by the wallet's own amounts and the exchange's card:
 * what the exchange would refuse for certain is said at once, with the nearest values that it would
 * take. Nothing is rounded and nothing is a float.
 */
import type { Time } from "../../codec/time.ts";
import { isOwnId } from "../../letter/atoms.ts";
import type { OwnMode } from "../../letter/command.ts";
import type { Amount, Price, Quantity } from "../../money/amount.ts";
import { printDecimal } from "../../money/decimal.ts";
import type { Market } from "../../money/market.ts";
import {
  assetOf,
  nearestPrices,
  nearestQuantities,
  readAmount,
  readPrice,
  readQuantity,
  showAmount,
  showPrice,
  showQuantity,
} from "../../wallet/amounts.ts";
import { sweepOf, worstOf } from "../../wallet/costs.ts";
import { trouble, type Outcome, type Trouble } from "../../wallet/errors.ts";
import { placeLine } from "../../wallet/orderlines.ts";
import { readDeadline, readLater } from "../../wallet/times.ts";
import type {
  AccountView,
  BalanceView,
  ExchangeView,
  Money,
  OrderForm,
  Told,
} from "./core/protocol.ts";
import { told } from "./core/told.ts";

/** What stands in the fields, as typed. */
export type TicketFields = {
  readonly side: "buy" | "sell";
  readonly market: string;
  readonly isLimit: boolean;
  readonly quantity: string;
  readonly price: string;
  readonly id: string;
  /** How long the letter is good for. */
  readonly by: string;
  /** Until when the order rests; empty: until cancelled. */
  readonly expiry: string;
  /** Time in force; empty: what goes without saying. */
  readonly tif: string;
  /** The price that a stop waits for; empty: no stop. */
  readonly stop: string;
  /** The most that a buy at the market pays; empty: what is free. */
  readonly cap: string;
  /** Which of two own orders ends that meet. */
  readonly own: OwnMode;
};

/** A field that can be wrong; `terms`: each is right, and they do not go together. */
export type FieldName = "quantity" | "price" | "id" | "by" | "expiry" | "stop" | "cap" | "terms";

/** What is wrong with a field, and what could stand there instead. */
export type Complaint = { readonly told: Told; readonly offers: readonly string[] };

/** What a ticket comes to at worst; without a price not all of it can be known. */
export type TicketCost = {
  readonly notional: Money | undefined;
  readonly feeMost: Money | undefined;
  /** A buy pays at most this; a sell gets at least this. */
  readonly bound: Money | undefined;
  /** What must be free, and whether it stays set aside. */
  readonly held: Money;
  readonly heldWhile: "resting" | "waiting" | "no time";
};

/** What there is to say about a ticket. */
export type TicketCheck = {
  readonly complaints: ReadonlyMap<FieldName, Complaint>;
  readonly cost: TicketCost | undefined;
  /** There is less free than it needs: the exchange would refuse it, if this is up to date. */
  readonly shortage: Told | undefined;
  /** What is to be written, once every field is right. */
  readonly form: OrderForm | undefined;
};

/** What a market takes, in a sentence. */
export function limitsOf(exchange: ExchangeView, name: string): string {
  const market = exchange.markets.find((known) => known.name === name);
  if (market === undefined) return "";
  const { base, quote, tick, priceDecimals, quantityMin, quantityMax } = market;
  const quantity = (lots: number): string => showQuantity(exchange, name, lots);
  const step = `${printDecimal(tick, priceDecimals)} ${quote}`;
  const most = `${quantity(quantityMin)} to ${quantity(quantityMax)} ${base}`;
  return `${most}, in steps of ${quantity(1)}; prices in steps of ${step}.`;
}

/** An empty ticket. A letter that is `carried` by hand takes as long as a person does. */
export function emptyTicket(market: string, carried = false): TicketFields {
  const by = carried ? "1h" : "60s";
  const texts = { quantity: "", price: "", id: "", by, expiry: "", tif: "", stop: "", cap: "" };
  return { side: "buy", market, isLimit: true, own: "newest", ...texts };
}

/** A choice of the ticket: what goes into the letter, and what it is called. */
export type TermChoice = readonly [value: string, label: string];

/** The times in force that an order of this kind can have; the first goes without saying. */
export function tifsOf({ isLimit, stop }: TicketFields): readonly TermChoice[] {
  const isStop = stop.trim() !== "";
  const day = ["DAY", "until its market's day ends"] as const;
  const dropped = ["IOC", "what does not trade at once is dropped"] as const;
  if (isStop) {
    const waits = ["", "waits until cancelled, or the time below"] as const;
    return isLimit ? [waits, day, dropped] : [waits, day];
  }
  if (!isLimit) return [["", "what finds nobody is dropped"], allOrNothing];
  const rests = ["", "until cancelled, or the time below"] as const;
  const post = ["POST_ONLY", "refused if it would trade at once"] as const;
  return [rests, day, dropped, allOrNothing, post];
}

const allOrNothing = ["FOK", "all of it at once, or nothing"] as const;

/** The time in force that was chosen, if orders of this kind can have it. */
export function tifOf(fields: TicketFields): string {
  return tifsOf(fields).find(([value]) => value === fields.tif)?.[0] ?? "";
}

/** Whether it can be said until when the order stands. */
export function mayExpire(fields: TicketFields): boolean {
  return (fields.isLimit || fields.stop.trim() !== "") && tifOf(fields) === "";
}

/** Whether it can be said what the order may cost at most: a price would say it. */
export function mayBeCapped({ side, isLimit }: TicketFields): boolean {
  return side === "buy" && !isLimit;
}

/** A clock that differs by more than this makes deadlines mean something else. */
const clockMostMs = 30_000;

/** Why nothing can be ordered now, if so. */
export function whyOff(account: AccountView): Told | undefined {
  const { clock, registration } = account;
  if (registration.kind === "failed") return registration.trouble;
  if (!account.registered) return told(trouble("E730"));
  if (clock === undefined || Math.abs(clock.offsetMs) <= clockMostMs) return undefined;
  const seconds = Math.round(Math.abs(clock.offsetMs) / 1000);
  const side = clock.offsetMs > 0 ? "ahead of" : "behind";
  const what = `Your clock is ${seconds} s ${side} the exchange's.`;
  return toldHere(trouble("E105", what), "Set this device's clock, then come back here.");
}

/** A trouble with what to do about it here. */
function toldHere(found: Trouble, next: string): Told {
  return { ...told(found), next };
}

const writeDigits = "Write digits, and a point before the fraction: 1200 or 1.5";

/** Checks what was typed so far; an empty field is not complained about. */
export function checkTicket(
  exchange: ExchangeView,
  balances: readonly BalanceView[],
  fields: TicketFields,
  now: Time,
): TicketCheck {
  const complaints = new Map<FieldName, Complaint>();
  const market = exchange.markets.find(({ name }) => name === fields.market);
  const none = { complaints, cost: undefined, shortage: undefined, form: undefined };
  if (market === undefined) return none;
  const take = <Value>(
    name: FieldName,
    outcome: Outcome<Value> | undefined,
    offers: readonly string[] = [],
  ): Value | undefined => {
    if (outcome === undefined || outcome.ok) return outcome?.value;
    const next = offers.length > 0 ? "Choose one that the market takes:" : writeDigits;
    complaints.set(name, { told: toldHere(outcome, next), offers });
    return undefined;
  };
  const quantity = take(
    "quantity",
    typed(fields.quantity, (text) => readQuantity(exchange, market, text)),
    nearestQuantities(exchange, market, fields.quantity.trim()),
  );
  const price = take(
    "price",
    fields.isLimit ? typed(fields.price, (text) => readPrice(market, text)) : undefined,
    nearestPrices(market, fields.price.trim()),
  );
  const trigger = take(
    "stop",
    typed(fields.stop, (text) => readPrice(market, text)),
    nearestPrices(market, fields.stop.trim()),
  );
  const cap = take(
    "cap",
    mayBeCapped(fields) ? typed(fields.cap, (text) => readCap(exchange, market, text)) : undefined,
  );
  const isWhole = quantity !== undefined && (price !== undefined || !fields.isLimit);
  const cost =
    isWhole && complaints.size === 0
      ? costHere(exchange, market, fields, { quantity, price, cap, trigger })
      : undefined;
  if (price && quantity && complaints.size === 0 && cost === undefined) {
    const what = "Quantity times price is more than any account can hold.";
    complaints.set("quantity", {
      told: toldHere(trouble("E103", what), "Ask for less."),
      offers: [],
    });
  }
  checkNames(fields, now, complaints);
  const whole = isWhole && complaints.size === 0 ? formOf(fields) : undefined;
  // Whether the terms go together is for the wallet to say, as it will when it writes the letter.
  const line = whole && placeLine(exchange, whole, { id: whole.id }, now);
  if (line?.ok === false) complaints.set("terms", { told: told(line), offers: [] });
  const form = line?.ok === true ? whole : undefined;
  return { complaints, cost, shortage: shortageOf(cost, balances), form };
}

/** The two sides of a market's book, best first, in its own units. */
export type BookNow = {
  readonly buys: readonly { readonly price: number; readonly quantity: number }[];
  readonly sells: readonly { readonly price: number; readonly quantity: number }[];
};

/** What a market order would come to by the book; nothing, if the quantity is not right yet. */
export function estimateOf(
  exchange: ExchangeView,
  fields: TicketFields,
  book: BookNow,
): string | undefined {
  const market = exchange.markets.find(({ name }) => name === fields.market);
  const wanted = market && readQuantity(exchange, market, fields.quantity.trim());
  if (market === undefined || wanted?.ok !== true || fields.isLimit) return undefined;
  if (fields.stop.trim() !== "") return undefined;
  const isBuy = fields.side === "buy";
  const sweep = sweepOf(market, isBuy ? book.sells : book.buys, wanted.value);
  if (sweep === undefined) return "Nobody offers anything now: nothing would be traded.";
  const { name, base, quote } = market;
  const had = `${showQuantity(exchange, name, sweep.quantity)} ${base}`;
  const part = sweep.quantity < wanted.value ? "only " : "";
  const sum = `${showAmount(exchange, quote, sweep.turnover)} ${quote}`;
  const fee = `fee ${showAmount(exchange, quote, sweep.fee)} ${quote}`;
  const worst = `worst price ${showPrice(exchange, name, sweep.worst)}`;
  return `By the book now: ${part}${had} for ${sum}, ${fee}, ${worst}. It may be another book when the exchange reads it.`;
}

function typed<Value>(
  text: string,
  read: (text: string) => Outcome<Value>,
): Outcome<Value> | undefined {
  const trimmed = text.trim();
  return trimmed === "" ? undefined : read(trimmed);
}

function checkNames(fields: TicketFields, now: Time, complaints: Map<FieldName, Complaint>): void {
  const complain = (name: FieldName, found: Trouble, next: string): void => {
    complaints.set(name, { told: toldHere(found, next), offers: [] });
  };
  const id = fields.id.trim();
  if (id !== "" && !isOwnId(id)) {
    const next = "1 to 36 of A-Z a-z 0-9 . _ : / - and new for ever; or leave it empty.";
    complain("id", trouble("E109", "This name cannot be an order's."), next);
  }
  const later = "Write 90s, 10m, 24h, 7d or 2026-11-21T12:00:00Z.";
  const by = typed(fields.by, (text) => readDeadline(text, now));
  if (by !== undefined && !by.ok) complain("by", by, later);
  const isTimed = mayExpire(fields);
  const expiry = isTimed ? typed(fields.expiry, (text) => readLater(text, now)) : undefined;
  if (expiry !== undefined && !expiry.ok) complain("expiry", expiry, later);
}

function readCap(exchange: ExchangeView, market: Market, text: string): Outcome<Amount> {
  const quote = assetOf(exchange, market.quote);
  return quote.ok ? readAmount(quote.value, text) : quote;
}

function costHere(
  exchange: ExchangeView,
  market: Market,
  fields: TicketFields,
  order: {
    readonly quantity: Quantity;
    readonly price: Price | undefined;
    readonly cap: Amount | undefined;
    readonly trigger: Price | undefined;
  },
): TicketCost | undefined {
  const worst = worstOf(market, { side: fields.side, ...order });
  if (worst === undefined) return undefined;
  const quote = (units: number | undefined): Money | undefined =>
    units === undefined
      ? undefined
      : { amount: showAmount(exchange, market.quote, units), asset: market.quote };
  const { asset, amount } = worst.held;
  const tif = tifOf(fields);
  const rests = fields.isLimit && tif !== "IOC" && tif !== "FOK";
  return {
    notional: quote(worst.notional),
    feeMost: quote(worst.feeMost),
    bound: quote(worst.bound),
    held: { amount: showAmount(exchange, asset, amount), asset },
    heldWhile: order.trigger !== undefined ? "waiting" : rests ? "resting" : "no time",
  };
}

function shortageOf(
  cost: TicketCost | undefined,
  balances: readonly BalanceView[],
): Told | undefined {
  if (cost === undefined) return undefined;
  const { amount, asset } = cost.held;
  const free = balances.find((balance) => balance.asset === asset)?.free ?? "0";
  if (!isLess(free, amount)) return undefined;
  return {
    ok: false,
    code: "E464",
    what: `${amount} ${asset} needed, ${free} free.`,
    meaning:
      "As far as your reports say, the exchange would refuse it; nothing would be bought or sold.",
    next: "Ask for less, cancel an order that holds some, or deposit more.",
  };
}

/** Whether one decimal is below another, both as the wallet prints them. */
export function isLess(a: string, b: string): boolean {
  const [wholeA = "", fractionA = ""] = a.split(".");
  const [wholeB = "", fractionB = ""] = b.split(".");
  const digits = Math.max(fractionA.length, fractionB.length);
  return (
    BigInt(wholeA + fractionA.padEnd(digits, "0")) < BigInt(wholeB + fractionB.padEnd(digits, "0"))
  );
}

function formOf(fields: TicketFields): OrderForm {
  const text = (value: string): string | undefined =>
    value.trim() === "" ? undefined : value.trim();
  return {
    side: fields.side,
    market: fields.market,
    quantity: fields.quantity.trim(),
    price: fields.isLimit ? text(fields.price) : undefined,
    expiry: mayExpire(fields) ? text(fields.expiry) : undefined,
    tif: text(tifOf(fields)),
    stop: text(fields.stop),
    own: fields.own === "newest" ? undefined : fields.own,
    cap: mayBeCapped(fields) ? text(fields.cap) : undefined,
    by: text(fields.by),
    id: text(fields.id),
  };
}
