/**
 * Lines for a chat: a trade as it happens, and answers to `$depth`, `$vwap`, `$ticker`. They are
 * made of a relay's JSON answers; one line each, printable ASCII, bounded, since they go where one
 * line is one command.
 */
import type { MarketLeaf, TradeLeaf } from "../log/leaf.ts";
import type { BookJson } from "./json.ts";
import { printPrice, printQuantity, printTurnover, assetsOf } from "./figures.ts";
import { phaseName } from "./phase.ts";
import type { TickerJson, VwapJson, WindowJson } from "./window.ts";

/** Levels of each side in an answer to `$depth`. */
const chatLevels = 5;
/** Characters of a line at most: an IRC line has 512 with all that stands around it. */
const lineMax = 400;

/** What a chat line asks for. */
export type Asked =
  | { readonly kind: "depth" | "vwap"; readonly market: string }
  | { readonly kind: "ticker"; readonly market: string | undefined };

/** Reads `$depth GLD/BTC`, `$vwap GLD/BTC`, `$ticker [GLD/BTC]`; `undefined`: not for us. */
export function parseAsked(line: string): Asked | undefined {
  const match = /^\$(depth|vwap|ticker)(?: +([A-Za-z0-9./]{1,64}))? *$/.exec(line);
  if (match === null) return undefined;
  const market = match[2]?.toUpperCase();
  if (match[1] === "ticker") return { kind: "ticker", market };
  if (market === undefined) return undefined;
  return { kind: match[1] === "depth" ? "depth" : "vwap", market };
}

/** One line that no chat takes for anything else: printable ASCII, not too long. */
export function chatLine(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, lineMax);
}

/**
 * `[Signet] [GLD/BTC] 40 @ 0.0421 = 1.684 BTC [buy] {311}`; in braces the trade's number, `[call]`
 * for the side of one in a call.
 */
export function tradeLine(market: MarketLeaf, trade: TradeLeaf): string {
  const { quote } = assetsOf(market.name);
  const sum = printTurnover(market, BigInt(trade.quantity) * BigInt(trade.price));
  const what = `${printQuantity(market, trade.quantity)} @ ${printPrice(market, trade.price)}`;
  return chatLine(
    `[Signet] [${market.name}] ${what} = ${sum} ${quote} [${trade.taker}] {${trade.number}}`,
  );
}

/** `[GLD/BTC] buys 3 @ 0.04205 | sells 80 @ 0.04215`. */
export function depthLine({ market, buys, sells }: BookJson): string {
  const side = (levels: BookJson["buys"]): string =>
    levels.length === 0
      ? "none"
      : levels
          .slice(0, chatLevels)
          .map(({ price, quantity }) => `${quantity} @ ${price}`)
          .join(", ");
  return chatLine(`[${market}] buys ${side(buys)} | sells ${side(sells)}`);
}

/** `[GLD/BTC] 1d 0.0421 (0.0421 to 0.0421), 40 in 1 trade | 7d … | 30d …`. */
export function vwapLine(vwap: VwapJson): string {
  const window = (name: string, found: WindowJson | null): string => {
    if (found === null) return `${name} no trade`;
    const trades = `${found.trades} ${found.trades === 1 ? "trade" : "trades"}`;
    return `${name} ${found.vwap} (${found.low} to ${found.high}), ${found.quantity} in ${trades}`;
  };
  const windows = (["1d", "7d", "30d"] as const).map((name) => window(name, vwap[name]));
  return chatLine(`[${vwap.market}] VWAP ${windows.join(" | ")}`);
}

/**
 * `[GLD/BTC] last 0.0421 {311}, buy 0.04205, sell 0.04215, 1d 40 from 0.0421 to 0.0421`; and the
 * phase, where it is another than continuous.
 */
export function tickerLine(ticker: TickerJson): string {
  const { market, last, lastTrade, buy, sell, day, phase, delisted } = ticker;
  const traded = last === null ? "no trade yet" : `last ${last} {${lastTrade}}`;
  const range = day === null ? "1d no trade" : `1d ${day.quantity} from ${day.low} to ${day.high}`;
  const best = `buy ${buy?.price ?? "none"}, sell ${sell?.price ?? "none"}`;
  const now = delisted ? ", delisted" : phase === "continuous" ? "" : `, ${phaseName(phase)}`;
  return chatLine(`[${market}] ${traded}, ${best}, ${range}${now}`);
}
