/** Whoever holds shares and has not registered: what they are told, in what order, and as whom. */
import assert from "node:assert/strict";
import test from "node:test";
import { sha256Hex } from "../codec/bytes.ts";
import { printEntry } from "../letter/entry.ts";
import { Floor, fingerprintOf, floorExchange } from "../testing/floor.ts";
import { sums } from "./audit.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";

const issuer = "the issuer";

const configuration = [
  "asset BTC decimals 0 supply 1000000",
  "asset S decimals 0 supply 100000",
  `issuer S ${fingerprintOf(issuer)}`,
  "rename S S.N",
  "operators 1",
  `operator ${fingerprintOf("the first operator")}`,
  "",
].join("\n");

/** A thousand shares, all the issuer's. */
function listed(): Floor {
  const floor = new Floor(configuration);
  floor.fund(issuer, "BTC", 10_000);
  floor.say(issuer, `LIST|S|1000|${"0".repeat(64)}`);
  return floor;
}

const push = (name: string, shares: number): string => `PUSH|S|${fingerprintOf(name)}|${shares}`;

/** What MOVE records say of one account, in all, is what it has. */
function checkFold(floor: Floor, name: string, asset: string): void {
  const reports = floor.told.get(fingerprintOf(name)) ?? [];
  let sum = 0;
  for (const entry of reports.flatMap(({ records }) => records)) {
    if (entry.kind !== "move" || entry.asset !== asset) continue;
    sum += entry.change;
    assert.equal(sum, entry.total, printEntry(entry));
  }
  assert.equal(sum, floor.balance(name, asset).total);
}

test("who registers in the input that pays them has it once, and the stranger a decoy", () => {
  const floor = listed();
  floor.say(issuer, push("late", 99));
  floor.say(issuer, `DIVIDEND|S|BTC|2000|1000|${floor.now / 1000 + 10}`);
  floor.pass(10_300);
  const output = floor.post("late", floor.write("late", ["REGISTER|AAAA"]));
  const given = floor.records(output).map(printEntry);
  assert.deepEqual(given.slice(0, 1), ["DONE|1|REGISTER"]);
  assert.deepEqual(
    given.filter((text) => text.includes("BTC")),
    [
      `PUSH|0|BTC|${fingerprintOf(issuer)}|198`,
      "MOVE|BTC|+198|198|push in",
      "BALANCE|BTC|198|198|0",
    ],
  );
  const decoys = output.documents.filter(({ to }) => to === floorExchange);
  const before = decoys.flatMap(({ text }) => floor.read(text).records).map(printEntry);
  assert.ok(before.includes("ENTITLED|2|S|99|BTC|198"));
  checkFold(floor, "late", "BTC");
  checkFold(floor, "late", "S");
});

test("so has who registers while a dividend is being paid", () => {
  const floor = listed();
  const names = Array.from({ length: 700 }, (_, i) => `${i}`);
  names.sort((a, b) => (fingerprintOf(a) < fingerprintOf(b) ? -1 : 1));
  floor.say(issuer, ...names.map((name) => push(name, 1)));
  floor.say(issuer, "DIVIDEND|S|BTC|2000|1000");
  const [first = "", next = "", last = ""] = [names[0], names[500], names[699]];
  for (const name of [next, last, first]) {
    floor.register(name);
    checkFold(floor, name, "BTC");
    assert.equal(floor.balance(name, "BTC").total, 2);
  }
});

test("a dividend that owes nobody is over on its day, though another is not paid whole", () => {
  const floor = listed();
  const strangers = Array.from({ length: 600 }, (_, i) => sha256Hex(`x${i}`).slice(0, 40));
  floor.say(issuer, ...strangers.map((to) => `PUSH|S|${to}|1`));
  const day = floor.now / 1000 + 10;
  floor.say(issuer, `DIVIDEND|S|BTC|1000|1000|${day}`, `DIVIDEND|S|BTC|1|1000|${day}|tag=none`);
  floor.pass(10_000);
  floor.tick();
  sums(floor.state);
  sums(parseSnapshot(printSnapshot(floor.state)));
  const told = floor.told.get(fingerprintOf(issuer))?.at(-1)?.records.map(printEntry) ?? [];
  assert.ok(told.includes("ACTION|0|3|dividend|S|done|tag=none"));
  assert.ok(!told.some((text) => text.startsWith("ACTION|0|2|")));
  floor.tick();
  assert.equal(floor.state.dividends.size, 0);
});

test("so has the customer whose key a stranger's becomes while a dividend is being paid", () => {
  const floor = new Floor(configuration, { payments: 1, notices: 500, statements: 500 });
  floor.fund(issuer, "BTC", 10_000);
  floor.register("Alice");
  floor.say(issuer, `LIST|S|1000|${"0".repeat(64)}`);
  const names = ["one", "two", "three", "four"];
  names.sort((a, b) => (fingerprintOf(a) < fingerprintOf(b) ? -1 : 1));
  const [last = ""] = names.slice(-1);
  floor.say(issuer, ...names.map((name) => push(name, 1)));
  floor.say("Alice", `ROTATE|${fingerprintOf(last)}|AAAA|AAAA`);
  floor.pass(86_400_000 - 1000);
  floor.tick();
  floor.say(issuer, "DIVIDEND|S|BTC|2000|1000");
  floor.pass(1000);
  for (const name of names) {
    floor.tick();
    assert.ok(floor.state.waiting.size < names.length, name);
    sums(floor.state);
  }
  checkFold(floor, "Alice", "S");
  checkFold(floor, "Alice", "BTC");
  assert.equal(floor.balance("Alice", "S").total, 1);
  assert.equal(floor.balance("Alice", "BTC").total, 2);
});
