/**
 * What issuers may do, record by record: an asset is listed, pays, is divided, renamed, delisted.
 * The numbers are those of docs/spec/securities.md.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { printEntry } from "../letter/entry.ts";
import { Floor, fingerprintOf, floorExchange, opening } from "../testing/floor.ts";
import { sums } from "./audit.ts";
import type { Output } from "./input.ts";
import { balanceOf } from "./purse.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";

const issuer = "the issuer";
const hash = "90ab".repeat(16);
const list = `LIST|S.MPOE|1000|${hash}`;

const configuration = [
  "asset BTC decimals 8 supply 21000000",
  "asset S.MPOE decimals 0 supply 1000000000",
  "market S.MPOE/BTC lot 1 step 0.00000001 tick 0.00000001 maximum-price 100 " +
    "quantity 1 to 100000 maker 0% taker 0%",
  `issuer S.MPOE ${fingerprintOf(issuer)}`,
  "rename S.MPOE S.NSA",
  "operators 1",
  `operator ${fingerprintOf("the first operator")}`,
  `operator ${fingerprintOf("the second operator")}`,
  "",
].join("\n");

/** The records of one account's documents, names for fingerprints. */
function told(floor: Floor, output: Output, name: string): string[] {
  const names = new Map(
    ["Alice", "Bob", issuer, "the stranger"].map((each) => [`${fingerprintOf(each)}`, each]),
  );
  return output.documents
    .filter(({ to }) => to === fingerprintOf(name))
    .flatMap(({ text }) => floor.read(text).records)
    .map((entry) => {
      return printEntry(entry)
        .replaceAll(/[0-9a-f]{64}\./g, "~.")
        .replaceAll(/\b[0-9a-f]{40}\b/g, (id) => names.get(id) ?? id);
    });
}

function post(floor: Floor, name: string, ...commands: string[]): Output {
  const output = floor.post(name, floor.write(name, commands));
  sums(floor.state);
  return output;
}

function tick(floor: Floor, milliseconds = 0): Output {
  floor.pass(milliseconds);
  const output = floor.tick();
  sums(floor.state);
  return output;
}

/**
 * A thousand shares: Alice has 301, Bob 100, a stranger 99, the issuer the other 500, and 10 BTC.
 */
function listed(more = ""): Floor {
  const floor = new Floor(`${configuration}${more}`);
  floor.fund(issuer, "BTC", 1_000_000_000);
  floor.register("Alice");
  floor.register("Bob");
  const push = (name: string, shares: number): string =>
    `PUSH|S.MPOE|${fingerprintOf(name)}|${shares}`;
  post(floor, issuer, list, push("Alice", 301), push("Bob", 100), push("the stranger", 99));
  return floor;
}

test("an asset's markets open when its issuer lists it", () => {
  const floor = new Floor(configuration);
  floor.fund(issuer, "BTC", 1_000_000_000);
  assert.ok(floor.leaves.some((leaf) => leaf.startsWith("PHASE|S.MPOE/BTC|closed|")));
  const output = post(floor, issuer, `${list}|tag=ipo`, "SELL|S.MPOE/BTC|10|1000");
  assert.deepEqual(told(floor, output, issuer).slice(0, 4), [
    "ACTION|1|1|list|S.MPOE|done|tag=ipo",
    `ISSUE|S.MPOE|1000|${hash}`,
    "ORDER|2|~.2|resting|sell|S.MPOE/BTC|10|1000|0|10|-",
    "MOVE|S.MPOE|+1000|1000|list 1",
  ]);
  assert.deepEqual(output.leaves, [
    `LISTING|S.MPOE|${fingerprintOf(issuer)}|1000|${hash}`,
    "PHASE|S.MPOE/BTC|continuous|2026-11-21T12:00:00.000Z",
    "LEVEL|S.MPOE/BTC|sell|1000|10",
  ]);
});

