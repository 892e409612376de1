/**
 * Random plans for the ring venue: rings whose orders fit each other to the last unit, with fees,
 * margins and all the options, and one fault at most. A fault need not be one: what comes of it is
 * for both sides to say.
 */
import * as fc from "fast-check";

import { at } from "../../src/codec/assert.ts";
import { type Address, noAddress } from "../../src/codec/ethereum.ts";
import { amountMax, type RingOrder } from "../../src/ring/order.ts";
import {
  type Offer,
  offerOf,
  type Person,
  person,
  type PlannedPart,
} from "../../src/testing/ringminer.ts";

/** An amount of a token with 0 to 18 decimals, from 1 to 2^128 - 1. */
const amounts = fc.oneof(
  fc
    .tuple(fc.bigInt(1n, 1000n), fc.bigInt(0n, 18n))
    .map(([units, decimals]) => units * 10n ** decimals),
  fc.tuple(fc.bigInt(1n, amountMax), fc.integer({ min: 0, max: 127 })).map(([n, bits]) => {
    return (n >> BigInt(bits)) + 1n > amountMax ? amountMax : (n >> BigInt(bits)) + 1n;
  }),
  fc.constantFrom(1n, 2n, 3n, amountMax - 1n, amountMax),
);

const rarely = fc.integer({ min: 0, max: 7 }).map((n) => n === 0);
const percents = fc.oneof(fc.bigInt(0n, 100n), fc.constantFrom(0n, 1n, 50n, 99n, 100n));

const parts = fc.record({
  owner: fc.nat(99),
  auth: fc.nat(99),
  fill: amounts,
  /** Over how many such fills the order goes. */
  times: fc.constantFrom(1n, 1n, 2n, 3n, 7n, 1000n),
  extra: fc.bigInt(0n, 3n),
  /** By how many thousandths the ring pays better than the limit. */
  ease: fc.constantFrom(0n, 0n, 1n, 30n, 500n, 999n),
  take: fc.constantFrom(0n, 0n, 1n, 1n, 2n),
  feeToken: fc.nat(99),
  feeAmount: fc.oneof(fc.constant(0n), amounts),
  marginSplit: percents,
  wallet: fc.option(fc.nat(99), { nil: undefined }),
  walletSplit: percents,
  allOrNone: rarely,
  buyDriven: fc.boolean(),
  minimumFill: fc.oneof(fc.constant(0n), amounts),
  isMinimum: rarely,
  recipient: fc.option(fc.nat(99), { nil: undefined }),
  validity: fc.bigInt(0n, 1000n),
});

export type RandomPart = typeof parts extends fc.Arbitrary<infer T> ? T : never;

export const faults = [
  "none",
  "order",
  "signature",
  "ring",
  "authors",
  "header",
  "state",
  "truncate",
  "flip",
  "append",
  "noise",
] as const;

