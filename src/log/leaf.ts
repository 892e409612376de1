/**
 * The lines of the public log (docs/spec/log.md §3): one leaf, one line of printable ASCII,
 * fields parted by `|`.
 *
 * A leaf has exactly one text: whatever `parseLeaf` reads, `printLeaf` prints again byte for
 * byte, so that everybody hashes the same line. Numbers are whole lots, price units and units,
 * never decimals.
 */
import { assert } from "../codec/assert.ts";
import { digest, isHex64, type Digest } from "../codec/names.ts";
import { printTime, type Time } from "../codec/time.ts";
import { parseRekeyLeaf, printRekeyLeaf, type RekeyLeaf } from "./keyleaf.ts";
import { exactTime, marketName } from "./leaffields.ts";
import {
  parseSecurityLeaf,
  printSecurityLeaf,
  type PhaseLeaf,
  type SecurityLeaf,
} from "./leafsecurities.ts";
import { positive, whole } from "./numbers.ts";
import { parseRingLeaf, printRingLeaf, type RingVenueLeaf } from "./ringleaf.ts";

/** A leaf's line is at most this long, without its LF. */
export const leafBytesMax = 1000;

export type MarketLeaf = {
  readonly kind: "market";
  /** `BASE/QUOTE`. */
  readonly name: string;
  readonly lot: number;
  readonly unit: number;
  readonly tick: number;
  readonly priceDecimals: number;
  readonly priceMax: number;
  readonly quantityMin: number;
  readonly quantityMax: number;
  /** Parts per million. */
  readonly makerRate: number;
  readonly takerRate: number;
  readonly baseDecimals: number;
  readonly quoteDecimals: number;
};

export type TradeLeaf = {
  readonly kind: "trade";
  /** 1, 2, 3 … over all markets: the identity of the trade. */
  readonly number: number;
  readonly market: string;
  readonly quantity: number;
  readonly price: number;
  readonly at: Time;
  /** The side of the order that came and met a resting one; `call`: an uncross, nobody came. */
  readonly taker: "buy" | "sell" | "call";
};

export type LevelLeaf = {
  readonly kind: "level";
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly price: number;
  /** What rests there now; 0: the level is gone. */
  readonly quantity: number;
};

/** The refs that the engine read from `from` up to, not including, `to`. */
export type ReadsLeaf = {
  readonly kind: "reads";
  /** `block`: READ, whose refs travel with it. `hour`: READS, over all refs of its blocks. */
  readonly span: "block" | "hour";
  readonly from: Time;
  readonly to: Time;
  readonly count: number;
  /** The root hash over the refs, sorted (reads.ts). */
  readonly root: Digest;
};

/** What the leaves before this one come to (docs/spec/log.md §12). */
export type SnapshotLeaf = {
  readonly kind: "snapshot";
  /** How many leaves those are: this leaf's own number. */
  readonly size: number;
  /** SHA-256 of the snapshot's index. */
  readonly digest: Digest;
};

/** How many commands of a verb, or letters (`LETTER`), customers have signed so far. */
export type SignedLeaf = { readonly kind: "signed"; readonly verb: string; readonly total: number };

export type Leaf =
  | { readonly kind: "tick"; readonly at: Time }
  | ReadsLeaf
  | MarketLeaf
  | TradeLeaf
  | LevelLeaf
  /** SHA-256 of the sealed bytes of one report or answer. */
  | { readonly kind: "report"; readonly digest: Digest }
  | { readonly kind: "notice"; readonly sentence: string }
  | SnapshotLeaf
  | SignedLeaf
  | PhaseLeaf
  | SecurityLeaf
  | RekeyLeaf
  | RingVenueLeaf;

/** The leaf's line, without LF. Asserts that the leaf is one that `parseLeaf` reads. */
export function printLeaf(leaf: Leaf): string {
  switch (leaf.kind) {
    case "tick":
      return `TICK|${printTime(leaf.at)}`;
    case "reads": {
      const { span, from, to, count, root } = leaf;
      assert(from < to && count >= 0, "reads are of a span of time");
      const name = span === "block" ? "READ" : "READS";
      return `${name}|${printTime(from)}|${printTime(to)}|${count}|${root}`;
    }
    case "market":
      return printMarket(leaf);
    case "trade": {
      const { number, market, quantity, price, at, taker } = leaf;
      assert(number > 0 && quantity > 0 && price > 0, "a trade has number, quantity and price");
      return `TRADE|${number}|${market}|${quantity}|${price}|${printTime(at)}|${taker}`;
    }
    case "level":
      assert(leaf.price > 0 && leaf.quantity >= 0, "a level has a price");
      return `LEVEL|${leaf.market}|${leaf.side}|${leaf.price}|${leaf.quantity}`;
    case "report":
      return `REPORT|${leaf.digest}`;
    case "snapshot":
      assert(leaf.size > 0, "a snapshot is of at least one leaf");
      return `SNAPSHOT|${leaf.size}|${leaf.digest}`;
    case "signed":
      assert(leaf.total > 0, "what nobody signed is not counted");
      return `SIGNED|${leaf.verb}|${leaf.total}`;
    case "notice": {
      const line = `NOTICE|${leaf.sentence}`;
      assert(parseLeaf(line) !== undefined, "a notice is one short line of ASCII without a bar");
      return line;
    }
    case "phase":
    case "listing":
    case "dividend":
    case "ratio":
    case "renamed":
    case "delisted":
      return printSecurityLeaf(leaf);
    case "rekey":
      return printRekeyLeaf(leaf);
    default:
      return printRingLeaf(leaf);
  }
}

