/** A statement from synthetic reports: the newest word counts, gaps show, the chain is checked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { digest, fingerprint, orderId, ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { parseEntry, type Entry } from "../letter/entry.ts";
import { noReport, parseReport, printReport, reportHash } from "../letter/report.ts";
import { goldCard } from "../testing/gold.ts";
import { runs } from "../testing/runs.ts";
import { showAmount, showQuantity, withFormerNames } from "./amounts.ts";
import { gaps, keepReport, loadArchive } from "./archive.ts";
import { foldReports, openOffers, openOrders, ringsOf } from "./fold.ts";
import { memoryHome } from "./memoryhome.ts";
import { rangesOf } from "./sync.ts";

const exchange = fingerprint("49979888511191774776929750563049979888ab");
const to = fingerprint("1885085226279871822692468867440515074405");
const letter = "5c1e".repeat(16);

function entry(line: string): Entry {
  const read = parseEntry(line);
  assert.ok(read.ok, line);
  return read.value;
}

const days: readonly (readonly string[])[] = [
  [`MAILBOX|${"ab".repeat(32)}|0`],
  ["DEPOSIT|1|BTC|5000|awaited|0|-|id=first"],
  [
    "DEPOSIT|1|BTC|5000|credited|4000|slip|id=first",
    "MOVE|BTC|+4000|4000|deposit 1",
    "BALANCE|BTC|4000|4000|0",
  ],
  [
    `ORDER|1|${letter}.1|partly_filled|buy|GLD/BTC|12|4215|4|8|-|id=desk-42`,
    `FILL|7|${letter}.1|buy|GLD/BTC|4|4210|100|1|taker|id=desk-42`,
    "BALANCE|BTC|3899|3000|899",
    "BALANCE|GLD|4|4|0",
  ],
  [`ORDER|0|${letter}.1|filled|buy|GLD/BTC|12|4215|12|0|-|id=desk-42`, "BALANCE|GLD|12|12|0"],
];

/** The texts of a chain of reports. */
function chain(records: readonly (readonly string[])[]): readonly string[] {
  const texts: string[] = [];
  for (const [index, lines] of records.entries()) {
    const last = texts.at(-1);
    const previous = last === undefined ? noReport : reportHash(last);
    const answers = {
      orderId: orderId(letter),
      ref: ref("90ab".repeat(16)),
      seq: { number: 40 + index, thread: 3 },
    };
    texts.push(
      printReport({
        kind: "report",
        exchange,
        to,
        report: index + 1,
        previous,
        answers: index === 3 ? answers : undefined,
        log: index,
        at: time(1_795_258_800_000 + index),
        records: lines.map((line) => entry(line)),
      }),
    );
  }
  return texts;
}

/** Keeps texts in a fresh home in the order given; gives the codes of those that were not kept. */
function kept(texts: readonly string[]): {
  codes: string[];
  statement: ReturnType<typeof foldReports>;
} {
  const home = memoryHome({ name: "memory" });
  const codes = texts.flatMap((text) => {
    const report = parseReport(text);
    assert.ok(report.ok);
    const done = keepReport(home, report.value, text);
    return done.ok ? [] : [done.code];
  });
  return { codes, statement: foldReports(loadArchive(home)) };
}

test("the newest word on everything counts", () => {
  const { codes, statement } = kept(chain(days));
  assert.deepEqual(codes, []);
  assert.deepEqual(statement.missing, []);
  assert.equal(statement.asOf?.report, 5);
  assert.deepEqual(statement.balances.get("BTC"), { total: 3899, free: 3000, held: 899 });
  assert.equal(statement.balances.get("GLD")?.total, 12);
  assert.equal(statement.orders.get(`${letter}.1`)?.status, "filled");
  assert.deepEqual(openOrders(statement), []);
  assert.equal(statement.fills.length, 1);
  assert.equal(statement.deposits.get(1)?.credited, 4000);
  assert.equal(statement.mailbox, "ab".repeat(32));
  assert.equal(statement.threads.get(3), 43);
  assert.equal(statement.answers.get(orderId(letter))?.report, 4);
});

