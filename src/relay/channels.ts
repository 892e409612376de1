/**
 * What goes over the stream (docs/spec/api.md §4): for each channel what a subscriber gets at once,
 * and what a publication adds. Texts are made once for all who get them.
 *
 * A book's diffs follow one another without a gap in this relay's life: each begins after the leaf
 * where the one before ended, whether or not anybody listened to that one.
 */
import { assert } from "../codec/assert.ts";
import { printTime } from "../codec/time.ts";
import type { TradeLeaf } from "../log/leaf.ts";
import { diffJson, isLarge, snapshotJson, snapshotLevels, touchedBy } from "../market/bookdiff.ts";
import type { Touched } from "../market/bookdiff.ts";
import { tradeJson } from "../market/json.ts";
import { tickerOf } from "./api.ts";
import type { Mirror, News } from "./mirror.ts";

/** Trades in one message, and those that a subscriber gets at once who names no number. */
const tradesMax = 500;
const tradesAtOnce = 50;
/** Characters of leaves in one message of the log, and one leaf more. */
const logCharactersMax = 30_000;

export const channels = ["book", "trades", "ticker", "tick", "log"] as const;
export type Channel = (typeof channels)[number];

/** What one may subscribe to; `tick` and `log` have no market. */
export type Topic = { readonly channel: Channel; readonly market: string };

/** The topic as a key. */
export function topicKey({ channel, market }: Topic): string {
  return `${channel} ${market}`;
}

/** A message for everybody who subscribed to the topic. */
export type Message = { readonly key: string; readonly text: string };

type Say = (topic: Topic, print: () => string | undefined) => void;

export class Channels {
  readonly #mirror: Mirror;
  /** The last leaf that a diff of the market covered; all begin where this life began. */
  readonly #covered: Map<string, number> = new Map();
  readonly #begin: number;
  /** The last ticker that was said. */
  readonly #tickers: Map<string, string> = new Map();

  constructor(mirror: Mirror) {
    this.#mirror = mirror;
    this.#begin = mirror.frontier.size;
  }

  /** Whether there is such a topic now. */
  has({ channel, market }: Topic): boolean {
    if (channel === "tick" || channel === "log") return market === "";
    return this.#mirror.board.market(market) !== undefined;
  }

  /** What a new subscriber gets at once; a known topic. */
  first({ channel, market }: Topic, after: number | undefined): string {
    switch (channel) {
      case "book":
        return this.#snapshot(market);
      case "trades":
        return this.#tradesAfter(market, after);
      case "ticker":
        return this.#ticker(market);
      case "tick":
        return this.#tick();
      case "log":
        return this.#log([], this.#mirror.frontier.size, true);
      // The five above are all.
    }
  }

