/**
 * What the engine says, record by record: orders, money, time, reading, and letters that do not
 * count.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { digest, fingerprint } from "../codec/names.ts";
import { printEntry } from "../letter/entry.ts";
import { mailboxOf, type Report } from "../letter/report.ts";
import { Floor, fingerprintOf, opening, plainConfiguration } from "../testing/floor.ts";
import type { Output } from "./input.ts";
import { stateHash } from "./snapshot.ts";

/** The records of one account's document, order ids shortened to their line. */
function lines(floor: Floor, output: Output, name: string): string[] {
  const documents = output.documents.filter(({ to }) => to === fingerprintOf(name));
  return documents.flatMap(({ text }) => shown(floor.read(text)));
}

function shown(report: Report): string[] {
  return report.records.map((entry) => printEntry(entry).replaceAll(/[0-9a-f]{64}\./g, "~."));
}

function say(floor: Floor, name: string, ...commands: string[]): Output {
  return floor.post(name, floor.write(name, commands));
}

/** Alice has 250 BTC, Bob has 1,000 lots; makers pay nothing, as on the page. */
function market(): Floor {
  const floor = new Floor(plainConfiguration.replace("maker 0.1%", "maker 0%"));
  floor.fund("Alice", "BTC", 25_000_000_000);
  floor.fund("Bob", "GLD", 1000);
  return floor;
}

test("a fill is told to both sides as docs/spec/report.md shows it", () => {
  const floor = market();
  floor.say("Bob", "SELL|GLD/BTC|400|4210|tag=desk");
  const output = say(floor, "Alice", "BUY|GLD/BTC|1200|4215|id=desk-42");
  assert.deepEqual(lines(floor, output, "Alice"), [
    "ORDER|1|~.1|partly_filled|buy|GLD/BTC|1200|4215|400|800|-|id=desk-42",
    "FILL|1|~.1|buy|GLD/BTC|400|4210|168400000|336800|taker|id=desk-42",
    "MOVE|BTC|-168400000|24831600000|trade 1",
    "MOVE|BTC|-336800|24831263200|fee 1",
    "MOVE|GLD|+400|400|trade 1",
    "HOLD|BTC|+337200000|337200000|order ~.1",
    "BALANCE|BTC|24831263200|24494063200|337200000",
    "BALANCE|GLD|400|400|0",
  ]);
  assert.deepEqual(lines(floor, output, "Bob"), [
    "ORDER|0|~.1|filled|sell|GLD/BTC|400|4210|400|0|-|tag=desk",
    "FILL|1|~.1|sell|GLD/BTC|400|4210|168400000|0|maker|tag=desk",
    "MOVE|BTC|+168400000|168400000|trade 1",
    "MOVE|GLD|-400|600|trade 1",
    "HOLD|GLD|-400|0|order ~.1",
    "BALANCE|BTC|168400000|168400000|0",
    "BALANCE|GLD|600|600|0",
  ]);
  assert.deepEqual(output.leaves, [
    "TRADE|1|GLD/BTC|400|4210|2026-11-21T12:00:00.000Z|buy",
    "LEVEL|GLD/BTC|sell|4210|0",
    "LEVEL|GLD/BTC|buy|4215|800",
  ]);
});

test("leaves of one command: trades, then sells upwards, then buys downwards", () => {
  const floor = market();
  floor.say("Bob", "SELL|GLD/BTC|1|4300", "SELL|GLD/BTC|1|4200");
  floor.say("Alice", "BUY|GLD/BTC|1|4100", "BUY|GLD/BTC|1|4000");
  const taken = say(floor, "Alice", "BUY|GLD/BTC|5|4400").leaves;
  assert.deepEqual(
    taken.map((leaf) => leaf.replace(/\|2026.*/, "")),
    [
      "TRADE|1|GLD/BTC|1|4200",
      "TRADE|2|GLD/BTC|1|4300",
      "LEVEL|GLD/BTC|sell|4200|0",
      "LEVEL|GLD/BTC|sell|4300|0",
      "LEVEL|GLD/BTC|buy|4400|3",
    ],
  );
  const cancelled = say(floor, "Alice", "CANCELALL").leaves;
  assert.deepEqual(cancelled, [
    "LEVEL|GLD/BTC|buy|4400|0",
    "LEVEL|GLD/BTC|buy|4100|0",
    "LEVEL|GLD/BTC|buy|4000|0",
  ]);
});

test("a market order states what was asked and what was filled; its rest is cancelled", () => {
  const floor = market();
  floor.say("Bob", "SELL|GLD/BTC|30|4210");
  const [order] = lines(floor, say(floor, "Alice", "BUY|GLD/BTC|50"), "Alice");
  assert.equal(order, "ORDER|1|~.1|cancelled|buy|GLD/BTC|50|-|30|0|-|why=immediate");
});

