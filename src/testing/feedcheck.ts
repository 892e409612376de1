/**
 * What the feed specifications require: Atom (RFC 4287), RSS 2.0 (with the advice of its advisory
 * board) and JSON Feed 1.1. Elements, dates, ids, links; the first thing that is wrong is said.
 */
import { checkMarkup } from "./markup.ts";

/** A feed as far as it was checked. */
export type Checked = { readonly ids: readonly string[]; readonly fault: string | undefined };

const uri = /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const rfc822 =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

/** The texts of an element's occurrences, and what is left without them. */
function pieces(xml: string, name: string): readonly string[] {
  const pattern = new RegExp(`<${name}(?: [^>]*)?>([^]*?)</${name}>`, "g");
  return [...xml.matchAll(pattern)].map((match) => match[1] ?? "");
}

function without(xml: string, name: string): string {
  return xml.replace(new RegExp(`<${name}(?: [^>]*)?>[^]*?</${name}>`, "g"), "");
}

/** The first name whose element does not stand exactly once. */
function notOnce(xml: string, names: readonly string[]): string | undefined {
  return names.find((name) => pieces(xml, name).length !== 1);
}

function repeated(ids: readonly string[]): string | undefined {
  return new Set(ids).size === ids.length ? undefined : "an id stands twice";
}

function linksOf(xml: string): readonly { readonly rel: string; readonly href: string }[] {
  return [...xml.matchAll(/<(?:atom:)?link ([^>]*)\/>/g)].map((match) => ({
    rel: /rel="([^"]*)"/.exec(match[1] ?? "")?.[1] ?? "alternate",
    href: /href="([^"]*)"/.exec(match[1] ?? "")?.[1] ?? "",
  }));
}

/** RFC 4287, section 4. */
export function checkAtom(xml: string): Checked {
  const entries = pieces(xml, "entry");
  const head = without(xml, "entry");
  const ids = entries.flatMap((entry) => pieces(entry, "id"));
  return { ids, fault: atomFault(xml, head, entries) ?? repeated(ids) };
}

function atomFault(xml: string, head: string, entries: readonly string[]): string | undefined {
  const markup = checkMarkup(xml);
  if (markup !== undefined) return markup;
  if (!xml.includes('<feed xmlns="http://www.w3.org/2005/Atom">')) return "the root is no feed";
  for (const [part, where] of [
    [head, "feed"] as const,
    ...entries.map((e) => [e, "entry"] as const),
  ]) {
    const missing = notOnce(part, ["id", "title", "updated"]);
    if (missing !== undefined) return `${where}: ${missing} once`;
    if (!rfc3339.test(pieces(part, "updated")[0] ?? "")) return `${where}: updated is RFC 3339`;
    if (!uri.test(pieces(part, "id")[0] ?? "")) return `${where}: id is a URI`;
    for (const { href } of linksOf(part)) if (!uri.test(href)) return `${where}: a link is a URI`;
    const alternates = linksOf(part).filter(({ rel }) => rel === "alternate");
    if (alternates.length > 1) return `${where}: one alternate link of a type`;
    if (pieces(part, "content").length + alternates.length === 0)
      return `${where}: content or link`;
  }
  if (pieces(head, "author").length === 0) return "feed: an author";
  if (notOnce(pieces(head, "author")[0] ?? "", ["name"]) !== undefined) return "author: a name";
  if (!linksOf(head).some(({ rel }) => rel === "self")) return "feed: a link to itself";
  return undefined;
}

/** RSS 2.0. */
export function checkRss(xml: string): Checked {
  const items = pieces(xml, "item");
  const ids = items.flatMap((item) => pieces(item, "guid"));
  return { ids, fault: rssFault(xml, items) ?? repeated(ids) };
}

function rssFault(xml: string, items: readonly string[]): string | undefined {
  const markup = checkMarkup(xml);
  if (markup !== undefined) return markup;
  if (!/<rss version="2\.0"/.test(xml)) return "the root is no RSS 2.0";
  const head = without(pieces(xml, "channel")[0] ?? "", "item");
  const missing = notOnce(head, ["title", "link", "description"]);
  if (missing !== undefined) return `channel: ${missing} once`;
  if (!uri.test(pieces(head, "link")[0] ?? "")) return "channel: link is a URI";
  for (const date of [...pieces(xml, "pubDate"), ...pieces(xml, "lastBuildDate")]) {
    if (!rfc822.test(date)) return `${date} is no date of RFC 822`;
    if (new Date(date).toUTCString() !== date) return `${date} is no such day`;
  }
  for (const item of items) {
    if (pieces(item, "title").length + pieces(item, "description").length === 0)
      return "item: text";
    if (pieces(item, "guid").length !== 1) return "item: guid once";
    const guid = /<guid isPermaLink="false">/.test(item) || uri.test(pieces(item, "guid")[0] ?? "");
    if (!guid) return "item: guid is a link unless it says otherwise";
  }
  return undefined;
}

/** JSON Feed 1.1. */
export function checkJsonFeed(json: string): Checked {
  const feed: Readonly<Record<string, unknown>> = JSON.parse(json);
  const items = Array.isArray(feed["items"]) ? feed["items"] : undefined;
  const ids = items?.map((item: { id?: unknown }) => String(item.id)) ?? [];
  return { ids, fault: jsonFault(feed, items) ?? repeated(ids) };
}

function jsonFault(
  feed: Readonly<Record<string, unknown>>,
  items: readonly Readonly<Record<string, unknown>>[] | undefined,
): string | undefined {
  if (feed["version"] !== "https://jsonfeed.org/version/1.1") return "version";
  if (typeof feed["title"] !== "string") return "title";
  for (const name of ["home_page_url", "feed_url"]) {
    if (!uri.test(String(feed[name] ?? "a:b"))) return `${name} is a URL`;
  }
  if (items === undefined) return "items";
  for (const item of items) {
    if (typeof item["id"] !== "string" || item["id"] === "") return "item: id is a text";
    const { content_text: text, content_html: html, date_published: date, tags } = item;
    if (typeof text !== "string" && typeof html !== "string") return "item: content";
    if (date !== undefined && !rfc3339.test(String(date))) return "item: date_published";
    if (tags !== undefined && !Array.isArray(tags)) return "item: tags";
    if (!uri.test(String(item["url"] ?? "a:b"))) return "item: url is a URL";
  }
  return undefined;
}
