/**
 * The exchange's card: what the exchange says about itself in public, so that a stranger can write
 * a letter (docs/spec/exchange.md). This is the text inside the clear-signed message; the signature
 * is seal's business. The steps of markets and the decimals of assets are read from here and
 * nowhere else: a wrong step would change what an order means, and only the card is signed by the
 * exchange.
 *
 * Strict: each line one fact, in the order below; one text for one value.
 *
 *   signet-card/1 · exchange · key-number · v6, if there is one · log · relay × n · asset × n ·
 *   market × n ·
 *   the ring venue's lines, if there is one (cardring.ts) · operators · at
 */
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { fromBase64 } from "../codec/bytes.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { amount, parseWhole, price, quantity } from "../money/amount.ts";
import { noLimits, type Asset, type Market } from "../money/market.ts";
import {
  type CardRing,
  finishCardRing,
  printCardRing,
  readCardRing,
  type RingDraft,
} from "./cardring.ts";

export type { CardRing, RingToken } from "./cardring.ts";

/** Where a letter may be posted, and the key that signs that relay's receipts. */
export type CardRelay = {
  readonly name: string;
  readonly url: string;
  /** The relay's verifier key, as signed notes write it (docs/spec/log.md §2). */
  readonly key: string;
};

/** What the card says, once read. */
export type Card = {
  readonly exchange: Fingerprint;
  /** Thirty digits in six groups: the fingerprint's key number. */
  readonly keyNumber: string;
  /** The exchange's version 6 certificate, binary, in base64; exchanges of old have none. */
  readonly v6?: string;
  /** The log's verifier key. */
  readonly log: string;
  readonly relays: readonly CardRelay[];
  readonly assets: readonly Asset[];
  readonly markets: readonly Market[];
  /** Not there: this exchange has no ring venue. */
  readonly ring?: CardRing;
  /** `need` of `of` operators must agree before money moves. */
  readonly operators: { readonly need: number; readonly of: number };
  readonly at: Time;
};

/** Why a text is not a card, in order of precedence. */
export const cardRefusals = [
  "card_too_long",
  "card_not_ascii",
  "card_version_unknown",
  "card_line_malformed",
  "card_line_repeated",
  "card_line_missing",
] as const;
/** One of `cardRefusals`. */
export type CardRefusal = (typeof cardRefusals)[number];

/** The longest card, characters. */
const cardMax = 65_536;
const linesMax = 1000;
/** A certificate of 16 KiB in base64, characters. */
const certificateMax = 21_848;

/** Numbers of a market line after its name; the fields of the MARKET leaf (docs/spec/log.md §3). */
const marketNumbers = 11;

/** The card's text, ending in LF. */
export function printCard(card: Card): string {
  const lines = [
    "signet-card/1",
    `exchange ${card.exchange}`,
    `key-number ${card.keyNumber}`,
    ...(card.v6 === undefined ? [] : [`v6 ${card.v6}`]),
    `log ${card.log}`,
    ...card.relays.map((relay) => `relay ${relay.name} ${relay.url} ${relay.key}`),
    ...card.assets.map((asset) => `asset ${asset.name} ${asset.decimals} ${asset.supplyMax}`),
    ...card.markets.map((market) => printMarket(market, card.assets)),
    ...(card.ring === undefined ? [] : printCardRing(card.ring)),
    `operators ${card.operators.need} of ${card.operators.of}`,
    `at ${printTime(card.at)}`,
  ];
  return `${lines.join("\n")}\n`;
}

function printMarket(market: Market, assets: readonly Asset[]): string {
  const decimals = (name: string): number =>
    assets.find((asset) => asset.name === name)?.decimals ?? 0;
  const fields = [
    market.lot,
    market.unit,
    market.tick,
    market.priceDecimals,
    market.priceMax,
    market.quantityMin,
    market.quantityMax,
    market.makerRate,
    market.takerRate,
    decimals(market.base),
    decimals(market.quote),
  ];
  return `market ${market.name} ${fields.join(" ")}`;
}

type Draft = RingDraft & {
  exchange: Fingerprint | undefined;
  keyNumber: string | undefined;
  v6: string | undefined;
  log: string | undefined;
  relays: CardRelay[];
  assets: Asset[];
  markets: Market[];
  operators: { need: number; of: number } | undefined;
  at: Time | undefined;
};

/** Reads a card's text; the signature around it was checked by the caller. */
export function parseCard(text: string): Verdict<Card, CardRefusal> {
  if (text.length > cardMax) return refuse("card_too_long", `more than ${cardMax} characters`);
  if (!/^[\x20-\x7e\n]*$/.test(text)) return refuse("card_not_ascii", "not printable ASCII");
  const lines = text.replace(/\n$/, "").split("\n");
  if (lines.length > linesMax) return refuse("card_too_long", `more than ${linesMax} lines`);
  if (lines[0] !== "signet-card/1") {
    return refuse("card_version_unknown", "the first line is not signet-card/1");
  }
  const draft: Draft = {
    exchange: undefined,
    keyNumber: undefined,
    v6: undefined,
    log: undefined,
    relays: [],
    assets: [],
    markets: [],
    ring: undefined,
    tokens: [],
    minerCertificate: undefined,
    operators: undefined,
    at: undefined,
  };
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    const read = readLine(draft, line);
    if (read === "malformed") return refuse("card_line_malformed", `line ${index + 1}`);
    if (read === "repeated") return refuse("card_line_repeated", `line ${index + 1}`);
  }
  return finish(draft);
}

