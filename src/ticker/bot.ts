/**
 * The bot in a channel: says each trade once, and answers `$depth`, `$vwap`, `$ticker`. A trade is
 * verified before it is said; an answer is the word of the relay that was asked, and says so.
 */
import { depthLine, parseAsked, tickerLine, tradeLine, vwapLine } from "../market/chat.ts";
import type { Asked } from "../market/chat.ts";
import { nameOfUrl } from "../codec/reach.ts";
import { marketPhases } from "../log/leafsecurities.ts";
import { ask, field } from "./ask.ts";
import { IrcConnection, type IrcOptions } from "./irc.ts";
import type { Sink } from "./run.ts";

/** Answers that are on their way at once; who asks beyond that is not heard. */
const answersMax = 5;

export type BotOptions = Omit<IrcOptions, "onLine"> & { readonly relays: readonly string[] };

/** The bot as a sink, and what keeps it connected. */
export function ircBot(
  options: BotOptions,
  signal: AbortSignal,
): { readonly sink: Sink; readonly running: Promise<void> } {
  let answering = 0;
  const connection = new IrcConnection({ ...options, onLine: (text) => void hear(text) });
  const hear = async (text: string): Promise<void> => {
    const asked = parseAsked(text);
    if (asked === undefined || answering >= answersMax) return;
    answering += 1;
    try {
      for (const line of await answer(asked, options.relays, signal)) {
        await connection.sayInChannel(line, signal);
      }
    } finally {
      answering -= 1;
    }
  };
  const sink: Sink = {
    atMostOnce: true,
    ready: () => connection.ready(signal),
    hand: ({ market, trade }) => connection.sayInChannel(tradeLine(market, trade), signal),
  };
  return { sink, running: connection.run(signal) };
}

/** Lines of an answer to `$ticker` without a market. */
const tickersMax = 5;

async function answer(
  asked: Asked,
  relays: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  for (const relay of relays) {
    try {
      const found = await askRelay(asked, relay, signal);
      if (found === undefined) return [`No such market: ${asked.market ?? "none"}`];
      return found.map((line) => `${line} (${nameOfUrl(relay).replace(/^https?:\/\//, "")})`);
    } catch {
      // The next relay may know.
    }
  }
  return ["No relay answers now."];
}

async function askRelay(
  { kind, market }: Asked,
  relay: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const query = market === undefined ? "" : `?market=${encodeURIComponent(market)}`;
  const path = { depth: "book", vwap: "vwap", ticker: "ticker" }[kind];
  const text = await ask(relay, `/v1/${path}${query}`, signal);
  if (text === undefined) return undefined;
  const read: unknown = JSON.parse(text);
  switch (kind) {
    case "depth":
      return [depthLine(readBook(read))];
    case "vwap":
      return [vwapLine(readVwap(read))];
    case "ticker": {
      const tickers = field(read, "tickers");
      if (!Array.isArray(tickers)) throw new Error("couldn't read the relay's tickers");
      return tickers.slice(0, tickersMax).map((each) => tickerLine(readTicker(each)));
    }
    // The three above are all.
  }
}

function textIn(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found !== "string") throw new Error(`couldn't read ${name} in the relay's answer`);
  return found;
}

type Levels = Parameters<typeof depthLine>[0]["buys"];
type Level = Levels[number];

function readLevel(value: unknown): Level {
  return { price: textIn(value, "price"), quantity: textIn(value, "quantity") };
}

function readBook(value: unknown): Parameters<typeof depthLine>[0] {
  const side = (name: string): Levels => {
    const levels = field(value, name);
    return Array.isArray(levels) ? levels.map(readLevel) : [];
  };
  return { market: textIn(value, "market"), buys: side("buys"), sells: side("sells") };
}

type Window = Parameters<typeof tickerLine>[0]["day"];

function readWindow(value: unknown): Window {
  if (value === null) return null;
  const trades = field(value, "trades");
  return {
    vwap: textIn(value, "vwap"),
    high: textIn(value, "high"),
    low: textIn(value, "low"),
    quantity: textIn(value, "quantity"),
    turnover: textIn(value, "turnover"),
    trades: typeof trades === "number" ? trades : 0,
  };
}

function readVwap(value: unknown): Parameters<typeof vwapLine>[0] {
  const window = (name: string): Window => readWindow(field(value, name));
  return {
    market: textIn(value, "market"),
    to: null,
    "1d": window("1d"),
    "7d": window("7d"),
    "30d": window("30d"),
  };
}

function readTicker(value: unknown): Parameters<typeof tickerLine>[0] {
  const level = (name: string): Level | null => {
    const found = field(value, name);
    return found === null ? null : readLevel(found);
  };
  const last = field(value, "last");
  const lastTrade = field(value, "lastTrade");
  return {
    market: textIn(value, "market"),
    last: typeof last === "string" ? last : null,
    lastTrade: typeof lastTrade === "number" ? lastTrade : null,
    at: null,
    buy: level("buy"),
    sell: level("sell"),
    open: null,
    day: readWindow(field(value, "day")),
    // A relay that says no phase knows of none.
    phase: marketPhases.find((each) => each === field(value, "phase")) ?? "continuous",
    delisted: field(value, "delisted") === true,
  };
}
