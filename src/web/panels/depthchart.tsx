/**
 * The book as a picture: what rests up to each price, buys to the left, sells to the right, own
 * orders as lines. The book beside it is its text.
 */
import type { JSX } from "preact";
import type { MarketLeaf } from "../../log/leaf.ts";
import { printPrice, printPriceAligned } from "../../market/figures.ts";
import { crossedWords, isCrossed } from "../../market/phase.ts";
import { depthScale, outline, priceLabels, roundSteps, type DepthScale } from "./depthscale.ts";
import { shortQuantity, summed, type MarketFigures } from "./marketfigures.ts";
import { openAt, type Mine, type MyOrder } from "./mine.ts";
import { Panel, useWidth } from "./panel.tsx";

const height = 190;
const axis = 26;
/** Room above the drawing for the labels of own orders. */
const top = 30;
/** A digit of an axis, in pixels; generous. */
const digit = 7.6;

export function DepthChart(props: {
  readonly figures: MarketFigures;
  readonly mine?: Mine | undefined;
}): JSX.Element {
  const { figures, mine } = props;
  const [place, width] = useWidth<HTMLDivElement>(600);
  const [buys, sells] = [summed(figures.buys), summed(figures.sells)];
  const scale = depthScale(buys, sells, { width, height, top });
  const crossed = isCrossed(figures);
  const kind = crossed ? crossedWords : "cumulative";
  const title = `Depth, ${kind}${mine === undefined ? "" : ", yours marked"}`;
  return (
    <Panel title={title}>
      <div ref={place} class="depth">
        {scale === undefined ? (
          <p class="dim">Nobody offers anything yet.</p>
        ) : (
          <svg
            width={width}
            height={height + axis}
            viewBox={`0 0 ${width} ${height + axis}`}
            role="img"
            class={crossed ? "crossed" : undefined}
            aria-label={depthWords(figures)}
          >
            <path class="side-buy" d={outline(buys, scale, 0)} />
            <path class="side-sell" d={outline(sells, scale, width)} />
            <Labels figures={figures} scale={scale} width={width} />
            <OwnOrders figures={figures} scale={scale} width={width} mine={mine} />
          </svg>
        )}
      </div>
    </Panel>
  );
}

function depthWords({ market, buys, sells }: MarketFigures): string {
  const say = (side: MarketFigures["buys"], word: string): string => {
    const best = side[0];
    if (best === undefined) return `nobody ${word}`;
    const total = side.reduce((sum, { quantity }) => sum + quantity, 0);
    const quantity = shortQuantity(market, total);
    return `best ${word} ${printPrice(market, best.price)}, ${quantity} in ${side.length} levels`;
  };
  const crossed = isCrossed({ buys, sells }) ? ` Now ${crossedWords}.` : "";
  return `Depth of ${market.name}: ${say(buys, "buys")}; ${say(sells, "sells")}.${crossed}`;
}

function Labels(props: {
  readonly figures: MarketFigures;
  readonly scale: DepthScale;
  readonly width: number;
}): JSX.Element {
  const { figures, scale, width } = props;
  const { market } = figures;
  const longest = printPriceAligned(market, Math.round(scale.high)).length * digit;
  const sums = sumLabels(market, scale.sumMax);
  return (
    <g class="axis" aria-hidden="true">
      <path class="grid" d={`M0 ${height}H${width}`} />
      {sums.map((sum) => (
        <g key={sum}>
          <path class="grid" d={`M0 ${Math.round(scale.y(sum))}H${width}`} />
          <text x={4} y={Math.round(scale.y(sum)) - 4}>
            {shortQuantity(market, Math.round(sum))}
          </text>
        </g>
      ))}
      {priceLabels(scale, width, longest).map(({ price, x }) => (
        <text key={price} x={Math.round(x)} y={height + 18} text-anchor="middle">
          {printPriceAligned(market, price)}
        </text>
      ))}
    </g>
  );
}

/** Sums to label: round in base assets where a lot allows it, without the axis itself. */
function sumLabels({ lot, baseDecimals }: MarketLeaf, sumMax: number): readonly number[] {
  const unit = lot / 10 ** baseDecimals;
  const scale = 1e8;
  return roundSteps(0, sumMax * unit * scale, 4)
    .slice(1)
    .map((sum) => Math.round(sum / scale / unit));
}

type Drawn = { readonly key: string; readonly x: number; readonly label: string };

function OwnOrders(props: {
  readonly figures: MarketFigures;
  readonly scale: DepthScale;
  readonly width: number;
  readonly mine: Mine | undefined;
}): JSX.Element {
  const { figures, scale, width } = props;
  const drawn: Drawn[] = [];
  for (const [key, orders] of openAt(props.mine, figures.market.name)) {
    const price = Number(key.split(" ")[1]) * 10 ** figures.market.priceDecimals;
    if (price < scale.low || price > scale.high) continue;
    drawn.push({ key, x: Math.round(scale.x(price)), label: `yours ${openSum(orders)}` });
  }
  drawn.sort((a, b) => a.x - b.x);
  let free = 0;
  return (
    <g class="own">
      {drawn.map(({ key, x, label }) => {
        const wide = label.length * digit;
        // A label that would run into the one before it is left out; its line is not.
        const at = Math.min(Math.max(x - wide - 6, 0), width - wide);
        const fits = at >= free;
        if (fits) free = at + wide + 6;
        return (
          <g key={key}>
            <path d={`M${x} ${top - 16}V${height}`} />
            {fits && (
              <text x={at} y={top - 12}>
                {label}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

function openSum(orders: readonly MyOrder[]): string {
  const [only] = orders;
  if (orders.length === 1 && only !== undefined) return only.open;
  return String(Number(orders.reduce((sum, { open }) => sum + Number(open), 0).toFixed(8)));
}