  /** What a publication that was applied adds, for the topics that `wanted` knows. */
  published(news: News, wanted: (key: string) => boolean): readonly Message[] {
    const { leaves } = news;
    const messages: Message[] = [];
    const say: Say = (topic, print) => {
      const key = topicKey(topic);
      const text = wanted(key) ? print() : undefined;
      if (text !== undefined) messages.push({ key, text });
    };
    const books = news.isJump ? this.#everything() : touchedBy(leaves);
    for (const [market, touched] of books) {
      const diff = this.#diff(market, touched);
      say({ channel: "book", market }, news.isJump ? () => this.#snapshot(market) : diff);
    }
    if (news.isJump) {
      // Who counts trades sees by their numbers which he missed.
      for (const market of this.#mirror.board.names) {
        say({ channel: "trades", market }, () => this.#tradesAfter(market, undefined));
      }
    }
    this.#sayRenamed(news, say);
    const traded = Map.groupBy(news.isJump ? [] : this.#tradesIn(news), ({ market }) => market);
    for (const [market, own] of traded) {
      for (let i = 0; i < own.length; i += tradesMax) {
        const some = own.slice(i, i + tradesMax);
        say({ channel: "trades", market }, () => this.#trades(market, some, false));
      }
    }
    const stood = leaves.flatMap((leaf) => (leaf.kind === "phase" ? [leaf.market] : []));
    const closed = leaves.some(({ kind }) => kind === "delisted") ? this.#mirror.board.names : [];
    for (const market of new Set([...books.keys(), ...traded.keys(), ...stood, ...closed])) {
      say({ channel: "ticker", market }, () => {
        // One that was renamed in this publication has no ticker any more.
        if (this.#mirror.board.market(market) === undefined) return undefined;
        const text = this.#ticker(market);
        if (this.#tickers.get(market) === text) return undefined;
        this.#tickers.set(market, text);
        return text;
      });
    }
    say({ channel: "tick", market: "" }, () => this.#tick());
    for (const [part, isLast, from] of partsOf(news)) {
      say({ channel: "log", market: "" }, () => this.#log(part, from, isLast));
    }
    return messages;
  }

  /** The publication's trades, each of the market as it is called now. */
  #tradesIn({ leaves, from }: News): readonly TradeLeaf[] {
    const { securities } = this.#mirror.board;
    return leaves.flatMap((leaf, index) => {
      if (leaf.kind !== "trade") return [];
      return [{ ...leaf, market: securities.marketNow(leaf.market, from + index) }];
    });
  }

  /** Tells who subscribed to a market under a name that it no longer has. */
  #sayRenamed({ leaves, isJump }: News, say: Say): void {
    const { board } = this.#mirror;
    if (!isJump && !leaves.some(({ kind }) => kind === "renamed")) return;
    for (const to of board.names) {
      const [, ...before] = board.securities.names(to);
      // A market of that name may have given way.
      if (before.length > 0) say({ channel: "book", market: to }, () => this.#snapshot(to));
      for (const { name: market } of before) {
        if (board.market(market) !== undefined) continue;
        for (const channel of ["book", "trades", "ticker"] as const) {
          say({ channel, market }, () => JSON.stringify({ channel, type: "renamed", market, to }));
        }
      }
    }
  }

  /** Every market, as if nothing of it were known. */
  #everything(): ReadonlyMap<string, Touched> {
    return new Map(
      this.#mirror.board.names.map((name) => [name, { buys: new Map(), sells: new Map() }]),
    );
  }

  /** Leaves from number `from` on; the last part of a publication has its checkpoint. */
  #log(lines: readonly string[], from: number, isLast: boolean): string {
    const { watermark } = this.#mirror;
    const checkpoint = isLast ? this.#mirror.applied(watermark)?.checkpoint : undefined;
    const what = { channel: "log", type: "leaves", from, leaves: lines };
    return JSON.stringify(checkpoint === undefined ? what : { ...what, checkpoint });
  }

  #snapshot(name: string): string {
    const view = this.#mirror.board.view(name, snapshotLevels + 1);
    assert(view !== undefined, "a subscription's market is known");
    return JSON.stringify(snapshotJson(view, this.#mirror.frontier.size));
  }

  /** Moves on what diffs cover, and gives the diff's text if somebody wants it. */
  #diff(market: string, touched: Touched): () => string | undefined {
    const { size } = this.#mirror.frontier;
    const firstSequence = (this.#covered.get(market) ?? this.#begin) + 1;
    const known = this.#mirror.board.market(market) !== undefined;
    if (known) this.#covered.set(market, size);
    return () => {
      const view = this.#mirror.board.view(market, snapshotLevels);
      if (view === undefined) return undefined;
      if (isLarge(touched)) return this.#snapshot(market);
      return JSON.stringify(diffJson(view, touched, { firstSequence, lastSequence: size }));
    };
  }

  #tradesAfter(market: string, after: number | undefined): string {
    const countMax = after === undefined ? tradesAtOnce : tradesMax + 1;
    const found = this.#mirror.trades({ market, after, countMax });
    return this.#trades(market, found.slice(0, tradesMax), found.length > tradesMax);
  }

  #trades(name: string, trades: readonly TradeLeaf[], more: boolean): string {
    const market = this.#mirror.board.market(name);
    assert(market !== undefined, "a subscription's market is known");
    const said = trades.map((trade) => tradeJson(market, trade));
    return JSON.stringify({ channel: "trades", type: "trades", market: name, trades: said, more });
  }

  #ticker(market: string): string {
    const ticker = tickerOf(this.#mirror, market);
    return JSON.stringify({ channel: "ticker", type: "ticker", ...ticker });
  }

  #tick(): string {
    const { board, watermark, frontier } = this.#mirror;
    const at = board.tick === undefined ? null : printTime(board.tick);
    const checkpoint = this.#mirror.applied(watermark)?.checkpoint ?? null;
    const { size } = frontier;
    const what = { channel: "tick", type: "tick" };
    return JSON.stringify({ ...what, publication: watermark, size, at, checkpoint });
  }
}

/** The leaves of a publication in messages of bounded length: lines, whether the last, from. */
function partsOf(
  news: News,
): readonly (readonly [lines: readonly string[], isLast: boolean, from: number])[] {
  const parts: string[][] = [[]];
  let characters = 0;
  for (const line of news.lines) {
    if (characters > logCharactersMax) {
      parts.push([]);
      characters = 0;
    }
    parts.at(-1)?.push(line);
    characters += line.length;
  }
  let { from } = news;
  return parts.map((lines, place) => {
    from += lines.length;
    return [lines, place === parts.length - 1, from - lines.length];
  });
}
