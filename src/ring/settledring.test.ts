/** A settled ring joined from its log and its call: examples, and all that must not join. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { at } from "../codec/assert.ts";
import { fromAscii, toHex } from "../codec/bytes.ts";
import { type Address, addressOf, hashOf, keccak, noAddress } from "../codec/ethereum.ts";
import { runs } from "../testing/runs.ts";
import { encodeSubmission, type Submission, take } from "./calldata.ts";
import { orderHash } from "./digest.ts";
import type { LogEntry } from "./eventlog.ts";
import type { RingOrder } from "./order.ts";
import { settledRings, type SubmitCall } from "./settledring.ts";

const account = (n: number): Address => addressOf(new Uint8Array(20).fill(n));
const [contract, miner, sender, walletA] = [account(1), account(2), account(3), account(4)];
const [tokenA, tokenB, tokenC] = [account(5), account(6), account(7)];
const domain = { chainId: 1n, contract };
const ringHash = hashOf(new Uint8Array(32).fill(9));

const base: RingOrder = {
  owner: account(11),
  sellToken: tokenA,
  buyToken: tokenB,
  sellAmount: 1000n,
  buyAmount: 900n,
  validSince: 0n,
  validUntil: 1n,
  nonce: 0n,
  authAddress: account(12),
  feeToken: tokenC,
  feeAmount: 31n,
  marginSplit: 50n,
  wallet: walletA,
  walletSplit: 20n,
  allOrNone: false,
  buyDriven: false,
  minimumFill: 0n,
  recipient: noAddress,
};
/** Buys 100 B or more for 100 A; its margin is half of 100 − 90. */
const first = base;
/** Buys 100 A for at most 100·(1000/900) = 111 B; passes on 100 and pays the fee. */
const second = { ...base, sellToken: tokenB, buyToken: tokenA, buyDriven: true, wallet: noAddress };

function submissionOf(orders: readonly RingOrder[], takes: readonly bigint[]): Submission {
  const signature = new Uint8Array(64);
  const parts = orders.map((_, i) => {
    return { order: i, fill: 100n, take: takes[i] ?? 0n, author: i };
  });
  const ring = { parts, authSignatures: orders.map(() => signature), minerSignature: signature };
  return {
    miner,
    feeRecipient: miner,
    deadline: 1n,
    orders: orders.map((order) => ({ order, signature })),
    rings: [ring],
  };
}

const word = (value: bigint | string): string => BigInt(value).toString(16).padStart(64, "0");

function inputOf(submission: Submission): string {
  const bytes = toHex(encodeSubmission(submission));
  const padding = "0".repeat((64 - (bytes.length % 64)) % 64);
  const selector = toHex(keccak(fromAscii("submit(bytes)")).subarray(0, 4));
  return `0x${selector}${word(32n)}${word(BigInt(bytes.length / 2))}${bytes}${padding}`;
}

type Told = readonly [order: RingOrder, take: bigint, sold: bigint, received: bigint];

function logOf(
  fills: readonly Told[],
  { by = miner, to = miner }: { readonly by?: Address; readonly to?: Address } = {},
): LogEntry {
  const topic = keccak(
    fromAscii("RingSettled(bytes32,address,address,(bytes32,uint256,uint256)[])"),
  );
  const words = fills.flatMap(([order, taken, sold, received]) => [
    orderHash(domain, order),
    (taken << 160n) | BigInt(order.sellToken),
    (sold << 128n) | received,
  ]);
  return {
    address: contract,
    topics: [`0x${toHex(topic)}`, ringHash, `0x${word(by)}`, `0x${word(to)}`],
    data: `0x${[32n, BigInt(fills.length), ...words].map(word).join("")}`,
  };
}

const submission = submissionOf([first, second], [take.margin, take.fee]);
const told: readonly Told[] = [
  [first, take.margin, 100n, 95n],
  [second, take.fee, 100n, 100n],
];
const call: SubmitCall = {
  from: sender,
  to: contract,
  input: inputOf(submission),
  logs: [logOf(told)],
};

function nameOf(changed: Partial<SubmitCall>): string {
  const rings = settledRings(domain, [{ ...call, ...changed }]);
  return rings.ok ? "read" : rings.name;
}

