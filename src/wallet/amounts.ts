/**
 * People's decimals and the wire's whole numbers, exactly, by the steps of the exchange's signed
 * card. A decimal that is not a whole number of lots or ticks is never rounded: the neighbours are
 * named instead.
 */
import { printDecimal, parseDecimal } from "../money/decimal.ts";
import {
  amount,
  price,
  quantity,
  type Amount,
  type Price,
  type Quantity,
} from "../money/amount.ts";
import type { Asset, Market } from "../money/market.ts";
import type { Card } from "../letter/card.ts";
import { trouble, type Outcome } from "./errors.ts";

/** What of the card says how amounts are written. */
export type Steps = Pick<Card, "assets" | "markets" | "ring">;

/** The card with assets and markets under the names that they had before, too: for reading only. */
export function withFormerNames<Of extends Steps>(
  card: Of,
  renamed: ReadonlyMap<string, string>,
): Of {
  if (renamed.size === 0) return card;
  const before = [...renamed].flatMap(([from, to]) => {
    const known = card.assets.find(({ name }) => name === to);
    return known === undefined ? [] : [{ ...known, name: from }];
  });
  const namesOf = (asset: string): readonly string[] => [
    asset,
    ...[...renamed].flatMap(([from, to]) => (to === asset ? [from] : [])),
  ];
  const markets = card.markets.flatMap((market) =>
    namesOf(market.base).flatMap((base) =>
      namesOf(market.quote).map((quote) => marketUnder(market, base, quote)),
    ),
  );
  return { ...card, assets: [...card.assets, ...before], markets };
}

function marketUnder(market: Market, base: string, quote: string): Market {
  return { ...market, base, quote, name: `${base}/${quote}` };
}

/** The market of this name on the card, in either case. */
export function marketOf(card: Steps, name: string): Outcome<Market> {
  const found = card.markets.find((market) => market.name === name.toUpperCase());
  const known = card.markets.map((market) => market.name).join(", ");
  if (!found) return trouble("E106", `There is no market ${printable(name)}. There are: ${known}.`);
  return { ok: true, value: found };
}

/** The asset of this name on the card, in either case. */
export function assetOf(card: Steps, name: string): Outcome<Asset> {
  const found = card.assets.find((asset) => asset.name === name.toUpperCase());
  const known = card.assets.map((asset) => asset.name).join(", ");
  if (!found) return trouble("E107", `There is no asset ${printable(name)}. There are: ${known}.`);
  return { ok: true, value: found };
}

function decimalsOf(card: Steps, name: string): number {
  return card.assets.find((asset) => asset.name === name)?.decimals ?? 0;
}

/** An amount of an asset as people write it. */
export function readAmount(asset: Asset, text: string): Outcome<Amount> {
  const units = parseDecimal(text, asset.decimals);
  if (units !== undefined && units > 0) return { ok: true, value: amount(units) };
  const detail = units === 0 ? "The amount is zero." : malformed(text, asset.decimals);
  return trouble("E104", `${printable(text)} ${asset.name} cannot be written: ${detail}`);
}

function malformed(text: string, decimals: number): string {
  return /^[0-9.]+$/.test(text)
    ? `at most ${decimals} decimals, and not beyond what an account can hold.`
    : "digits and one point only.";
}

const asDecimal = { next: "Write digits, and a point before the fraction: 1200 or 1.5" } as const;

/** A quantity of a market's base asset as people write it. */
export function readQuantity(card: Steps, market: Market, text: string): Outcome<Quantity> {
  const decimals = decimalsOf(card, market.base);
  const show = (lots: number): string => printDecimal(lots * market.lot, decimals);
  const steps = multiples(text, decimals, market.lot);
  if (steps === undefined) {
    return trouble("E102", `Quantity ${printable(text)} is not a decimal number.`, asDecimal);
  }
  if (!steps.exact) {
    const near = neighbours(steps.below, show, 0);
    return trouble(
      "E102",
      `Quantity ${text} is not a multiple of ${show(1)} ${market.base} (${market.name}).`,
      { next: near },
    );
  }
  if (steps.below < market.quantityMin || steps.below > market.quantityMax) {
    const limits = `${show(market.quantityMin)} to ${show(market.quantityMax)} ${market.base}`;
    return trouble("E103", `Quantity ${text} is outside ${limits} (${market.name}).`);
  }
  return { ok: true, value: quantity(steps.below) };
}

