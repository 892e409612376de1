/**
 * Trades as Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1. An entry's id is made of the exchange and
 * the trade's number and of nothing else, so that every relay says the same id and a reader never
 * shows a trade twice.
 */
import { printSeconds, printTime, time, type Time } from "../codec/time.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { MarketLeaf, TradeLeaf } from "../log/leaf.ts";
import { assetsOf, printPrice, printQuantity } from "./figures.ts";
import { escapeMarkup } from "./markup.ts";

/** What one feed is about. */
export type Feed = {
  readonly exchange: Fingerprint;
  /** `undefined`: trades of all markets. */
  readonly market: string | undefined;
  /** Newest first. */
  readonly trades: readonly { readonly market: MarketLeaf; readonly trade: TradeLeaf }[];
  /** The relay's address as its readers know it, without a slash at the end. */
  readonly origin: string;
};

type FeedTrade = Feed["trades"][number];

/** The feed's file name without its ending: `trades`, or `GLD-BTC`. */
export function feedName(market: string | undefined): string {
  return market === undefined ? "trades" : market.replace("/", "-");
}

/** RFC 4151; the authority is a name that nobody can own (RFC 6761). */
export function tagUri(exchange: Fingerprint, rest: string): string {
  return `tag:signet.invalid,2026:${exchange}/${rest}`;
}

function titleOf(feed: Feed): string {
  return feed.market === undefined ? "Signet: trades" : `Signet: trades in ${feed.market}`;
}

function sentence({ market, trade }: FeedTrade): string {
  const { base, quote } = assetsOf(trade.market);
  const quantity = printQuantity(market, trade.quantity);
  const side = { buy: "bought", sell: "sold", call: "traded in a call" }[trade.taker];
  return `${quantity} ${base} ${side} at ${printPrice(market, trade.price)} ${quote}`;
}

function updatedAt(feed: Feed): Time {
  return feed.trades[0]?.trade.at ?? time(0);
}

/** The feed in Atom. */
export function printAtom(feed: Feed): string {
  const self = `${feed.origin}/feeds/${feedName(feed.market)}.atom`;
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<title>${escapeMarkup(titleOf(feed))}</title>`,
    `<id>${escapeMarkup(tagUri(feed.exchange, `feeds/${feedName(feed.market)}`))}</id>`,
    `<updated>${printTime(updatedAt(feed))}</updated>`,
    "<author><name>Signet</name></author>",
    `<link rel="self" type="application/atom+xml" href="${escapeMarkup(self)}"/>`,
    `<link rel="alternate" type="text/html" href="${escapeMarkup(`${feed.origin}/`)}"/>`,
    ...feed.trades.map((entry) => atomEntry(feed, entry)),
    "</feed>\n",
  ].join("\n");
}

function atomEntry(feed: Feed, entry: FeedTrade): string {
  const { number, at, market } = entry.trade;
  return [
    "<entry>",
    `<id>${escapeMarkup(tagUri(feed.exchange, `trades/${number}`))}</id>`,
    `<title>${escapeMarkup(`${market} #${number}: ${sentence(entry)}`)}</title>`,
    `<updated>${printTime(at)}</updated>`,
    `<category term="${escapeMarkup(market)}"/>`,
    `<link rel="alternate" type="text/html" href="${escapeMarkup(`${feed.origin}/`)}"/>`,
    `<content type="text">${escapeMarkup(sentence(entry))}</content>`,
    "</entry>",
  ].join("\n");
}

/** The feed in RSS 2.0. */
export function printRss(feed: Feed): string {
  const self = `${feed.origin}/feeds/${feedName(feed.market)}.rss`;
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>',
    `<title>${escapeMarkup(titleOf(feed))}</title>`,
    `<link>${escapeMarkup(`${feed.origin}/`)}</link>`,
    "<description>Trades, as the exchange signed them; a number is one trade.</description>",
    `<lastBuildDate>${rfc822(updatedAt(feed))}</lastBuildDate>`,
    `<atom:link rel="self" type="application/rss+xml" href="${escapeMarkup(self)}"/>`,
    ...feed.trades.map((entry) => rssItem(feed, entry)),
    "</channel></rss>\n",
  ].join("\n");
}

function rssItem(feed: Feed, entry: FeedTrade): string {
  const { number, at, market } = entry.trade;
  const id = tagUri(feed.exchange, `trades/${number}`);
  return [
    "<item>",
    `<guid isPermaLink="false">${escapeMarkup(id)}</guid>`,
    `<title>${escapeMarkup(`${market} #${number}: ${sentence(entry)}`)}</title>`,
    `<pubDate>${rfc822(at)}</pubDate>`,
    `<category>${escapeMarkup(market)}</category>`,
    `<description>${escapeMarkup(sentence(entry))}</description>`,
    "</item>",
  ].join("\n");
}

/** The feed in JSON Feed 1.1. */
export function printJsonFeed(feed: Feed): string {
  const json = {
    version: "https://jsonfeed.org/version/1.1",
    title: titleOf(feed),
    home_page_url: `${feed.origin}/`,
    feed_url: `${feed.origin}/feeds/${feedName(feed.market)}.json`,
    description: "Trades, as the exchange signed them; a number is one trade.",
    language: "en",
    authors: [{ name: "Signet" }],
    items: feed.trades.map((entry) => {
      const { number, at, market } = entry.trade;
      return {
        id: tagUri(feed.exchange, `trades/${number}`),
        url: `${feed.origin}/v1/trades?after=${number - 1}`,
        title: `${market} #${number}: ${sentence(entry)}`,
        content_text: sentence(entry),
        date_published: printTime(at),
        tags: [market],
      };
    }),
  };
  return `${JSON.stringify(json)}\n`;
}

const days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** RFC 822 with four digits for the year, as RSS wants it: `Sat, 21 Nov 2026 11:59:30 GMT`. */
export function rfc822(at: Time): string {
  const text = printSeconds(at);
  const [year, month, day] = text.slice(0, 10).split("-");
  // 1970-01-01 was a Thursday.
  const weekday = days[Math.floor(at / 86_400_000) % 7];
  return `${weekday}, ${day} ${months[Number(month) - 1]} ${year} ${text.slice(11, 19)} GMT`;
}