test("an example: a margin with reward, and a fee without wallet", () => {
  deepEqual(settledRings(domain, [call]), {
    ok: true,
    value: [
      {
        ringHash,
        miner,
        feeRecipient: miner,
        fills: [
          {
            orderHash: orderHash(domain, first),
            sellToken: tokenA,
            buyToken: tokenB,
            wallet: walletA,
            sold: 100n,
            received: 95n,
            paid: { kind: "margin", token: tokenB, toFeeRecipient: 4n, toWallet: 1n },
            reward: { token: tokenC, amount: 3n },
          },
          {
            orderHash: orderHash(domain, second),
            sellToken: tokenB,
            buyToken: tokenA,
            wallet: noAddress,
            sold: 100n,
            received: 100n,
            paid: { kind: "fee", token: tokenC, toFeeRecipient: 3n, toWallet: 0n },
            reward: undefined,
          },
        ],
      },
    ],
  });
});

test("a buy-driven order sells its margin in addition; nothing taken is nothing paid", () => {
  const takes = [take.none, take.margin];
  const input = inputOf(submissionOf([first, second], takes));
  const logs = [
    logOf([
      [first, take.none, 100n, 100n],
      [second, take.margin, 105n, 100n],
    ]),
  ];
  const rings = settledRings(domain, [{ ...call, input, logs }]);
  deepEqual(rings.ok && at(rings.value, 0).fills.map(({ paid, reward }) => ({ paid, reward })), [
    { paid: undefined, reward: undefined },
    {
      paid: { kind: "margin", token: tokenB, toFeeRecipient: 5n, toWallet: 0n },
      reward: { token: tokenC, amount: 3n },
    },
  ]);
});

test("without a fee there is no reward for a margin", () => {
  const free = { ...first, feeAmount: 0n };
  const input = inputOf(submissionOf([free, second], [take.margin, take.none]));
  const logs = [
    logOf([
      [free, take.margin, 100n, 95n],
      [second, take.none, 100n, 100n],
    ]),
  ];
  const rings = settledRings(domain, [{ ...call, input, logs }]);
  equal(rings.ok && at(at(rings.value, 0).fills, 0).reward, undefined);
});

test("what was told must be what the call does, to the unit", () => {
  equal(nameOf({}), "read");
  const [one, two] = [at(told, 0), at(told, 1)];
  const [order, taken, sold, received] = one;
  for (const [what, fills] of Object.entries<readonly Told[]>({
    "another order": [[{ ...order, nonce: 1n }, taken, sold, received], two],
    "another take": [[order, take.fee, sold, received], two],
    "sold more": [[order, taken, sold + 1n, received], two],
    "received less": [[order, taken, sold, received - 1n], two],
    rotated: [two, one],
    longer: [one, two, two],
  })) {
    equal(nameOf({ logs: [logOf(fills)] }), "call_differs", what);
  }
  equal(nameOf({ logs: [logOf(told, { by: sender })] }), "call_differs");
  equal(nameOf({ logs: [logOf(told, { to: sender })] }), "call_differs");
  const log = at(call.logs, 0);
  const otherToken = { ...log, data: log.data.replace(tokenA.slice(2), tokenC.slice(2)) };
  equal(nameOf({ logs: [otherToken] }), "call_differs");
  equal(nameOf({ logs: [...call.logs, ...call.logs] }), "call_differs");
});

test("only a call of submit to the settlement counts; one without rings settled is passed over", () => {
  equal(nameOf({ to: sender }), "not_submit");
  equal(nameOf({ from: "nobody" }), "not_submit");
  // Then there would be no signature of the miner's.
  equal(nameOf({ from: miner }), "not_submit");
  const { input } = call;
  for (const bad of ["", "0x", `0x00${input.slice(4)}`, input.slice(0, -64), `${input}0`]) {
    equal(nameOf({ input: bad }), "not_submit", bad.slice(0, 10));
  }
  equal(nameOf({ input: input.replace(word(32n), word(64n)) }), "not_submit");
  equal(nameOf({ input: "0x", logs: [] }), "read");
  equal(nameOf({ logs: [{ ...at(call.logs, 0), data: "0x" }] }), "event_malformed");
});

test("orders that the contract refuses join nothing, and nothing makes it throw", () => {
  for (const changed of [{ sellAmount: 0n }, { buyAmount: 0n }, { marginSplit: 101n }]) {
    const bad = { ...first, ...changed };
    const input = inputOf(submissionOf([bad, second], [take.margin, take.fee]));
    equal(
      nameOf({ input, logs: [logOf([[bad, take.margin, 100n, 95n], at(told, 1)])] }),
      "call_differs",
    );
  }
  const place = fc.nat({ max: call.input.length - 3 });
  fc.assert(
    fc.property(place, fc.constantFrom(..."0123456789abcdef"), (i, digit) => {
      nameOf({ input: `${call.input.slice(0, 2 + i)}${digit}${call.input.slice(3 + i)}` });
    }),
    { numRuns: runs(200) },
  );
});
