/**
 * What the contract's log is read as; the data written here word by word, as Solidity lays them.
 */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { addressOf, hashOf } from "../codec/ethereum.ts";
import { runs } from "../testing/runs.ts";
import { type LogEntry, logQuery, readEvents } from "./eventlog.ts";

const contract = addressOf(new Uint8Array(20).fill(0xcc));
const miner = addressOf(new Uint8Array(20).fill(1));
const feeRecipient = addressOf(new Uint8Array(20).fill(2));
const [tokenA, tokenB] = [3, 4].map((n) => addressOf(new Uint8Array(20).fill(n)));
const [hashA, hashB, ringHash] = [5, 6, 7].map((n) => hashOf(new Uint8Array(32).fill(n)));

// keccak-256 of the events' signatures, from another implementation.
const settledTopic = "0xf0895fe2b96fdcaae9c4350879d478a9208100ac94045c5221e4808cbf3f707d";
const cancelledTopic = "0x9bb0b37feb7db6e1e7e85a9a2878afa27f5d2dde06405a4ccca3967d0b1c429f";
const epochTopic = "0xe8645423fdd28681e93ccfd0d39d571604a3e628359d8f287a140c19d62e0000";

const word = (value: bigint | string): string => BigInt(value).toString(16).padStart(64, "0");
const pair = (first: bigint, second: bigint): string => word((first << 128n) | second);
const topic = (value: bigint | string): string => `0x${word(value)}`;

const fills = [
  [hashA, tokenA, 2n, 10n, 20n],
  [hashB, tokenB, 0n, 2n ** 128n - 1n, 9n],
] as const;

const settled: LogEntry = {
  address: contract,
  topics: [settledTopic, ringHash ?? "", topic(miner), topic(feeRecipient)],
  data: `0x${word(32n)}${word(2n)}${fills
    .map(([hash = "", sell = "", take, sold, received]) =>
      [word(hash), word((take << 160n) | BigInt(sell)), pair(sold, received)].join(""),
    )
    .join("")}`,
};
const cancelled: LogEntry = {
  address: contract,
  topics: [cancelledTopic, topic(miner), topic((1n << 64n) + 6n)],
  data: "0x",
};
const epoch: LogEntry = {
  address: contract,
  topics: [epochTopic, topic(miner)],
  data: `0x${word(1n)}`,
};
const all = [settled, cancelled, epoch];

function nameOf(logs: readonly LogEntry[]): string {
  const read = readEvents(logs, contract);
  return read.ok ? "read" : read.name;
}

test("each event is read, and other contracts' logs are passed over", () => {
  const transfer = { address: tokenA ?? "", topics: [topic(1n)], data: "0x" };
  deepEqual(readEvents([settled, transfer, cancelled, epoch], contract), {
    ok: true,
    value: [
      {
        kind: "settled",
        ringHash,
        miner,
        feeRecipient,
        fills: fills.map(([orderHash, sellToken, take, sold, received]) => {
          return { orderHash, sellToken, take, sold, received };
        }),
      },
      { kind: "cancelled", owner: miner, nonce: (1n << 64n) + 6n },
      { kind: "epoch", owner: miner, epoch: 1n },
    ],
  });
});

test("what is not exactly such an event is refused by name", () => {
  const change = (log: LogEntry, changed: Partial<LogEntry>) => nameOf([{ ...log, ...changed }]);
  for (const log of all) {
    const { topics, data } = log;
    equal(change(log, { topics: [topic(1n), ...topics.slice(1)] }), "event_unknown");
    equal(change(log, { topics: [] }), "event_unknown");
    equal(change(log, { topics: topics.slice(0, -1) }), "event_malformed");
    equal(change(log, { topics: [...topics, topic(0n)] }), "event_malformed");
    equal(change(log, { topics: [...topics, "0x"] }), "event_malformed");
    equal(change(log, { data: `${data}${word(0n)}` }), "event_malformed");
    equal(change(log, { data: `${data}00` }), "event_malformed");
    equal(change(log, { data: data.slice(2) === "" ? "" : data.slice(2) }), "event_malformed");
    equal(change(log, { address: "0x00" }), "event_malformed");
  }
  const { topics, data } = settled;
  const at = (i: number, value: bigint): string =>
    `${data.slice(0, 2 + 64 * i)}${word(value)}${data.slice(2 + 64 * (i + 1))}`;
  for (const [i, value] of [
    [0, 64n],
    [0, 0n],
    [1, 3n],
    [1, 1n],
    [1, 2n ** 255n],
    [3, 3n << 160n],
    [6, 2n ** 168n],
  ] as const) {
    equal(change(settled, { data: at(i, value) }), "event_malformed", `word ${i} as ${value}`);
  }
  equal(change(settled, { topics: [...topics.slice(0, 3), topic(2n ** 160n)] }), "event_malformed");
  equal(change(settled, { data: data.toUpperCase().replace("0X", "0x") }), "event_malformed");
  equal(
    change(cancelled, { topics: [cancelledTopic, topic(miner), topic(2n ** 96n)] }),
    "event_malformed",
  );
  const sized = (n: number): Partial<LogEntry> => {
    return {
      data: `0x${word(32n)}${word(BigInt(n))}${data.slice(2 + 64 * 2, 2 + 64 * 5).repeat(n)}`,
    };
  };
  equal(change(settled, sized(10)), "read");
  for (const n of [0, 1, 11]) equal(change(settled, sized(n)), "event_malformed");
});

test("no bytes make it throw, and no other bytes are read as the same", () => {
  const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), maxLength: 700 });
  const entry = fc.record({
    address: fc.constant(contract),
    topics: fc.tuple(
      fc.constantFrom(...all.map(({ topics }) => topics[0] ?? "")),
      ...[1, 2, 3].map(() => hex.map((text) => `0x${text.slice(0, 64)}`)),
    ),
    data: hex.map((text) => `0x${text}`),
  });
  fc.assert(
    fc.property(entry, (log) => {
      readEvents([log], contract);
    }),
    { numRuns: runs(200) },
  );
  const place = fc.nat({ max: settled.data.length - 3 });
  fc.assert(
    fc.property(place, fc.constantFrom(..."0123456789abcdef"), (i, digit) => {
      const data = `${settled.data.slice(0, 2 + i)}${digit}${settled.data.slice(3 + i)}`;
      const [was, is] = [settled, { ...settled, data }].map((log) => readEvents([log], contract));
      if (data !== settled.data && is?.ok === true) {
        equal(JSON.stringify(is, text) === JSON.stringify(was, text), false);
      }
    }),
    { numRuns: runs(200) },
  );

  function text(_: string, value: unknown): unknown {
    return typeof value === "bigint" ? String(value) : value;
  }
});

test("the query asks for settled rings, in the node's numbers", () => {
  const query = logQuery(contract, { fromBlock: 0n, toBlock: 255n });
  deepEqual([query.fromBlock, query.toBlock, query.address], ["0x0", "0xff", contract]);
  deepEqual(query.topics, [settledTopic]);
});
