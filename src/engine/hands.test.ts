/**
 * Money comes and goes by m of n operators' hands, and each of them is told (docs/spec/hands.md).
 */
import assert from "node:assert/strict";
import test from "node:test";
import { printEntry } from "../letter/entry.ts";
import { Floor, fingerprintOf, plainConfiguration } from "../testing/floor.ts";
import { balanceOf } from "./purse.ts";

const [first, second, third] = ["the first operator", "the second operator", "the third operator"];

const twoOfThree = plainConfiguration
  .replace("operators 1", "operators 2")
  .concat(`operator ${fingerprintOf(third)}\n`);

function floorOf(configuration: string, ...names: readonly string[]): Floor {
  const floor = new Floor(configuration);
  for (const name of names) floor.register(name);
  return floor;
}

/** What an account was told last. */
function told(floor: Floor, name: string): string[] {
  return (floor.told.get(fingerprintOf(name)) ?? []).at(-1)?.records.map(printEntry) ?? [];
}

/** Alice's first deposit is credited with what the words say. */
function credit(words: string): string {
  return `CREDIT|1|${fingerprintOf("Alice")}|BTC|${words}`;
}

test("two of three must sign the same line, tags aside; one counts once", () => {
  const floor = floorOf(twoOfThree, "Alice", first, second, third);
  floor.say("Alice", "DEPOSIT|BTC|500|id=d1");
  const request = `REQUEST|deposit|1|BTC|500|${fingerprintOf("Alice")}`;
  for (const name of [first, second, third]) assert.deepEqual(told(floor, name), [request]);

  floor.say(first, credit("480|block 7"));
  assert.deepEqual(told(floor, first), ["APPROVAL|1|CREDIT|1|1|2"]);
  floor.say(first, credit("480|block 7|tag=again"));
  assert.deepEqual(told(floor, first), ["APPROVAL|1|CREDIT|1|1|2"]);
  floor.say(second, credit("481|block 7"));
  assert.deepEqual(told(floor, second), ["APPROVAL|1|CREDIT|1|1|2"]);
  assert.equal(floor.balance("Alice", "BTC").total, 0);

  floor.say(third, credit("480|block 7|tag=third"));
  const settled = "SETTLED|deposit|1|BTC|480|credited|block 7";
  assert.deepEqual(told(floor, third), ["APPROVAL|1|CREDIT|1|2|2", settled]);
  assert.deepEqual(told(floor, first), [settled]);
  assert.deepEqual(told(floor, "Alice"), [
    "DEPOSIT|1|BTC|500|credited|480|block 7|id=d1",
    "MOVE|BTC|+480|480|deposit 1",
    "BALANCE|BTC|480|480|0",
  ]);
  floor.say(second, credit("480|block 7"));
  assert.match(told(floor, second).join(), /deposit_settled/);
  assert.equal(floor.state.votes.size, 0, "what is settled is no longer counted");
});

test("an operator's newest line counts, so that nobody is counted on two sides", () => {
  const floor = floorOf(twoOfThree, "Alice", first, second, third);
  floor.fund("Bob", "BTC", 0 + 1000);
  floor.say(second, floor.creditLine(1, 1000, "paid"));
  floor.say("Bob", "WITHDRAW|BTC|600|bc1q");
  floor.say(first, "APPROVE|1|BTC|600|bc1q");
  floor.say(first, "REFUSE|1|bad address");
  floor.say(second, "APPROVE|1|BTC|600|bc1q");
  assert.deepEqual(told(floor, second), ["APPROVAL|1|APPROVE|1|1|2"]);
  floor.say(third, "REFUSE|1|bad address");
  assert.deepEqual(told(floor, "Bob"), [
    "WITHDRAWAL|1|BTC|600|bc1q|refused|bad address",
    "HOLD|BTC|-600|0|withdrawal 1",
    "BALANCE|BTC|1000|1000|0",
  ]);
});

