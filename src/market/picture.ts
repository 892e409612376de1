/**
 * Two pictures as inline SVG: cumulative depth, and the prices of the last trades. Pictures only:
 * the numbers beside them are the numbers. Coordinates are rounded to a tenth, so that the same
 * market always gives the same bytes. Colours come from the style sheet by class.
 */
import type { TradeLeaf } from "../log/leaf.ts";
import type { Level, MarketView } from "./board.ts";
import { printPrice } from "./figures.ts";
import { escapeMarkup } from "./markup.ts";
import { crossedWords, isCrossed } from "./phase.ts";

const width = 720;
const height = 220;
/** Left free below the drawing for the labels. */
const floor = height - 24;
const ceiling = 10;

type Step = { readonly price: number; readonly sum: number };

function cumulative(levels: readonly Level[]): readonly Step[] {
  let sum = 0;
  return levels.map(({ price, quantity }) => {
    sum += quantity;
    return { price, sum };
  });
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function svg(className: string, label: string, parts: readonly string[]): string {
  return [
    `<svg class="${className}" viewBox="0 0 ${width} ${height}" role="img"`,
    ` aria-label="${escapeMarkup(label)}">`,
    ...parts,
    "</svg>",
  ].join("");
}

function text(x: number, anchor: string, words: string): string {
  const place = `x="${fixed(x)}" y="${height - 6}" text-anchor="${anchor}"`;
  return `<text ${place}>${escapeMarkup(words)}</text>`;
}

/** Cumulative quantity at each price, buys left, sells right; nothing for an empty book. */
export function depthPicture({ market, buys, sells }: MarketView): string {
  const [left, right] = [cumulative(buys), cumulative(sells)];
  const isOver = isCrossed({ buys, sells });
  const crossed = isOver ? `; ${crossedWords}` : "";
  const label = `Depth of ${market.name}: quantity that rests up to each price${crossed}`;
  const prices = [...left, ...right].map(({ price }) => price);
  if (prices.length === 0) return "";
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const margin = Math.max((high - low) * 0.04, 1);
  const most = Math.max(...[...left, ...right].map(({ sum }) => sum));
  const x = (price: number): number => ((price - low + margin) / (high - low + 2 * margin)) * width;
  const y = (sum: number): number => floor - (sum / most) * (floor - ceiling);
  const parts = [area("buy", left, 0, x, y), area("sell", right, width, x, y)];
  const [buy, sell] = [left[0], right[0]];
  if (buy !== undefined) parts.push(text(x(low), "start", printPrice(market, low)));
  if (sell !== undefined) parts.push(text(x(high), "end", printPrice(market, high)));
  if (buy !== undefined && sell !== undefined) {
    const middle = `${printPrice(market, buy.price)} | ${printPrice(market, sell.price)}`;
    parts.push(text(clamp((x(buy.price) + x(sell.price)) / 2), "middle", middle));
  }
  return svg(isOver ? "depth crossed" : "depth", label, parts);
}

/** Keeps a label in the middle third, so that it never runs into those at the ends. */
function clamp(x: number): number {
  return Math.min(Math.max(x, width / 3), (width * 2) / 3);
}

function area(
  side: "buy" | "sell",
  steps: readonly Step[],
  edge: number,
  x: (price: number) => number,
  y: (sum: number) => number,
): string {
  const first = steps[0];
  if (first === undefined) return "";
  const path = [`M${fixed(x(first.price))} ${floor}`];
  for (const { price, sum } of steps) path.push(`H${fixed(x(price))}`, `V${fixed(y(sum))}`);
  return `<path class="${side}" d="${path.join("")}H${edge}V${floor}Z"/>`;
}

/** The prices of the last trades, oldest left, one step for each; nothing before the first. */
export function pricePicture({ market, trades }: MarketView): string {
  const label = `Prices of the last ${trades.length} trades in ${market.name}`;
  const last = trades.at(-1);
  if (last === undefined) return "";
  const prices = trades.map(({ price }) => price);
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const span = Math.max(high - low, 1);
  const y = (price: number): number =>
    high === low ? floor / 2 : floor - 8 - ((price - low) / span) * (floor - 8 - ceiling - 8);
  const step = width / trades.length;
  const line = priceLine(trades, step, y);
  const level = fixed(y(last.price));
  return svg("price", label, [
    `<path class="now" d="M0 ${level}H${width}"/>`,
    `<path class="line" d="${line}"/>`,
    text(0, "start", `trade ${trades[0]?.number ?? ""}`),
    text(width / 2, "middle", `${printPrice(market, low)} to ${printPrice(market, high)}`),
    text(width, "end", `trade ${last.number}`),
  ]);
}

function priceLine(
  trades: readonly TradeLeaf[],
  step: number,
  y: (price: number) => number,
): string {
  return trades
    .map(({ price }, index) => {
      const to = `H${fixed((index + 1) * step)}`;
      return index === 0 ? `M0 ${fixed(y(price))}${to}` : `V${fixed(y(price))}${to}`;
    })
    .join("");
}
