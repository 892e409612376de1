/** What concerns everybody is told in parts: in what order, and what comes between. */
import assert from "node:assert/strict";
import test from "node:test";
import { printEntry } from "../letter/entry.ts";
import { Floor, fingerprintOf, floorExchange } from "../testing/floor.ts";
import { sums } from "./audit.ts";
import type { Output } from "./input.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";

const issuer = "the issuer";
const pace = { payments: 2, notices: 2, statements: 2 };

const market = (name: string): string =>
  `market ${name}/BTC lot 1 step 1 tick 1 maximum-price 9 quantity 1 to 9 maker 0% taker 0%`;
const configuration = [
  "asset BTC decimals 0 supply 1000000",
  "asset S decimals 0 supply 100000",
  "asset T decimals 0 supply 100000",
  market("S"),
  market("T"),
  "day S/BTC sat continuous 11:00 closed 13:00",
  "day T/BTC sat continuous 11:00 closed 13:00",
  `issuer S ${fingerprintOf(issuer)}`,
  "rename S S.N",
  "statements on-close",
  "operators 1",
  `operator ${fingerprintOf("the first operator")}`,
  "",
].join("\n");

const names = ["Alice", "Bob", "third", "fourth", "fifth", "sixth"];

/** A thousand shares: everybody has ten, and so has a stranger. */
function listed(): Floor {
  const floor = new Floor(configuration, pace);
  floor.fund(issuer, "BTC", 10_000);
  for (const name of names) floor.register(name);
  floor.say(issuer, `LIST|S|1000|${"0".repeat(64)}`);
  const push = (name: string): string => `PUSH|S|${fingerprintOf(name)}|10`;
  floor.say(issuer, ...[...names, "the stranger"].map(push));
  return floor;
}

/** To whom an output's documents are: the stranger for the exchange. */
function readers(output: Output): readonly string[] {
  const known = new Map([...names, issuer].map((name) => [`${fingerprintOf(name)}`, name]));
  known.set(floorExchange, "the stranger");
  return output.documents.map(({ to }) => known.get(to) ?? to);
}

function told(floor: Floor, output: Output, name: string): readonly (readonly string[])[] {
  return output.documents
    .filter(({ to }) => to === fingerprintOf(name))
    .map(({ text }) => floor.read(text).records.map(printEntry));
}

test("a new name is told to so many with each input, and first to whom something happens", () => {
  const floor = listed();
  floor.say("sixth", "SELL|S/BTC|4|5|id=f");
  const renamed = floor.post(issuer, floor.write(issuer, ["RENAME|S|S.N"]));
  assert.deepEqual(readers(renamed), [issuer, "Alice", "Bob"]);
  const bytes = printSnapshot(floor.state);
  const again = parseSnapshot(bytes, pace);
  sums(again);
  assert.deepEqual(printSnapshot(again), bytes);
  Object.assign(floor, { state: again });
  // Whoever writes is told apart, before the letter does anything; whoever is paid, with that.
  const pay = `PUSH|S.N|${fingerprintOf("fifth")}|1`;
  const paid = floor.post("sixth", floor.write("sixth", [pay]));
  assert.deepEqual(readers(paid), ["sixth", "third", "fourth", "sixth", "fifth"]);
  const [notice = [], answer] = told(floor, paid, "sixth");
  assert.match(
    notice[0] ?? "",
    /^ORDER\|0\|[0-9a-f]+\.1\|resting\|sell\|S\.N\/BTC\|4\|5\|0\|4\|-\|id=f$/,
  );
  assert.deepEqual(notice.slice(1, 3), ["MOVE|S|-10|0|rename 2", "MOVE|S.N|+10|10|rename 2"]);
  assert.deepEqual(notice.slice(-2), ["BALANCE|S|0|0|0", "BALANCE|S.N|10|6|4"]);
  assert.equal(answer?.at(-1), "BALANCE|S.N|9|5|4");
  assert.deepEqual(told(floor, paid, "fifth"), [
    [
      `PUSH|0|S.N|${fingerprintOf("sixth")}|1`,
      "MOVE|S|-10|0|rename 2",
      "MOVE|S.N|+10|10|rename 2",
      "MOVE|S.N|+1|11|push in",
      "BALANCE|S|0|0|0",
      "BALANCE|S.N|11|11|0",
    ],
  ]);
  assert.deepEqual(readers(floor.tick()), ["the stranger"]);
  assert.deepEqual(readers(floor.tick()), []);
});

