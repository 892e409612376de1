/**
 * The plain page: one HTML page for all markets, printed by the relay, without any script. Nothing
 * in it is verified by who reads it; it says how old it was when it was printed.
 */
import type { Fingerprint } from "../codec/names.ts";
import { printTime } from "../codec/time.ts";
import type { TradeLeaf } from "../log/leaf.ts";
import type { Board, Level, MarketView } from "./board.ts";
import { feedName } from "./feed.ts";
import { assetsOf, printPriceAligned, printQuantity, printRate } from "./figures.ts";
import { marketEvents, type EventJson } from "./events.ts";
import { listingJson, type ListingJson } from "./json.ts";
import { escapeMarkup } from "./markup.ts";
import { crossedWords, isCrossed, phaseWords } from "./phase.ts";
import { depthPicture, pricePicture } from "./picture.ts";

/** Everything the page shows. */
export type Page = {
  readonly exchange: Fingerprint;
  readonly keyNumber: string;
  readonly relay: { readonly name: string; readonly key: string; readonly origin: string };
  readonly watermark: { readonly publication: number; readonly size: number };
  /** Seconds since the relay last heard from the exchange; `undefined`: never. */
  readonly ageSeconds: number | undefined;
  readonly markets: readonly PageMarket[];
};

/** A market, and what issuers did, newest first. */
export type PageMarket = MarketView & {
  readonly events: readonly EventJson[];
  readonly listing: ListingJson | null;
};

/** The board's markets for the page, with so many levels of each side. */
export function pageMarkets(board: Board, depth: number): readonly PageMarket[] {
  return board.names.flatMap((name): PageMarket[] => {
    const view = board.view(name, depth);
    if (view === undefined) return [];
    const listing = listingJson(view.market, board.securities);
    return [{ ...view, listing, events: marketEvents(board, name) }];
  });
}

/** Levels of each side that the page shows as a table. */
const tableLevels = 10;
const tableTrades = 12;
const tableEvents = 20;

/** The page, whole. */
export function printPage(page: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(titleOf(page))}</title>
<link rel="stylesheet" href="/plain.css">
<link rel="icon" href="/icon.svg">
<link rel="alternate" type="application/atom+xml" title="Trades" href="/feeds/trades.atom">
<link rel="alternate" type="application/rss+xml" title="Trades" href="/feeds/trades.rss">
<link rel="alternate" type="application/feed+json" title="Trades" href="/feeds/trades.json">
</head>
<body>
${printHeader(page)}
<main>
<div class="wide">
${page.markets.map(printMarket).join("\n")}
${page.markets.length === 0 ? panel("Markets", "<p>No market yet.</p>") : ""}
</div>
<aside>
${printSide(page)}
</aside>
</main>
</body>
</html>
`;
}

function titleOf({ markets }: Page): string {
  const [first] = markets;
  const last = first?.trades.at(-1);
  if (first === undefined || last === undefined) return "Signet";
  return `${printPriceAligned(first.market, last.price)} ${first.market.name} - Signet`;
}

function printHeader({ watermark, ageSeconds }: Page): string {
  const age = ageSeconds === undefined ? "nothing heard yet" : `${ageSeconds} s old`;
  return `<header>
<h1>Signet</h1>
<p class="dim">an exchange that nobody logs into</p>
<p class="fresh">publication <b>${watermark.publication}</b> &middot; log
<b>${watermark.size}</b> &middot; ${age} when printed</p>
</header>`;
}

function panel(title: string, body: string, className = ""): string {
  const head = title === "" ? "" : `<h2>${escapeMarkup(title)}</h2>\n`;
  return `<section class="panel ${className}">\n${head}${body}\n</section>`;
}

function picturePanel(title: string, picture: string): string {
  return picture === "" ? "" : panel(title, picture);
}

function printMarket(view: PageMarket): string {
  const { market, trades } = view;
  const feed = feedName(market.name);
  const depthTitle = `Depth, ${isCrossed(view) ? crossedWords : "cumulative"}`;
  return `<article id="${feed}">
<div class="name"><h2>${escapeMarkup(market.name)}</h2>${lastPrice(view)}
${phase(view)}<p class="dim">${fees(view)} &middot; <a href="/feeds/${feed}.atom">Atom</a>
<a href="/feeds/${feed}.rss">RSS</a></p></div>
${picturePanel("Price, last trades", pricePicture(view))}
${picturePanel(depthTitle, depthPicture(view))}
<div class="pair">
${panel("Book", bookTable(view), "book")}
${panel("Last trades", tradesTable(view, trades), "trades")}
</div>
${listingPanel(view)}
${eventsPanel(view)}
</article>`;
}

/** Its phase in words; nothing for a market that never had another. */
function phase(view: MarketView): string {
  const said = phaseWords(view);
  if (said === undefined) return "";
  return `<p><b>${said.word}</b> <span class="dim">${escapeMarkup(said.means)}</span></p>\n`;
}

function listingPanel({ listing, market }: PageMarket): string {
  if (listing === null) return "";
  const { base } = assetsOf(market.name);
  return panel(
    `Contract of ${base}`,
    `<dl><dt>SHA-256 of the contract that its issuer signed</dt>
