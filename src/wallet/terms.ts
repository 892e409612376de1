/**
 * An order's terms and why it ended, in words: one vocabulary for the command line, the pages and
 * the files for spreadsheets.
 */
import { printSeconds } from "../codec/time.ts";
import { cancelReasons, type CancelReason, type OrderEntry } from "../letter/orderentry.ts";
import { impliedTif } from "../letter/terms.ts";
import { showAmount, showPrice, type Steps } from "./amounts.ts";

const reasons: Readonly<Record<CancelReason, string>> = {
  immediate: "what did not trade at once may not rest",
  own_order: "it met another order of this account",
  cap: "its cap pays for no more",
  funds: "what is free pays for no more",
  switch: "the dead man's switch went off",
  ratio: "its shares were split",
  delisted: "its asset was delisted",
};

/** The same of a word that somebody read in a record; `undefined` if it is no such word. */
export function whyOf(word: string): string | undefined {
  const why = cancelReasons.find((known) => known === word);
  return why && reasons[why];
}

/** Why an order was cancelled that nobody asked to cancel. */
export function whyWords(why: CancelReason): string {
  return reasons[why];
}

/** The time in force as letters write it, where it does not go without saying. */
function tifWord(order: Pick<OrderEntry, "tif" | "price" | "expiry">): string | undefined {
  return order.tif === impliedTif(order) ? undefined : order.tif.toUpperCase();
}

/** An order's terms in short, each only where it says something. */
export function termsWords(card: Steps, order: OrderEntry): readonly string[] {
  const { market, trigger, own, cap, expiry } = order;
  const quote = market.slice(market.indexOf("/") + 1);
  const tif = tifWord(order)?.replace("_", " ").toLowerCase();
  return [
    ...(trigger === undefined ? [] : [`stop ${showPrice(card, market, trigger)}`]),
    ...(cap === undefined ? [] : [`cap ${showAmount(card, quote, cap)} ${quote}`]),
    ...(tif === undefined ? [] : [tif]),
    ...(expiry === undefined ? [] : [`until ${printSeconds(expiry)}`]),
    ...(own === "newest" ? [] : [`own ${own}`]),
  ];
}
