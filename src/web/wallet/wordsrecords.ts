/**
 * The records of a report (docs/spec/report.md §3) in plain English: what a bead of the ribbon
 * opens to. Each sentence says what its record says and no more.
 */
import { keyNumber } from "../../codec/keynumber.ts";
import type { Time } from "../../codec/time.ts";
import type { Entry, FillEntry, HoldCause, MoveCause, OrderEntry } from "../../letter/entry.ts";
import type { RingEntry } from "../../letter/ringentry.ts";
import { printKey } from "../../letter/orderid.ts";
import { parseReport, type Report } from "../../letter/report.ts";
import { showAmount, showPrice, showQuantity, type Steps } from "../../wallet/amounts.ts";
import { printUnits } from "../../wallet/ringamounts.ts";
import { termsWords, whyWords } from "../../wallet/terms.ts";
import { securitiesWords } from "./wordsissuer.ts";
import { keyEntryWords } from "./wordskeys.ts";
import { instantWords } from "./wordsorders.ts";

/** What a report says, for its reader. */
export type ReportWords = {
  readonly at: Time;
  /** What it answers, in words. */
  readonly answers: string;
  /** The number of leaves of the public log when it was decided. */
  readonly log: number;
  readonly sentences: readonly string[];
};

/** A report's text in words; `undefined` if this is none. */
export function reportWords(card: Steps, text: string): ReportWords | undefined {
  const read = parseReport(text);
  if (!read.ok) return undefined;
  const { at, log, records } = read.value;
  const answers = answersWords(read.value);
  return { at, answers, log, sentences: records.map((entry) => entryWords(card, entry)) };
}

function answersWords({ answers }: Report): string {
  if (answers === undefined) return "It answers no letter of yours: something happened by itself.";
  const ref = shown(answers.ref);
  return answers.seq === undefined
    ? `It answers your letter with ref ${ref}.`
    : `It answers your letter number ${answers.seq.number}, ref ${ref}.`;
}

function shown(hex: string): string {
  return (hex.slice(0, 20).match(/.{4}/g) ?? []).join("-");
}

function named(entry: { readonly id?: string | undefined }, otherwise: string): string {
  return entry.id ?? otherwise;
}

function quoteOf(market: string): string {
  return market.slice(market.indexOf("/") + 1);
}

/** One record as a sentence. */
export function entryWords(card: Steps, entry: Entry): string {
  const sum = (asset: string, units: number): string =>
    `${showAmount(card, asset, units)} ${asset}`;
  switch (entry.kind) {
    case "order":
      return orderWords(card, entry);
    case "fill":
      return fillWords(card, entry);
    case "move": {
      const { asset, change, total, cause } = entry;
      const way = change < 0 ? "went out" : "came in";
      const moved = sum(asset, Math.abs(change));
      return `${moved} ${way} (${moveWords(cause)}); you have ${sum(asset, total)}.`;
    }
    case "hold": {
      const { asset, change, held, cause } = entry;
      const way = change < 0 ? "is free again" : "is set aside";
      const moved = sum(asset, Math.abs(change));
      return `${moved} ${way} (${holdWords(cause)}); ${sum(asset, held)} is held.`;
    }
    case "balance": {
      const { asset, total, free, held } = entry;
      const parts = `${sum(asset, free)} free, ${sum(asset, held)} held`;
      return `${asset}: ${sum(asset, total)} in all, ${parts}.`;
    }
    case "reject":
      return `${entry.verb} in line ${entry.line} was rejected: ${entry.sentence} (${entry.name})`;
    case "done":
      return `${entry.verb} in line ${entry.line} is done.`;
    case "push":
      return entry.line === 0
        ? `${sum(entry.asset, entry.amount)} came from key number ${keyNumber(entry.to)}.`
        : `${sum(entry.asset, entry.amount)} went to key number ${keyNumber(entry.to)}.`;
    case "refused":
      return `The letter was refused as a whole: ${entry.sentence} (${entry.name})`;
    case "deposit":
    case "withdrawal":
    case "request":
    case "approval":
    case "settled":
      return fundsWords(card, entry);
    case "switch":
      return entry.at === undefined
        ? "The dead man's switch is off."
        : `All open orders are cancelled at ${instantWords(entry.at)}, unless you move that time.`;
    case "action":
    case "entitled":
    case "holder":
    case "issue":
    case "closing":
      return securitiesWords(card, entry);
    case "key":
    case "frozen":
    case "rekey":
      return keyEntryWords(entry);
    case "resent":
    case "mailbox":
    case "seq":
    case "last":
    case "json":
    case "ticket":
    case "other":
      return bookkeepingWords(entry);
    case "offer":
    case "ringed":
    case "watch":
    case "unwatch":
      return ringWords(card, entry);
  }
}

const statusWords: Readonly<Record<OrderEntry["status"], string>> = {
  waiting: "waits for its stop",
  resting: "rests on the book",
  partly_filled: "is partly filled, the rest is on the book",
  filled: "is filled",
  cancelled: "is cancelled",
  expired: "has expired",
};

