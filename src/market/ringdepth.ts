/**
 * The order book of two tokens that the offers imply through rings (docs/spec/receipt.md §2): what
 * others sell of the one for the other, and what they give of the other for the one. Amounts are
 * exact; a price is decimal, cut off after twelve digits, for people.
 */
import { depthOf, type Level } from "../finder/depth.ts";
import type { Offer } from "../finder/offer.ts";
import type { OfferLeaf, TokenLeaf } from "../log/ringleaf.ts";

/** Levels of each side. */
const depthLevels = 50;

/** A level: so much of `sell` against so much of `buy`. */
export type DepthLevelJson = {
  readonly sellAmount: string;
  readonly buyAmount: string;
  /** Whole `buy` for one whole `sell`. */
  readonly price: string;
  /** The offers in the chain. */
  readonly hops: number;
};

/** `/v1/ring/depth`: best first for whoever comes. */
export type DepthJson = {
  readonly sell: string;
  readonly buy: string;
  /** `sell` is offered for `buy`: the lowest price first. */
  readonly levels: readonly DepthLevelJson[];
  /** `buy` is offered for `sell`: the highest price first. */
  readonly bids: readonly DepthLevelJson[];
};

/** The implied book of the pair. */
export function depthJson(
  offers: readonly OfferLeaf[],
  { sell, buy }: { readonly sell: TokenLeaf; readonly buy: TokenLeaf },
): DepthJson {
  const live = offers.map(offerOf);
  const side = (from: TokenLeaf, to: TokenLeaf): readonly Level[] =>
    depthOf(live, { sell: from.name, buy: to.name, levels: depthLevels });
  const json = (sellAmount: bigint, buyAmount: bigint, hops: number): DepthLevelJson => ({
    sellAmount: sellAmount.toString(),
    buyAmount: buyAmount.toString(),
    price: printRatio(
      buyAmount * 10n ** BigInt(sell.decimals),
      sellAmount * 10n ** BigInt(buy.decimals),
    ),
    hops,
  });
  return {
    sell: sell.name,
    buy: buy.name,
    levels: side(sell, buy).map((l) => json(l.sellAmount, l.buyAmount, l.hops)),
    // Seen from the pair: what the bids sell is `buy`.
    bids: side(buy, sell).map((l) => json(l.buyAmount, l.sellAmount, l.hops)),
  };
}

function offerOf({ number, sell, buy, sellAmount, buyAmount }: OfferLeaf): Offer {
  return { id: String(number), sell, buy, sellAmount, buyAmount, sellMax: sellAmount };
}

/** Significant digits of a price. */
const digitsMax = 12;

/** The quotient as a decimal text of at most twelve significant digits, cut off. */
export function printRatio(numerator: bigint, denominator: bigint): string {
  const whole = numerator / denominator;
  if (whole > 0n) {
    const text = whole.toString();
    const places = digitsMax - text.length;
    return places <= 0 ? text : withFraction(text, numerator % denominator, denominator, places);
  }
  let zeros = 0;
  let rest = numerator;
  while (rest > 0n && rest * 10n < denominator) {
    rest *= 10n;
    zeros += 1;
  }
  return withFraction("0", numerator, denominator, zeros + digitsMax);
}

function withFraction(whole: string, rest: bigint, denominator: bigint, places: number): string {
  const digits = ((rest * 10n ** BigInt(places)) / denominator).toString().padStart(places, "0");
  const fraction = digits.replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