test("a dividend of now pays who holds, shares in orders included, and keeps the dust", () => {
  const floor = listed();
  post(floor, "Alice", "SELL|S.MPOE/BTC|300|5000");
  const output = post(floor, issuer, "DIVIDEND|S.MPOE|BTC|1999|1000");
  assert.deepEqual(told(floor, output, "Alice"), [
    "ENTITLED|2|S.MPOE|301|BTC|601",
    "MOVE|BTC|+601|601|dividend 2",
    "BALANCE|BTC|601|601|0",
  ]);
  assert.deepEqual(told(floor, output, issuer), [
    "ACTION|1|2|dividend|S.MPOE|done",
    "MOVE|BTC|-997|999999003|dividend 2",
    "HOLD|BTC|+997|997|dividend 2",
    "HOLD|BTC|-997|0|dividend 2",
    "BALANCE|BTC|999999003|999999003|0",
  ]);
  assert.deepEqual(told(floor, output, "Bob")[0], "ENTITLED|2|S.MPOE|100|BTC|199");
  const at = "2026-11-21T12:00:00.000Z";
  assert.deepEqual(output.leaves, [`DIVIDEND|2|S.MPOE|BTC|1999|1000|${at}`]);
  const decoy = output.documents.find(({ to }) => to === floorExchange);
  const size = output.documents.find(({ to }) => to === fingerprintOf("Bob"))?.text.length;
  assert.equal(decoy?.text.length, size);
  const given = told(floor, post(floor, "the stranger", "REGISTER|AAAA"), "the stranger");
  assert.ok(given.includes("PUSH|0|BTC|the issuer|197"));
});

test("on a record date who holds then is paid, after everything else of that time", () => {
  const floor = listed();
  const record = opening / 1000 + 60;
  const declared = post(floor, issuer, `DIVIDEND|S.MPOE|BTC|2000|2000|${record}|tag=q3`);
  assert.deepEqual(told(floor, declared, issuer), [
    "ACTION|1|2|dividend|S.MPOE|scheduled|tag=q3",
    "HOLD|BTC|+2000|2000|dividend 2",
    "BALANCE|BTC|1000000000|999998000|2000",
  ]);
  const asked = floor.post(issuer, floor.write(issuer, ["STAT"], { seq: undefined }));
  const stat = told(floor, asked, issuer);
  assert.ok(stat.includes("ACTION|0|2|dividend|S.MPOE|scheduled|tag=q3"));
  assert.ok(stat.includes(`ISSUE|S.MPOE|1000|${hash}`));
  post(floor, "Alice", `PUSH|S.MPOE|${fingerprintOf("Bob")}|300`);
  assert.deepEqual(told(floor, tick(floor, 59_000), "Bob"), []);
  // The letter that comes too late to take part.
  floor.pass(1000);
  const output = post(floor, "Bob", `PUSH|S.MPOE|${fingerprintOf("Alice")}|400`);
  assert.deepEqual(told(floor, output, "Bob").slice(0, 3), [
    "ENTITLED|2|S.MPOE|400|BTC|400",
    "PUSH|1|S.MPOE|Alice|400",
    "MOVE|BTC|+400|400|dividend 2",
  ]);
  assert.deepEqual(told(floor, output, issuer), [
    "ACTION|0|2|dividend|S.MPOE|done|tag=q3",
    "MOVE|BTC|-500|999999500|dividend 2",
    "HOLD|BTC|-1500|500|dividend 2",
    "HOLD|BTC|-500|0|dividend 2",
    "BALANCE|BTC|999999500|999999500|0",
  ]);
});