<dd class="code">${listing.hash}</dd>
<dt>issuer</dt><dd class="code">${listing.issuer}</dd>
<dt>shares</dt><dd>${listing.shares}</dd></dl>
<p class="dim">Check the contract that you were given: <code>sha256sum CONTRACT</code> says the same
64 digits, or it is another one. Leaf ${listing.leaf} of the log says this.</p>`,
  );
}

function eventsPanel({ events }: PageMarket): string {
  if (events.length === 0) return "";
  const items = events.slice(0, tableEvents).map(({ at, says, leaf }) => {
    const when = at === null ? "" : `${at.slice(0, 10)} `;
    return `<li>${when}${escapeMarkup(says)} <span class="dim">(leaf ${leaf})</span></li>`;
  });
  return panel("Events", `<ul>\n${items.join("\n")}\n</ul>`);
}

function lastPrice({ market, trades }: MarketView): string {
  const [last, before] = [trades.at(-1), trades.at(-2)];
  if (last === undefined) return `<p class="last dim">no trade yet</p>`;
  const falls = before !== undefined && last.price < before.price;
  return `<p class="last ${falls ? "sell" : "buy"}">${printPriceAligned(market, last.price)}</p>`;
}

function fees({ market }: MarketView): string {
  const { base, quote } = assetsOf(market.name);
  return [
    `lot ${printQuantity(market, 1)} ${base}`,
    `tick ${printPriceAligned(market, market.tick)} ${quote}`,
    `maker ${printRate(market.makerRate)}`,
    `taker ${printRate(market.takerRate)}`,
  ].join(" &middot; ");
}

function bookTable({ market, buys, sells }: MarketView): string {
  const { base, quote } = assetsOf(market.name);
  const row = (side: "buy" | "sell", { price, quantity }: Level): string =>
    `<tr><td>${side}</td><td class="${side}">${printPriceAligned(market, price)}</td>` +
    `<td>${printQuantity(market, quantity)}</td></tr>`;
  const rows = [
    ...sells
      .slice(0, tableLevels)
      .toReversed()
      .map((level) => row("sell", level)),
    `<tr class="spread"><td colspan="3">${spread({ market, buys, sells })}</td></tr>`,
    ...buys.slice(0, tableLevels).map((level) => row("buy", level)),
  ];
  return table(["side", `price ${quote}`, `quantity ${base}`], rows);
}

function spread({ market, buys, sells }: Pick<MarketView, "market" | "buys" | "sells">): string {
  const [buy, sell] = [buys[0], sells[0]];
  if (buy === undefined && sell === undefined) return "nobody offers anything yet";
  if (buy === undefined || sell === undefined) return "one side is empty";
  if (isCrossed({ buys, sells })) return crossedWords;
  return `spread ${printPriceAligned(market, sell.price - buy.price)}`;
}

function tradesTable({ market }: MarketView, trades: readonly TradeLeaf[]): string {
  const { base, quote } = assetsOf(market.name);
  const rows = trades
    .slice(-tableTrades)
    .toReversed()
    .map(({ number, at, taker, price, quantity }) => {
      const when = printTime(at);
      return (
        `<tr><td title="trade ${number}${taker === "call" ? " of a call" : ""}, ${when}">${when.slice(11, 19)}</td>` +
        `<td class="${taker}">${printPriceAligned(market, price)}</td>` +
        `<td>${printQuantity(market, quantity)}</td></tr>`
      );
    });
  return table(["time UTC", `price ${quote}`, `quantity ${base}`], rows);
}

function table(heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((text) => `<th>${escapeMarkup(text)}</th>`).join("");
  return `<table><thead><tr>${head}</tr></thead>\n<tbody>\n${rows.join("\n")}\n</tbody></table>`;
}

function printSide({ exchange, keyNumber, relay, markets }: Page): string {
  const market = markets[0]?.market.name ?? "GLD/BTC";
  const { base, quote } = assetsOf(market);
  return [
    panel(
      "Key number",
      `<p class="number">${escapeMarkup(keyNumber)}</p>
<p class="dim">Compare it with one from another source before you trade: it is the exchange.
All else on this page comes from a relay, which could lie; your client checks the exchange's
signature on everything.</p>
<p class="dim code">${exchange}</p>`,
    ),
    panel(
      "Trade in three commands",
      `<pre>npx signet setup --relay ${escapeMarkup(relay.origin)}
npx signet deposit 10 ${quote}
npx signet buy 1 ${base}/${quote} @ PRICE</pre>
<p class="dim">No account here, no login, nothing to remember: every order is a letter signed by
your key and sealed to the exchange. <code>gpg</code> and <code>curl</code> suffice; so does
this form:</p>
<form method="post" action="/" enctype="multipart/form-data">
<textarea name="msg" rows="4" required aria-label="A sealed letter in armor"
placeholder="-----BEGIN PGP MESSAGE-----"></textarea>
<button>Post the sealed letter</button>
</form>`,
    ),
    panel(
      "Relay",
      `<dl><dt>name</dt><dd>${escapeMarkup(relay.name)}</dd>
<dt>signs receipts with</dt><dd class="code">${escapeMarkup(relay.key)}</dd></dl>
<p class="links"><a href="/v1/relay">relay</a> <a href="/v1/markets">markets</a>
<a href="/v1/checkpoint">checkpoint</a> <a href="/v1/exchange/card">card</a>
<a href="/v1/exchange/certificate">certificate</a>
<a href="/feeds/trades.atom">Atom</a> <a href="/feeds/trades.rss">RSS</a></p>`,
    ),
  ].join("\n");
}
