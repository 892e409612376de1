/**
 * The public formats of MPEx, for programs that were written for it: market depth, VWAP, RSS, and
 * the wrapping by which its pages read them from elsewhere. A market stands under its name here
 * (`GLD/BTC`) where MPEx had a symbol; prices are in the quote asset's smallest unit for one whole
 * base asset (satoshi, where that is BTC), quantities in whole base assets. Numbers are written
 * digit by digit, never by way of a double.
 */
import type { Fingerprint } from "../codec/names.ts";
import type { MarketLeaf, TradeLeaf } from "../log/leaf.ts";
import type { MarketView } from "./board.ts";
import type { Candle } from "./candle.ts";
import { rfc822, tagUri } from "./feed.ts";
import { printPrice, printQuantity, printScaled, printVolume } from "./figures.ts";
import { escapeMarkup } from "./markup.ts";
import { windowDays, type WindowName, type Windows } from "./window.ts";

/** What MPEx's pages called their one callback. */
const wrapper = "JurovP";
const windowNames: readonly WindowName[] = ["1d", "7d", "30d"];

/** A price in the quote asset's smallest units, with a fraction if the market is finer. */
function satoshi(market: MarketLeaf, price: bigint): string {
  const shift = market.quoteDecimals - market.priceDecimals;
  return shift >= 0 ? (price * 10n ** BigInt(shift)).toString() : printScaled(price, -shift);
}

/** `{MARKET:{"B":[[price,quantity]],"S":[…]}}`, buys from the highest, sells from the lowest. */
export function printMpexDepth(views: readonly MarketView[]): string {
  const rows = (view: MarketView, side: "buys" | "sells"): string =>
    view[side]
      .map(({ price, quantity }) => {
        const { market } = view;
        return `[${satoshi(market, BigInt(price))},${printQuantity(market, quantity)}]`;
      })
      .join(",");
  const markets = views.map(
    (view) =>
      `${JSON.stringify(view.market.name)}:{"B":[${rows(view, "buys")}],"S":[${rows(view, "sells")}]}`,
  );
  return `{${markets.join(",")}}`;
}

function windowText(market: MarketLeaf, candle: Candle | undefined): string {
  if (candle === undefined) return '{"avg":0,"min":0,"max":0,"vsh":0,"vsa":0,"cnt":0}';
  const { turnover, quantity, low, high, trades } = candle;
  // A whole base asset has 10^baseDecimals units, of which a lot has `lot`.
  const amount =
    (turnover * BigInt(market.lot) * 10n ** BigInt(market.quoteDecimals)) /
    10n ** BigInt(market.baseDecimals + market.priceDecimals);
  const fields = {
    avg: satoshi(market, turnover / quantity),
    min: satoshi(market, BigInt(low)),
    max: satoshi(market, BigInt(high)),
    vsh: printVolume(market, quantity),
    vsa: amount.toString(),
    cnt: String(trades),
  };
  const text = Object.entries(fields).map(([name, digits]) => `"${name}":${digits}`);
  return `{${text.join(",")}}`;
}

/** `{MARKET:{"1d":{avg,min,max,vsh,vsa,cnt},"7d":…,"30d":…}}`; zeros: no trade. */
export function printMpexVwap(
  markets: readonly { readonly market: MarketLeaf; readonly windows: Windows | undefined }[],
): string {
  const texts = markets.map(({ market, windows }) => {
    const each = windowNames.map((name) => `"${name}":${windowText(market, windows?.[name])}`);
    return `${JSON.stringify(market.name)}:{${each.join(",")}}`;
  });
  return `{${texts.join(",")}}`;
}

/** The text as a script that calls MPEx's callback with it. */
export function wrapMpex(json: string): string {
  return `${wrapper}(${json})`;
}

/** MPEx's RSS: titles `QUANTITY MARKET @PRICE`; the id of an item, which it had not, is ours. */
export function printMpexRss(about: {
  readonly exchange: Fingerprint;
  readonly origin: string;
  readonly trades: readonly { readonly market: MarketLeaf; readonly trade: TradeLeaf }[];
}): string {
  const { exchange, origin, trades } = about;
  const link = escapeMarkup(`${origin}/`);
  const items = trades.map(({ market, trade }) => {
    const { number, at, price } = trade;
    const quantity = printQuantity(market, trade.quantity);
    const title = `${quantity} ${market.name} @${printPrice(market, price)}`;
    return [
      "<item>",
      `<title>${escapeMarkup(title)}</title>`,
      `<description>${escapeMarkup(`${title}, trade ${number}`)}</description>`,
      `<guid isPermaLink="false">${escapeMarkup(tagUri(exchange, `trades/${number}`))}</guid>`,
      `<pubDate>${rfc822(at)}</pubDate>`,
      "</item>",
    ].join("\n");
  });
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<rss version="2.0"><channel>',
    "<title>Signet: trades</title>",
    `<link>${link}</link>`,
    "<description>Trades, in the form of MPEx.</description>",
    ...items,
    "</channel></rss>\n",
  ].join("\n");
}

/** `/mpex/`: what of MPEx's is here, and what its words mean here. */
export function printMpexPage(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MPEx formats - Signet</title>
<link rel="stylesheet" href="/plain.css">
</head>
<body>
<main>
<section class="panel">
<h2>The public formats of MPEx</h2>
<p>A program that was written for MPEx's public data finds them here, under this address and under
the root, by their old names.</p>
<dl>
<dt><a href="/mpex/mpex-mktdepth.php">mpex-mktdepth.php</a></dt>
<dd>{MARKET:{"B":[[price,quantity]],"S":[[price,quantity]]}}, buys from the highest price, sells
from the lowest; one row a price, where MPEx had one an order</dd>
<dt><a href="/mpex/mpex-vwap.php">mpex-vwap.php</a></dt>
<dd>{MARKET:{"1d":{avg,min,max,vsh,vsa,cnt},"7d","30d"}}: average, lowest and highest price, volume
in base assets and in the quote asset's smallest unit, trades; of the last
${windowDays["1d"]}, ${windowDays["7d"]} and ${windowDays["30d"]} days</dd>
<dt><a href="/mpex/mpex-mktdepth-jsonp.php">mpex-mktdepth-jsonp.php</a>,
<a href="/mpex/mpex-vwap-jsonp.php">mpex-vwap-jsonp.php</a></dt>
<dd>the same inside JurovP(…)</dd>
<dt><a href="/mpex/mpex-rss.php">mpex-rss.php</a></dt>
<dd>the last 50 trades, titles QUANTITY MARKET @PRICE; each item has an id, its trade's number</dd>
</dl>
<p>MARKET is BASE/QUOTE. Prices in depth and VWAP are in the quote asset's smallest unit (satoshi)
for one whole base asset; in titles they are decimals.</p>
<p class="dim">The chat bot (signet ticker irc) answers $depth, $vwap and $ticker. Letters are not
MPEx's: see the front page.</p>
</section>
</main>
</body>
</html>
`;
}
