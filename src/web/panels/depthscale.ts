/**
 * Where a depth chart draws what. Levels far from the middle are left out, so that one order at an
 * absurd price does not press all others into a line; labels are as many as fit beside one another.
 */
import type { SummedLevel } from "./marketfigures.ts";

/** How many levels of each side are drawn in any case. */
const nearLevels = 5;
/** The share of the levels of each side that are drawn. */
const share = 0.9;

export type DepthScale = {
  readonly low: number;
  readonly high: number;
  readonly sumMax: number;
  readonly x: (price: number) => number;
  readonly y: (sum: number) => number;
};

export type Frame = { readonly width: number; readonly height: number; readonly top: number };

function reach(levels: readonly SummedLevel[], middle: number): number {
  const index = Math.max(nearLevels, Math.ceil(levels.length * share)) - 1;
  const [best, last] = [levels[0], levels[Math.min(index, levels.length - 1)]];
  if (best === undefined || last === undefined) return 0;
  // In a crossed book the best level may be the farthest.
  return Math.max(Math.abs(best.price - middle), Math.abs(last.price - middle));
}

/** The scale for two sides, best levels first; `undefined` if both are empty. */
export function depthScale(
  buys: readonly SummedLevel[],
  sells: readonly SummedLevel[],
  { width, height, top }: Frame,
): DepthScale | undefined {
  const [buy, sell] = [buys[0], sells[0]];
  const best = buy ?? sell;
  if (best === undefined) return undefined;
  const middle = ((buy ?? best).price + (sell ?? best).price) / 2;
  const around = Math.max(reach(buys, middle), reach(sells, middle), middle * 0.002, 1) * 1.05;
  const [low, high] = [Math.max(0, middle - around), middle + around];
  const drawn = [...buys, ...sells].filter(({ price }) => price >= low && price <= high);
  const sumMax = Math.max(1, ...drawn.map(({ sum }) => sum)) * 1.08;
  const x = (price: number): number => ((price - low) / (high - low)) * width;
  const y = (sum: number): number => height - (sum / sumMax) * (height - top);
  return { low, high, sumMax, x, y };
}

/** The outline of one side, from its best level outwards to the chart's edge. */
export function outline(
  levels: readonly SummedLevel[],
  { x, y, low, high }: DepthScale,
  edge: number,
): string {
  const steps = levels.filter(({ price }) => price >= low && price <= high);
  const first = steps[0];
  if (first === undefined) return "";
  const path = [`M${round(x(first.price))} ${round(y(0))}`];
  for (const { price, sum } of steps) path.push(`H${round(x(price))}`, `V${round(y(sum))}`);
  return `${path.join("")}H${edge}V${round(y(0))}Z`;
}

/**
 * Round numbers from `low` to `high`, at most `countMax` of them: multiples of 1, 2 or 5 times a
 * power of ten, whole units.
 */
export function roundSteps(low: number, high: number, countMax: number): readonly number[] {
  const least = Math.max((high - low) / Math.max(countMax, 1), 1);
  const power = 10 ** Math.floor(Math.log10(least) + 1e-9);
  const step = power * ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.min(Math.floor(high / step) - first + 1, countMax));
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}

/** Prices to label, in round steps: never more than fit at `labelWidth` each. */
export function priceLabels(
  { low, high, x }: DepthScale,
  width: number,
  labelWidth: number,
): readonly { readonly price: number; readonly x: number }[] {
  const count = Math.max(2, Math.min(7, Math.floor(width / (labelWidth + 14))));
  const isWhole = (at: number): boolean => at >= labelWidth / 2 && at <= width - labelWidth / 2;
  return roundSteps(low, high, count)
    .map((price) => ({ price, x: x(price) }))
    .filter((label) => isWhole(label.x));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
