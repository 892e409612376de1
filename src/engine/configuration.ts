/**
 * The exchange's configuration, as its file says it: assets, markets, operators, how long a change
 * of a customer's key waits; what else there is to say of a market, its days above all, is read in
 * marketlines.ts, and the ring venue, if there is one, in ringconfiguration.ts
 * (docs/spec/exchange.md §3).
 *
 * One line, one fact; `#` begins a comment. Reading gives exact integers or a refusal that names
 * the line; what may change from one configuration to the next is decided in configure.ts.
 */
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { ticksMax } from "../floor/market.ts";
import { amount, amountMax, price, quantity } from "../money/amount.ts";
import { parseDecimal } from "../money/decimal.ts";
import { noLimits, type Asset, type Market } from "../money/market.ts";
import {
  assetName,
  marketPartOf,
  marketWords,
  nameTaken,
  newMarketDraft,
  noMarketLines,
  parseLength,
  parseRate,
  readMarketFact,
  type MarketDraft,
  type MarketPart,
} from "./marketlines.ts";
import type { ConfigurationRefusal } from "./refusals.ts";
import {
  newRingDraft,
  noRing,
  readRingFact,
  type RingDraft,
  type RingPart,
  ringPartOf,
} from "./ringconfiguration.ts";

/** A configuration, once read. Maps are in the order of the lines. */
export type Configuration = RingPart &
  MarketPart & {
    readonly text: string;
    readonly assets: ReadonlyMap<string, Asset>;
    readonly markets: ReadonlyMap<string, Market>;
    /** How many operators must agree. */
    readonly threshold: number;
    readonly operators: readonly Fingerprint[];
    readonly keyDelays: KeyDelays;
  };

/** How long a change of an account's key waits for a veto, milliseconds. */
export type KeyDelays = {
  /** The customer's own. */
  readonly rotationMs: number;
  /** The operators'. */
  readonly replacementMs: number;
};

const keyDelaysDefault: KeyDelays = { rotationMs: 86_400_000, replacementMs: 90 * 86_400_000 };
const rotationMaxMs = 30 * 86_400_000;
const replacementMaxMs = 1000 * 86_400_000;

/** The configuration of an exchange that has not been told anything yet. */
export const emptyConfiguration: Configuration = {
  text: "",
  assets: new Map(),
  markets: new Map(),
  threshold: 0,
  operators: [],
  keyDelays: keyDelaysDefault,
  ...noMarketLines,
  ...noRing,
};

const textMax = 1_000_000;
const operatorsMax = 20;
const decimalsMax = 12;

type Draft = MarketDraft & {
  readonly operators: Set<Fingerprint>;
  threshold: number | undefined;
  keyDelays: KeyDelays | undefined;
  readonly venue: RingDraft;
};

type Wrong = Refused<ConfigurationRefusal>;

