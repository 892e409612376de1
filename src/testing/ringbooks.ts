/** Small random books of ring offers, for properties: few tokens, so that rings are common. */
import * as fc from "fast-check";

import type { Offer, Token } from "../finder/offer.ts";

/** A book and its prices. */
export type RingBook = { readonly tokens: readonly Token[]; readonly offers: readonly Offer[] };

/** What kinds of offers a book has. */
export type RingBookKinds = {
  readonly tokensMax?: number;
  readonly offersMax?: number;
  /** Also orders with a minimum, all-or-none ones, and those that end when they have bought. */
  readonly all?: boolean;
  /** Smallest units of a token: few make every rounding show. */
  readonly units?: number;
};

/** Books whose prices are from 0.25 to 4 a unit and whose offers ask up to 5 % around fair. */
export function ringBooks({
  tokensMax = 4,
  offersMax = 12,
  all = false,
  units = 1_000_000,
}: RingBookKinds = {}): fc.Arbitrary<RingBook> {
  const prices = fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 2, maxLength: tokensMax });
  return prices.chain((quarters) => {
    const count = quarters.length;
    const offer = fc.record({
      sell: fc.integer({ min: 0, max: count - 1 }),
      step: fc.integer({ min: 1, max: count - 1 }),
      size: fc.integer({ min: Math.ceil(units / 1000), max: units }),
      asks: fc.integer({ min: -50, max: 50 }),
      kind: fc.integer({ min: 0, max: all ? 5 : 0 }),
    });
    const tokens = quarters.map((quarter, number) => ({ id: `T${number}`, price: quarter / 4 }));
    return fc.array(offer, { maxLength: offersMax }).map((drawn) => ({
      tokens,
      offers: drawn.map(({ sell, step, size, asks, kind }, number) => {
        const buy = (sell + step) % count;
        const fair = (size * (quarters[sell] ?? 1)) / (quarters[buy] ?? 1);
        const sellAmount = BigInt(size);
        const buyAmount = BigInt(Math.max(1, Math.round(fair * (1 + asks / 1000))));
        return {
          id: `o${number}`,
          sell: `T${sell}`,
          buy: `T${buy}`,
          sellAmount,
          buyAmount,
          ...part(kind, sellAmount, buyAmount),
        };
      }),
    }));
  });
}

function part(
  kind: number,
  sellAmount: bigint,
  buyAmount: bigint,
): Pick<Offer, "sellMax" | "buyMax" | "sellMin"> {
  const half = sellAmount / 2n + 1n;
  switch (kind) {
    case 1:
      return { sellMax: sellAmount, sellMin: sellAmount };
    case 2:
      return { sellMax: sellAmount, sellMin: sellAmount / 3n };
    case 3:
      return { sellMax: sellAmount, buyMax: buyAmount };
    case 4:
      return { sellMax: half, buyMax: buyAmount / 2n };
    case 5:
      return { sellMax: half };
    default:
      return { sellMax: sellAmount };
  }
}
