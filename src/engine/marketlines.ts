/**
 * Lines of a configuration that say more of the assets and markets above them
 * (docs/spec/exchange.md §3):
 *
 *   limits BASE/QUOTE collar R orders R trades R [reference PRICE]        R: `5%` or `none`
 *   day BASE/QUOTE DAYS [pre-open T] [opening T] continuous T [closing T] closed T
 *   volatility BASE/QUOTE 5m
 *   issuer ASSET FINGERPRINT
 *   rename ASSET NEWASSET
 *   statements on-close
 *
 * Each line speaks of what stands above it, so that a refusal can name the line that is wrong.
 */
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { refuse, type Refused } from "../codec/verdict.ts";
import { price } from "../money/amount.ts";
import { parseDecimal } from "../money/decimal.ts";
import type { Asset, Market, PriceLimits } from "../money/market.ts";
import { calendarOf, type Calendar, type DayChange, type Phase } from "./calendar.ts";
import type { ConfigurationRefusal } from "./refusals.ts";

/** What else is configured of assets and markets. Maps are in the order of the lines. */
export type MarketPart = {
  /** By market; one that is not here is continuous always. */
  readonly days: ReadonlyMap<string, Calendar>;
  /** How long a volatility call lasts, by market; every market is here. */
  readonly volatilityMs: ReadonlyMap<string, number>;
  /** Who may list an asset and act for it, by asset. */
  readonly issuers: ReadonlyMap<string, Fingerprint>;
  /** The name that an asset may take, by the name that its line gives it. */
  readonly reserved: ReadonlyMap<string, string>;
  /** Whether customers get a statement when a market of a calendar closes. */
  readonly statementsOnClose: boolean;
};

/** Nothing of it configured. */
export const noMarketLines: MarketPart = {
  days: new Map(),
  volatilityMs: new Map(),
  issuers: new Map(),
  reserved: new Map(),
  statementsOnClose: false,
};

/** What was read so far. */
export type MarketDraft = {
  readonly assets: Map<string, Asset>;
  readonly markets: Map<string, Market>;
  readonly limited: Set<string>;
  /** By market, the seven days' sessions in ascending order. */
  readonly sessions: Map<string, Session[][]>;
  readonly volatilityMs: Map<string, number>;
  readonly issuers: Map<string, Fingerprint>;
  readonly reserved: Map<string, string>;
  /** The new names of `reserved`. */
  readonly newNames: Set<string>;
  statementsOnClose: boolean;
};

/** Nothing read yet. */
export function newMarketDraft(): MarketDraft {
  return {
    assets: new Map(),
    markets: new Map(),
    limited: new Set(),
    sessions: new Map(),
    volatilityMs: new Map(),
    issuers: new Map(),
    reserved: new Map(),
    newNames: new Set(),
    statementsOnClose: false,
  };
}

type Wrong = Refused<ConfigurationRefusal>;
/** A day's changes from the first of them to `closed`, both included. */
type Session = readonly DayChange[];

/** The forms of assets' names. */
export const assetName: RegExp = /^[A-Z][A-Z0-9.]{0,11}$/;

/** How long a volatility call lasts if no line says it. */
const volatilityDefaultMs = 300_000;
const volatilityMaxMs = 86_400_000;
const sessionsADayMax = 8;

/** The words that begin the lines read here. */
export const marketWords: ReadonlySet<string> = new Set([
  "limits",
  "day",
  "volatility",
  "issuer",
  "rename",
  "statements",
]);

/** Reads a line that begins with one of `marketWords`. */
export function readMarketFact(draft: MarketDraft, words: readonly string[]): Wrong | undefined {
  switch (words[0]) {
    case "limits":
      return readLimits(draft, words);
    case "day":
      return readDay(draft, words);
    case "volatility":
      return readVolatility(draft, words);
    case "issuer":
      return readIssuer(draft, words);
    case "rename":
      return readRename(draft, words);
    default:
      return readStatements(draft, words);
  }
}

const limitsForm = [
  [2, "collar"],
  [4, "orders"],
  [6, "trades"],
] as const;

