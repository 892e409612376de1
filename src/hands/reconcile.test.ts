/**
 * What was really paid against the ledger: each kind of difference is found, and nothing else is.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { Card } from "../letter/card.ts";
import { parseEntry } from "../letter/entry.ts";
import { noReport } from "../letter/report.ts";
import { amount } from "../money/amount.ts";
import { foldReports, type Statement } from "../wallet/fold.ts";
import { decisionLine } from "./letters.ts";
import { readPayments, reconcile, totals } from "./reconcile.ts";
import { taskLines, tasksOf } from "./tasks.ts";

const exchange = fingerprint("49979888511191774776929750563049979888ab");
const alice = "1885085226279871822692468867440515074405";

const card: Card = {
  exchange,
  keyNumber: "49979 88851 11917 74776 92975 05630",
  log: "log",
  relays: [],
  assets: [
    { name: "BTC", decimals: 8, supplyMax: amount(2_100_000_000_000_000) },
    { name: "EUR", decimals: 2, supplyMax: amount(1_000_000_000) },
  ],
  markets: [],
  operators: { need: 2, of: 3 },
  at: time(0),
};

/** The operators' statement after these records. */
function statementOf(...lines: readonly string[]): Statement {
  const records = lines.map((line) => {
    const read = parseEntry(line);
    assert.ok(read.ok, line);
    return read.value;
  });
  const report = {
    kind: "report",
    exchange,
    to: fingerprint(alice),
    report: 1,
    previous: noReport,
    log: 0,
    at: time(0),
    records,
  } as const;
  return foldReports({ reports: [{ number: 1, text: "", report }], missing: [] });
}

const header = "kind,number,asset,amount,evidence\n";

function differences(csv: string, ...lines: readonly string[]): readonly string[] {
  const payments = readPayments(card, header + csv);
  assert.ok(payments.ok, payments.ok ? "" : payments.what);
  return reconcile(card, payments.value, tasksOf(statementOf(...lines))).map(
    (found) => `${found.kind} ${found.number} ${found.name}`,
  );
}

const deposit = `REQUEST|deposit|1|BTC|25000000|${alice}`;
const credited = "SETTLED|deposit|1|BTC|25000000|credited|slip-1";
const withdrawal = `REQUEST|withdrawal|3|BTC|50000|bc1q7d|${alice}`;
const approved = "SETTLED|withdrawal|3|BTC|50000|approved|-";
const paid = "SETTLED|withdrawal|3|BTC|50000|paid|tx-9";

test("world and ledger that agree have no difference", () => {
  const csv = "deposit,1,BTC,0.25,slip-1\nwithdrawal,3,BTC,0.0005,tx-9\n";
  assert.deepEqual(differences(csv, deposit, credited, withdrawal, approved, paid), []);
  assert.deepEqual(differences("", deposit, withdrawal), []);
});

test("each difference has its name", () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["deposit,9,BTC,1,x\n", [], ["deposit 9 unannounced"]],
    ["deposit,1,BTC,0.25,x\n", [deposit], ["deposit 1 not_credited"]],
    ["deposit,1,BTC,0.24,x\n", [deposit, credited], ["deposit 1 amount_differs"]],
    ["deposit,1,EUR,0.25,x\n", [deposit, credited], ["deposit 1 asset_differs"]],
    ["deposit,1,BTC,0.25,x\ndeposit,1,BTC,0.25,y\n", [deposit, credited], ["deposit 1 paid_twice"]],
    ["", [deposit, credited], ["deposit 1 payment_missing"]],
    ["", [withdrawal, approved], ["withdrawal 3 payment_missing"]],
    ["", [withdrawal, approved, paid], ["withdrawal 3 payment_missing"]],
    ["withdrawal,3,BTC,0.0005,x\n", [withdrawal], ["withdrawal 3 not_approved"]],
    ["withdrawal,3,BTC,0.0005,x\n", [withdrawal, approved], ["withdrawal 3 not_recorded"]],
    [
      "withdrawal,3,BTC,0.0005,x\n",
      [withdrawal, "SETTLED|withdrawal|3|BTC|50000|refused|no"],
      ["withdrawal 3 refused_but_paid"],
    ],
    [
      "deposit,1,BTC,0.25,same\nwithdrawal,3,BTC,0.0005,same\n",
      [deposit, credited, withdrawal, approved, paid],
      ["withdrawal 3 evidence_reused"],
    ],
  ];
  for (const [csv, lines, expected] of cases) {
    assert.deepEqual(differences(csv, ...lines), expected, csv);
  }
});

