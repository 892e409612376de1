/**
 * The parts of a snapshot (docs/spec/log.md §12): printed from a view, and read back. Each begins
 * with its own name.
 *
 *   exchange      trade LAST · snapshot SIZE TIME NEWS · count KIND N … ·
 *                 signed VERB N … · told NUMBER TIME LEAF …
 *   market NAME   its MARKET leaf · its PHASE leaf, if one was told · buy PRICE QUANTITY … ·
 *                 sell … · TRADE leaves ·
 *                 INTERVAL N OPEN HIGH LOW CLOSE QUANTITY TURNOVER TRADES FIRST LAST …
 *   ring          VENUE · TOKEN … · OFFER … · SUBMISSION, its RINGs, each with what became of it …
 *
 * The reader bounds what it takes and reads every number strictly; whether the order is right and
 * nothing is there twice shows when the view is printed again (snapshot.ts).
 */
import { at } from "../codec/assert.ts";
import { parseTime, printTime, time, type Time } from "../codec/time.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { parseLeaf, printLeaf, type MarketLeaf, type TradeLeaf } from "../log/leaf.ts";
import { isSecurityLeaf, type PhaseLeaf } from "../log/leafsecurities.ts";
import { positive, whole } from "../log/numbers.ts";
import { tradesKept, type Level } from "./board.ts";
import { intervalNames, intervals, isInterval, type Candle, type Interval } from "./candle.ts";
import type { LastSnapshot, PublicView, ViewState } from "./publicview.ts";
import { RingBoard, type RingView } from "./ringboard.ts";
import { toldKept, type Told } from "./securities.ts";
import { candlesKept, type CandleAt, type Shelves } from "./shelf.ts";

/** A part to be printed: as long as `version` is the same, so is its text. */
export type PartToPrint = {
  readonly name: string;
  /** `undefined`: it is always another one. */
  readonly version: number | undefined;
  readonly print: () => string;
};

/** The parts of a view, in the order of the index. */
export function printParts(view: PublicView): readonly PartToPrint[] {
  const markets = view.board.names.map((name) => ({
    name: `market ${name}`,
    version: view.version(name),
    print: () => text(printMarketPart(view, name)),
  }));
  return [
    { name: "exchange", version: undefined, print: () => text(printExchangePart(view)) },
    ...markets,
    { name: "ring", version: view.rings.changes, print: () => text(printRingPart(view.rings)) },
  ];
}

