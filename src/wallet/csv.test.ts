/** The files for spreadsheets: exact decimals, both times, fees as own columns, no formulas. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint, orderId, ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { parseEntry } from "../letter/entry.ts";
import { noReport, printReport, parseReport } from "../letter/report.ts";
import { goldCard } from "../testing/gold.ts";
import { printCsv, type CsvKind } from "./csv.ts";
import { foldReports } from "./fold.ts";

const letter = "5c1e".repeat(16);
const key = `${letter}.1`;
const refText = "90ab".repeat(16);

const days: readonly (readonly string[])[] = [
  [`ORDER|1|${key}|partly_filled|buy|GLD/BTC|1205|4215|400|805|-|id=-42|tag=alice`],
  [`FILL|7|${key}|buy|GLD/BTC|400|4215|168600000|337200|taker|id=-42|tag=alice`],
  [
    `ORDER|0|${key}|filled|buy|GLD/BTC|1205|4215|1205|0|-|id=-42|tag=alice`,
    `FILL|8|${key}|buy|GLD/BTC|805|4210|338905000|0|maker|id=-42|tag=alice`,
  ],
  ["DEPOSIT|1|BTC|5000|credited|4000|slip, 3", "WITHDRAWAL|2|BTC|50|=cmd()|waiting|-"],
  ["PUSH|0|BTC|1885085226279871822692468867440515074405|7"],
];

function rows(kind: CsvKind): readonly string[] {
  const reports = days.map((lines, index) => {
    const answers = { orderId: orderId(letter), ref: ref(refText), seq: undefined };
    const text = printReport({
      kind: "report",
      exchange: goldCard.exchange,
      to: fingerprint("1885085226279871822692468867440515074405"),
      report: index + 1,
      previous: noReport,
      answers: index === 0 ? answers : undefined,
      log: index,
      at: time(1_795_258_800_000 + index * 1000),
      records: lines.map((line) => {
        const entry = parseEntry(line);
        assert.ok(entry.ok, line);
        return entry.value;
      }),
    });
    const report = parseReport(text);
    assert.ok(report.ok);
    return { number: index + 1, text, report: report.value };
  });
  const text = printCsv(kind, goldCard, foldReports({ reports, missing: [] }));
  assert.ok(text.endsWith("\r\n"));
  return text.trimEnd().split("\r\n");
}

test("an order is one row, from its opening to its completion", () => {
  const [head = "", row, ...more] = rows("orders");
  assert.deepEqual(more, []);
  assert.match(
    head,
    /^opened,completed,market,side,quantity,price,filled,average_price,amount,fee/,
  );
  assert.equal(
    row,
    "2026-11-21T11:00:00.000Z,2026-11-21T11:00:02.000Z,GLD/BTC,buy,120.5,0.04215,120.5," +
      `0.042116597,5.07505,0.003372,BTC,filled,,GTC,,newest,,,${key},"'-42",alice,${refText},3`,
  );
});

test("each fill has its trade's number, amount and fee", () => {
  const [, first, second] = rows("fills");
  assert.equal(
    first,
    "2026-11-21T11:00:01.000Z,7,GLD/BTC,buy,40,0.04215,1.686,BTC,0.003372,BTC,taker," +
      `${key},"'-42",alice,${refText},2`,
  );
  assert.match(second ?? "", /,8,GLD\/BTC,buy,80\.5,0\.0421,3\.38905,BTC,0,BTC,maker,/);
});

test("what came in and went out, quoted where it must be, and never a formula", () => {
  const [, deposit, withdrawal, push] = rows("funds");
  assert.equal(deposit, '2026-11-21T11:00:03.000Z,deposit,1,BTC,0.00004,credited,,"slip, 3",,,4');
  assert.match(withdrawal ?? "", /,withdrawal,2,BTC,0\.0000005,waiting,"'=cmd\(\)",/);
  assert.match(push ?? "", /,push in,,BTC,0\.00000007,done,\d{5} /);
});