test("what is read is what stands after the notice", () => {
  const floor = listed();
  floor.say(issuer, "RENAME|S|S.N");
  const stat = floor.write("fifth", ["STAT"], { seq: undefined });
  const read = floor.post("fifth", stat);
  const [notice = [], answer = []] = told(floor, read, "fifth");
  assert.equal(notice[0], "MOVE|S|-10|0|rename 2");
  const report = floor.told.get(fingerprintOf("fifth"))?.filter(({ kind }) => kind === "report");
  assert.ok(answer.some((text) => text.startsWith(`LAST|${report?.length}|`)));
});

test("two actions, one behind the other: whoever is told late is told both in order", () => {
  const floor = listed();
  floor.say("the first operator", "HALT|S/BTC|a split");
  floor.say(issuer, "RATIO|S|1|3|BTC|9", "RENAME|S|S.N", "DELIST|S.N");
  assert.deepEqual(floor.balance("sixth", "BTC"), { total: 3, held: 0 });
  // A stranger who registers: the decoy first, then what waits, by its new name.
  const output = floor.post("the stranger", floor.write("the stranger", ["REGISTER|AAAA"]));
  assert.equal(readers(output)[0], "the stranger");
  for (let i = 0; i < 3; i += 1) floor.tick();
  const given = told(floor, output, "the stranger").flat();
  assert.ok(given.includes("MOVE|S.N|+3|3|push in") && given.includes("MOVE|BTC|+3|3|push in"));
  assert.ok(!given.some((text) => text.includes("ratio")));
  const late = floor.told.get(fingerprintOf("sixth"))?.at(-1)?.records.map(printEntry) ?? [];
  assert.deepEqual(late, [
    "ENTITLED|2|S|10|BTC|3",
    "CLOSING|S.N|3",
    "MOVE|S|-7|3|ratio 2",
    "MOVE|BTC|+3|3|ratio 2",
    "MOVE|S|-3|0|rename 3",
    "MOVE|S.N|+3|3|rename 3",
    "BALANCE|BTC|3|3|0",
    "BALANCE|S|0|0|0",
    "BALANCE|S.N|3|3|0",
  ]);
  sums(floor.state);
});

test("statements: customers before strangers, and the markets that closed in turn", () => {
  const floor = listed();
  floor.fund("fifth", "T", 5);
  floor.fund("sixth", "T", 5);
  floor.say("sixth", `PUSH|T|${fingerprintOf("another stranger")}|1`);
  for (const name of [issuer, "fourth"]) floor.say(name, "NOOP");
  floor.pass(3_600_000);
  const first = floor.tick();
  const bytes = printSnapshot(floor.state);
  assert.deepEqual(printSnapshot(parseSnapshot(bytes, pace)), bytes);
  sums(parseSnapshot(bytes, pace));
  const ticks = [first, floor.tick(), floor.tick(), floor.tick(), floor.tick(), floor.tick()];
  assert.deepEqual(
    ticks.map(readers).filter((each) => each.length > 0),
    [
      [issuer, "fifth"],
      ["Alice", "sixth"],
      ["Bob", "third"],
      ["fourth", "the stranger"],
      ["the stranger"],
    ],
  );
});

test("a stranger who registers before their statement gets one as a customer", () => {
  const floor = listed();
  floor.pass(3_600_000);
  floor.tick();
  floor.register("the stranger");
  sums(floor.state);
  const outputs = Array.from({ length: 4 }, () => floor.tick());
  const mine = outputs.flatMap((output) => told(floor, output, "the stranger"));
  assert.equal(mine.length, 1);
  assert.equal(mine[0]?.at(-1), "BALANCE|S|10|10|0");
});