function text(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

function printExchangePart({ board, lastSnapshot, counts, signed }: PublicView): readonly string[] {
  const { size, at: when, news } = lastSnapshot;
  return [
    "exchange",
    `trade ${board.lastTrade}`,
    `snapshot ${size} ${when === undefined ? "-" : printTime(when)} ${news ? "news" : "-"}`,
    ...[...counts].map(([kind, count]) => `count ${kind} ${count}`),
    ...[...signed].map(([verb, count]) => `signed ${verb} ${count}`),
    ...board.securities.all.map(printTold),
  ];
}

function printTold({ number, at: when, leaf }: Told): string {
  return `told ${number} ${when === undefined ? "-" : printTime(when)} ${printLeaf(leaf)}`;
}

function printMarketPart(view: PublicView, name: string): readonly string[] {
  const market = view.board.view(name, Infinity);
  if (market === undefined) return [];
  const lines = [`market ${name}`, printLeaf(market.market)];
  if (market.phase !== undefined) lines.push(printLeaf(market.phase));
  for (const { price, quantity } of market.buys) lines.push(`buy ${price} ${quantity}`);
  for (const { price, quantity } of market.sells) lines.push(`sell ${price} ${quantity}`);
  for (const trade of market.trades) lines.push(printLeaf(trade));
  for (const interval of intervalNames) {
    for (const each of view.candles(name, interval)) lines.push(printCandle(interval, each));
  }
  return lines;
}

function printCandle(interval: Interval, { from, candle }: CandleAt): string {
  const { open, high, low, close, quantity, turnover, trades, firstTrade, lastTrade } = candle;
  const sums = `${quantity} ${turnover} ${trades} ${firstTrade} ${lastTrade}`;
  return `${interval} ${from / intervals[interval]} ${open} ${high} ${low} ${close} ${sums}`;
}

function printRingPart(rings: RingBoard): readonly string[] {
  const lines = ["ring"];
  if (rings.venue !== undefined) lines.push(printLeaf(rings.venue));
  for (const token of rings.tokens) lines.push(printLeaf(token));
  for (const offer of rings.offers) lines.push(printLeaf(offer));
  for (const { submission, rings: own } of rings.submissions(0)) {
    lines.push(printLeaf(submission));
    for (const ring of own) lines.push(...printRing(ring));
  }
  return lines;
}

function printRing({ ring, outcome }: RingView): readonly string[] {
  const line = printLeaf(ring);
  if (outcome.state === "authored") return [line];
  const number = String(ring.number);
  const became =
    outcome.state === "settled"
      ? `SETTLED|${number}|${outcome.transaction}`
      : `FAILED|${number}|${outcome.reason}`;
  return [line, became];
}

type Named = { readonly name: string; readonly text: string };
type PartRefused = Refused<"part_malformed">;

/** What the parts of a snapshot hold; `size` and `tick` are those of its index. */
export function readParts(
  parts: readonly Named[],
  { size, tick }: { readonly size: number; readonly tick: Time | undefined },
): Verdict<ViewState, "part_malformed"> {
  const [first, ring, ...markets] = [parts.at(0), parts.at(-1), ...parts.slice(1, -1)];
  const exchange = first === undefined ? undefined : readExchange(linesOf(first, "exchange"), size);
  if (exchange === undefined) return malformed("exchange", "it does not come first, or not so");
  const rings = ring === undefined ? undefined : readRings(linesOf(ring, "ring"));
  if (rings === undefined) return malformed("ring", "it does not come last, or not so");
  const views: MarketPart["view"][] = [];
  const candles = new Map<string, Shelves>();
  for (const part of markets) {
    const read = readMarket(part.name.replace(/^market /, ""), linesOf(part, part.name));
    if (read === undefined) return malformed(part.name, "a line of it is none");
    views.push(read.view);
    if (read.shelves !== undefined) candles.set(read.view.market.name, read.shelves);
  }
  const { lastTrade, last, counts, signed, told } = exchange;
  const board = { size, tick, lastTrade, markets: views, told };
  return accept({ size, board, candles, rings, counts, signed, last });
}

function malformed(name: string, detail: string): PartRefused {
  return refuse("part_malformed", `part ${name}: ${detail}`);
}

/** The lines after the first, which is the part's name; `undefined` for anything else. */
function linesOf(part: Named, name: string): readonly string[] | undefined {
  if (part.name !== name || !part.text.startsWith(`${name}\n`)) return undefined;
  if (!part.text.endsWith("\n")) return undefined;
  const rest = part.text.slice(name.length + 1, -1);
  return rest === "" ? [] : rest.split("\n");
}

type ExchangePart = Pick<ViewState, "counts" | "signed" | "last"> & {
  readonly lastTrade: number;
  readonly told: readonly Told[];
};

const toldMax = Object.values(toldKept).reduce((sum, kept) => sum + kept, 0);

function readExchange(
  lines: readonly string[] | undefined,
  size: number,
): ExchangePart | undefined {
  const [tradeLine = "", lastLine = "", ...countLines] = lines ?? [];
  const lastTrade = tradeLine.startsWith("trade ") ? whole(tradeLine.slice(6)) : undefined;
  const last = readLast(lastLine);
  if (lastTrade === undefined || last === undefined) return undefined;
  const counts = new Map<string, number>();
  const signed = new Map<string, number>();
  const told: Told[] = [];
  for (const line of countLines) {
    if (line.startsWith("told ")) {
      const each = readTold(line);
      if (each === undefined || each.number >= size || told.length >= toldMax) return undefined;
      if (each.number <= (told.at(-1)?.number ?? -1)) return undefined;
      told.push(each);
      continue;
    }
    const [, word, kind, number] = /^(count|signed) ([A-Z]{1,20}) ([0-9]+)$/.exec(line) ?? [];
    const count = positive(number);
    if (kind === undefined || count === undefined) return undefined;
    (word === "count" ? counts : signed).set(kind, count);
  }
  return { lastTrade, last, counts, signed, told };
}

function readTold(line: string): Told | undefined {
  const [, place, when = "", text = ""] = /^told ([0-9]+) (\S{1,30}) (.+)$/.exec(line) ?? [];
  const number = whole(place);
  const tick = parseTime(when);
  const leaf = parseLeaf(text);
  if (number === undefined || (tick === undefined && when !== "-")) return undefined;
  return leaf !== undefined && isSecurityLeaf(leaf) ? { number, at: tick, leaf } : undefined;
}

function readLast(line: string): LastSnapshot | undefined {
  const [, number, when = "", news] = /^snapshot ([0-9]+) (\S{1,30}) (news|-)$/.exec(line) ?? [];
  const size = whole(number);
  const tick = parseTime(when);
  if (size === undefined || (tick === undefined && when !== "-")) return undefined;
  return { size, at: tick, news: news === "news" };
}

function readRings(lines: readonly string[] | undefined): RingBoard | undefined {
  if (lines === undefined) return undefined;
  const rings = new RingBoard();
  for (const line of lines) {
    const leaf = parseLeaf(line);
    if (leaf === undefined) return undefined;
    rings.apply(leaf);
  }
  return rings;
}

type MarketPart = { readonly view: MarketLines; readonly shelves: Shelves | undefined };

function readMarket(name: string, lines: readonly string[] | undefined): MarketPart | undefined {
  const [first = "", ...rest] = lines ?? [];
  const market = parseLeaf(first);
  if (market?.kind !== "market" || market.name !== name) return undefined;
  const view: MarketLines = { market, buys: [], sells: [], trades: [], phase: undefined };
  const shelves: { [Name in Interval]: CandleAt[] } = { "1m": [], "5m": [], "1h": [], "1d": [] };
  for (const line of rest) {
    if (!readLine(line, view, shelves)) return undefined;
  }
  if (!isInOrder(view, shelves)) return undefined;
  return { view, shelves: shelves["1m"].length === 0 ? undefined : shelves };
}

/** Trades and candles ascend and are not more than are kept. (Levels are sorted when printed.) */
function isInOrder({ trades }: MarketLines, shelves: Shelves): boolean {
  const isAscending = (numbers: readonly number[]): boolean =>
    numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0));
  if (trades.length > tradesKept || !isAscending(trades.map(({ number }) => number))) return false;
  return intervalNames.every((interval) => {
    const kept = shelves[interval];
    return kept.length <= candlesKept[interval] && isAscending(kept.map(({ from }) => from));
  });
}

