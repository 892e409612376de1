/**
 * The bytes of `submit`: what is packed is read, and whatever is not the layout is refused by one
 * of two names, never with an exception, however it was made.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { at } from "../codec/assert.ts";
import { concat } from "../codec/bytes.ts";
import { type Address, addressOf, noAddress } from "../codec/ethereum.ts";
import { runs } from "../testing/runs.ts";
import { encodeSubmission, type OwnedOrder, type Ring, type Submission } from "./calldata.ts";
import { decodeSubmission } from "./decode.ts";

const sender = addressOf(new Uint8Array(20).fill(7));
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(addressOf);
const token = fc.integer({ min: 1, max: 255 }).map((n) => addressOf(new Uint8Array(20).fill(n)));
const uint = (bits: number): fc.Arbitrary<bigint> =>
  fc.oneof(fc.bigInt(0n, 2n ** BigInt(bits) - 1n), fc.constant(0n));
const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });
const orNone = (one: fc.Arbitrary<Address>): fc.Arbitrary<Address> =>
  fc.oneof(one, fc.constant(noAddress));

const plainObject = { noNullPrototype: true };

const ownedOrders: fc.Arbitrary<OwnedOrder> = fc
  .record({
    owner: address,
    sellToken: token,
    buyToken: token,
    sellAmount: uint(128),
    buyAmount: uint(128),
    validSince: uint(40),
    validUntil: uint(40),
    nonce: uint(96),
    authAddress: address,
    fee: fc.option(fc.record({ feeToken: token, feeAmount: uint(128) }), { nil: undefined }),
    marginSplit: uint(8),
    wallet: orNone(address),
    walletSplit: uint(8),
    allOrNone: fc.boolean(),
    buyDriven: fc.boolean(),
    minimumFill: uint(128),
    recipient: orNone(address),
    signature: fc.oneof(signature, fc.uint8Array({ maxLength: 200 })),
  })
  .map(({ signature, fee, ...order }) => {
    return { order: { ...order, ...(fee ?? { feeToken: noAddress, feeAmount: 0n }) }, signature };
  });

function rings(ordersCount: number, isMiners: boolean): fc.Arbitrary<Ring> {
  const part = fc.record(
    {
      order: fc.nat(ordersCount - 1),
      fill: uint(128),
      take: fc.bigInt(0n, 2n),
      author: fc.nat(15),
    },
    plainObject,
  );
  return fc.array(part, { minLength: 2, maxLength: 10 }).chain((parts) => {
    const own = parts.filter(({ author }, i) => author === i).length;
    return fc.record(
      {
        parts: fc.constant(parts),
        authSignatures: fc.array(signature, { minLength: own, maxLength: own }),
        minerSignature: isMiners ? fc.constant(undefined) : signature,
      },
      plainObject,
    );
  });
}

const submissions: fc.Arbitrary<Submission> = fc
  .tuple(fc.array(ownedOrders, { minLength: 1, maxLength: 5 }), fc.boolean())
  .chain(([orders, isMiners]) =>
    fc.record(
      {
        miner: isMiners ? fc.constant(sender) : address,
        feeRecipient: address,
        deadline: uint(40),
        orders: fc.constant(orders),
        rings: fc.array(rings(orders.length, isMiners), { minLength: 1, maxLength: 3 }),
      },
      plainObject,
    ),
  );

test("what is packed is read", () => {
  fc.assert(
    fc.property(submissions, (submission) => {
      const read = decodeSubmission(encodeSubmission(submission), sender);
      deepEqual(read, { ok: true, value: submission });
    }),
    { numRuns: runs(100) },
  );
});

test("cut anywhere or with a byte more it is refused", () => {
  fc.assert(
    fc.property(submissions, fc.nat(100_000), (submission, where) => {
      const bytes = encodeSubmission(submission);
      const cut = decodeSubmission(bytes.slice(0, where % bytes.length), sender);
      const longer = decodeSubmission(concat([bytes, new Uint8Array(1)]), sender);
      ok(!cut.ok && (cut.name === "Malformed" || cut.name === "RingSize"));
      ok(!longer.ok && longer.name === "Malformed");
    }),
    { numRuns: runs(200) },
  );
});

test("any bytes are read or refused; what is read, packed again, is read as the same", () => {
  const noise = fc.tuple(
    submissions,
    fc.array(fc.tuple(fc.nat(100_000), fc.nat(255)), { maxLength: 3 }),
  );
  let good = 0;
  fc.assert(
    fc.property(noise, ([submission, changes]) => {
      const bytes = encodeSubmission(submission);
      for (const [where, byte] of changes) bytes[where % bytes.length] = byte;
      const read = decodeSubmission(bytes, sender);
      if (!read.ok) return;
      good += 1;
      deepEqual(decodeSubmission(encodeSubmission(read.value), sender), read);
    }),
    { numRuns: runs(200) },
  );
  ok(good > 0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      ok(!decodeSubmission(bytes, sender).ok);
    }),
    { numRuns: runs(100) },
  );
});

test("the largest counts do not read beyond the bytes", () => {
  const header = concat([new Uint8Array(45), Uint8Array.of(255)]);
  for (const length of [0, 45, 46, 46 + 255 * 20, 10_000]) {
    const bytes = concat([header, new Uint8Array(10_000).fill(255)]).slice(0, length);
    const read = decodeSubmission(bytes, sender);
    ok(!read.ok);
    equal(read.name, "Malformed");
  }
  equal(at(header, 45), 255);
});
