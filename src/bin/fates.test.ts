/** What a person is told that an order came to: the average price of its trades, and their fees. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { orderId, ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { parseEntry, type FillEntry, type OrderEntry } from "../letter/entry.ts";
import { goldCard } from "../testing/gold.ts";
import type { OutboxEntry } from "../wallet/outbox.ts";
import { rejected } from "../wallet/errors.ts";
import type { LineFate } from "../wallet/fates.ts";
import { answeredEnding, orderData, orderLine } from "./fates.ts";

const key = `${"ab".repeat(32)}.1`;

function order(line: string): OrderEntry {
  const entry = parseEntry(line);
  assert.ok(entry.ok && entry.value.kind === "order", line);
  return entry.value;
}

function fill(line: string): FillEntry {
  const entry = parseEntry(line);
  assert.ok(entry.ok && entry.value.kind === "fill", line);
  return entry.value;
}

const placed = order(`ORDER|1|${key}|partly_filled|buy|GLD/BTC|1200|4215|400|800|-`);
const first = fill(`FILL|7|${key}|buy|GLD/BTC|100|4200|42000000|84000|taker`);
const second = fill(`FILL|8|${key}|buy|GLD/BTC|300|4215|126450000|252900|taker`);

test("one price is told as it is; several as their average, to four digits more", () => {
  const even = { ...second, price: first.price };
  assert.match(
    orderLine(goldCard, placed, [first, even]),
    / 40 of 120 at 0\.042, fee 0\.003369 BTC, /,
  );
  assert.match(orderLine(goldCard, placed, [first, second]), / 40 of 120 at 0\.0421125, fee /);
  const {
    averagePrice,
    amount: spent,
    fee,
    feeAsset,
  } = orderData(goldCard, placed, [first, second]);
  assert.deepEqual(
    [averagePrice, spent, fee, feeAsset],
    ["0.0421125", "1.6845", "0.003369", "BTC"],
  );
});

test("of an order whose trades are not all here no price is told", () => {
  assert.match(orderLine(goldCard, placed, [first]), / 40 of 120 filled, /);
  assert.equal(orderData(goldCard, placed, [first])["averagePrice"], undefined);
});

const entry: OutboxEntry = {
  name: "0-4",
  seq: { number: 4, thread: 0 },
  by: time(60_000),
  at: time(0),
  ref: ref("cd".repeat(32)),
  orderId: orderId("ab".repeat(32)),
  bytes: 1000,
  ids: [],
  state: "answered",
  report: 3,
  refused: undefined,
  effect: true,
  next: undefined,
};

test("cancelled is done where a letter asked for it, and nowhere a failure", () => {
  const gone = order(`ORDER|1|${key}|cancelled|buy|GLD/BTC|1200|4215|0|0|-`);
  const told = (placed: boolean): string => {
    const act = placed ? "placed" : "cancelled";
    const fate = { line: 1, kind: "order", order: gone, fills: [], act } as const;
    const told = { entry, lines: [fate], refused: undefined, report: 3 };
    return answeredEnding(goldCard, told).lines[0] ?? "";
  };
  assert.match(told(false), /^● cancelled /);
  assert.match(told(true), /^– cancelled /);
  assert.match(orderLine(goldCard, gone, []), /^– cancelled /);
});

test("a replacement that ended its order had no effect; one that leaves it did", () => {
  const told = (line: string, fills: readonly FillEntry[] = []): readonly unknown[] => {
    const fate = { line: 1, kind: "order", order: order(line), fills, act: "replaced" } as const;
    const ended = answeredEnding(goldCard, { entry, lines: [fate], refused: undefined, report: 3 });
    return [ended.exit, ended.lines[0]?.endsWith(" replaced")];
  };
  const head = `ORDER|1|${key}`;
  const over = `${head}|cancelled|buy|GLD/BTC|1200|4215|400|0|-|why=own_order`;
  assert.deepEqual(told(over), [4, false]);
  assert.deepEqual(told(over, [first, second]), [0, false]);
  assert.deepEqual(told(`${head}|resting|buy|GLD/BTC|1200|4215|0|1200|-`), [0, true]);
  assert.deepEqual(told(`${head}|filled|buy|GLD/BTC|400|4215|400|0|-`), [0, true]);
});

test("an order says until when it stands; CANCELALL says what it found", () => {
  const dated = order(`ORDER|1|${key}|resting|buy|GLD/BTC|1200|4215|0|1200|1893456000`);
  assert.match(orderLine(goldCard, dated, []), / @ 0\.04215, until 2030-01-01T00:00:00Z  /);
  const done = { kind: "done", line: 1, verb: "CANCELALL", id: undefined, tag: undefined } as const;
  const nothing = { line: 1, kind: "accepted", verb: "CANCELALL", entry: done } as const;
  const told = (lines: readonly LineFate[]): readonly string[] =>
    answeredEnding(goldCard, { entry, lines, refused: undefined, report: undefined }).lines;
  assert.deepEqual(told([nothing]), ["● nothing was open"]);
  const gone = order(`ORDER|1|${key}|cancelled|buy|GLD/BTC|1200|4215|0|0|-`);
  const fate = { line: 1, kind: "order", order: gone, fills: [], act: "cancelled" } as const;
  assert.equal(told([fate, fate]).at(-1), "● 2 orders cancelled");
});

test("what was refused names its letter, where several are told of", () => {
  const trouble = rejected("withdrawal_not_approved", "It is not approved.");
  const line = { line: 1, kind: "rejected", name: "withdrawal_not_approved", trouble } as const;
  const refused = rejected("late", "It came too late.");
  const title = "PAID 1 (letter 0-4)";
  const told = answeredEnding(goldCard, { entry, lines: [line], refused, report: 3, title });
  assert.match(
    told.lines[0] ?? "",
    /^✕ PAID 1 \(letter 0-4\): Rejected by the exchange: It is not/,
  );
  assert.match(told.troubles?.[0]?.what ?? "", /^PAID 1 \(letter 0-4\): .*too late\. \(late\)$/);
  assert.equal(told.exit, 4);
});