function orderWords(card: Steps, entry: OrderEntry): string {
  const { side, market, requested, filled, price } = entry;
  const quantity = (lots: number): string => showQuantity(card, market, lots);
  const at = price === undefined ? "at the market" : `at ${showPrice(card, market, price)}`;
  const terms = termsWords(card, entry).map((term) => `, ${term}`);
  const what = `${side} ${quantity(requested)} ${market} ${at}${terms.join("")}`;
  const why = entry.why === undefined ? "" : `: ${whyWords(entry.why)}`;
  const part = filled === 0 ? "" : `, ${quantity(filled)} of it so far`;
  const name = named(entry, shown(printKey(entry.key)));
  return `Order ${name} (${what}) ${statusWords[entry.status]}${part}${why}.`;
}

function fillWords(card: Steps, entry: FillEntry): string {
  const { side, market, quantity, price, quote, fee, role, trade } = entry;
  const verb = side === "buy" ? "Bought" : "Sold";
  const asset = quoteOf(market);
  const what = `${showQuantity(card, market, quantity)} ${market}`;
  const at = showPrice(card, market, price);
  const paid = `${showAmount(card, asset, quote)} ${asset}`;
  const cost = `fee ${showAmount(card, asset, fee)} ${asset} as ${role}`;
  return `${verb} ${what} at ${at}: ${paid}, ${cost}; trade ${trade}.`;
}

function moveWords(cause: MoveCause): string {
  switch (cause.kind) {
    case "push out":
      return "given to another";
    case "push in":
      return "given by another";
    default:
      return `${cause.kind} ${cause.number}`;
  }
}

function holdWords(cause: HoldCause): string {
  return cause.kind === "order"
    ? `order ${shown(cause.key.letter)}.${cause.key.line}`
    : `${cause.kind} ${cause.number}`;
}

type FundsKind = "deposit" | "withdrawal" | "request" | "approval" | "settled";

function fundsWords(card: Steps, entry: Extract<Entry, { kind: FundsKind }>): string {
  const sum = (asset: string, units: number): string =>
    `${showAmount(card, asset, units)} ${asset}`;
  switch (entry.kind) {
    case "deposit":
      return entry.state === "awaited"
        ? `Deposit ${entry.number} of ${sum(entry.asset, entry.announced)} is awaited.`
        : `Deposit ${entry.number}: ${sum(entry.asset, entry.credited)} was credited.`;
    case "withdrawal": {
      const what = `Withdrawal ${entry.number} of ${sum(entry.asset, entry.amount)}`;
      const why = entry.evidence === undefined ? "" : ` (${entry.evidence})`;
      const state = entry.state === "waiting" ? "waits for the operators" : `is ${entry.state}`;
      return `${what} to ${entry.address} ${state}${why}.`;
    }
    case "request": {
      const whose = keyNumber(entry.account);
      const what = `${entry.subject} ${entry.number} of ${sum(entry.asset, entry.amount)}`;
      return `The operators are asked for ${what}, key number ${whose}.`;
    }
    case "approval": {
      const { verb, number, have, need } = entry;
      return `${verb} ${number}: signed by ${have} of the ${need} operators that it needs.`;
    }
    case "settled": {
      const { subject, number, asset, amount, outcome } = entry;
      return `The operators' hands: ${subject} ${number} of ${sum(asset, amount)} is ${outcome}.`;
    }
  }
}

type Bookkeeping = "resent" | "mailbox" | "seq" | "last" | "json" | "ticket" | "other";

function bookkeepingWords(entry: Extract<Entry, { kind: Bookkeeping }>): string {
  switch (entry.kind) {
    case "resent":
      return `Report ${entry.report} again.`;
    // The secret is not for a screen.
    case "mailbox":
      return `Where reports lie that no letter asked for; the next is number ${entry.next}.`;
    case "seq":
      return `The highest letter number taken on thread ${entry.thread} is ${entry.highest}.`;
    case "last":
      return `The report before this one is number ${entry.report}.`;
    case "json":
      return "The same statement once more, for programs.";
    case "ticket":
      return "A ticket: it pays once for a letter's way while relays are busy.";
    case "other":
      return `A record that this page does not know yet: ${entry.text}`;
  }
}

function ringWords(card: Steps, entry: RingEntry): string {
  const sum = (name: string, units: bigint): string => {
    const token = card.ring?.tokens.find((known) => known.name === name);
    return `${token === undefined ? `${units} units` : printUnits(units, token.decimals)} ${name}`;
  };
  switch (entry.kind) {
    case "offer": {
      const { sellToken, sellAmount, buyToken, buyAmount } = entry;
      const terms = `${sum(sellToken, sellAmount)} for ${sum(buyToken, buyAmount)}`;
      const state = entry.status.replaceAll("_", " ");
      return `Ring order ${named(entry, shown(entry.hash.slice(2)))} (${terms}) is ${state}.`;
    }
    case "ringed":
      return `Ring ${entry.ring} with your order is ${entry.state}.`;
    case "watch":
      return `To watch on the chain: ${entry.subject} ${shown(entry.hash.slice(2))}.`;
    case "unwatch":
      return `No more to watch: ${entry.subject} ${shown(entry.hash.slice(2))}.`;
  }
}
