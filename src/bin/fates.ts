/**
 * What became of a letter, in words for people and as data for scripts, with the exit code it
 * means.
 */
import { shortId } from "../codec/names.ts";
import { printSeconds, printTime } from "../codec/time.ts";
import type { FillEntry, OrderEntry } from "../letter/entry.ts";
import type { Card } from "../letter/card.ts";
import { printKey } from "../letter/orderid.ts";
import { termsWords, whyWords } from "../wallet/terms.ts";
import { showAmount, showPrice, showQuantity } from "../wallet/amounts.ts";
import { exits, trouble, type Exit } from "../wallet/errors.ts";
import { executionOf } from "../wallet/execution.ts";
import type { OutboxEntry } from "../wallet/outbox.ts";
import { nameOf, tookEffect, type LineFate } from "../wallet/fates.ts";
import { isOfferOpen } from "../wallet/fold.ts";
import { keyData, keyLine } from "../wallet/keylines.ts";
import { called } from "./called.ts";
import { hintedLines, troubleData, type Data, type Ending } from "./context.ts";
import type { Trouble } from "../wallet/errors.ts";
import { offerData, offerLine, offerName, ringedLine } from "./ringlines.ts";
import { actionLine, holderLines, holdersData, switchData, switchLine } from "./securitieslines.ts";

/** The sign of an order's state. One that is over without being filled is no failure. */
function signOf(status: OrderEntry["status"], over: string): string {
  switch (status) {
    case "waiting":
    case "resting":
      return "○";
    case "partly_filled":
      return "◐";
    case "filled":
      return "●";
    case "cancelled":
    case "expired":
      return over;
  }
}

/** An order in one line. */
export function orderLine(
  card: Card,
  order: OrderEntry,
  fills: readonly FillEntry[],
  { over = "–" }: { readonly over?: string } = {},
): string {
  const { market } = order;
  const quantity = (lots: number): string => showQuantity(card, market, lots);
  const price = order.price === undefined ? "the market" : showPrice(card, market, order.price);
  const status = order.status.replace("_", " ");
  const terms = termsWords(card, order).map((term) => `, ${term}`);
  const amount = `${order.side} ${quantity(order.requested)} ${market} @ ${price}${terms.join("")}`;
  const done = executionOf(card, order, fills);
  const how =
    done === undefined ? " filled" : ` at ${done.price}, fee ${done.fee} ${done.feeAsset}`;
  const filled = `${quantity(order.filled)} of ${quantity(order.requested)}${how}`;
  return `${signOf(order.status, over)} ${status.padEnd(13)} ${amount}${progress(order, filled)}`;
}

function progress(order: OrderEntry, filled: string): string {
  switch (order.status) {
    case "waiting":
      return "   waits for its stop";
    case "resting":
      return "   on the book";
    case "partly_filled":
      return `   ${filled}, the rest on the book`;
    case "cancelled":
      return order.why === undefined ? `   ${filled}` : `   ${filled}: ${whyWords(order.why)}`;
    case "filled":
    case "expired":
      return `   ${filled}`;
  }
}

/** An order as data: decimals are texts. */
export function orderData(
  card: Card,
  order: OrderEntry,
  fills: readonly FillEntry[],
): { readonly [key: string]: Data } {
  const done = executionOf(card, order, fills);
  const quantity = (lots: number): string => showQuantity(card, order.market, lots);
  return {
    order: printKey(order.key),
    id: order.id,
    tag: order.tag,
    status: order.status,
    side: order.side,
    market: order.market,
    quantity: quantity(order.requested),
    price: order.price === undefined ? null : showPrice(card, order.market, order.price),
    filled: quantity(order.filled),
    open: quantity(order.open),
    averagePrice: done?.price,
    amount: done?.amount,
    fee: done?.fee,
    feeAsset: done?.feeAsset,
    expiry: order.expiry === undefined ? null : printSeconds(order.expiry),
    timeInForce: order.tif.toUpperCase(),
    stop: order.trigger === undefined ? null : showPrice(card, order.market, order.trigger),
    own: order.own,
    cap: order.cap === undefined ? null : showAmount(card, quoteOf(order.market), order.cap),
    why: order.why,
  };
}