test("in whatever order reports come, the statement is the same and gaps show on the way", () => {
  const texts = chain(days);
  const whole = kept(texts).statement;
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...texts], { minLength: texts.length }),
      fc.nat(texts.length),
      (shuffled, count) => {
        assert.deepEqual(kept(shuffled).statement, whole);
        const some = kept(shuffled.slice(0, count)).statement;
        const have = shuffled.slice(0, count).map((text) => texts.indexOf(text) + 1);
        const highest = Math.max(0, ...have);
        const missing = Array.from({ length: highest }, (_, i) => i + 1);
        assert.deepEqual(
          some.missing,
          missing.filter((number) => !have.includes(number)),
        );
      },
    ),
    { numRuns: runs(10) },
  );
});

test("a report that does not follow is not kept, from either side", () => {
  const texts = chain(days);
  const other = chain([["NOOP"].map(() => `MAILBOX|${"cd".repeat(32)}|0`), ...days.slice(1)]);
  const [first = "", second = ""] = texts;
  const [otherFirst = "", otherSecond = ""] = other;
  assert.deepEqual(kept([first, otherSecond]).codes, ["E605"]);
  assert.deepEqual(kept([second, otherFirst]).codes, ["E605"]);
  assert.deepEqual(kept([first, otherFirst]).codes, ["E605"]);
  assert.deepEqual(kept([first, first, second]).codes, []);
  const rootless = first.replace(`previous ${noReport}`, `previous ${digest("1".repeat(64))}`);
  assert.deepEqual(kept([rootless]).codes, ["E605"]);
});

test("the switch, what issuers did, and names that changed", () => {
  const holder = (digit: string, shares: number): string =>
    `HOLDER|GLD|${digit.repeat(40)}|${shares}`;
  const { statement } = kept(
    chain([
      ["SWITCH|1|1795262400"],
      [`ISSUE|GLD|9|${"ab".repeat(32)}`, "MOVE|GLD|+9|9|list 1", "ACTION|1|1|list|GLD|done"],
      ["ENTITLED|2|GLD|9|BTC|4", "MOVE|BTC|+4|4|dividend 2"],
      [holder("1", 5), holder("2", 4)],
      [`ORDER|1|${letter}.9|waiting|sell|GLD/BTC|9|-|0|9|-|tif=DAY|stop=4150`, "SWITCH|0|-"],
      ["MOVE|GLD|-9|0|rename 3", "MOVE|AU|+9|9|rename 3", "BALANCE|AU|9|9|0", "BALANCE|GLD|0|0|0"],
      ["CLOSING|AU|9"],
    ]),
  );
  assert.equal(statement.switch?.until, undefined);
  assert.equal(statement.switch?.report, 5);
  assert.equal(openOrders(statement).length, 1, "a stop that waits is open");
  assert.deepEqual([...statement.issues.keys()], ["AU"]);
  assert.equal(statement.actions.get(1)?.state, "done");
  assert.equal(statement.entitled[0]?.amount, 4);
  assert.equal(statement.holders.get("GLD")?.holders.length, 2);
  assert.deepEqual([...statement.balances.keys()], ["AU"]);
  assert.deepEqual([...statement.renamed], [["GLD", "AU"]]);
  assert.equal(statement.closings.get("AU")?.shares, 9);
  assert.equal(statement.actionMoves.length, 4);
  const card = withFormerNames(goldCard, new Map([["OLD", "GLD"]]));
  assert.equal(showQuantity(card, "OLD/BTC", 1205), "120.5");
  assert.equal(showAmount(card, "OLD", 15), "1.5");
});

test("holes and runs of numbers", () => {
  assert.deepEqual(gaps([]), []);
  assert.deepEqual(gaps([3]), [1, 2]);
  assert.deepEqual(gaps([1, 2, 5]), [3, 4]);
  assert.deepEqual(rangesOf([1, 2, 5, 7, 8]), [
    { from: 1, to: 2 },
    { from: 5, to: 5 },
    { from: 7, to: 8 },
  ]);
});

