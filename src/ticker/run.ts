/**
 * A ticker's life: ask a relay what is new, hand each trade on in order, note where it is; when a
 * relay fails, ask the next one. The order of noting and handing on is the sink's: before, and a
 * trade is never said twice; after, and none is ever left out.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cursor } from "./cursor.ts";
import { newsFrom, type MarketTrade, type Source } from "./follow.ts";

export type Sink = {
  /** Whether a trade is noted before it is handed on: at most once; else at least once. */
  readonly atMostOnce: boolean;
  /** Resolves when trades can be handed on. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  /** Resolves when the trade was handed on; rejects only if `signal` fired. */
  readonly hand: (trade: MarketTrade, signal: AbortSignal) => Promise<void>;
};

export type Ticker = {
  readonly relays: readonly string[];
  readonly source: Source;
  readonly cursor: Cursor;
  readonly sink: Sink;
  /** Milliseconds between questions when nothing is new. */
  readonly askMs: number;
  readonly say: (sentence: string) => void;
};

const troubledMs = 3000;

/** Runs until the signal fires. */
export async function runTicker(ticker: Ticker, signal: AbortSignal): Promise<void> {
  const { relays, say } = ticker;
  for (let turn = 0; !signal.aborted;) {
    const relay = relays[turn % relays.length] ?? "";
    try {
      const more = await round(ticker, relay, signal);
      if (!more) await rest(ticker.askMs, signal);
    } catch (cause) {
      if (isAborted(signal)) return;
      turn += 1;
      say(`${reasonsOf(cause)}; trying again`);
      await rest(turn % relays.length === 0 ? troubledMs : ticker.askMs, signal);
    }
  }
}

/** One question and what follows; whether there is more to hand on at once. */
async function round(ticker: Ticker, relay: string, signal: AbortSignal): Promise<boolean> {
  const { cursor, sink, source } = ticker;
  await sink.ready(signal);
  const before = cursor.position;
  const news = await newsFrom(relay, before, source, signal);
  if (news === undefined) return false;
  if (before.trade === undefined) {
    cursor.move({ ...news.position, trade: news.lastTrade });
    return false;
  }
  for (const each of news.trades) {
    await sink.ready(signal);
    if (sink.atMostOnce) cursor.move({ trade: each.trade.number });
    await sink.hand(each, signal);
    if (!sink.atMostOnce) cursor.move({ trade: each.trade.number });
  }
  const { size } = news.position.frontier;
  if (!news.more && size > before.frontier.size) cursor.move(news.position);
  return news.more;
}

/** Waits; ends early, without complaint, when the signal fires. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

// Behind a function, because a loop's condition has looked at it before.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** An error with all its causes, in one sentence. */
export function reasonsOf(cause: unknown): string {
  const reasons: string[] = [];
  for (let at = cause; at instanceof Error; at = at.cause) reasons.push(at.message);
  return reasons.join(": ");
}
