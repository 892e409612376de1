/**
 * The mirror against the rules it mirrors, on random rings without a chain: the limit on final
 * amounts, conservation, counters, fees over all fills. That the contract does the same is shown by
 * contracts/test/differential.test.ts.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { at } from "../codec/assert.ts";
import { type Address, addressOf } from "../codec/ethereum.ts";
import {
  compose,
  far,
  type Offer,
  offerOf,
  person,
  type PlannedPart,
} from "../testing/ringminer.ts";
import { play, type Scene } from "../testing/ringscene.ts";
import { domain, now } from "../testing/ringstory.ts";
import { runs } from "../testing/runs.ts";
import { encodeSubmission, take } from "./calldata.ts";
import type { Fill } from "./chain.ts";
import { infinite, RingLedger } from "./ledger.ts";
import { amountMax, countsOf, type RingOrder } from "./order.ts";
import { keepsLimit } from "./price.ts";

const tokens = [1, 2, 3, 4].map((n) => addressOf(new Uint8Array(20).fill(n)));
const owners = ["Alice", "Bob", "a third"].map(person);
const miner = person("the miner");
const wallet = person("the wallet").address;
const everyone = [...owners.map(({ address }) => address), miner.address, wallet];

const orderFields = fc.record({
  times: fc.bigInt(1n, 5n),
  ease: fc.bigInt(0n, 1000n),
  fill: fc.oneof(fc.bigInt(1n, 1000n), fc.bigInt(1n, 10n ** 30n)),
  buyDriven: fc.boolean(),
  feeAmount: fc.bigInt(0n, 10n ** 20n),
  marginSplit: fc.bigInt(0n, 100n),
  walletSplit: fc.bigInt(0n, 100n),
  take: fc.constantFrom(take.none, take.fee, take.margin),
});

type Wish = typeof orderFields extends fc.Arbitrary<infer T> ? T : never;

/** A ring of three whose fills every order's limit allows, and several times over. */
function ringOf(wishes: readonly Wish[]): readonly PlannedPart[] {
  return wishes.map((wish, i) => {
    const { fill, times, buyDriven } = wish;
    const inflow = at(wishes, (i + 1) % wishes.length).fill;
    const buyAmount = inflow * times;
    const sellAmount = fill * times + (fill * times * wish.ease) / 1000n;
    const fields: Partial<RingOrder> = {
      sellToken: at(tokens, i),
      buyToken: at(tokens, (i + 1) % wishes.length),
      sellAmount,
      buyAmount,
      buyDriven,
      feeToken: at(tokens, 3),
      feeAmount: wish.feeAmount,
      marginSplit: wish.marginSplit,
      wallet,
      walletSplit: wish.walletSplit,
    };
    return { offer: offerOf(at(owners, i), person("auth key"), fields), fill, take: wish.take };
  });
}

function richScene(): Scene {
  const ledger = new RingLedger();
  for (const token of tokens) {
    for (const one of everyone) {
      ledger.setBalance(token, one, amountMax);
      ledger.setAllowance(token, one, infinite);
    }
  }
  return { domain, ledger, acts: new Map(), answers: [] };
}

function sums(ledger: RingLedger): readonly bigint[] {
  return tokens.map((token) => everyone.reduce((sum, one) => sum + ledger.balance(token, one), 0n));
}

/** Settles the ring until it is refused; what each order did each time. */
function settleAll(parts: readonly PlannedPart[]): {
  readonly fills: readonly (readonly Fill[])[];
  readonly before: RingLedger;
  readonly after: RingLedger;
  readonly refusal: string;
} {
  const scene = richScene();
  const fills: (readonly Fill[])[] = [];
  let { ledger } = scene;
  for (;;) {
    const plan = { rings: [parts], miner, feeRecipient: miner.address, deadline: far };
    const submission = compose(domain, ledger.counter, { ...plan, sender: miner.address });
    const call = { kind: "submit", bytes: encodeSubmission(submission) } as const;
    const played = play({ ...scene, ledger }, { sender: miner.address, now, call });
    if (!played.outcome.ok) {
      return { fills, before: scene.ledger, after: ledger, refusal: played.outcome.name };
    }
    for (const effect of played.outcome.value.log) {
      if (effect.kind === "settled") fills.push(effect.fills);
    }
    ({ ledger } = played);
  }
}

test("the limit on final amounts, conservation, counters, fees: over all fills of an order", () => {
  const wishes = fc.array(orderFields, { minLength: 2, maxLength: 3 });
  fc.assert(
    fc.property(wishes, (wishes) => {
      const parts = ringOf(wishes);
      const { fills, before, after, refusal } = settleAll(parts);
      const times = wishes.reduce((least, { times }) => (times < least ? times : least), 5n);
      ok(BigInt(fills.length) >= times);
      equal(refusal, "Overfill");
      deepEqual(sums(after), sums(before));
      for (const [i, { offer }] of parts.entries()) {
        checkOrder(
          offer,
          fills.map((ring) => at(ring, i)),
          after,
        );
        checkOwner(offer, { before, after });
      }
    }),
    { numRuns: runs(15) },
  );
});

function checkOrder({ order }: Offer, fills: readonly Fill[], ledger: RingLedger): void {
  for (const { sold, received } of fills) ok(keepsLimit(order, sold, received));
  const sold = fills.reduce((sum, fill) => sum + fill.sold, 0n);
  const received = fills.reduce((sum, fill) => sum + fill.received, 0n);
  ok(keepsLimit(order, sold, received));
  ok(sold <= order.sellAmount);
  const counter = ledger.counter(order.owner, order.nonce);
  ok(counter <= countsOf(order));
  equal(counter, order.buyDriven ? received : sold);
}

/** The fee token is no other token of the ring: what the owner lost of it are fees. */
function checkOwner(
  { order }: Offer,
  { before, after }: { readonly before: RingLedger; readonly after: RingLedger },
): void {
  const change = (token: Address): bigint =>
    after.balance(token, order.owner) - before.balance(token, order.owner);
  ok(-change(order.feeToken) <= order.feeAmount);
  ok(keepsLimit(order, -change(order.sellToken), change(order.buyToken)));
}

test("a refused transaction leaves no trace", () => {
  const [one, two] = ringOf([
    {
      times: 1n,
      ease: 0n,
      fill: 10n,
      buyDriven: false,
      feeAmount: 1n,
      marginSplit: 0n,
      walletSplit: 0n,
      take: 1n,
    },
    {
      times: 1n,
      ease: 0n,
      fill: 20n,
      buyDriven: false,
      feeAmount: 0n,
      marginSplit: 0n,
      walletSplit: 0n,
      take: 0n,
    },
  ]);
  ok(one !== undefined && two !== undefined);
  const scene = richScene();
  scene.ledger.setBalance(at(tokens, 3), one.offer.order.owner, 0n);
  const plan = { rings: [[one, two]], miner, feeRecipient: miner.address, deadline: far };
  const submission = compose(domain, scene.ledger.counter, { ...plan, sender: miner.address });
  const call = { kind: "submit", bytes: encodeSubmission(submission) } as const;
  const { outcome, ledger } = play(scene, { sender: miner.address, now, call });
  ok(!outcome.ok);
  equal(outcome.name, "TransferFailed");
  equal(ledger, scene.ledger);
  equal(ledger.counter(one.offer.order.owner, 0n), 0n);
  equal(ledger.balance(at(tokens, 0), one.offer.order.owner), amountMax);
});