function quoteOf(market: string): string {
  return market.slice(market.indexOf("/") + 1);
}

function actedLine(card: Card, fate: Extract<LineFate, { kind: "order" }>): string {
  const over = fate.act === "cancelled" ? { over: "●" } : {};
  const told = orderLine(card, fate.order, fate.fills, over);
  const stands = fate.order.open > 0 || fate.order.status === "filled";
  return fate.act === "replaced" && stands ? `${told}   replaced` : told;
}

/** A line's fate in words. */
function fateLines(card: Card, fate: LineFate, title: string | undefined): readonly string[] {
  switch (fate.kind) {
    case "order":
      // An order that was there and is cancelled now was cancelled by this line: it is done.
      return [actedLine(card, fate)];
    case "rejected": {
      const [what = "", meaning = "", next = ""] = hintedLines(named(fate.trouble, title));
      return [`✕ ${what}`, `  ${meaning}`, `${`  ${next}`.padEnd(80)} ${fate.trouble.code}`];
    }
    case "ring":
      return [
        // An order that a letter of this line took back: it is done.
        offerLine(card, fate.offer, { isDone: fate.offer.status === "taken_back" }),
        ...fate.rings.map((ringed) => ringedLine(card, fate.offer, ringed)),
      ];
    case "holders":
      return holderLines(card, fate.asset, fate.holders);
    case "accepted":
      return acceptedLines(card, fate);
  }
}

function acceptedLines(card: Card, fate: Extract<LineFate, { kind: "accepted" }>): string[] {
  const { entry } = fate;
  if (entry.kind === "deposit") {
    const { number, asset, announced, credited } = entry;
    if (entry.state === "credited") {
      return [`● deposit ${number} credited  ${showAmount(card, asset, credited)} ${asset}`];
    }
    return [
      `○ deposit ${number} awaited   ${showAmount(card, asset, announced)} ${asset}`,
      `  write on the payment:  deposit ${number}`,
    ];
  }
  if (entry.kind === "withdrawal") {
    const amount = `${showAmount(card, entry.asset, entry.amount)} ${entry.asset}`;
    const sign = entry.state === "paid" ? "●" : entry.state === "refused" ? "✕" : "○";
    return [`${sign} withdrawal ${entry.number} ${entry.state}   ${amount} to ${entry.address}`];
  }
  if (entry.kind === "push") {
    const amount = `${showAmount(card, entry.asset, entry.amount)} ${entry.asset}`;
    return [`● pushed ${amount} to ${entry.to}`];
  }
  if (entry.kind === "approval") {
    const { verb, number, have, need } = entry;
    const signed = `${verb} ${number}: signed by ${have} of ${need} operators`;
    const others = need - have === 1 ? "another operator" : `${need - have} other operators`;
    return [have < need ? `○ ${signed}, waits for ${others}` : `● ${signed}: agreed`];
  }
  if (entry.kind === "switch") return [switchLine(entry.at)];
  if (entry.kind === "action") return [actionLine(entry)];
  if (entry.kind === "key" || entry.kind === "frozen") return [keyLine(entry)];
  if (fate.verb === "CANCELALL") return ["● nothing was open"];
  return [`● done   ${fate.verb}`];
}

function fateData(card: Card, fate: LineFate): Data {
  switch (fate.kind) {
    case "order":
      return { line: fate.line, ...orderData(card, fate.order, fate.fills) };
    case "ring":
      return { line: fate.line, ...offerData(card, fate.offer, fate.rings) };
    case "holders":
      return { line: fate.line, asset: fate.asset, holders: holdersData(card, fate.holders) };
    case "rejected":
      return {
        line: fate.line,
        status: "rejected",
        name: fate.name,
        trouble: troubleData(fate.trouble),
      };
    case "accepted": {
      const { entry } = fate;
      const state = "state" in entry ? entry.state : "done";
      const number = "number" in entry ? entry.number : undefined;
      const base = { line: fate.line, verb: fate.verb, status: state, number };
      if (entry.kind === "key") return { ...base, ...keyData(entry) };
      if (entry.kind === "approval") return { ...base, have: entry.have, need: entry.need };
      return entry.kind === "switch" ? { ...base, cancelAfter: switchData(entry.at) } : base;
    }
  }
}