test("of one time the market's hour comes before the dividend's day", () => {
  const day = "day S.MPOE/BTC sat continuous 10:00 closing 12:01 closed 12:02\n";
  const floor = listed(day);
  floor.fund("Bob", "BTC", 10_000);
  tick(floor, 60_000);
  post(floor, issuer, `DIVIDEND|S.MPOE|BTC|1000|1000|${opening / 1000 + 120}`);
  post(floor, "Alice", "SELL|S.MPOE/BTC|300|50");
  post(floor, "Bob", "BUY|S.MPOE/BTC|150|50");
  const output = tick(floor, 60_000);
  assert.equal(told(floor, output, "Bob")[0], "ENTITLED|2|S.MPOE|250|BTC|250");
  assert.equal(told(floor, output, "Alice")[0], "ENTITLED|2|S.MPOE|151|BTC|151");
});

test("an exchange that slept pays each dividend to who held on its day", () => {
  const day = "day S.MPOE/BTC sat continuous 10:00 closing 12:01 closed 12:03\n";
  const floor = listed(day);
  floor.fund("Bob", "BTC", 10_000);
  tick(floor, 60_000);
  const record = (seconds: number): string =>
    `DIVIDEND|S.MPOE|BTC|1000|1000|${opening / 1000 + seconds}`;
  // The later day is declared first; between the two the call ends.
  post(floor, issuer, record(240), record(120));
  post(floor, "Alice", "SELL|S.MPOE/BTC|300|50");
  post(floor, "Bob", "BUY|S.MPOE/BTC|150|50");
  const bob = told(floor, tick(floor, 86_400_000), "Bob");
  assert.deepEqual(
    bob.filter((line) => line.startsWith("ENTITLED")),
    ["ENTITLED|2|S.MPOE|250|BTC|250", "ENTITLED|3|S.MPOE|100|BTC|100"],
  );
});

test("shares that came in since are counted: nobody is paid beyond the total", () => {
  const floor = listed();
  const record = opening / 1000 + 60;
  post(floor, issuer, `DIVIDEND|S.MPOE|BTC|1000|1000|${record}`);
  floor.fund("Bob", "S.MPOE", 1000);
  const output = tick(floor, 60_000);
  assert.equal(told(floor, output, "Bob")[0], "ENTITLED|2|S.MPOE|1100|BTC|550");
  assert.equal(told(floor, output, "Alice")[0], "ENTITLED|2|S.MPOE|301|BTC|150");
});

test("many holders are paid some with each input, whatever they do meanwhile", () => {
  const floor = listed();
  const names = Array.from({ length: 700 }, (_, i) => `holder ${i}`);
  for (const name of names) floor.register(name);
  const push = (name: string): string => `PUSH|S.MPOE|${fingerprintOf(name)}|1`;
  // Some of them have not registered.
  const strangers = Array.from({ length: 40 }, (_, i) => `stranger ${i}`);
  post(floor, "Alice", ...names.slice(0, 250).map(push));
  post(floor, issuer, ...names.slice(250).map(push), ...strangers.map(push));
  const output = post(floor, issuer, "DIVIDEND|S.MPOE|BTC|10000|1000");
  assert.equal(told(floor, output, issuer)[0], "ACTION|1|2|dividend|S.MPOE|scheduled");
  // Alice, Bob and 498 others; the rest have theirs held, who gives the shares away too.
  const last = names[699] ?? "";
  assert.equal(floor.balance(issuer, "BTC").held, (202 + 40) * 10 + 990);
  post(floor, last, `PUSH|S.MPOE|${fingerprintOf("Bob")}|1`);
  assert.equal(floor.balance(issuer, "BTC").held, 0);
  assert.deepEqual(floor.balance(last, "BTC"), { total: 10, held: 0 });
  const mine = floor.told.get(fingerprintOf(issuer))?.at(-1)?.records.map(printEntry) ?? [];
  assert.ok(mine.includes("ACTION|0|2|dividend|S.MPOE|done"));
});

