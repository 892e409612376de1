/** The fold of the ring venue's leaves, bounded and idempotent, and the depth that offers imply. */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";
import * as fc from "fast-check";
import { parseLeaf, printLeaf, type Leaf } from "../log/leaf.ts";
import { runs } from "../testing/runs.ts";
import { RingBoard, submissionsKept } from "./ringboard.ts";
import { depthJson, printRatio } from "./ringdepth.ts";
import { offerJson, ringJson, venueJson } from "./ringjson.ts";

const address = (digit: string): string => `0x${digit.repeat(40)}`;
const hash = (digit: string): string => `0x${digit.repeat(64)}`;
const digest = "ab".repeat(32);

function leaf(line: string): Leaf {
  const parsed = parseLeaf(line);
  if (parsed === undefined) throw new Error(`couldn't read ${line}`);
  return parsed;
}

function board(...lines: readonly string[]): RingBoard {
  const made = new RingBoard();
  for (const line of lines) made.apply(leaf(line));
  return made;
}

const venue = [
  `VENUE|31337|${address("c")}|${address("a")}|${address("f")}`,
  `TOKEN|GOLD|${address("1")}|18`,
  `TOKEN|SILVER|${address("2")}|6`,
  `TOKEN|TIN|${address("3")}|0`,
];

test("venue and tokens; the last word about each stands", () => {
  const other = `TOKEN|GOLD|${address("1")}|18`;
  const { venue: seen, tokens } = board(...venue, other);
  ok(seen !== undefined);
  deepEqual(venueJson(seen, tokens), {
    chainId: "31337",
    contract: address("c"),
    miner: address("a"),
    feeRecipient: address("f"),
    tokens: [
      { name: "GOLD", address: address("1"), decimals: 18 },
      { name: "SILVER", address: address("2"), decimals: 6 },
      { name: "TIN", address: address("3"), decimals: 0 },
    ],
  });
  equal(board().venue, undefined);
});

test("offers are absolute; one of nothing is gone", () => {
  const { offers } = board(
    "OFFER|2|GOLD|SILVER|1000|500",
    "OFFER|1|GOLD|TIN|7|5",
    "OFFER|2|GOLD|SILVER|600|300",
    "OFFER|1|GOLD|TIN|0|0",
    "OFFER|9|GOLD|TIN|0|0",
  );
  const rest = { number: 2, sell: "GOLD", buy: "SILVER", sellAmount: "600", buyAmount: "300" };
  deepEqual(offers.map(offerJson), [rest]);
});

const submission = (number: number): string => `SUBMISSION|${number}|1800000300|${digest}`;

test("rings belong to their submissions, and have what became of them", () => {
  const made = board(
    submission(1),
    `RING|1|1|${hash("1")}|3`,
    `RING|2|1|${hash("2")}|2`,
    `RING|3|1|${hash("3")}|2`,
    `RING|3|1|${hash("3")}|2`,
    submission(1),
    `SETTLED|1|${hash("e")}`,
    "FAILED|2|TransferFailed",
    `SETTLED|77|${hash("e")}`,
    `RING|8|5|${hash("8")}|2`,
  );
  deepEqual(made.rings(0).map(ringJson), [
    {
      number: 1,
      submission: 1,
      hash: hash("1"),
      size: 3,
      state: "settled",
      transaction: hash("e"),
    },
    {
      number: 2,
      submission: 1,
      hash: hash("2"),
      size: 2,
      state: "failed",
      reason: "TransferFailed",
    },
    { number: 3, submission: 1, hash: hash("3"), size: 2, state: "authored" },
  ]);
  deepEqual(
    made.rings(2).map(({ ring }) => ring.number),
    [3],
  );
  equal(made.lastSubmission, 1);
  deepEqual(made.submissions(1), []);
});

test("memory for submissions is bounded", () => {
  const made = new RingBoard();
  for (let i = 1; i <= submissionsKept + 5; i += 1) {
    made.apply(leaf(submission(i)));
    made.apply(leaf(`RING|${i}|${i}|${hash("1")}|3`));
  }
  equal(made.submissions(0).length, submissionsKept);
  equal(made.rings(0)[0]?.ring.number, 6);
  made.apply(leaf(`SETTLED|1|${hash("e")}`));
  equal(made.rings(0).length, submissionsKept);
});

const anyLeaf = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.nat(3))
    .map(([n, amount]) => `OFFER|${n}|GOLD|TIN|${amount}|${amount * 2}`),
  fc.integer({ min: 1, max: 4 }).map(submission),
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }))
    .map(([n, of]) => `RING|${n}|${of}|${hash("1")}|3`),
  fc.integer({ min: 1, max: 9 }).map((n) => `SETTLED|${n}|${hash("e")}`),
  fc.integer({ min: 1, max: 9 }).map((n) => `FAILED|${n}|deadline`),
);

test("each leaf applied twice changes nothing the second time", () => {
  const all = (made: RingBoard): unknown => [made.offers, made.submissions(0), made.rings(0)];
  fc.assert(
    fc.property(fc.array(anyLeaf, { maxLength: 40 }), (lines) => {
      const once = board(...lines);
      const twice = board(...lines.flatMap((line) => [line, line]));
      deepEqual(all(twice), all(once));
      for (const offer of once.offers) ok(lines.includes(printLeaf(offer)));
    }),
    { numRuns: runs(300) },
  );
});

test("the implied book: chains of offers, both ways, with prices of whole tokens", () => {
  const made = board(
    ...venue,
    // Gold for silver through tin, and straight at a worse price.
    `OFFER|1|GOLD|TIN|${10n ** 18n}|4`,
    "OFFER|2|TIN|SILVER|4|2000000",
    `OFFER|3|GOLD|SILVER|${10n ** 18n}|3000000`,
    // Silver for gold.
    `OFFER|4|SILVER|GOLD|1500000|${10n ** 18n}`,
  );
  const [sell, buy] = [made.token("GOLD"), made.token("SILVER")];
  ok(sell !== undefined && buy !== undefined);
  deepEqual(depthJson(made.offers, { sell, buy }), {
    sell: "GOLD",
    buy: "SILVER",
    levels: [
      { sellAmount: String(10n ** 18n), buyAmount: "2000000", price: "2", hops: 2 },
      { sellAmount: String(10n ** 18n), buyAmount: "3000000", price: "3", hops: 1 },
    ],
    bids: [{ sellAmount: String(10n ** 18n), buyAmount: "1500000", price: "1.5", hops: 1 }],
  });
});

test("prices are cut off after twelve digits, however large or small", () => {
  const rows: readonly (readonly [bigint, bigint, string])[] = [
    [1n, 3n, "0.333333333333"],
    [2n, 3_000_000n, "0.000000666666666666"],
    [10n, 3n, "3.33333333333"],
    [10n ** 30n, 3n, "333333333333333333333333333333"],
    [5n, 1n, "5"],
    [123_456_789_012_345n, 10n, "12345678901234"],
    [1n, 10n ** 30n, "0.000000000000000000000000000001"],
    [999_999_999_999_999n, 10n ** 15n, "0.999999999999"],
  ];
  for (const [numerator, denominator, text] of rows) {
    equal(printRatio(numerator, denominator), text);
  }
});