function named(found: Trouble, title: string | undefined): Trouble {
  return title === undefined ? found : { ...found, what: `${title}: ${found.what}` };
}

/** What a letter's answer means for a script. */
export function exitFor(lines: readonly LineFate[], refused: Trouble | undefined): Exit {
  if (refused !== undefined) return exits.rejected;
  return lines.length === 0 || tookEffect(lines) ? exits.done : exits.rejected;
}

/** The names that every letter has, as data. */
export function letterData(entry: OutboxEntry): { readonly [key: string]: Data } {
  return {
    letter: entry.name,
    ref: entry.ref,
    orderId: entry.orderId,
    ids: entry.ids,
    written: printTime(entry.at),
    by: printSeconds(entry.by),
  };
}

/** How a command ends whose letter was answered. */
export function answeredEnding(
  card: Card,
  answered: {
    readonly entry: OutboxEntry;
    readonly lines: readonly LineFate[];
    readonly refused: Trouble | undefined;
    readonly report: number | undefined;
    /** What to call the letter in what went wrong, where others are told of too. */
    readonly title?: string | undefined;
    /** If it is not what the lines say: an order that was cancelled later had its effect. */
    readonly exit?: Exit;
  },
): Ending {
  const { entry, lines, report, title } = answered;
  const refused = answered.refused && named(answered.refused, title);
  const exit = answered.exit ?? exitFor(lines, refused);
  const words = lines.flatMap((fate) => fateLines(card, fate, title));
  const cancelled = lines.filter((fate) => fate.kind === "order" && fate.act === "cancelled");
  if (cancelled.length > 1) words.push(`● ${cancelled.length} orders cancelled`);
  if (report !== undefined) words.push(`  report ${report} kept`);
  const open = lines.flatMap((fate) =>
    fate.kind === "order" && fate.order.open > 0 ? [fate.order] : [],
  );
  const first = open[0];
  if (first)
    words.push(`  next:  ${called} status ${nameOf(first)}      ${called} cancel ${nameOf(first)}`);
  const offer = lines.flatMap((fate) => (fate.kind === "ring" ? [fate.offer] : []))[0];
  if (offer !== undefined && isOfferOpen(offer)) {
    const name = offerName(offer);
    words.push(`  next:  ${called} ring status ${name}      ${called} ring cancel ${name}`);
  }
  return {
    ok: true,
    exit,
    lines: words,
    data: {
      ok: exit === exits.done,
      state: "answered",
      ...letterData(entry),
      report,
      refused: refused ? troubleData(refused) : undefined,
      lines: lines.map((fate) => fateData(card, fate)),
      exit,
    },
    ...(refused ? { troubles: [refused] } : {}),
  };
}

/** How a command ends whose letter is proved void. */
export function voidEnding(entry: OutboxEntry, title: string | undefined): Ending {
  const name = entry.ids[0] ?? entry.name;
  const next = `${called} outbox retry ${name}     writes it anew with a new deadline, which is safe`;
  const found = named({ ...trouble("E508"), next }, title);
  return {
    ok: true,
    exit: exits.rejected,
    lines: [
      `✕ void   ref ${shortId(entry.ref)}   letter ${entry.name}   ` +
        `in no block of reads up to its deadline ${printSeconds(entry.by)}`,
    ],
    data: {
      ok: false,
      state: "void",
      ...letterData(entry),
      code: found.code,
      trouble: troubleData(found),
      exit: exits.rejected,
    },
    troubles: [found],
  };
}

/** How a command ends whose letter was only carried, or not even that. */
export function openEnding(entry: OutboxEntry, state: "written" | "carried", exit: Exit): Ending {
  return {
    ok: true,
    exit,
    lines: [`○ ${state}   ref ${shortId(entry.ref)}   letter ${entry.name}`],
    data: { ok: exit === exits.done, state, ...letterData(entry), exit },
  };
}