test("a withdrawal is held, then gone, then paid; the customer hears of each", () => {
  const floor = floorOf(plainConfiguration, first);
  floor.fund("Bob", "BTC", 1000);
  floor.say("Bob", "WITHDRAW|BTC|600|bc1q|tag=t");
  assert.deepEqual(told(floor, "Bob"), [
    "WITHDRAWAL|1|BTC|600|bc1q|waiting|-|tag=t",
    "HOLD|BTC|+600|600|withdrawal 1",
    "BALANCE|BTC|1000|400|600",
  ]);
  floor.say(first, "APPROVE|1|BTC|600|bc1q");
  assert.deepEqual(told(floor, "Bob"), [
    "WITHDRAWAL|1|BTC|600|bc1q|approved|-|tag=t",
    "MOVE|BTC|-600|400|withdrawal 1",
    "HOLD|BTC|-600|0|withdrawal 1",
    "BALANCE|BTC|400|400|0",
  ]);
  floor.say(first, "PAID|1|txid 9");
  assert.deepEqual(told(floor, "Bob"), ["WITHDRAWAL|1|BTC|600|bc1q|paid|txid 9|tag=t"]);
  assert.equal(balanceOf(floor.state, "outside", "BTC").total, -400);
});

test("a line says what it is about: shown two requests, two operators never agree", () => {
  const floor = floorOf(twoOfThree, "Alice", first, second, third);
  floor.fund("Bob", "BTC", 1000);
  floor.say(second, floor.creditLine(1, 1000, "paid"));
  floor.say("Bob", "WITHDRAW|BTC|600|bc1q");
  floor.say("Alice", "DEPOSIT|BTC|500");
  floor.say(first, "APPROVE|1|BTC|600|bc1q", floor.creditLine(2, 500, "seen"));
  const other = [
    "APPROVE|1|BTC|601|bc1q",
    "APPROVE|1|GLD|600|bc1q",
    "APPROVE|1|BTC|600|bc1Q",
    `CREDIT|2|${fingerprintOf("Bob")}|BTC|500|seen`,
    `CREDIT|2|${fingerprintOf("Alice")}|GLD|500|seen`,
  ];
  for (const name of [first, second, third]) {
    const names = floor.say(name, ...other).map((entry) => entry.kind === "reject" && entry.name);
    assert.deepEqual(names, Array(other.length).fill("request_differs"));
  }
  assert.deepEqual(floor.balance("Bob", "BTC"), { total: 1000, held: 600 });
  assert.equal(floor.balance("Alice", "BTC").total, 0);
  // What was refused took nobody's older line back; a fingerprint's case is not the line's.
  const upper = `CREDIT|2|${fingerprintOf("Alice").toUpperCase()}|BTC|500|seen`;
  floor.say(third, "APPROVE|1|BTC|600|bc1q", upper);
  assert.deepEqual(floor.balance("Bob", "BTC"), { total: 400, held: 0 });
  assert.equal(floor.balance("Alice", "BTC").total, 500);
});

test("an operator who registers, or is appointed, later is told all that still waits", () => {
  const floor = floorOf(plainConfiguration, first, third);
  floor.fund("Bob", "BTC", 1000);
  floor.say("Bob", "WITHDRAW|BTC|600|bc1q", "WITHDRAW|BTC|100|bc1q", "DEPOSIT|GLD|3");
  floor.say(first, "APPROVE|1|BTC|600|bc1q");
  const bob = fingerprintOf("Bob");
  const waiting = [
    `REQUEST|deposit|2|GLD|3|${bob}`,
    `REQUEST|withdrawal|1|BTC|600|bc1q|${bob}`,
    "SETTLED|withdrawal|1|BTC|600|approved|-",
    `REQUEST|withdrawal|2|BTC|100|bc1q|${bob}`,
  ];
  floor.register(second);
  assert.deepEqual(told(floor, second).slice(2), waiting);
  floor.give({ kind: "configure", at: floor.now, text: twoOfThree });
  assert.deepEqual(told(floor, third), waiting);
});

test("a line of one who is no operator any more does not count", () => {
  const floor = floorOf(twoOfThree, "Alice", first, second, third);
  floor.say("Alice", "DEPOSIT|BTC|500");
  floor.say(third, credit("500|seen"));
  const two = plainConfiguration.replace("operators 1", "operators 2");
  floor.give({ kind: "configure", at: floor.now, text: two });
  floor.say(first, credit("500|seen"));
  assert.deepEqual(told(floor, first), ["APPROVAL|1|CREDIT|1|1|2"]);
});
