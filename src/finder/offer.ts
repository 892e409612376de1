/**
 * What the finder is given and what it finds: offers to exchange one token for another, and rings
 * of them. Amounts are `bigint` in a token's smallest unit; prices are floating point and only
 * weigh one ring against another: they never enter an amount.
 */

/** A token and what one smallest unit of it is worth, in any one measure for all tokens. */
export type Token = { readonly id: string; readonly price: number };

/**
 * One live limit order. It gives at most `sellMax` of `sell`, gets at most `buyMax` of `buy`, and
 * for whatever it gives at least in the proportion of `buyAmount` to `sellAmount`.
 */
export type Offer = {
  readonly id: string;
  readonly sell: string;
  readonly buy: string;
  /** The limit: so much is sold for so much at least. Both at least 1. */
  readonly sellAmount: bigint;
  readonly buyAmount: bigint;
  /** What it can give now: the rest of the order, or what its owner has if that is less. */
  readonly sellMax: bigint;
  /** What it can get now; `undefined`: any amount, the more the better. */
  readonly buyMax?: bigint | undefined;
  /** The least that one ring must make it give; all of `sellMax` for an order of all or nothing. */
  readonly sellMin?: bigint | undefined;
};

/** One order's place in a ring. */
export type Placed = {
  readonly id: string;
  readonly sold: bigint;
  readonly received: bigint;
};

/**
 * A ring: each order receives exactly what the order after it sells, the last what the first sells;
 * two to ten orders, no order and no sold token twice.
 */
export type FoundRing = { readonly orders: readonly Placed[] };