test("sums of world and ledger", () => {
  const payments = readPayments(card, `${header}deposit,1,BTC,0.25,"a, ""b"""\n`);
  assert.ok(payments.ok);
  assert.equal(payments.value[0]?.evidence, 'a, "b"');
  const tasks = tasksOf(statementOf(deposit, credited, withdrawal, approved));
  assert.deepEqual(totals(payments.value, tasks).get("BTC"), { world: 25000000, ledger: 24950000 });
});

test("a file that is not payments is refused with its row", () => {
  const bad = [
    "kind;number\n",
    `${header}gift,1,BTC,1,x\n`,
    `${header}deposit,0,BTC,1,x\n`,
    `${header}deposit,1,BTC,0.000000001,x\n`,
    `${header}deposit,1,BTC,1\n`,
    `${header}deposit,1,BTC,1,x,y\n`,
  ];
  for (const text of bad) {
    const payments = readPayments(card, text);
    assert.equal(payments.ok ? "read" : payments.code, "E115", text);
  }
  const unknown = readPayments(card, `${header}deposit,1,DOGE,1,x\n`);
  assert.equal(unknown.ok ? "read" : unknown.code, "E107");
});

test("requests are shown in words, with what comes next", () => {
  const tasks = tasksOf(statementOf(deposit, withdrawal, "APPROVAL|1|APPROVE|3|1|2"));
  const words = tasks
    .flatMap((task) =>
      taskLines(card, task, { signedHere: "signed", program: "signet", homeOption: " --home h" }),
    )
    .join("\n");
  assert.match(words, /deposit 1 {3}0\.25 BTC announced for 1885/);
  assert.match(words, /withdrawal 3 {3}0\.0005 BTC to bc1q7d .*APPROVE signed by 1 of 2/);
  assert.match(words, /signet hands approve 3/);
});

test("a decision is one line, the same for every operator", () => {
  const statement = statementOf(deposit, withdrawal);
  const line = (decision: Parameters<typeof decisionLine>[2]): string => {
    const printed = decisionLine(card, statement, decision);
    return printed.ok ? printed.value : printed.code;
  };
  const credited = `CREDIT|1|${alice}|BTC|24000000|slip-1`;
  const credit = { verb: "credit", number: "1", asset: undefined, evidence: "slip-1" } as const;
  assert.equal(line({ ...credit, amount: "0.24" }), credited);
  assert.equal(line({ ...credit, amount: "0.240" }), credited);
  assert.equal(line({ ...credit, amount: "0.24", asset: "btc" }), credited);
  assert.equal(line({ ...credit, amount: "0.24", asset: "EUR" }), "E107");
  assert.equal(line({ ...credit, amount: "1.123456789" }), "E104");
  assert.equal(line({ ...credit, number: "2", amount: "1" }), "E114");
  assert.equal(line({ ...credit, amount: "1", evidence: "a|b" }), "E111");
  assert.equal(line({ verb: "approve", number: "3" }), "APPROVE|3|BTC|50000|bc1q7d");
  assert.equal(line({ verb: "approve", number: "1" }), "E114");
  assert.equal(line({ verb: "paid", number: "3", evidence: "tx 9" }), "PAID|3|tx 9");
  assert.equal(line({ verb: "refuse", number: "3", evidence: "no" }), "REFUSE|3|no");
  assert.equal(line({ verb: "skip", number: "88", evidence: "faults" }), "SKIP|88|faults");
});

test("a line repeats the operator's own request; without one, or with two, nothing is signed", () => {
  const approve = (...lines: readonly string[]): string => {
    const decision = { verb: "approve", number: "3" } as const;
    const printed = decisionLine(card, statementOf(...lines), decision);
    return printed.ok ? printed.value : printed.code;
  };
  assert.equal(approve(), "E114");
  assert.equal(approve(approved), "E114", "a settlement alone does not say where to");
  assert.equal(approve(withdrawal, withdrawal), "APPROVE|3|BTC|50000|bc1q7d");
  assert.equal(approve(withdrawal, withdrawal.replace("bc1q7d", "bc1qelsewhere")), "E608");
  assert.equal(approve(withdrawal, withdrawal.replace("50000", "50001")), "E608");
});