test("a snapshot between two parts of a dividend goes on where it was", () => {
  const floor = listed();
  const push = (_: unknown, i: number): string => `PUSH|S.MPOE|${fingerprintOf(`${i}`)}|1`;
  post(floor, issuer, ...Array.from({ length: 500 }, push));
  post(floor, issuer, "DIVIDEND|S.MPOE|BTC|10000|1000");
  const bytes = printSnapshot(floor.state);
  const again = parseSnapshot(bytes);
  assert.deepEqual(printSnapshot(again), bytes);
  sums(again);
  assert.equal(again.dividends.size, 1);
  Object.assign(floor, { state: again });
  tick(floor);
  assert.equal(again.dividends.size, 0);
});

test("a reverse split: orders out, positions floored, fractions paid by the issuer", () => {
  const floor = listed();
  post(floor, "Alice", "SELL|S.MPOE/BTC|300|50|id=a", "SELL|S.MPOE/BTC|1|70|stop=60|id=b");
  post(floor, "the first operator", "HALT|S.MPOE/BTC|a reverse split");
  const output = post(floor, issuer, "RATIO|S.MPOE|1|10|BTC|4215");
  assert.deepEqual(told(floor, output, "Alice"), [
    "ENTITLED|2|S.MPOE|301|BTC|421",
    "ORDER|0|~.1|cancelled|sell|S.MPOE/BTC|300|50|0|0|-|why=ratio|id=a",
    "ORDER|0|~.2|cancelled|sell|S.MPOE/BTC|1|70|0|0|-|stop=60|why=ratio|id=b",
    "MOVE|S.MPOE|-271|30|ratio 2",
    "MOVE|BTC|+421|421|ratio 2",
    "HOLD|S.MPOE|-300|1|order ~.1",
    "HOLD|S.MPOE|-1|0|order ~.2",
    "BALANCE|BTC|421|421|0",
    "BALANCE|S.MPOE|30|30|0",
  ]);
  assert.deepEqual(told(floor, output, "Bob"), [
    "MOVE|S.MPOE|-90|10|ratio 2",
    "BALANCE|S.MPOE|10|10|0",
  ]);
  assert.deepEqual(told(floor, output, issuer), [
    "ACTION|1|2|ratio|S.MPOE|done",
    `ISSUE|S.MPOE|99|${hash}`,
    "MOVE|S.MPOE|-450|50|ratio 2",
    "MOVE|BTC|-4214|999995786|ratio 2",
    "BALANCE|BTC|999995786|999995786|0",
    "BALANCE|S.MPOE|50|50|0",
  ]);
  const given = told(floor, post(floor, "the stranger", "REGISTER|AAAA"), "the stranger");
  assert.ok(given.includes("PUSH|0|S.MPOE|the issuer|9"));
  assert.ok(given.includes("PUSH|0|BTC|the issuer|3793"));
});

test("a ratio refuses withdrawals that wait, and divides what others' dividends pay in it", () => {
  const other = "asset D decimals 0 supply 1000\n";
  const floor = listed(`${other}issuer D ${fingerprintOf("Bob")}\n`);
  const record = opening / 1000 + 60;
  post(floor, "Bob", `LIST|D|10|${hash}`, `PUSH|D|${fingerprintOf("Alice")}|5`);
  post(floor, "Bob", `DIVIDEND|D|S.MPOE|65|10|${record}`, `DIVIDEND|D|S.MPOE|9|10|${record}`);
  post(floor, "Alice", "WITHDRAW|S.MPOE|300|paper", "WITHDRAW|S.MPOE|1|paper");
  post(floor, "the first operator", "HALT|S.MPOE/BTC|a reverse split", "REFUSE|2|no paper");
  const output = post(floor, issuer, "RATIO|S.MPOE|1|10|BTC|0");
  assert.deepEqual(told(floor, output, "Alice"), [
    "WITHDRAWAL|1|S.MPOE|300|paper|refused|ratio 5",
    "MOVE|S.MPOE|-271|30|ratio 5",
    "HOLD|S.MPOE|-300|0|withdrawal 1",
    "BALANCE|S.MPOE|30|30|0",
  ]);
  assert.ok(
    told(floor, output, "the first operator").includes(
      "SETTLED|withdrawal|1|S.MPOE|300|refused|ratio 5",
    ),
  );
  assert.deepEqual(told(floor, output, "Bob"), [
    "MOVE|S.MPOE|-90|10|ratio 5",
    "HOLD|S.MPOE|-65|9|dividend 3",
    "HOLD|S.MPOE|-9|0|dividend 4",
    "HOLD|S.MPOE|+6|6|dividend 3",
    "BALANCE|S.MPOE|10|4|6",
  ]);
  const paid = tick(floor, 60_000);
  assert.equal(told(floor, paid, "Alice")[0], "ENTITLED|3|D|5|S.MPOE|3");
  assert.ok(told(floor, paid, "Bob").includes("ACTION|0|4|dividend|D|done"));
  assert.equal(floor.state.dividends.size, 0);
});