function finish(draft: Draft): Verdict<Card, CardRefusal> {
  const { exchange, keyNumber, v6, log, relays, assets, markets, operators, at } = draft;
  if (exchange === undefined || keyNumber === undefined || log === undefined) {
    return refuse("card_line_missing", "exchange, key-number or log is missing");
  }
  if (operators === undefined || at === undefined) {
    return refuse("card_line_missing", "operators or at is missing");
  }
  const ring = finishCardRing(draft);
  if (ring === "missing") return refuse("card_line_missing", "the miner's certificate is missing");
  const venue = ring === undefined ? {} : { ring };
  const names = { exchange, keyNumber, ...(v6 === undefined ? {} : { v6 }), log };
  return accept({ ...names, relays, assets, markets, ...venue, operators, at });
}

type LineRead = "read" | "malformed" | "repeated";

function readLine(draft: Draft, line: string): LineRead {
  const blank = line.indexOf(" ");
  const word = line.slice(0, Math.max(blank, 0));
  const rest = line.slice(blank + 1);
  const fields = rest.split(" ");
  switch (word) {
    case "exchange":
      if (draft.exchange !== undefined) return "repeated";
      if (!isFingerprint(rest)) return "malformed";
      draft.exchange = rest;
      return "read";
    case "key-number":
      if (draft.keyNumber !== undefined) return "repeated";
      if (!/^\d{5}( \d{5}){5}$/.test(rest)) return "malformed";
      draft.keyNumber = rest;
      return "read";
    case "v6":
      if (draft.v6 !== undefined) return "repeated";
      if (!isBase64(rest)) return "malformed";
      draft.v6 = rest;
      return "read";
    case "log":
      if (draft.log !== undefined) return "repeated";
      if (!isVerifierKey(rest)) return "malformed";
      draft.log = rest;
      return "read";
    case "relay":
      return readRelay(draft, fields);
    case "asset":
      return readAsset(draft, fields);
    case "market":
      return readMarket(draft, fields);
    case "ring":
    case "token":
    case "miner":
      return readCardRing(draft, word, fields);
    case "operators":
      return readOperators(draft, rest);
    case "at": {
      if (draft.at !== undefined) return "repeated";
      const at = parseTime(rest);
      if (at === undefined || printTime(at) !== rest) return "malformed";
      draft.at = at;
      return "read";
    }
    default:
      return "malformed";
  }
}

function isBase64(text: string): boolean {
  return text !== "" && text.length <= certificateMax && fromBase64(text) !== undefined;
}

function isVerifierKey(text: string): boolean {
  return /^[!-*,-~]{1,100}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}$/.test(text);
}

function readRelay(draft: Draft, fields: readonly string[]): LineRead {
  const [name, url, key, ...more] = fields;
  if (name === undefined || url === undefined || key === undefined || more.length > 0) {
    return "malformed";
  }
  if (!/^[a-z0-9.-]{1,60}$/.test(name) || !isVerifierKey(key)) return "malformed";
  if (!/^https?:\/\/[!-~]{1,200}$/.test(url)) return "malformed";
  if (draft.relays.some((relay) => relay.name === name)) return "repeated";
  draft.relays.push({ name, url, key });
  return "read";
}

function readAsset(draft: Draft, fields: readonly string[]): LineRead {
  const [name, decimalsText, supplyText, ...more] = fields;
  if (name === undefined || more.length > 0 || !/^[A-Z][A-Z0-9.]{0,11}$/.test(name)) {
    return "malformed";
  }
  const decimals = parseWhole(decimalsText ?? "");
  const supply = parseWhole(supplyText ?? "");
  if (decimals === undefined || decimals > 12 || supply === undefined) return "malformed";
  if (draft.assets.some((asset) => asset.name === name)) return "repeated";
  draft.assets.push({ name, decimals, supplyMax: amount(supply) });
  return "read";
}

function readMarket(draft: Draft, fields: readonly string[]): LineRead {
  const [name, ...texts] = fields;
  const [base, quote, ...more] = (name ?? "").split("/");
  if (name === undefined || base === undefined || quote === undefined || more.length > 0) {
    return "malformed";
  }
  const numbers = texts.map((text) => parseWhole(text));
  if (numbers.length !== marketNumbers || numbers.includes(undefined)) return "malformed";
  const number = (index: number): number => numbers[index] ?? 0;
  const baseAsset = draft.assets.find((asset) => asset.name === base);
  const quoteAsset = draft.assets.find((asset) => asset.name === quote);
  // The decimals are said twice, here and in the asset's line; a card that contradicts itself is no
  // card.
  if (baseAsset?.decimals !== number(9) || quoteAsset?.decimals !== number(10)) return "malformed";
  if (number(0) === 0 || number(1) === 0 || number(2) === 0 || number(3) > 24) return "malformed";
  if (draft.markets.some((market) => market.name === name)) return "repeated";
  draft.markets.push({
    name,
    base,
    quote,
    lot: amount(number(0)),
    unit: amount(number(1)),
    tick: price(number(2)),
    priceDecimals: number(3),
    priceMax: price(number(4)),
    quantityMin: quantity(number(5)),
    quantityMax: quantity(number(6)),
    makerRate: number(7),
    takerRate: number(8),
    ...noLimits,
  });
  return "read";
}

function readOperators(draft: Draft, rest: string): LineRead {
  if (draft.operators !== undefined) return "repeated";
  const match = /^(\d{1,2}) of (\d{1,2})$/.exec(rest);
  const need = parseWhole(match?.[1] ?? "");
  const of = parseWhole(match?.[2] ?? "");
  if (need === undefined || of === undefined || need > of || of > 20) return "malformed";
  draft.operators = { need, of };
  return "read";
}