test("ring orders are folded: the newest word counts, and each ring is told once", () => {
  const hash = `0x${"ab".repeat(32)}`;
  const other = `0x${"cd".repeat(32)}`;
  const ringHash = `0x${"ef".repeat(32)}`;
  const transaction = `0x${"12".repeat(32)}`;
  const owner = `0x${"11".repeat(20)}`;
  const offer = (of: string, status: string, sold: number, line = 0): string =>
    `OFFER|${line}|${of}|${status}|GOLD|1000|OIL|500|${sold}|${sold / 2}|1800000000|id=ring-1`;
  const { codes, statement } = kept(
    chain([
      [offer(hash, "waiting", 0, 1), offer(other, "expired", 0)],
      [offer(hash, "live", 0)],
      [`RINGED|7|${ringHash}|${hash}|authored|400|200|-|-|id=ring-1`],
      // A watcher's mail, which is nothing of the account's own.
      [
        `WATCH|order|${other}|${owner}|3|${owner}|-|-`,
        `WATCH|ring|${ringHash}|2|1800000000`,
        `UNWATCH|order|${other}`,
        `UNWATCH|ring|${ringHash}`,
      ],
      [
        offer(hash, "live", 400),
        `RINGED|7|${ringHash}|${hash}|settled|400|200|${transaction}|-|id=ring-1`,
        `RINGED|8|${ringHash}|${hash}|failed|0|0|-|TransferFailed|id=ring-1`,
      ],
    ]),
  );
  assert.deepEqual(codes, []);
  assert.deepEqual(statement.missing, []);
  const [open, ...more] = openOffers(statement);
  assert.ok(open !== undefined && more.length === 0);
  assert.equal(open.sold, 400n);
  assert.equal(open.report, 5);
  assert.equal(open.since, 1_795_258_800_000);
  const rings = ringsOf(statement, open.hash);
  assert.deepEqual(
    rings.map(({ ring, state }) => [ring, state]),
    [
      [7, "settled"],
      [8, "failed"],
    ],
  );
  assert.equal(rings[0]?.transaction, transaction);
});

test("what settled rings sold counts, whether the order's record says so yet or not", () => {
  const hash = `0x${"ab".repeat(32)}`;
  const offer = (sold: number): string =>
    `OFFER|0|${hash}|live|GOLD|1000|OIL|500|${sold}|${sold / 2}|1800000000`;
  const ringed = (ring: number, state: string, sold: number): string => {
    const transaction = state === "settled" ? `0x${"12".repeat(32)}` : "-";
    const reason = state === "failed" ? "TransferFailed" : "-";
    const ringHash = `0x${"ef".repeat(31)}0${ring}`;
    const amounts = `${sold}|${sold / 2}`;
    return `RINGED|${ring}|${ringHash}|${hash}|${state}|${amounts}|${transaction}|${reason}`;
  };
  const soldAfter = (...records: readonly (readonly string[])[]): unknown => {
    const { codes, statement } = kept(chain([[offer(0)], ...records]));
    assert.deepEqual(codes, []);
    const [open] = openOffers(statement);
    return [open?.sold, open?.received];
  };
  assert.deepEqual(soldAfter([ringed(1, "authored", 100)]), [0n, 0n]);
  assert.deepEqual(
    soldAfter([ringed(1, "settled", 100)], [ringed(2, "settled", 40)], [ringed(3, "failed", 8)]),
    [140n, 70n],
  );
  // The record knows of a ring whose report is not here.
  assert.deepEqual(soldAfter([ringed(1, "settled", 100)], [offer(300)]), [300n, 150n]);
  // The chain took the ring back.
  assert.deepEqual(soldAfter([ringed(1, "settled", 100)], [ringed(1, "failed", 100)]), [0n, 0n]);
});
