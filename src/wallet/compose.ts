/**
 * From words on a command line to a line of a letter. Everything is checked here against the
 * exchange's signed card, before anything is signed: what the exchange would refuse for certain is
 * not sent.
 */
import { time, type Time } from "../codec/time.ts";
import { isOwnId, isLabel, isRemark, parseFingerprint } from "../letter/atoms.ts";
import type { Card } from "../letter/card.ts";
import type { Command, Side } from "../letter/command.ts";
import { parseOrderName } from "../letter/orderid.ts";
import { printCommand } from "../letter/print.ts";
import { notional } from "../money/market.ts";
import { assetOf, marketOf, printable, readAmount, readPrice, readQuantity } from "./amounts.ts";
import { trouble, type Outcome } from "./errors.ts";
import { readLater } from "./times.ts";

/** A command's line, with the id that it gives. */
export type Line = { readonly text: string; readonly ids: readonly string[] };

/** The customer's names for a command. */
export type Names = { readonly id?: string | undefined; readonly tag?: string | undefined };

function line(command: Command, names: Names): Outcome<Line> {
  if (names.id !== undefined && !isOwnId(names.id)) {
    return trouble("E109", `The id ${printable(names.id)} is malformed.`);
  }
  if (names.tag !== undefined && !isLabel(names.tag)) {
    return trouble("E109", `The tag ${printable(names.tag)} is malformed.`);
  }
  const text = printCommand(command, names);
  return { ok: true, value: { text, ids: names.id === undefined ? [] : [names.id] } };
}

/** BUY or SELL: `10 GLD/BTC @ 0.0421`; without a price a market order. */
export function placeLine(
  card: Card,
  order: {
    readonly side: Side;
    readonly quantity: string;
    readonly market: string;
    readonly price?: string | undefined;
    readonly expiry?: string | undefined;
  },
  names: Names,
  now: Time,
): Outcome<Line> {
  const market = marketOf(card, order.market);
  if (!market.ok) return market;
  const quantity = readQuantity(card, market.value, order.quantity);
  if (!quantity.ok) return quantity;
  const plain = { trigger: undefined, own: "newest", cap: undefined } as const;
  const base = { kind: "place", side: order.side, market: market.value.name, ...plain } as const;
  if (order.price === undefined) {
    if (order.expiry !== undefined) {
      return trouble("E108", "A market order has no expiry.", { next: "Give a price: @ PRICE" });
    }
    const unpriced = { price: undefined, expiry: undefined, tif: "ioc" } as const;
    return line({ ...base, quantity: quantity.value, ...unpriced }, names);
  }
  const price = readPrice(market.value, order.price);
  if (!price.ok) return price;
  if (notional(market.value, quantity.value, price.value) === undefined) {
    return trouble("E103", "Quantity times price is more than any account can hold.");
  }
  let expiry: Time | undefined;
  if (order.expiry !== undefined) {
    const read = readLater(order.expiry, now);
    if (!read.ok) return read;
    expiry = time(Math.floor(read.value / 1000) * 1000);
  }
  const tif = expiry === undefined ? "gtc" : "gtd";
  return line({ ...base, quantity: quantity.value, price: price.value, expiry, tif }, names);
}

/** CANCEL, by own id or by order id and line; dashes as shown to people are taken. */
export function cancelLine(name: string, names: Names): Outcome<Line> {
  const shown = /^[0-9a-f]{4}(-[0-9a-f]{4}){4,15}\.\d+$/.test(name)
    ? name.replaceAll("-", "")
    : name;
  const order = parseOrderName(shown);
  if (!order) return trouble("E109", `${printable(name)} is no order's name.`);
  return line({ kind: "cancel", order }, names);
}

/** CANCELALL, of one market or of all. */
export function cancelAllLine(card: Card, market: string | undefined, names: Names): Outcome<Line> {
  const all = { kind: "cancelall", market: undefined, side: undefined } as const;
  if (market === undefined) return line(all, names);
  const found = marketOf(card, market);
  if (!found.ok) return found;
  return line({ ...all, market: found.value.name }, names);
}

/** DEPOSIT: announces a payment. */
export function depositLine(
  card: Card,
  asked: { readonly amount: string; readonly asset: string },
  names: Names,
): Outcome<Line> {
  const asset = assetOf(card, asked.asset);
  if (!asset.ok) return asset;
  const amount = readAmount(asset.value, asked.amount);
  if (!amount.ok) return amount;
  return line({ kind: "deposit", asset: asset.value.name, amount: amount.value }, names);
}

/** WITHDRAW: asks the operators to pay. */
export function withdrawLine(
  card: Card,
  asked: { readonly amount: string; readonly asset: string; readonly address: string },
  names: Names,
): Outcome<Line> {
  const asset = assetOf(card, asked.asset);
  if (!asset.ok) return asset;
  const amount = readAmount(asset.value, asked.amount);
  if (!amount.ok) return amount;
  const { address } = asked;
  if (!isRemark(address)) {
    return trouble("E111", "The address is not 1 to 100 printable characters without |.");
  }
  const what = { asset: asset.value.name, amount: amount.value, address };
  return line({ kind: "withdraw", ...what }, names);
}

/** PUSH: to another customer. */
export function pushLine(
  card: Card,
  asked: { readonly amount: string; readonly asset: string; readonly to: string },
  names: Names,
): Outcome<Line> {
  const asset = assetOf(card, asked.asset);
  if (!asset.ok) return asset;
  const amount = readAmount(asset.value, asked.amount);
  if (!amount.ok) return amount;
  const to = parseFingerprint(asked.to.replaceAll(" ", ""));
  if (to === undefined) return trouble("E110", `${printable(asked.to)} is not a fingerprint.`);
  return line({ kind: "push", asset: asset.value.name, to, amount: amount.value }, names);
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

/** Splits `to WHERE` from the end of a payment's words. */
export function placeIn(words: readonly string[]): Outcome<string> {
  const [to, ...where] = words;
  if (to !== "to" || where.length === 0) {
    return trouble("E100", "Say where to: AMOUNT ASSET to ADDRESS");
  }
  return { ok: true, value: where.join(" ") };
}
