/**
 * Numbers as people see them. The log has lots and price units; people read `120` GLD at `0.04215`.
 * Exact: whole numbers with a point put in, never a division.
 */
import { printDecimal } from "../money/decimal.ts";
import { quantity as lots } from "../money/amount.ts";
import type { MarketLeaf } from "../log/leaf.ts";

/** A price, in quote assets for one whole base asset. */
export function printPrice(market: MarketLeaf, price: number): string {
  return printDecimal(price, market.priceDecimals);
}

/** A price with all its decimals, so that prices stand under one another. */
export function printPriceAligned(market: MarketLeaf, price: number): string {
  const [whole = "", fraction = ""] = printPrice(market, price).split(".");
  const { priceDecimals } = market;
  return priceDecimals === 0 ? whole : `${whole}.${fraction.padEnd(priceDecimals, "0")}`;
}

/** A quantity, in whole base assets. Its units may be more than a double counts exactly. */
export function printQuantity(market: MarketLeaf, quantity: number): string {
  return printVolume(market, BigInt(lots(quantity)));
}

/** A sum of quantities, which may be more lots than a double counts exactly. */
export function printVolume(market: MarketLeaf, quantity: bigint): string {
  return printScaled(quantity * BigInt(market.lot), market.baseDecimals);
}

/** A sum of quantities times prices, in quote assets, exact. */
export function printTurnover(market: MarketLeaf, turnover: bigint): string {
  const { lot, baseDecimals, priceDecimals } = market;
  return printScaled(turnover * BigInt(lot), baseDecimals + priceDecimals);
}

/** Units of 10^-decimals as a decimal without trailing zeros. */
export function printScaled(units: bigint, decimals: number): string {
  const digits = units.toString().padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const fraction = digits.slice(point).replace(/0+$/, "");
  return digits.slice(0, point) + (fraction === "" ? "" : `.${fraction}`);
}

/** A fee rate: 2000 parts per million are `0.2%`. */
export function printRate(partsPerMillion: number): string {
  return `${printDecimal(partsPerMillion, 4)}%`;
}

/** What comes before the slash, and after it. */
export function assetsOf(market: string): { readonly base: string; readonly quote: string } {
  const slash = market.indexOf("/");
  return { base: market.slice(0, slash), quote: market.slice(slash + 1) };
}