test("of what waits from several payers the sum is floored, and its payers stay", () => {
  const floor = listed();
  post(floor, "Alice", `PUSH|S.MPOE|${fingerprintOf("the stranger")}|6`);
  post(floor, "Bob", `PUSH|S.MPOE|${fingerprintOf("another")}|1`);
  post(floor, "the first operator", "HALT|S.MPOE/BTC|a reverse split");
  post(floor, issuer, "RATIO|S.MPOE|1|10|BTC|0");
  const given = told(floor, post(floor, "the stranger", "REGISTER|AAAA"), "the stranger");
  assert.ok(given.includes("BALANCE|S.MPOE|10|10|0"));
  // Nothing is left for another; a snapshot knows them all the same, and mail goes on.
  const bytes = printSnapshot(floor.state);
  assert.deepEqual(printSnapshot(parseSnapshot(bytes)), bytes);
  sums(parseSnapshot(bytes));
  post(floor, "Bob", `PUSH|S.MPOE|${fingerprintOf("another")}|1`);
});

test("shares that are fees are floored with the others, and dropped with their fraction", () => {
  const fee = "market BTC/S.MPOE lot 1 step 1 tick 1 maximum-price 9 quantity 1 to 9 maker 0%";
  const floor = listed(`${fee} taker 10%\n`);
  post(floor, issuer, "SELL|BTC/S.MPOE|5|9");
  post(floor, "Alice", "BUY|BTC/S.MPOE|5|9");
  const feesNow = (): number => balanceOf(floor.state, "fees", "S.MPOE").total;
  assert.equal(feesNow(), 5);
  const list = told(floor, post(floor, issuer, "HOLDERS|S.MPOE"), issuer);
  assert.ok(list.includes(`HOLDER|S.MPOE|${floorExchange}|5`));
  post(floor, "the first operator", "HALT|S.MPOE/BTC|x", "HALT|BTC/S.MPOE|x");
  post(floor, issuer, "RATIO|S.MPOE|1|2|BTC|7");
  assert.equal(feesNow(), 2);
});

test("a split restates last and reference price, in ticks", () => {
  const limits = "limits S.MPOE/BTC collar 10% orders 50% trades none reference 0.00001000\n";
  const floor = listed(limits);
  post(floor, "the first operator", "HALT|S.MPOE/BTC|a split");
  post(floor, issuer, "RATIO|S.MPOE|10|1|BTC|0");
  post(floor, "the first operator", "RESUME|S.MPOE/BTC|it is done");
  const said = (price: number): string | undefined =>
    told(floor, post(floor, "Alice", `SELL|S.MPOE/BTC|10|${price}`), "Alice")[0];
  assert.match(said(1000) ?? "", /price_outside_limits/);
  assert.match(said(100) ?? "", /^ORDER\|1\|~\.1\|resting/);
});

