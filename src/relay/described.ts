/**
 * Every route that anybody may ask, with the schemas by which its requests are checked and what it
 * answers. server.ts gives each route its schema from here; openapi.ts prints the same as OpenAPI.
 */
import { marketPhases } from "../log/leafsecurities.ts";
import { toldIntervals } from "../market/quarters.ts";
import { block, dockRoutes, logRoutes } from "./describedlog.ts";
import { replicaFields, snapshotDescribed } from "./describedsnapshots.ts";
import {
  crc,
  decimal,
  digits,
  hex,
  json,
  list,
  marketName,
  moment,
  number,
  object,
  orNull,
  plain,
  query,
  rate,
  text,
  truth,
  whole,
  type Described,
  type Schema,
} from "./schema.ts";

const fingerprint: Schema = { type: "string", pattern: "^[0-9a-f]{40}$" };
const phase: Schema = { type: "string", enum: [...marketPhases] };
const level = object({ price: decimal, quantity: decimal });
const trade = object({
  number: whole,
  market: text,
  side: {
    type: "string",
    enum: ["buy", "sell", "call"],
    description: "of the order that came and met a resting one; call: of an uncross, nobody came",
  },
  price: decimal,
  quantity: decimal,
  at: moment,
});
const window = object({
  vwap: decimal,
  high: decimal,
  low: decimal,
  quantity: decimal,
  turnover: decimal,
  trades: whole,
});
const mark = object({ publication: whole, size: whole });
const market = object({
  name: text,
  base: text,
  quote: text,
  lot: decimal,
  tick: decimal,
  maximumPrice: decimal,
  minimumQuantity: decimal,
  maximumQuantity: decimal,
  makerFee: rate,
  takerFee: rate,
  priceDecimals: whole,
  baseDecimals: whole,
  quoteDecimals: whole,
  phase,
  phaseSince: orNull(moment),
  delisted: truth,
  formerly: list(text),
  listing: orNull(
    object({
      leaf: whole,
      issuer: fingerprint,
      shares: decimal,
      hash: { type: "string", pattern: "^[0-9a-f]{64}$", description: "SHA-256 of the contract" },
    }),
  ),
  last: orNull(trade),
});
const ticker = object({
  market: text,
  last: orNull(decimal),
  lastTrade: orNull(whole),
  at: orNull(moment),
  buy: orNull(level),
  sell: orNull(level),
  open: orNull(decimal),
  day: orNull(window),
  phase,
  delisted: truth,
});
const candle = object({
  from: moment,
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
  quantity: decimal,
  turnover: decimal,
  vwap: decimal,
  trades: whole,
  firstTrade: whole,
  lastTrade: whole,
});
const relay = object({
  name: text,
  key: text,
  exchange: fingerprint,
  keyNumber: text,
  limits: object({
    letterBytes: whole,
    armoredBytes: whole,
    waitSeconds: whole,
    deliverSeconds: whole,
  }),
  postage: object({ bits: whole, until: orNull(moment), tickets: truth }),
  watermark: mark,
  ...replicaFields,
  ageSeconds: orNull({ type: "number", minimum: 0 }),
  tick: orNull(moment),
  at: moment,
});

const refParam = query({ ref: { ...text, description: "20 or more hex digits" } }, ["ref"]);
const sealed = {
  200: { says: "the sealed reply, armored; binary if asked for", type: "text/plain" },
  422: { says: "the exchange could not open the letter: its signed notice", type: "text/plain" },
};

const letterPosted: Described = {
  summary: "Hand in a sealed letter",
  querystring: query({ wait: { ...text, description: "seconds, at most 60" } }),
  takes: { type: "application/octet-stream", says: "the letter, binary or armored, or a form" },
  answers: {
    ...sealed,
    202: { says: "the relay's signed receipt (docs/spec/receipt.md)", type: "text/plain" },
  },
  problems: [400, 402, 413, 429, 503],
};