function readLimits(draft: MarketDraft, words: readonly string[]): Wrong | undefined {
  const form = "limits BASE/QUOTE collar R orders R trades R [reference PRICE]";
  const wrong = (what: string): Wrong => refuse("fact_malformed", `${form}: ${what}`);
  const [, name = "", , collar = "", , orders = "", , trades = "", word, text = ""] = words;
  const isFormed = words.length === 8 || (words.length === 10 && word === "reference");
  if (!isFormed || limitsForm.some(([index, said]) => words[index] !== said)) {
    return wrong("its words");
  }
  const market = draft.markets.get(name);
  if (!market) return unknownMarket("limits", name);
  if (draft.limited.has(name)) return refuse("fact_repeated", `limits ${name}`);
  const [collarRate, limitRate, bandRate] = [collar, orders, trades].map((said) => limitOf(said));
  if (collarRate === undefined || limitRate === undefined || bandRate === undefined) {
    return wrong("R is none, or above 0% to 100%");
  }
  const reference = words.length === 8 ? 0 : referenceOf(market, text);
  if (reference === undefined) return wrong("PRICE is an order's price on this market");
  const limits: PriceLimits = { collarRate, limitRate, bandRate, reference: price(reference) };
  draft.markets.set(name, { ...market, ...limits });
  draft.limited.add(name);
  return undefined;
}

/** A rate; 0 for `none`, and `0%` is neither: it would read as the opposite. */
function limitOf(text: string): number | undefined {
  if (text === "none") return 0;
  const rate = parseRate(text);
  return rate === 0 ? undefined : rate;
}

/** `0.2%` as parts per million. */
export function parseRate(text: string): number | undefined {
  const rate = text.endsWith("%") ? parseDecimal(text.slice(0, -1), 4) : undefined;
  return rate !== undefined && rate <= 1_000_000 ? rate : undefined;
}

function referenceOf(market: Market, text: string): number | undefined {
  const units = parseDecimal(text, market.priceDecimals);
  if (units === undefined || units < market.tick || units > market.priceMax) return undefined;
  return units % market.tick === 0 ? units : undefined;
}

function unknownMarket(fact: string, name: string): Wrong {
  return refuse("market_unknown", `${fact} ${name}: a market of a line above`);
}

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** What a session consists of, in its order, and which parts it must have. */
const sessionForm: readonly (readonly [word: string, phase: Phase, isNeeded: boolean])[] = [
  ["pre-open", "pre_open", false],
  ["opening", "opening_call", false],
  ["continuous", "continuous", true],
  ["closing", "closing_call", false],
  ["closed", "closed", true],
];

function readDay(draft: MarketDraft, words: readonly string[]): Wrong | undefined {
  const [, name = "", daysText = "", ...rest] = words;
  const session = sessionOf(rest);
  const days = weekdaysOf(daysText);
  if (session === undefined || days === undefined) {
    const form = "DAYS [pre-open T] [opening T] continuous T [closing T] closed T";
    const detail = "DAYS is mon or mon-fri, T 00:00 to 23:59, UTC";
    return refuse("fact_malformed", `day BASE/QUOTE ${form}: ${detail}`);
  }
  if (!draft.markets.has(name)) return unknownMarket("day", name);
  const late = session.find(({ minute }, index) => minute <= (session[index - 1]?.minute ?? -1));
  if (late) {
    const detail = "a session ends on its day, UTC, and each time is later than the one before it";
    return refuse("day_over_midnight", `day ${name}: ${detail}`);
  }
  const week = draft.sessions.get(name) ?? weekdays.map(() => []);
  for (const day of days) {
    const sessions = week[day] ?? [];
    sessions.push(session);
    sessions.sort((one, other) => first(one) - first(other));
    const isOver = sessions.some((one, index) => {
      const before = sessions[index - 1];
      return before !== undefined && first(one) <= last(before);
    });
    const where = `day ${name} on ${weekdays[day]}`;
    if (isOver) return refuse("days_overlap", `${where}: a session begins after another's closed`);
    if (sessions.length > sessionsADayMax) {
      return refuse("fact_malformed", `${where}: at most ${sessionsADayMax} sessions a day`);
    }
  }
  draft.sessions.set(name, week);
  return undefined;
}

function first(session: Session): number {
  return session[0]?.minute ?? 0;
}

function last(session: Session): number {
  return session.at(-1)?.minute ?? 0;
}

/** The phases that the words say, ascending or not. */
function sessionOf(words: readonly string[]): Session | undefined {
  const session: DayChange[] = [];
  let next = 0;
  for (const [word, phase, isNeeded] of sessionForm) {
    if (words[next] !== word) {
      if (isNeeded) return undefined;
      continue;
    }
    const minute = minuteOf(words[next + 1] ?? "");
    if (minute === undefined) return undefined;
    session.push({ minute, phase });
    next += 2;
  }
  return next === words.length ? session : undefined;
}