/** A price of a market, quote for one whole base, as people write it. */
export function readPrice(market: Market, text: string): Outcome<Price> {
  const show = (ticks: number): string => printDecimal(ticks * market.tick, market.priceDecimals);
  const steps = multiples(text, market.priceDecimals, market.tick);
  if (steps === undefined) {
    return trouble("E101", `Price ${printable(text)} is not a decimal number.`, asDecimal);
  }
  if (!steps.exact) {
    const what = `Price ${text} is not a multiple of ${show(1)} (${market.name}).`;
    return trouble("E101", what, { next: neighbours(steps.below, show, 0) });
  }
  const units = steps.below * market.tick;
  if (units < 1 || units > market.priceMax) {
    const limits = `${show(1)} to ${printDecimal(market.priceMax, market.priceDecimals)}`;
    return trouble("E103", `Price ${text} is outside ${limits} (${market.name}).`);
  }
  return { ok: true, value: price(units) };
}

/**
 * The values nearest to what was written that the market takes, lowest first; none if it is no
 * decimal number or stands already.
 */
export function nearestQuantities(card: Steps, market: Market, text: string): readonly string[] {
  const decimals = decimalsOf(card, market.base);
  const limits = { least: market.quantityMin, most: market.quantityMax };
  return nearest(multiples(text, decimals, market.lot), limits, (lots) =>
    printDecimal(lots * market.lot, decimals),
  );
}

/** Likewise of prices. */
export function nearestPrices(market: Market, text: string): readonly string[] {
  const { tick, priceDecimals, priceMax } = market;
  const limits = { least: 1, most: Math.floor(priceMax / tick) };
  return nearest(multiples(text, priceDecimals, tick), limits, (ticks) =>
    printDecimal(ticks * tick, priceDecimals),
  );
}

function nearest(
  steps: ReturnType<typeof multiples>,
  { least, most }: { readonly least: number; readonly most: number },
  show: (steps: number) => string,
): readonly string[] {
  if (steps === undefined) return [];
  const within = (count: number): number => Math.min(Math.max(count, least), most);
  if (steps.exact && steps.below === within(steps.below)) return [];
  const near = steps.exact ? [steps.below] : [steps.below, steps.below + 1];
  return [...new Set(near.map(within))].map(show);
}

/** How many whole steps of `step` units a decimal has, and whether that is all of it. */
function multiples(
  text: string,
  decimals: number,
  step: number,
): { readonly below: number; readonly exact: boolean } | undefined {
  const match = /^(0|[1-9][0-9]{0,20})(?:\.([0-9]{1,40}))?$/.exec(text);
  if (!match) return undefined;
  const fraction = match[2] ?? "";
  const kept = BigInt((match[1] ?? "") + fraction.slice(0, decimals).padEnd(decimals, "0"));
  const below = kept / BigInt(step);
  if (below * BigInt(step) > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const finer = /[1-9]/.test(fraction.slice(decimals));
  return { below: Number(below), exact: !finer && below * BigInt(step) === kept };
}

function neighbours(below: number, show: (steps: number) => string, least: number): string {
  const lower = below > least ? `${show(below)} (lower) or ` : "";
  return `Nearest: ${lower}${show(below + 1)} (higher).`;
}

/** What a stranger's text looks like when it is repeated to a person: printable, short. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 60);
}

/** Units of an asset as people see them. */
export function showAmount(card: Steps, asset: string, units: number): string {
  const known = card.assets.find((candidate) => candidate.name === asset);
  return known ? printDecimal(units, known.decimals) : `${units} units`;
}

/** Lots of a market as people see them. */
export function showQuantity(card: Steps, market: string, lots: number): string {
  const known = card.markets.find((candidate) => candidate.name === market);
  return known ? printDecimal(lots * known.lot, decimalsOf(card, known.base)) : `${lots} lots`;
}

/** A market's price as people see it. */
export function showPrice(card: Steps, market: string, units: number): string {
  const known = card.markets.find((candidate) => candidate.name === market);
  return known ? printDecimal(units, known.priceDecimals) : `${units} units`;
}