const letterRoutes: { readonly [route: string]: Described } = {
  "POST /v1/letters": letterPosted,
  "POST /": { ...letterPosted, summary: "The same, for forms: waits 20 s where it is not told" },
  "GET /v1/letters/:ref": {
    summary: "What became of a letter",
    params: refParam,
    answers: json("the letter's state", {
      type: "object",
      properties: {
        ref: { type: "string", pattern: "^[0-9a-f]{64}$" },
        state: { type: "string", enum: ["carried", "read", "answered", "unopenable"] },
        receipt: orNull(text),
        read: orNull(block),
      },
      required: ["ref", "state", "receipt", "read"],
    }),
    problems: [400, 404, 409],
  },
  "GET /v1/letters/:ref/reply": {
    summary: "The sealed reply to a letter",
    params: refParam,
    answers: sealed,
    problems: [400, 404, 409],
  },
  "GET /v1/mailboxes/:tag": {
    summary: "Sealed reports at an address that rotates",
    params: query({ tag: { ...text, description: "64 hex digits" } }, ["tag"]),
    querystring: query({ after: number("entries above this one") }),
    answers: json(
      "entries of the mailbox; unknown ones look like empty ones",
      object({
        tag: text,
        entries: list(object({ index: whole, sealed: text })),
        more: truth,
      }),
    ),
    problems: [400],
  },
};

const factRoutes: { readonly [route: string]: Described } = {
  "GET /v1/relay": {
    summary: "Who this relay is, its limits, and how new what it says is",
    answers: json("the relay's facts", relay),
  },
  "GET /v1/exchange": {
    summary: "The exchange's signed card and its certificate",
    answers: json("both as text", object({ card: text, certificate: text })),
    problems: [404],
  },
  "GET /v1/exchange/card": {
    summary: "The exchange's clear-signed card",
    answers: plain("the card (docs/spec/exchange.md)"),
    problems: [404],
  },
  "GET /v1/exchange/certificate": {
    summary: "The exchange's OpenPGP certificate",
    answers: plain("the certificate, armored"),
    problems: [404],
  },
  "GET /v1/leaves": {
    summary: "Lines of the public log",
    querystring: query({ after: number("leaves above this number") }),
    answers: json("at most 1,000 lines", object({ first: whole, leaves: list(text), size: whole })),
    problems: [400, 404],
  },
  "GET /v1/counters": {
    summary: "How many letters came here, leaves of each kind in the log, commands signed by verb",
    answers: json(
      "the counts",
      object({
        letters: whole,
        reports: whole,
        trades: whole,
        leaves: { type: "object", additionalProperties: whole },
        signed: { type: "object", additionalProperties: whole },
        size: whole,
        publication: whole,
      }),
    ),
  },
  "GET /v1/openapi.json": {
    summary: "This page",
    answers: json("OpenAPI 3.1", { type: "object" }),
  },
};

const marketRoutes: { readonly [route: string]: Described } = {
  "GET /v1/markets": {
    summary: "The markets and their rules",
    answers: json("all of them", object({ markets: list(market) })),
  },
  "GET /v1/ticker": {
    summary: "Last price, best levels and last day of one market or all",
    querystring: query({ market: marketName }),
    answers: json("tickers", object({ tickers: list(ticker) })),
    problems: [308, 404],
  },
  "GET /v1/book": {
    summary: "The book of a market",
    querystring: query(
      { market: marketName, depth: number("levels of each side, at most 1,000") },
      ["market"],
    ),
    answers: json(
      "best first",
      object({
        market: text,
        buys: list(level),
        sells: list(level),
        size: whole,
        sequence: whole,
        crc32: crc,
      }),
    ),
    problems: [308, 400, 404],
  },
  "GET /v1/trades": {
    summary: "Trades by number",
    querystring: query({ market: marketName, after: number("trades above this number") }),
    answers: json("ascending, at most 500", object({ trades: list(trade) })),
    problems: [308, 400, 404],
  },
  "GET /v1/candles": {
    summary: "Candles of a market",
    querystring: query(
      {
        market: marketName,
        interval: { type: "string", enum: [...toldIntervals] },
        after: { type: "string", maxLength: 30, description: "a time: those that begin after it" },
      },
      ["market", "interval"],
    ),
    answers: json(
      "ascending, at most 500",
      object({
        market: text,
        interval: { type: "string", enum: [...toldIntervals] },
        candles: list(candle),
      }),
    ),
    problems: [308, 400, 404],
  },
  "GET /v1/vwap": {
    summary: "Volume-weighted average prices of the last 1, 7 and 30 days",
    querystring: query({ market: marketName }, ["market"]),
    answers: json(
      "the windows; null: nothing was traded",
      object({
        market: text,
        to: orNull(moment),
        "1d": orNull(window),
        "7d": orNull(window),
        "30d": orNull(window),
      }),
    ),
    problems: [308, 404],
  },
  "GET /v1/events": {
    summary: "What the issuers of a market's assets did: listings, dividends, ratios, new names",
    querystring: query({ market: marketName }, ["market"]),
    answers: json(
      "newest first",
      object({
        market: text,
        events: list(
          object({
            leaf: whole,
            at: orNull(moment),
            kind: {
              type: "string",
              enum: ["listing", "dividend", "ratio", "renamed", "delisted"],
            },
            asset: text,
            line: { ...text, description: "the leaf, as it stands in the log" },
            says: text,
          }),
        ),
      }),
    ),
    problems: [308, 404],
  },
  "GET /v1/stream": {
    summary: "The same as it happens, by WebSocket (docs/spec/api.md §4)",
    answers: { 101: { says: "a WebSocket" } },
    problems: [426, 503],
  },
};