/** Reads a configuration text. */
export function parseConfiguration(text: string): Verdict<Configuration, ConfigurationRefusal> {
  if (text.length > textMax || !/^[\n\x20-\x7e]*$/.test(text)) {
    return refuse(
      "configuration_not_ascii",
      `at most ${textMax} printable ASCII characters and LF`,
    );
  }
  const draft: Draft = {
    ...newMarketDraft(),
    operators: new Set(),
    threshold: undefined,
    keyDelays: undefined,
    venue: newRingDraft(),
  };
  for (const [index, line] of text.split("\n").entries()) {
    const words = line
      .replace(/#.*$/, "")
      .split(" ")
      .filter((word) => word !== "");
    if (words.length === 0) continue;
    const wrong = readFact(draft, words);
    if (wrong) return refuse(wrong.name, `line ${index + 1}: ${wrong.detail}`);
  }
  const { assets, markets, operators, threshold } = draft;
  if (threshold === undefined || threshold > operators.size || operators.size > operatorsMax) {
    const detail = `1 <= operators <= number of operator lines <= ${operatorsMax}`;
    return refuse("operators_wrong", detail);
  }
  const part = ringPartOf(draft.venue);
  if ("ok" in part) return part;
  const keyDelays = draft.keyDelays ?? keyDelaysDefault;
  const said = { ...marketPartOf(draft), ...part, keyDelays };
  return accept({ text, assets, markets, threshold, operators: [...operators], ...said });
}

function readFact(draft: Draft, words: readonly string[]): Wrong | undefined {
  switch (words[0]) {
    case "asset":
      return readAsset(draft, words);
    case "market":
      return readMarket(draft, words);
    case "operators":
      return readThreshold(draft, words);
    case "operator":
      return readOperator(draft, words);
    case "keys":
      return readKeyDelays(draft, words);
    default:
      if (marketWords.has(words[0] ?? "")) return readMarketFact(draft, words);
      return readRingFact(draft.venue, words);
  }
}

function readThreshold(draft: Draft, words: readonly string[]): Wrong | undefined {
  if (draft.threshold !== undefined) return refuse("fact_repeated", "operators");
  const threshold = parseDecimal(words[1] ?? "", 0);
  if (words.length !== 2 || threshold === undefined || threshold < 1) {
    return refuse("fact_malformed", "operators M, M at least 1");
  }
  draft.threshold = threshold;
  return undefined;
}

function readKeyDelays(draft: Draft, words: readonly string[]): Wrong | undefined {
  const rotationMs = parseLength(words[2] ?? "");
  const replacementMs = parseLength(words[4] ?? "");
  const isForm = words.length === 5 && words[1] === "rotation" && words[3] === "replacement";
  if (!isForm || rotationMs > rotationMaxMs || replacementMs > replacementMaxMs) {
    const form = "keys rotation 24h replacement 90d: 1s to 30d, 1s to 1000d, in s, m, h or d";
    return refuse("fact_malformed", form);
  }
  if (draft.keyDelays !== undefined) return refuse("fact_repeated", "keys");
  draft.keyDelays = { rotationMs, replacementMs };
  return undefined;
}

function readOperator(draft: Draft, words: readonly string[]): Wrong | undefined {
  const operator = (words[1] ?? "").toLowerCase();
  if (words.length !== 2 || !isFingerprint(operator)) {
    return refuse("fact_malformed", "operator FINGERPRINT, 40 hex digits");
  }
  if (draft.operators.has(operator)) return refuse("fact_repeated", `operator ${operator}`);
  draft.operators.add(operator);
  return undefined;
}

function readAsset(draft: Draft, words: readonly string[]): Wrong | undefined {
  const form = "asset NAME decimals D supply MAX";
  const name = words[1] ?? "";
  if (words.length !== 6 || words[2] !== "decimals" || words[4] !== "supply") {
    return refuse("fact_malformed", form);
  }
  if (!assetName.test(name)) return refuse("fact_malformed", `${form}: NAME`);
  if (draft.assets.has(name)) return refuse("fact_repeated", `asset ${name}`);
  if (draft.newNames.has(name)) return nameTaken(name);
  const decimals = parseDecimal(words[3] ?? "", 0);
  if (decimals === undefined || decimals > decimalsMax) {
    return refuse("fact_malformed", `${form}: D is 0 to ${decimalsMax}`);
  }
  const supply = parseDecimal(words[5] ?? "", decimals);
  if (supply === undefined || supply < 1) {
    return refuse("fact_malformed", `${form}: MAX in smallest units is 1 to 2^53 - 1`);
  }
  draft.assets.set(name, { name, decimals, supplyMax: amount(supply) });
  return undefined;
}

/** `market BASE/QUOTE lot L step S tick T maximum-price P quantity A to B maker M% taker N%`. */
const marketForm = [
  [2, "lot"],
  [4, "step"],
  [6, "tick"],
  [8, "maximum-price"],
  [10, "quantity"],
  [12, "to"],
  [14, "maker"],
  [16, "taker"],
] as const;

function readMarket(draft: Draft, words: readonly string[]): Wrong | undefined {
  const name = words[1] ?? "";
  if (words.length !== 18 || marketForm.some(([index, word]) => words[index] !== word)) {
    const form = "lot L step S tick T maximum-price P quantity A to B maker M% taker N%";
    return refuse("fact_malformed", `market BASE/QUOTE ${form}`);
  }
  if (draft.markets.has(name)) return refuse("fact_repeated", `market ${name}`);
  const [base, quote, ...more] = name.split("/").map((part) => draft.assets.get(part));
  if (!base || !quote || base === quote || more.length > 0) {
    return refuse("asset_unknown", `${name}: two assets of lines above`);
  }
  const market = marketOf({ base, quote, words });
  if (typeof market === "string") return refuse("fact_malformed", `market ${name}: ${market}`);
  draft.markets.set(name, market);
  return undefined;
}

type MarketWords = {
  readonly base: Asset;
  readonly quote: Asset;
  readonly words: readonly string[];
};

/** The market that the words say, or what is wrong with them. */
function marketOf({ base, quote, words }: MarketWords): Market | string {
  const word = (index: number): string => words[index] ?? "";
  const lot = parseDecimal(word(3), base.decimals);
  if (lot === undefined || lot < 1) return "lot";
  const priceDecimals = decimalsOfStep(word(5));
  if (priceDecimals === undefined) return "step is 1, 0.1, 0.01 and so on";
  const unit = unitOf(lot, base, quote, priceDecimals);
  if (unit === undefined) return "lot times step must be a whole number of quote units";
  const tick = parseDecimal(word(7), priceDecimals);
  if (tick === undefined || tick < 1) return "tick is a multiple of the step";
  const priceMax = parseDecimal(word(9), priceDecimals);
  if (priceMax === undefined || priceMax < tick) return "maximum-price";
  if (priceMax / tick > ticksMax) return `maximum-price is at most ${ticksMax} ticks`;
  if (BigInt(unit) * BigInt(tick) > BigInt(amountMax)) {
    return `a lot at the lowest price is at most ${amountMax} units`;
  }
  const least = parseDecimal(word(11), base.decimals);
  const most = parseDecimal(word(13), base.decimals);
  if (least === undefined || most === undefined || least < 1 || most < least) return "quantity";
  if (least % lot !== 0 || most % lot !== 0) return "quantity is a multiple of the lot";
  const makerRate = parseRate(word(15));
  const takerRate = parseRate(word(17));
  if (makerRate === undefined || takerRate === undefined) return "a rate is 0% to 100%";
  return {
    name: `${base.name}/${quote.name}`,
    base: base.name,
    quote: quote.name,
    lot: amount(lot),
    unit: amount(unit),
    tick: price(tick),
    priceDecimals,
    priceMax: price(priceMax),
    quantityMin: quantity(least / lot),
    quantityMax: quantity(most / lot),
    makerRate,
    takerRate,
    ...noLimits,
  };
}

function decimalsOfStep(text: string): number | undefined {
  if (text === "1") return 0;
  const match = /^0\.(0*)1$/.exec(text);
  const decimals = match ? (match[1] ?? "").length + 1 : undefined;
  return decimals !== undefined && decimals <= 2 * decimalsMax ? decimals : undefined;
}

/** Quote units for one lot at one step: exact, or nothing. */
function unitOf(lot: number, base: Asset, quote: Asset, step: number): number | undefined {
  const above = BigInt(lot) * 10n ** BigInt(quote.decimals);
  const below = 10n ** BigInt(base.decimals + step);
  const unit = above / below;
  return above % below === 0n && unit >= 1n && unit <= BigInt(amountMax) ? Number(unit) : undefined;
}

/**
 * The configuration as it stands once some assets have taken the names reserved for them: those
 * assets, their markets and what is said of either go by the new names; the text and the reserved
 * names are as they were. An asset without a reserved name keeps its own.
 */
export function renamedConfiguration(
  configuration: Configuration,
  renamed: ReadonlySet<string>,
): Configuration {
  const { assets, markets, days, volatilityMs, issuers, reserved } = configuration;
  const nameOf = (asset: string): string =>
    renamed.has(asset) ? (reserved.get(asset) ?? asset) : asset;
  const marketNameOf = (name: string): string => name.split("/").map(nameOf).join("/");
  const marketsNow = new Map<string, Market>();
  for (const market of markets.values()) {
    const name = marketNameOf(market.name);
    const [base, quote] = [nameOf(market.base), nameOf(market.quote)];
    marketsNow.set(name, { ...market, name, base, quote });
  }
  const assetsNow = new Map<string, Asset>();
  for (const asset of assets.values()) {
    const name = nameOf(asset.name);
    assetsNow.set(name, { ...asset, name });
  }
  return {
    ...configuration,
    assets: assetsNow,
    markets: marketsNow,
    days: keyedBy(days, marketNameOf),
    volatilityMs: keyedBy(volatilityMs, marketNameOf),
    issuers: keyedBy(issuers, nameOf),
  };
}

function keyedBy<T>(map: ReadonlyMap<string, T>, nameOf: (key: string) => string): Map<string, T> {
  return new Map([...map].map(([key, value]) => [nameOf(key), value]));
}
