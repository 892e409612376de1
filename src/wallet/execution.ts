/** What an order's trades came to. */
import type { FillEntry, OrderEntry } from "../letter/entry.ts";
import { printDecimal } from "../money/decimal.ts";
import { showAmount, type Steps } from "./amounts.ts";

/** Decimals as people see them. */
export type Execution = {
  readonly price: string;
  readonly amount: string;
  readonly fee: string;
  readonly feeAsset: string;
};

/**
 * The average price, exact or to four more digits than the market has, and the sums. Nothing, if
 * not all of the order's trades are here.
 */
export function executionOf(
  card: Steps,
  order: OrderEntry,
  fills: readonly FillEntry[],
): Execution | undefined {
  const market = card.markets.find((known) => known.name === order.market);
  const quantity = fills.reduce((sum, fill) => sum + fill.quantity, 0);
  if (!market || quantity === 0 || quantity !== order.filled) return undefined;
  const spent = fills.reduce((sum, fill) => sum + BigInt(fill.price) * BigInt(fill.quantity), 0n);
  const more = spent % BigInt(quantity) === 0n ? 0 : 4;
  const average = (spent * 10n ** BigInt(more)) / BigInt(quantity);
  if (average > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const { quote } = market;
  const amount = fills.reduce((sum, fill) => sum + fill.quote, 0);
  const fee = fills.reduce((sum, fill) => sum + fill.fee, 0);
  return {
    price: printDecimal(Number(average), market.priceDecimals + more),
    amount: showAmount(card, quote, amount),
    fee: showAmount(card, quote, fee),
    feeAsset: quote,
  };
}