test("an account that meets its own order does not trade with itself", () => {
  const floor = market();
  floor.fund("Alice", "GLD", 20);
  const said = (...commands: string[]): readonly string[] =>
    lines(floor, say(floor, "Alice", ...commands), "Alice").filter((line) =>
      line.startsWith("ORDER"),
    );
  assert.deepEqual(said("SELL|GLD/BTC|10|4200", "BUY|GLD/BTC|10|4200"), [
    "ORDER|1|~.1|resting|sell|GLD/BTC|10|4200|0|10|-",
    "ORDER|2|~.2|cancelled|buy|GLD/BTC|10|4200|0|0|-|why=own_order",
  ]);
  const ended = "cancelled|sell|GLD/BTC|10|4200|0|0|-|why=own_order";
  assert.deepEqual(
    said("BUY|GLD/BTC|4|4200|own=oldest").map((line) => line.slice(0, 70)),
    ["ORDER|1|~.1|resting|buy|GLD/BTC|4|4200|0|4|-|own=oldest", `ORDER|0|~.1|${ended}`],
  );
  assert.deepEqual(floor.balance("Alice", "GLD"), { total: 20, held: 0 });
});

test("an order that was met and then taken back in one letter is told once, as cancelled", () => {
  const floor = market();
  floor.fund("Alice", "GLD", 10);
  const commands = ["SELL|GLD/BTC|10|4200|id=s", "BUY|GLD/BTC|4|4200|own=both"];
  const said = lines(floor, say(floor, "Alice", ...commands, "CANCEL|s"), "Alice");
  assert.deepEqual(said.slice(1, 4), [
    "ORDER|2|~.2|cancelled|buy|GLD/BTC|4|4200|0|0|-|own=both|why=own_order",
    "REJECT|3|CANCEL|order_not_open|No open order is named s.",
    "ORDER|0|~.1|cancelled|sell|GLD/BTC|10|4200|0|0|-|why=own_order|id=s",
  ]);
});

test("a statement tells how open orders stand", () => {
  const floor = market();
  floor.say("Bob", "SELL|GLD/BTC|10|4200", "SELL|GLD/BTC|10|4300");
  floor.say("Alice", "BUY|GLD/BTC|4|4200");
  const output = floor.post("Bob", floor.write("Bob", ["STAT"], { seq: undefined }));
  assert.deepEqual(lines(floor, output, "Bob").slice(0, 2), [
    "ORDER|0|~.1|partly_filled|sell|GLD/BTC|10|4200|4|6|-",
    "ORDER|0|~.2|resting|sell|GLD/BTC|10|4300|0|10|-",
  ]);
});

test("a change of fees does not touch an order that rests", () => {
  const floor = market();
  floor.say("Bob", "SELL|GLD/BTC|10|4200");
  const dearer = plainConfiguration.replace("maker 0.1%", "maker 50%");
  const { leaves } = floor.give({ kind: "configure", at: floor.now, text: dearer });
  assert.equal(leaves.length, 1);
  const output = say(floor, "Alice", "BUY|GLD/BTC|10|4200");
  assert.match(lines(floor, output, "Bob")[1] ?? "", /\|4200000\|0\|maker$/);
});

test("an order placed after a change of fees holds and pays by the new ones", () => {
  const floor = market();
  const dearer = plainConfiguration.replace("maker 0.1%", "maker 50%");
  floor.give({ kind: "configure", at: floor.now, text: dearer });
  floor.say("Alice", "BUY|GLD/BTC|10|4200");
  assert.equal(floor.balance("Alice", "BTC").held, 4_200_000 + 2_100_000);
  const output = say(floor, "Bob", "SELL|GLD/BTC|10|4200");
  assert.match(lines(floor, output, "Alice")[1] ?? "", /\|4200000\|2100000\|maker$/);
});

test("orders expire before anything else happens, soonest first, by mail", () => {
  const floor = market();
  const at = opening / 1000;
  floor.say("Alice", `BUY|GLD/BTC|1|4200|${at + 20}`, `BUY|GLD/BTC|2|4300|${at + 10}|id=b`);
  floor.say("Alice", `BUY|GLD/BTC|3|4100|${at + 900}`);
  floor.pass(20_000);
  const output = say(floor, "Bob", "SELL|GLD/BTC|5|4150");
  const mail = lines(floor, output, "Alice");
  assert.deepEqual(
    mail.filter((line) => line.startsWith("ORDER")),
    [
      `ORDER|0|~.2|expired|buy|GLD/BTC|2|4300|0|0|${at + 10}|id=b`,
      `ORDER|0|~.1|expired|buy|GLD/BTC|1|4200|0|0|${at + 20}`,
    ],
  );
  assert.equal(mail.filter((line) => line.startsWith("HOLD")).length, 2);
  assert.ok(output.leaves.includes("LEVEL|GLD/BTC|sell|4150|5"), "nobody was met");
  // Its name may be used by no other order, and names no open one.
  const names = say(floor, "Alice", "CANCEL|b", "BUY|GLD/BTC|1|1|id=b");
  assert.match(lines(floor, names, "Alice").join(), /order_not_open.*id_reused/);
});