test("a new name: books go on under it, by records that bring the old one to zero", () => {
  const floor = listed();
  post(floor, "Alice", "SELL|S.MPOE/BTC|300|50|id=a", "WITHDRAW|S.MPOE|1|paper");
  post(floor, "Bob", "DEPOSIT|S.MPOE|5");
  const output = post(floor, issuer, "RENAME|S.MPOE|S.NSA|tag=name");
  assert.deepEqual(output.leaves, ["RENAMED|S.MPOE|S.NSA"]);
  assert.deepEqual(told(floor, output, "Alice"), [
    "ORDER|0|~.1|resting|sell|S.NSA/BTC|300|50|0|300|-|id=a",
    "MOVE|S.MPOE|-301|0|rename 2",
    "MOVE|S.NSA|+301|301|rename 2",
    "HOLD|S.MPOE|-300|1|order ~.1",
    "HOLD|S.NSA|+300|300|order ~.1",
    "HOLD|S.MPOE|-1|0|withdrawal 1",
    "HOLD|S.NSA|+1|301|withdrawal 1",
    "BALANCE|S.MPOE|0|0|0",
    "BALANCE|S.NSA|301|0|301",
  ]);
  assert.equal(told(floor, output, issuer)[0], "ACTION|1|2|rename|S.NSA|done|tag=name");
  // Operators sign what they were asked, by either name.
  post(floor, "the first operator", floor.approveLine(1));
  post(floor, "the first operator", floor.creditLine(2, 5, "five papers"));
  assert.deepEqual(floor.balance("Alice", "S.NSA"), { total: 300, held: 300 });
  assert.deepEqual(floor.balance("Bob", "S.NSA"), { total: 105, held: 0 });
  const [rejected] = told(floor, post(floor, "Alice", "BUY|S.MPOE/BTC|1|1"), "Alice");
  assert.match(rejected ?? "", /market_unknown/);
  const bytes = printSnapshot(floor.state);
  assert.deepEqual(printSnapshot(parseSnapshot(bytes)), bytes);
  sums(parseSnapshot(bytes));
  // The file goes on calling it by its old name.
  floor.give({ kind: "configure", at: floor.now, text: configuration });
  assert.equal(floor.leaves.filter((leaf) => leaf.startsWith("MARKET|")).length, 1);
});

test("what one operator said before a new name agrees with what another says after it", () => {
  const floor = new Floor(
    configuration.replace("operators 1", "operators 2").replace("issuer S.MPOE", "issuer S.MPOE"),
  );
  const [one, other] = ["the first operator", "the second operator"];
  for (const name of [issuer, one, other]) floor.register(name);
  floor.say(issuer, list, "DEPOSIT|S.MPOE|5", "WITHDRAW|S.MPOE|3|paper");
  post(floor, one, floor.creditLine(1, 5, "seen"), floor.approveLine(1), "HALT|S.MPOE/BTC|x");
  post(floor, issuer, "RENAME|S.MPOE|S.NSA");
  post(floor, other, floor.creditLine(1, 5, "seen"), floor.approveLine(1), "HALT|S.NSA/BTC|x");
  assert.deepEqual(floor.balance(issuer, "S.NSA"), { total: 1002, held: 0 });
  assert.ok(floor.leaves.at(-1)?.startsWith("PHASE|S.NSA/BTC|halt|"));
});