type MarketLines = {
  readonly market: MarketLeaf;
  readonly buys: Level[];
  readonly sells: Level[];
  readonly trades: TradeLeaf[];
  phase: PhaseLeaf | undefined;
};

/** Takes one line of a market's part; whether it is one. */
function readLine(
  line: string,
  view: MarketLines,
  shelves: { readonly [Name in Interval]: CandleAt[] },
): boolean {
  const fields = line.split(" ");
  const [word = ""] = fields;
  if (word === "buy" || word === "sell") {
    const [price, quantity] = [positive(fields[1]), positive(fields[2])];
    if (price === undefined || quantity === undefined || fields.length !== 3) return false;
    (word === "buy" ? view.buys : view.sells).push({ price, quantity });
    return true;
  }
  if (isInterval(word)) {
    const candle = readCandle(word, fields);
    if (candle !== undefined) shelves[word].push(candle);
    return candle !== undefined;
  }
  const leaf = parseLeaf(line);
  if (leaf?.kind === "phase" && leaf.market === view.market.name) {
    view.phase = leaf;
    return true;
  }
  if (leaf?.kind !== "trade" || leaf.market !== view.market.name) return false;
  view.trades.push(leaf);
  return true;
}

/** The year 9999 ends before this minute. */
const minutesMax = 4_223_000_000;

function readCandle(interval: Interval, fields: readonly string[]): CandleAt | undefined {
  const [quantity, turnover] = [sum(fields[6]), sum(fields[7])];
  const numbers = [1, 2, 3, 4, 5, 8, 9, 10].map((index) => whole(fields[index]));
  if (fields.length !== 11 || quantity === undefined || turnover === undefined) return undefined;
  const read = numbers.flatMap((number) => number ?? []);
  if (read.length !== numbers.length) return undefined;
  const [place, open, high, low] = [at(read, 0), at(read, 1), at(read, 2), at(read, 3)];
  const [close, trades, firstTrade, lastTrade] = [
    at(read, 4),
    at(read, 5),
    at(read, 6),
    at(read, 7),
  ];
  if ((place * intervals[interval]) / intervals["1m"] > minutesMax) return undefined;
  const prices = { open, high, low, close };
  const candle: Candle = { ...prices, quantity, turnover, trades, firstTrade, lastTrade };
  return { from: time(place * intervals[interval]), candle };
}

/** A sum of products of two numbers of a leaf: fewer than fifty digits. */
function sum(digits: string | undefined): bigint | undefined {
  return /^[1-9][0-9]{0,49}$/.test(digits ?? "") ? BigInt(digits ?? "") : undefined;
}
