/**
 * The exact amounts of one ring. Order i gives `sold[i]` and gets `sold[i + 1]` (indices modulo n),
 * and must be left no worse than its limit: sold[i + 1] · sellAmount ≥ sold[i] · buyAmount, in
 * integers, as the contract asks (docs/spec/ring.md §5.2). Whatever is rounded is rounded for the
 * order that receives.
 *
 * `most` is the largest vector that keeps every cap and every limit: it exists, because the
 * larger of two such vectors, place by place, is another. `fair` is at most that, and shares what
 * the ring saves so that every order is better off by the same factor, the n-th root of how much
 * the limits leave over, as far as whole units and caps allow.
 */
import { at } from "../codec/assert.ts";

/** An order's place: its limit, and the most it may give in this ring. */
export type Place = {
  readonly sellAmount: bigint;
  readonly buyAmount: bigint;
  readonly cap: bigint;
};

export type Amounts = { readonly most: readonly bigint[]; readonly fair: readonly bigint[] };

/** Rounds of lowering caps; where limits leave something over, two or three are enough. */
const loweringsMax = 32;

/** The amounts of a ring; `undefined` if the limits leave no whole units to everybody. */
export function amountsOf(places: readonly Place[]): Amounts | undefined {
  const most = mostOf(places);
  return most && { most, fair: fairOf(places, most) };
}

function mostOf(places: readonly Place[]): readonly bigint[] | undefined {
  const most = places.map(({ cap }) => cap);
  const n = places.length;
  for (let round = 0; round < loweringsMax; round++) {
    let isLower = false;
    for (let i = n - 1; i >= 0; i--) {
      const { sellAmount, buyAmount } = at(places, i);
      const limit = (at(most, (i + 1) % n) * sellAmount) / buyAmount;
      if (limit >= at(most, i)) continue;
      if (limit < 1n) return undefined;
      most[i] = limit;
      isLower = true;
    }
    if (!isLower) return most.every((amount) => amount >= 1n) ? most : undefined;
  }
  return undefined;
}

const fractionBits = 52n;
const one = 2 ** 52;
/** A part in 2^40 is far above what n roundings of 2^-52 add up to, and far below a price. */
const nearlyBits = 40n;

function fairOf(places: readonly Place[], most: readonly bigint[]): readonly bigint[] {
  const n = places.length;
  const needs = places.map(({ sellAmount, buyAmount }) => Number(buyAmount) / Number(sellAmount));
  const over = needs.reduce((product, need) => product / need, 1);
  const factor = nthRoot(over, n);
  // What each would give if the first gave 1: the one whose `most` is least of that sets the size.
  let first = 0;
  let least = Infinity;
  for (let i = 0, weight = 1; i < n; i++) {
    const scale = Number(at(most, i)) / weight;
    if (scale < least) [first, least] = [i, scale];
    weight *= at(needs, i) * factor;
  }
  const multiplier = BigInt(Math.floor(factor * one));
  const fair = [...most];
  for (let step = 0; step + 1 < n; step++) {
    const i = (first + step) % n;
    const next = (i + 1) % n;
    const { sellAmount, buyAmount } = at(places, i);
    const needed = at(fair, i) * buyAmount;
    const atLeast = (needed + sellAmount - 1n) / sellAmount;
    const ideal = ((needed * multiplier) >> fractionBits) / sellAmount;
    const upTo = at(most, next);
    // What floating point fell short of: better the whole order than all of it but dust.
    const nearly = upTo - (upTo >> nearlyBits);
    fair[next] = ideal >= nearly ? upTo : ideal < atLeast ? atLeast : ideal;
  }
  return fair;
}

/** The n-th root of a number from 1 on, by Newton's method: the same on every machine. */
function nthRoot(value: number, n: number): number {
  if (!(value > 1)) return 1;
  let root = 1 + (value - 1) / n;
  for (let step = 0; step < 60; step++) {
    let power = 1;
    for (let i = 1; i < n; i++) power *= root;
    const next = root - (root * power - value) / (n * power);
    if (!(next < root)) break;
    root = next;
  }
  return root < 1 ? 1 : root;
}