test("a delisting: orders out, markets closed, a closing statement, the list of holders", () => {
  const floor = listed();
  post(floor, "Alice", "SELL|S.MPOE/BTC|300|50|id=a");
  const output = post(floor, issuer, "DELIST|S.MPOE");
  assert.deepEqual(told(floor, output, "Alice"), [
    "CLOSING|S.MPOE|301",
    "ORDER|0|~.1|cancelled|sell|S.MPOE/BTC|300|50|0|0|-|why=delisted|id=a",
    "HOLD|S.MPOE|-300|0|order ~.1",
    "BALANCE|S.MPOE|301|301|0",
  ]);
  const holders = ["Alice", "Bob", issuer, "the stranger"]
    .toSorted((a, b) => (fingerprintOf(a) < fingerprintOf(b) ? -1 : 1))
    .map((name) => `HOLDER|S.MPOE|${name}|${{ Alice: 301, Bob: 100, [issuer]: 500 }[name] ?? 99}`);
  assert.deepEqual(told(floor, output, issuer), [
    "ACTION|1|2|delist|S.MPOE|done",
    "CLOSING|S.MPOE|500",
    ...holders,
    "BALANCE|S.MPOE|500|500|0",
  ]);
  assert.deepEqual(output.leaves, [
    "DELISTED|S.MPOE",
    "PHASE|S.MPOE/BTC|closed|2026-11-21T12:00:00.000Z",
    "LEVEL|S.MPOE/BTC|sell|50|0",
  ]);
  // What they hold stays theirs: pushed, withdrawn, and paid for.
  post(floor, "Alice", `PUSH|S.MPOE|${fingerprintOf("Bob")}|1`, "WITHDRAW|S.MPOE|300|paper");
  post(floor, "the first operator", floor.approveLine(1));
  assert.equal(floor.balance("Bob", "S.MPOE").total, 101);
  const paid = post(floor, issuer, "DIVIDEND|S.MPOE|BTC|1000|1000", "HOLDERS|S.MPOE");
  assert.equal(told(floor, paid, "Bob")[0], "ENTITLED|3|S.MPOE|101|BTC|101");
  assert.equal(told(floor, paid, issuer).at(4), "DONE|2|HOLDERS");
});

test("a market of a calendar closes: whoever it concerns gets a statement", () => {
  const day = "day S.MPOE/BTC sat continuous 10:00 closed 13:00\nstatements on-close\n";
  const floor = listed(day);
  floor.register("somebody else");
  post(floor, "Alice", "SELL|S.MPOE/BTC|300|50|id=a");
  const output = tick(floor, 3_600_000);
  const alice = told(floor, output, "Alice");
  assert.equal(alice[0], "ORDER|0|~.1|resting|sell|S.MPOE/BTC|300|50|0|300|-|id=a");
  assert.equal(alice.at(-1), "BALANCE|S.MPOE|301|1|300");
  assert.ok(alice.some((line) => line.startsWith("LAST|")));
  assert.deepEqual(told(floor, output, "somebody else"), []);
  assert.equal(output.documents.filter(({ to }) => to === floorExchange).length, 1);
  assert.equal(output.documents.length, 4);
  assert.equal(tick(floor, 1000).documents.length, 0);
});

test("statements for many are sent some with each tick", () => {
  const day = "day S.MPOE/BTC sat continuous 10:00 closed 13:00\nstatements on-close\n";
  const floor = listed(day);
  const push = (_: unknown, i: number): string => `PUSH|S.MPOE|${fingerprintOf(`${i}`)}|1`;
  post(floor, issuer, ...Array.from({ length: 498 }, push));
  assert.equal(tick(floor, 3_600_000).documents.length, 500);
  const bytes = printSnapshot(floor.state);
  assert.deepEqual(printSnapshot(parseSnapshot(bytes)), bytes);
  assert.equal(tick(floor).documents.length, 2);
  assert.equal(tick(floor).documents.length, 0);
});

test("what came due while a letter was passed over happens with the next input", () => {
  const day = "day S.MPOE/BTC sat continuous 10:00 closed 12:01\nstatements on-close\n";
  const floor = listed(day);
  post(floor, issuer, `DIVIDEND|S.MPOE|BTC|1000|1000|${opening / 1000 + 60}`);
  floor.pass(60_000);
  const { at, ref, signer, text } = floor.letter("Alice", floor.write("Alice", ["NOOP"]));
  floor.give({ kind: "fault", at, ref, signer, text });
  const output = tick(floor);
  assert.ok(output.leaves.includes("PHASE|S.MPOE/BTC|closed|2026-11-21T12:01:00.000Z"));
  assert.equal(told(floor, output, "Bob")[0], "ENTITLED|2|S.MPOE|100|BTC|100");
});