const address = hex(20);
const ring = {
  type: "object",
  properties: {
    number: whole,
    submission: whole,
    hash: hex(32),
    size: whole,
    state: { type: "string", enum: ["authored", "settled", "failed"] },
    transaction: hex(32),
    reason: text,
  },
  required: ["number", "submission", "hash", "size", "state"],
  additionalProperties: false,
};
const depthLevel = object({ sellAmount: digits, buyAmount: digits, price: text, hops: whole });

const ringRoutes: { readonly [route: string]: Described } = {
  "GET /v1/ring/venue": {
    summary: "The ring venue",
    answers: json(
      "chain, contract and tokens",
      object({
        chainId: digits,
        contract: address,
        miner: address,
        feeRecipient: address,
        tokens: list(object({ name: text, address, decimals: whole })),
      }),
    ),
    problems: [404],
  },
  "GET /v1/ring/offers": {
    summary: "What can be sold in rings now",
    answers: json(
      "the offers",
      object({
        offers: list(
          object({ number: whole, sell: text, buy: text, sellAmount: digits, buyAmount: digits }),
        ),
      }),
    ),
  },
  "GET /v1/ring/submissions": {
    summary: "Transactions that anybody may send",
    querystring: query({ after: number("those above"), wait: number("seconds, at most 60") }),
    answers: json(
      "ascending",
      object({
        submissions: list(
          object({ number: whole, deadline: digits, calldata: hex(), rings: list(ring) }),
        ),
      }),
    ),
    problems: [400, 503],
  },
  "GET /v1/ring/rings": {
    summary: "Rings and what became of them",
    querystring: query({ after: number("rings above this number") }),
    answers: json("ascending, at most 500", object({ rings: list(ring) })),
    problems: [400],
  },
  "GET /v1/ring/depth": {
    summary: "The book that rings imply for two tokens",
    querystring: query({ sell: text, buy: text }, ["sell", "buy"]),
    answers: json(
      "best first",
      object({ sell: text, buy: text, levels: list(depthLevel), bids: list(depthLevel) }),
    ),
    problems: [404, 503],
  },
};

function mpexRoutes(folder: string): { readonly [route: string]: Described } {
  const depth = json("as MPEx had it", { type: "object" });
  const script = plain("a script", "text/javascript");
  return {
    [`GET ${folder}/mpex-mktdepth.php`]: { summary: "MPEx's depth", answers: depth },
    [`GET ${folder}/mpex-vwap.php`]: { summary: "MPEx's VWAP", answers: depth },
    [`GET ${folder}/mpex-mktdepth-jsonp.php`]: { summary: "The same, wrapped", answers: script },
    [`GET ${folder}/mpex-vwap-jsonp.php`]: { summary: "The same, wrapped", answers: script },
    [`GET ${folder}/mpex-rss.php`]: {
      summary: "MPEx's RSS",
      answers: plain("RSS", "application/rss+xml"),
    },
  };
}

const otherRoutes: { readonly [route: string]: Described } = {
  "GET /feeds/:file": {
    summary: "Trades as a feed",
    params: query(
      { file: { ...text, description: "trades or BASE-QUOTE, .atom, .rss or .json" } },
      ["file"],
    ),
    answers: plain("Atom, RSS or JSON Feed, by the file's ending", "*/*"),
    problems: [308, 404],
  },
  "GET /": { summary: "The market page", answers: plain("HTML", "text/html") },
  "GET /mpex/": {
    summary: "What of MPEx's public formats is here",
    answers: plain("HTML", "text/html"),
  },
  ...mpexRoutes("/mpex"),
  ...mpexRoutes(""),
};

/** Routes by `METHOD PATH`. */
export const described: { readonly [route: string]: Described } = {
  ...factRoutes,
  ...snapshotDescribed,
  ...logRoutes,
  ...dockRoutes,
  ...marketRoutes,
  ...letterRoutes,
  ...ringRoutes,
  ...otherRoutes,
};