/** One transaction or two of the same plan, and what happens between. */
export const randomCases = fc.record({
  rings: fc.array(
    fc.record({
      parts: fc.oneof(
        { weight: 3, arbitrary: fc.array(parts, { minLength: 2, maxLength: 4 }) },
        { weight: 1, arbitrary: fc.array(parts, { minLength: 2, maxLength: 10 }) },
      ),
      token: fc.nat(99),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  isFirstRingTwice: rarely,
  miner: fc.nat(1),
  sender: fc.nat(3),
  isFeeMiners: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  isSentTwice: fc.boolean(),
  /** Before it is sent again. */
  cancels: fc.constantFrom("none", "none", "cancel", "cancelAll", "cancelFor", "cancelAllFor"),
  fault: fc.oneof(
    { weight: 2, arbitrary: fc.constant("none" as const) },
    { weight: 3, arbitrary: fc.constantFrom(...faults) },
  ),
  /** Where and how the fault is. */
  where: fc.nat(1_000_000),
  how: fc.nat(1_000_000),
});

export type RandomCase = typeof randomCases extends fc.Arbitrary<infer T> ? T : never;

/** Who and what there is. */
export type World = {
  readonly now: bigint;
  readonly settlement: Address;
  readonly tokens: readonly Address[];
  /** Those after the tenth are contract wallets. */
  readonly owners: readonly Person[];
  readonly miners: readonly Person[];
  readonly senders: readonly Person[];
};

export function pick<T>(list: readonly T[], index: number): T {
  return at(list, index % list.length);
}

export const authKeys: readonly Person[] = [0, 1, 2, 3, 4].map((i) => person(`auth key ${i}`));

type Amounts = Pick<RingOrder, "sellAmount" | "buyAmount">;

function least(...values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a < b ? a : b));
}

/** Limit amounts that `fill` for `inflow` just keeps, or keeps with ease. */
function amountsFor({ fill, times, extra, ease, buyDriven }: RandomPart, inflow: bigint): Amounts {
  const worse = (amount: bigint): bigint => (amount * ease) / 1000n;
  if (!buyDriven) {
    const sellAmount = least(amountMax, fill * times + extra);
    const buyMost = least(amountMax, (inflow * sellAmount) / fill);
    return { sellAmount, buyAmount: buyMost - worse(buyMost) };
  }
  const wished = least(amountMax, inflow * times + extra);
  const sellLeast = (buy: bigint): bigint => (fill * buy + inflow - 1n) / inflow;
  const buyAmount = sellLeast(wished) > amountMax ? inflow : wished;
  const sellAmount = least(amountMax, sellLeast(buyAmount) + worse(sellLeast(buyAmount)));
  return { sellAmount, buyAmount };
}

/** The ring's offers and fills; nonces count up from `nonce`. */
export function plannedRing(
  world: World,
  ring: RandomCase["rings"][number],
  nonce: number,
): readonly PlannedPart[] {
  const size = ring.parts.length;
  const token = (i: number): Address => pick(world.tokens, ring.token + (i % size));
  return ring.parts.map((part, i) => {
    const inflow = at(ring.parts, (i + 1) % size).fill;
    const counted = part.buyDriven ? inflow : part.fill;
    const amounts = amountsFor(part.allOrNone ? { ...part, times: 1n, extra: 0n } : part, inflow);
    const fields: Partial<RingOrder> = {
      ...amounts,
      sellToken: token(i),
      buyToken: token(i + 1),
      nonce: BigInt(nonce + i),
      validSince: world.now - part.validity,
      validUntil: world.now + 1000n - part.validity,
      feeToken: part.feeAmount === 0n ? noAddress : pick(world.tokens, part.feeToken),
      feeAmount: part.feeAmount,
      marginSplit: part.marginSplit,
      wallet: part.wallet === undefined ? noAddress : person(`wallet ${part.wallet % 3}`).address,
      walletSplit: part.wallet === undefined ? 0n : part.walletSplit,
      allOrNone: part.allOrNone,
      buyDriven: part.buyDriven,
      minimumFill: part.isMinimum ? part.minimumFill : least(part.minimumFill, counted),
      recipient:
        part.recipient === undefined ? noAddress : pick(world.owners, part.recipient).address,
    };
    const auth = pick([...authKeys, ...world.senders], part.auth);
    return {
      offer: offerOf(pick(world.owners, part.owner), auth, fields),
      fill: part.fill,
      take: part.take,
    };
  });
}

/** The offer with another field or two, signed as it is then. */
export function faultyOffer(
  world: World,
  { offer, fill, how }: { readonly offer: Offer; readonly fill: bigint; readonly how: number },
): Offer {
  const { order } = offer;
  const changes: readonly Partial<RingOrder>[] = [
    { sellAmount: 0n },
    { buyAmount: 0n },
    { buyToken: order.sellToken },
    { authAddress: noAddress },
    { marginSplit: 101n },
    { wallet: world.settlement, walletSplit: 255n },
    { validSince: world.now },
    { validSince: world.now + 1n },
    { validUntil: world.now },
    { validUntil: world.now - 1n },
    { nonce: order.nonce + 2n ** 64n },
    { nonce: 0n },
    { nonce: order.nonce + 1n },
    { buyAmount: least(amountMax, order.buyAmount + 1n) },
    { sellAmount: order.sellAmount > 1n ? order.sellAmount - 1n : 1n },
    { sellAmount: fill },
    { allOrNone: !order.allOrNone },
    { minimumFill: fill + 1n > amountMax ? amountMax : fill + 1n },
    { minimumFill: fill },
    { recipient: world.settlement },
    { sellAmount: amountMax, buyAmount: amountMax },
    { buyToken: pick(world.tokens, how) },
    { sellToken: pick(world.tokens, how) },
    { owner: pick(world.owners, how).address },
    { owner: noAddress },
    { feeToken: noAddress, feeAmount: 1000n },
    { feeToken: order.sellToken, feeAmount: amountMax },
    { buyDriven: !order.buyDriven },
  ];
  return { ...offer, order: { ...order, ...pick(changes, how) } };
}