test("an order is cancelled by its own id, or by twenty digits and line", () => {
  const floor = market();
  const text = floor.write("Alice", ["BUY|GLD/BTC|1|4200", "BUY|GLD/BTC|1|4200|id=mine"]);
  const [reply] = floor.post("Alice", text).documents;
  const id = reply?.delivery.kind === "reply" ? reply.delivery.orderId : "";
  const output = say(floor, "Alice", `CANCEL|${id.slice(0, 20)}.1|tag=t`, "CANCEL|mine");
  assert.deepEqual(lines(floor, output, "Alice").slice(0, 2), [
    "ORDER|1|~.1|cancelled|buy|GLD/BTC|1|4200|0|0|-",
    "ORDER|2|~.2|cancelled|buy|GLD/BTC|1|4200|0|0|-|id=mine",
  ]);
  assert.equal(floor.balance("Alice", "BTC").held, 0);
});

test("a push to somebody who has not registered is answered as any other, and waits", () => {
  const floor = market();
  const known = say(floor, "Alice", `PUSH|BTC|${fingerprintOf("Bob")}|5|tag=t`);
  const stranger = say(floor, "Alice", `PUSH|BTC|${fingerprintOf("the third customer")}|5|tag=t`);
  const [a, b] = [lines(floor, known, "Alice"), lines(floor, stranger, "Alice")];
  const same = (text: string): string =>
    text.replaceAll(/[0-9a-f]{40}/g, "@").replaceAll(/\d{5,}/g, "#");
  assert.deepEqual(a.map(same), b.map(same));
  assert.deepEqual(lines(floor, known, "Bob"), [
    `PUSH|0|BTC|${fingerprintOf("Alice")}|5`,
    "MOVE|BTC|+5|5|push in",
    "BALANCE|BTC|5|5|0",
  ]);
  floor.say("Bob", `PUSH|BTC|${fingerprintOf("the third customer")}|2`);
  const output = say(floor, "the third customer", "REGISTER|AAAA");
  const said = lines(floor, output, "the third customer");
  const payers = [fingerprintOf("Alice"), fingerprintOf("Bob")].toSorted();
  const paid = payers.map((payer) => (payer === fingerprintOf("Alice") ? 5 : 2));
  assert.deepEqual(said.slice(2), [
    `PUSH|0|BTC|${payers[0]}|${paid[0]}`,
    `PUSH|0|BTC|${payers[1]}|${paid[1]}`,
    `MOVE|BTC|+${paid[0]}|${paid[0]}|push in`,
    `MOVE|BTC|+${paid[1]}|7|push in`,
    "BALANCE|BTC|7|7|0",
  ]);
  assert.deepEqual(said[0], "DONE|1|REGISTER");
  assert.match(said[1] ?? "", /^MAILBOX\|[0-9a-f]{64}\|0$/);
});

test("mail lies where its secret says, one after the other", () => {
  const floor = market();
  const secret = floor.state.accounts.get(fingerprintOf("Bob"))?.mailbox ?? "";
  const before = floor.state.accounts.get(fingerprintOf("Bob"))?.mail ?? 0;
  for (let i = 0; i < 3; i += 1) {
    const { documents } = say(floor, "Alice", `PUSH|BTC|${fingerprintOf("Bob")}|5`);
    const mail = documents.find(({ to }) => to === fingerprintOf("Bob"));
    assert.deepEqual(mail?.delivery, { kind: "mail", ...mailboxOf(secret, before + i) });
  }
});