function printMarket(leaf: MarketLeaf): string {
  const line = [
    `MARKET|${leaf.name}|${leaf.lot}|${leaf.unit}|${leaf.tick}|${leaf.priceDecimals}`,
    `${leaf.priceMax}|${leaf.quantityMin}|${leaf.quantityMax}|${leaf.makerRate}`,
    `${leaf.takerRate}|${leaf.baseDecimals}|${leaf.quoteDecimals}`,
  ].join("|");
  assert(parseLeaf(line) !== undefined, "a market's leaf must be well-formed");
  return line;
}

/** The leaf that a line says; `undefined` for anything that is not the one text of a leaf. */
export function parseLeaf(line: string): Leaf | undefined {
  if (line.length > leafBytesMax || !/^[\x20-\x7e]*$/.test(line)) return undefined;
  const fields = line.split("|");
  switch (fields[0]) {
    case "TICK":
      return fields.length === 2 ? parseTick(fields[1]) : undefined;
    case "READ":
      return fields.length === 5 ? parseReads("block", fields) : undefined;
    case "READS":
      return fields.length === 5 ? parseReads("hour", fields) : undefined;
    case "MARKET":
      return fields.length === 13 ? parseMarket(fields) : undefined;
    case "TRADE":
      return fields.length === 7 ? parseTrade(fields) : undefined;
    case "LEVEL":
      return fields.length === 5 ? parseLevel(fields) : undefined;
    case "REPORT": {
      const hash = fields[1];
      if (fields.length !== 2 || hash === undefined || !isHex64(hash)) return undefined;
      return { kind: "report", digest: digest(hash) };
    }
    case "SNAPSHOT": {
      const [, size, hash = ""] = fields;
      const count = positive(size);
      if (fields.length !== 3 || count === undefined || !isHex64(hash)) return undefined;
      return { kind: "snapshot", size: count, digest: digest(hash) };
    }
    case "SIGNED": {
      const [, verb, number] = fields;
      const total = positive(number);
      if (fields.length !== 3 || total === undefined || !isVerb(verb)) return undefined;
      return { kind: "signed", verb, total };
    }
    case "NOTICE": {
      const sentence = fields[1];
      return fields.length === 2 && sentence !== undefined && /\S/.test(sentence)
        ? { kind: "notice", sentence }
        : undefined;
    }
    case "REKEY":
      return parseRekeyLeaf(fields);
    default:
      return parseSecurityLeaf(fields) ?? parseRingLeaf(fields);
  }
}

function isVerb(text: string | undefined): text is string {
  return /^[A-Z]{1,20}$/.test(text ?? "");
}

function sideName(text: string | undefined): "buy" | "sell" | undefined {
  return text === "buy" || text === "sell" ? text : undefined;
}

function parseTick(field: string | undefined): Leaf | undefined {
  const at = exactTime(field);
  return at === undefined ? undefined : { kind: "tick", at };
}

function parseReads(span: ReadsLeaf["span"], fields: readonly string[]): ReadsLeaf | undefined {
  const from = exactTime(fields[1]);
  const to = exactTime(fields[2]);
  const count = whole(fields[3]);
  const root = fields[4];
  if (from === undefined || to === undefined || from >= to) return undefined;
  if (count === undefined || root === undefined || !isHex64(root)) return undefined;
  return { kind: "reads", span, from, to, count, root: digest(root) };
}

/** The most decimals of a price: 12 of the quote asset and 12 of the base asset. */
const priceDecimalsMax = 24;
const assetDecimalsMax = 12;
const rateMax = 1_000_000;

function parseMarket(fields: readonly string[]): MarketLeaf | undefined {
  const name = marketName(fields[1]);
  const lot = positive(fields[2]);
  const unit = positive(fields[3]);
  const tick = positive(fields[4]);
  const priceDecimals = whole(fields[5]);
  const priceMax = positive(fields[6]);
  const quantityMin = positive(fields[7]);
  const quantityMax = positive(fields[8]);
  const makerRate = whole(fields[9]);
  const takerRate = whole(fields[10]);
  const baseDecimals = whole(fields[11]);
  const quoteDecimals = whole(fields[12]);
  if (name === undefined || lot === undefined || unit === undefined) return undefined;
  if (tick === undefined || priceDecimals === undefined || priceMax === undefined) return undefined;
  if (quantityMin === undefined || quantityMax === undefined) return undefined;
  if (makerRate === undefined || takerRate === undefined) return undefined;
  if (baseDecimals === undefined || quoteDecimals === undefined) return undefined;
  if (priceDecimals > priceDecimalsMax || makerRate > rateMax || takerRate > rateMax) {
    return undefined;
  }
  if (baseDecimals > assetDecimalsMax || quoteDecimals > assetDecimalsMax) return undefined;
  const steps = { lot, unit, tick, priceDecimals, priceMax, quantityMin, quantityMax };
  return { kind: "market", name, ...steps, makerRate, takerRate, baseDecimals, quoteDecimals };
}

function parseTrade(fields: readonly string[]): TradeLeaf | undefined {
  const number = positive(fields[1]);
  const market = marketName(fields[2]);
  const quantity = positive(fields[3]);
  const price = positive(fields[4]);
  const at = exactTime(fields[5]);
  const taker = fields[6] === "call" ? "call" : sideName(fields[6]);
  if (number === undefined || market === undefined || quantity === undefined) return undefined;
  if (price === undefined || at === undefined || taker === undefined) return undefined;
  return { kind: "trade", number, market, quantity, price, at, taker };
}

function parseLevel(fields: readonly string[]): LevelLeaf | undefined {
  const market = marketName(fields[1]);
  const side = sideName(fields[2]);
  const price = positive(fields[3]);
  const quantity = whole(fields[4]);
  if (market === undefined || side === undefined) return undefined;
  if (price === undefined || quantity === undefined) return undefined;
  return { kind: "level", market, side, price, quantity };
}
