/** Where a letter's way ended, for now, in one sentence; nothing is said that is not known. */
import { printSeconds } from "../../../codec/time.ts";
import type { OrderEntry } from "../../../letter/entry.ts";
import { isNumberTaken } from "../../../wallet/copies.ts";
import type { LineFate } from "../../../wallet/fates.ts";
import { showPrice, showQuantity } from "../../../wallet/amounts.ts";
import { whyWords } from "../../../wallet/terms.ts";
import { entryWords } from "../wordsrecords.ts";
import { clock } from "./dots.ts";
import type { FateView } from "./protocol.ts";
import type { Way } from "./ways.ts";

/** After the deadline an answer may be on its way this long. */
const graceMs = 14_000;

const plain = { until: undefined, code: undefined } as const;

/** The fate of a letter. */
export function fateOf(way: Way): FateView {
  switch (way.entry.state) {
    case "void": {
      const sentence =
        "Void: not read by its deadline, which is proved. It had no effect and never will.";
      return { kind: "void", sentence, until: undefined, code: "E508" };
    }
    case "dropped":
      return { kind: "done", sentence: "Set aside; it is not sent again.", ...plain };
    case "written":
      return openFate(way);
    case "answered":
      return answeredFate(way);
  }
}

function openFate({ entry, now, receipts, met }: Way): FateView {
  if (now > entry.by + graceMs) {
    const sentence =
      "Not known yet: its deadline has passed, and neither an answer nor a proof is here. The " +
      "wallet asks on; the same bytes never take effect twice.";
    return { kind: "unknown", sentence, until: undefined, code: "E502" };
  }
  const until = printSeconds(entry.by);
  if (met.trouble !== undefined && receipts.length === 0) {
    return { kind: "travelling", sentence: met.trouble.what, until, code: met.trouble.code };
  }
  const where = receipts.length > 0 ? "On its way" : "Signed and kept";
  const sentence = `${where}. Not known until ${clock(entry.by)} UTC; do not write it again.`;
  return { kind: "travelling", sentence, until, code: undefined };
}

function answeredFate({ refused, lines, account, entry }: Way): FateView {
  if (refused !== undefined) {
    const sentence = isNumberTaken(entry) ? takenSentence(entry) : refused.what;
    return { kind: "rejected", sentence, until: undefined, code: refused.code };
  }
  const [line] = lines;
  if (line === undefined)
    return { kind: "done", sentence: "Done; the exchange says so.", ...plain };
  const { card } = account.exchange;
  switch (line.kind) {
    case "rejected": {
      const { what, code } = line.trouble;
      return { kind: "rejected", sentence: what, until: undefined, code };
    }
    case "order":
      return orderFate(card, line);
    case "accepted":
      return { kind: "done", sentence: acceptedSentence(card, line), ...plain };
    case "holders":
      return { kind: "done", sentence: holdersSentence(line), ...plain };
    case "ring":
      return { kind: "done", sentence: "A ring order: see the signet command.", ...plain };
  }
}

function holdersSentence({ asset, holders }: Extract<LineFate, { kind: "holders" }>): string {
  return `${holders.length} holders of ${asset}; the report lists them.`;
}

function takenSentence({ next }: Way["entry"]): string {
  const what =
    "Another copy of this wallet has used this letter's number, so nothing of it took effect. ";
  return next === undefined
    ? `${what}What the other copy did is learnt: send the letter again, anew.`
    : `${what}It was written again, as letter ${next}.`;
}

function acceptedSentence(
  card: Card,
  { verb, entry }: Extract<LineFate, { kind: "accepted" }>,
): string {
  if (entry.kind !== "done") return entryWords(card, entry);
  switch (verb) {
    case "REGISTER":
      return "Your account is open.";
    case "CANCEL":
    case "CANCELALL":
      return "Taken back.";
    default:
      return "Done; the exchange says so.";
  }
}

type Card = Way["account"]["exchange"]["card"];

function orderFate(card: Card, { order, act }: Extract<LineFate, { kind: "order" }>): FateView {
  const sentence = orderSentence(card, order);
  if (act === "cancelled") return { kind: "done", sentence: `Taken back. ${sentence}`, ...plain };
  if (act === "replaced") return { kind: "done", sentence: `Changed. ${sentence}`, ...plain };
  switch (order.status) {
    case "waiting":
    case "resting":
    case "partly_filled":
      return { kind: "resting", sentence, ...plain };
    case "filled":
      return { kind: "filled", sentence, ...plain };
    case "cancelled":
    case "expired":
      return { kind: "cancelled", sentence, ...plain };
  }
}

function orderSentence(card: Card, order: OrderEntry): string {
  const { market, filled, requested, status, side } = order;
  const stop = order.trigger === undefined ? "" : showPrice(card, market, order.trigger);
  const beyond = side === "buy" ? "above" : "below";
  const base = market.slice(0, market.indexOf("/"));
  const done = `${showQuantity(card, market, filled)} of ${showQuantity(card, market, requested)}`;
  switch (status) {
    case "waiting":
      return `It waits until the last trade is at ${stop} or ${beyond}.`;
    case "resting":
      return "It rests on the book; nothing has traded yet.";
    case "partly_filled":
      return `${done} ${base} traded; the rest is on the book.`;
    case "filled":
      return `Filled: ${done} ${base} traded.`;
    case "cancelled":
      return order.why === undefined
        ? `Cancelled; ${done} ${base} traded before.`
        : `Cancelled, as ${whyWords(order.why)}; ${done} ${base} traded before.`;
    case "expired":
      return `Expired; ${done} ${base} traded before.`;
  }
}