test("reading changes nothing, needs no number, and stands after what happened meanwhile", () => {
  const floor = market();
  floor.say("Alice", `BUY|GLD/BTC|1|4200|${opening / 1000 + 5}`, "DEPOSIT|GLD|7|id=d");
  floor.pass(5000);
  const output = floor.post(
    "Alice",
    floor.write("Alice", ["STAT", "STATJSON"], { seq: undefined }),
  );
  assert.deepEqual(
    output.documents.map(({ report, delivery }) => [report, delivery.kind]),
    [
      [5, "mail"],
      [undefined, "reply"],
    ],
  );
  const last = floor.state.accounts.get(fingerprintOf("Alice"))?.last;
  const said = shown(floor.read(output.documents[1]?.text ?? ""));
  assert.equal(said[0], "DEPOSIT|3|GLD|7|awaited|0|-|id=d");
  assert.deepEqual(said.slice(2, 4), ["SEQ|0|3", `LAST|5|${last}`]);
  assert.match(said[4] ?? "", /^JSON\|\{/);
  assert.deepEqual(said.slice(5), ["BALANCE|BTC|25000000000|25000000000|0"]);
});

test("RESEND is asked of the archive; a range that is not there is refused", () => {
  const floor = market();
  const output = floor.post("Alice", floor.write("Alice", ["RESEND|1|2"], { seq: undefined }));
  assert.deepEqual(output.documents, []);
  const [request] = output.archive;
  assert.ok(request?.kind === "resend" && request.from === 1 && request.upTo === 2);
  assert.match(request.head, /^signet-answer\/1 (?:.*\n)+at .*\n$/);
  const wrong = floor.post("Alice", floor.write("Alice", ["RESEND|3|9"], { seq: undefined }));
  assert.match(lines(floor, wrong, "Alice").join(), /report_unknown/);
});

test("a letter refused as a whole is answered, changes nothing and takes no number", () => {
  const floor = market();
  const text = floor.write("Alice", ["NOOP"]);
  floor.pass(3_601_000);
  const late = floor.post("Alice", text);
  assert.match(lines(floor, late, "Alice").join(), /^REFUSED\|late\|/);
  assert.equal(late.documents[0]?.report, undefined);
  const malformed = floor.post("Alice", text.replace("seq 3", "seq 03"));
  assert.match(lines(floor, malformed, "Alice").join(), /^REFUSED\|seq_malformed\|/);
  const soon = floor.write("Alice", ["NOOP"], { seq: 3 });
  assert.deepEqual(lines(floor, floor.post("Alice", soon), "Alice"), ["DONE|1|NOOP"]);
});

test("a stranger's letter that does not count is not answered, nor what came behind it", () => {
  const floor = market();
  const text = floor.write("the third customer", ["REGISTER|AAAA"]);
  floor.pass(3_601_000);
  const { documents } = floor.post("the third customer", text);
  assert.deepEqual(documents, []);
  assert.equal(floor.state.accounts.has(fingerprintOf("the third customer")), false);
  const behind = floor.post("the third customer", floor.write("the third customer", ["NOOP"]));
  assert.deepEqual([behind.leaves, behind.documents, behind.archive], [[], [], []]);
});

test("a letter whose signature is refused is answered by name and takes no number", () => {
  const floor = market();
  const text = floor.write("Alice", ["BUY|GLD/BTC|1|4200"]);
  const { kind: _kind, random: _random, ...input } = floor.letter("Alice", text);
  const refused = { kind: "refused", name: "key_expired", detail: "It expired." } as const;
  const output = floor.give({ ...refused, ...input });
  assert.deepEqual(lines(floor, output, "Alice"), ["REFUSED|key_expired|It expired."]);
  assert.deepEqual(output.leaves, []);
  const again = floor.post("Alice", text);
  assert.match(lines(floor, again, "Alice").join(), /^ORDER\|1\|/);
});

test("a letter that was passed over takes its number and does nothing else", () => {
  const floor = market();
  const text = floor.write("Alice", ["BUY|GLD/BTC|1|4200"]);
  const { kind: _kind, random: _random, ...input } = floor.letter("Alice", text);
  const output = floor.give({ kind: "fault", ...input });
  assert.match(lines(floor, output, "Alice").join(), /^REFUSED\|engine_fault\|/);
  assert.deepEqual(output.leaves, []);
  assert.equal(floor.balance("Alice", "BTC").held, 0);
  const again = floor.post("Alice", text);
  assert.equal(again.archive[0]?.kind, "repeat");
  assert.deepEqual(floor.give({ kind: "fault", ...input, signer: fingerprint("0f".repeat(20)) }), {
    leaves: [],
    documents: [],
    archive: [],
    submissions: [],
    reads: [],
  });
});

test("the state hash of a small day is the same for ever", () => {
  const floor = market();
  floor.say("Bob", "SELL|GLD/BTC|400|4210");
  floor.say("Alice", "BUY|GLD/BTC|1200|4215|id=desk-42");
  assert.equal(
    stateHash(floor.state),
    digest("4bc458960509d6bbf2ba835519d0e35184ce331bc69de3bda0f412d9c2a6fb19"),
  );
});