function minuteOf(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

/** The weekdays, Monday 0, of `tue` or `mon-fri`; `sat-mon` goes on into the next week. */
function weekdaysOf(text: string): readonly number[] | undefined {
  const ends = text.split("-").map((word) => weekdays.findIndex((day) => day === word));
  const [from = -1, to = from] = ends;
  if (ends.length > 2 || ends.includes(-1) || (ends.length === 2 && from === to)) return undefined;
  const count = ((to - from + 7) % 7) + 1;
  return Array.from({ length: count }, (_, index) => (from + index) % 7);
}

const unitsMs: ReadonlyMap<string, number> = new Map([
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** A length of time in milliseconds, `5m`, at least a second; infinite if it is none. */
export function parseLength(text: string): number {
  const count = parseDecimal(text.slice(0, -1), 0);
  const unit = unitsMs.get(text.slice(-1));
  const length = count === undefined || unit === undefined ? 0 : count * unit;
  return length < 1000 ? Infinity : length;
}

function readVolatility(draft: MarketDraft, words: readonly string[]): Wrong | undefined {
  const [, name = "", text = ""] = words;
  const length = text.endsWith("d") ? Infinity : parseLength(text);
  if (words.length !== 3 || length > volatilityMaxMs) {
    return refuse("fact_malformed", "volatility BASE/QUOTE 5m: 1s to 24h, in s, m or h");
  }
  if (!draft.markets.has(name)) return unknownMarket("volatility", name);
  if (draft.volatilityMs.has(name)) return refuse("fact_repeated", `volatility ${name}`);
  draft.volatilityMs.set(name, length);
  return undefined;
}

function readIssuer(draft: MarketDraft, words: readonly string[]): Wrong | undefined {
  const [, name = "", text = ""] = words;
  const issuer = text.toLowerCase();
  if (words.length !== 3 || !isFingerprint(issuer)) {
    return refuse("fact_malformed", "issuer ASSET FINGERPRINT, 40 hex digits");
  }
  if (!draft.assets.has(name)) return unknownAsset("issuer", name);
  if (draft.issuers.has(name)) return refuse("fact_repeated", `issuer ${name}`);
  draft.issuers.set(name, issuer);
  return undefined;
}

function unknownAsset(fact: string, name: string): Wrong {
  return refuse("asset_unknown", `${fact} ${name}: an asset of a line above`);
}

/**
 * New names are nobody else's, so no two markets can come to one name: whichever of their assets
 * are renamed, different pairs stay different pairs.
 */
function readRename(draft: MarketDraft, words: readonly string[]): Wrong | undefined {
  const [, name = "", to = ""] = words;
  if (words.length !== 3 || !assetName.test(to)) {
    return refuse("fact_malformed", "rename ASSET NEWASSET");
  }
  if (!draft.assets.has(name)) return unknownAsset("rename", name);
  if (draft.reserved.has(name)) return refuse("fact_repeated", `rename ${name}`);
  if (draft.assets.has(to) || draft.newNames.has(to)) return nameTaken(to);
  draft.reserved.set(name, to);
  draft.newNames.add(to);
  return undefined;
}

/** An asset's name that is an asset's already, or kept for one. */
export function nameTaken(name: string): Wrong {
  return refuse("name_taken", `${name} is an asset's name, or reserved for one`);
}

function readStatements(draft: MarketDraft, words: readonly string[]): Wrong | undefined {
  if (words.length !== 2 || words[1] !== "on-close") {
    return refuse("fact_malformed", "statements on-close");
  }
  if (draft.statementsOnClose) return refuse("fact_repeated", "statements");
  draft.statementsOnClose = true;
  return undefined;
}

/** The whole, once all lines are read. */
export function marketPartOf(draft: MarketDraft): MarketPart {
  const { markets, sessions, volatilityMs, issuers, reserved, statementsOnClose } = draft;
  const days = new Map<string, Calendar>();
  for (const [name, week] of sessions) days.set(name, calendarOf(week.map((day) => day.flat())));
  const lengths = new Map<string, number>();
  for (const name of markets.keys()) {
    lengths.set(name, volatilityMs.get(name) ?? volatilityDefaultMs);
  }
  return { days, volatilityMs: lengths, issuers, reserved, statementsOnClose };
}
