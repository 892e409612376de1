/**
 * Customers who mean harm by size: what they can make the engine keep, print and walk is bounded,
 * or at least never trips it.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { printEntry } from "../letter/entry.ts";
import { mailboxOf, type Report } from "../letter/report.ts";
import { amount } from "../money/amount.ts";
import type { Fact } from "../ring/fact.ts";
import { Floor, fingerprintOf, floorExchange } from "../testing/floor.ts";
import { RingFloor } from "../testing/ringfloor.ts";
import type { Offer } from "../testing/ringminer.ts";
import { sums } from "./audit.ts";
import type { Output } from "./input.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";
import { waitingAccount } from "./state.ts";
import { toLatin1 } from "../codec/bytes.ts";

test("an account with two hundred thousand ids has a snapshot", () => {
  const floor = new Floor();
  floor.fund("Alice", "BTC", 1);
  const ids = floor.state.accounts.get(fingerprintOf("Alice"))?.ids;
  for (let i = 0; i < 200_000; i += 1) ids?.add(`id-${i}`);
  const bytes = printSnapshot(floor.state);
  const text = toLatin1(bytes);
  assert.equal(text.split("\n").filter((line) => line.startsWith("id|")).length, 200_000);
  assert.deepEqual(printSnapshot(parseSnapshot(bytes)), bytes);
});

test("an order that meets three thousand is done whole, in several reports if need be", () => {
  const floor = new Floor();
  floor.fund("Alice", "GLD", 3000);
  floor.fund("Bob", "BTC", 1_000_000_000_000);
  for (let i = 0; i < 3; i += 1) {
    const prices = Array.from({ length: 1000 }, (_, k) => 4000 + i * 1000 + k);
    floor.say("Alice", ...prices.map((price) => `SELL|GLD/BTC|1|${price}`));
  }
  const said = floor.say("Bob", "BUY|GLD/BTC|3000");
  const order = said.find((entry) => entry.kind === "order");
  assert.ok(order?.kind === "order" && order.status === "filled");
  assert.equal(floor.balance("Bob", "GLD").total, 3000);
  assert.equal(floor.balance("Alice", "GLD").held, 0);
  sums(floor.state);
});

/** Reports of one account from one output, in order; each short enough to be read. */
function reportsOf(floor: Floor, output: Output, name: string): readonly Report[] {
  const documents = output.documents.filter(({ to }) => to === fingerprintOf(name));
  return documents.map(({ text }) => floor.read(text));
}

/** `floor.give` has checked that they are numbered and chained. */
function checkParts(reports: readonly Report[], records: number): void {
  const sizes = reports.map((report) => report.records.length);
  assert.ok(sizes.every((size) => size <= 8000));
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    records,
  );
  for (const report of reports.slice(1)) assert.equal(report.answers, undefined);
  for (const report of reports.slice(0, -1)) {
    assert.ok(!report.records.some(({ kind }) => kind === "balance"));
  }
}

test("an operator's first report tells of tens of thousands of requests, in parts", () => {
  const floor = new Floor();
  for (let i = 0; i < 200; i += 1) {
    const letter = Array.from(
      { length: 100 },
      () => `DEPOSIT|BTC|${2 ** 52}|tag=${"t".repeat(36)}`,
    );
    floor.register(`customer ${i}`);
    floor.say(`customer ${i}`, ...letter);
  }
  const text = floor.write("the first operator", ["REGISTER|AAAA"]);
  const output = floor.post("the first operator", text);
  const reports = reportsOf(floor, output, "the first operator");
  checkParts(reports, 2 + 20_000);
  assert.deepEqual(
    output.documents.map(({ delivery }) => delivery.kind),
    ["reply", "mail", "mail"],
  );
  assert.ok(reports[0]?.answers);
  assert.equal(parseSnapshot(printSnapshot(floor.state)).accounts.size, 201);
});

test("ten thousand payers who waited for a customer are told in parts, balances last", () => {
  const floor = new Floor();
  const to = fingerprintOf("Alice");
  floor.fund("Bob", "BTC", 10_000);
  for (let i = 0; i < 10_000; i += 1) {
    const from = fingerprintOf(`payer ${i}`);
    const waiting = floor.state.waiting.get(to) ?? new Map();
    const payers = waiting.get("BTC") ?? new Map();
    floor.state.waiting.set(to, waiting.set("BTC", payers.set(from, amount(1))));
    const { assets, accounts } = floor.state;
    const [btc, bob] = [assets.get("BTC") ?? 0, accounts.get(fingerprintOf("Bob"))?.number ?? 0];
    assert.ok(floor.state.floor.balances.transfer(btc, bob, waitingAccount, 1));
  }
  const output = floor.post("Alice", floor.write("Alice", ["REGISTER|AAAA"]));
  const reports = reportsOf(floor, output, "Alice");
  checkParts(reports, 2 + 20_000 + 1);
  assert.equal(reports.at(-1)?.records.at(-1)?.kind, "balance");
});

test("four thousand orders that expire at once are told in parts", () => {
  const floor = new Floor();
  floor.fund("Alice", "GLD", 4000);
  const until = floor.now / 1000 + 60;
  for (let i = 0; i < 4; i += 1) {
    const expiring = Array.from({ length: 1000 }, () => `SELL|GLD/BTC|1|5000|${until}`);
    floor.say("Alice", ...expiring);
  }
  floor.pass(60_000);
  checkParts(reportsOf(floor, floor.tick(), "Alice"), 4000 + 4000 + 1);
});

test("the largest trade is told in parts to both sides", () => {
  const floor = new Floor();
  floor.fund("Bob", "BTC", 1_000_000_000);
  floor.fund("Alice", "GLD", 2000);
  const sells = Array.from({ length: 1000 }, () => "SELL|GLD/BTC|1|4000");
  floor.say("Alice", ...sells);
  floor.say("Alice", ...sells);
  const output = floor.post("Bob", floor.write("Bob", ["BUY|GLD/BTC|2000|4000"]));
  // Of each fill a FILL, two MOVEs and one for the fee; for the maker an ORDER and a HOLD as well.
  checkParts(reportsOf(floor, output, "Bob"), 1 + 2000 * 4 + 2);
  checkParts(reportsOf(floor, output, "Alice"), 2000 * 6 + 2);
  const reply = output.documents.find(({ delivery }) => delivery.kind === "reply");
  assert.equal(reply?.to, fingerprintOf("Bob"));
});

test("withdrawals that are approved and not paid do not pile up for ever", () => {
  const floor = new Floor();
  floor.fund("Alice", "BTC", 5);
  const account = floor.state.accounts.get(fingerprintOf("Alice"));
  for (let i = 0; i < 1000; i += 1) {
    const [approved] = floor.say("Alice", "WITHDRAW|BTC|1|bc1q");
    assert.ok(approved?.kind === "withdrawal", "there is room");
    const request = floor.state.unpaid.get(approved.number);
    assert.ok(request);
    // As an approval leaves it, but for the money.
    request.status = "approved";
    const { balances } = floor.state.floor;
    const btc = floor.state.assets.get("BTC") ?? 0;
    balances.hold(balances.place(account?.number ?? 0, btc), -1);
  }
  assert.equal(account?.unpaid.size, 1000);
  const [refused] = floor.say("Alice", "WITHDRAW|BTC|1|bc1q");
  assert.ok(refused?.kind === "reject" && refused.name === "withdrawals_waiting_limit");
});

test("nobody sees from outside whether a push went to a customer or to a stranger", () => {
  const names = ["Bob", "the third customer"] as const;
  const pushed = names.map((name) => {
    const floor = new Floor();
    floor.register("Bob");
    floor.fund("Alice", "BTC", 1000);
    floor.fund("Alice", "GLD", 1000);
    const secret = floor.state.accounts.get(fingerprintOf("Bob"))?.mailbox;
    const seen = [1, 400].map((count) => {
      const line = (asset: string): string => `PUSH|${asset}|${fingerprintOf(name)}|1`;
      const lines = Array.from({ length: count }, (_, i) => line(i % 2 === 0 ? "BTC" : "GLD"));
      const before = floor.state.logSize;
      const output = floor.post("Alice", floor.write("Alice", lines));
      const documents = output.documents.map(({ text, delivery }) => {
        return { bytes: text.length, kind: delivery.kind };
      });
      return { leaves: floor.state.logSize - before, own: output.leaves, documents };
    });
    const places = floor.outputs.flatMap(({ documents }) => {
      return documents.flatMap(({ delivery }) => (delivery.kind === "mail" ? [delivery] : []));
    });
    const theirs = places.slice(-2);
    assert.deepEqual(theirs[0]?.tag, theirs[1]?.tag, "mail goes on where it began");
    assert.deepEqual(
      theirs.map(({ index }) => index),
      [0, 1],
    );
    assert.equal(theirs[0]?.tag === mailboxOf(secret ?? "", 0).tag, name === "Bob");
    const restored = printSnapshot(parseSnapshot(printSnapshot(floor.state)));
    assert.deepEqual(restored, printSnapshot(floor.state));
    sums(floor.state);
    return seen;
  });
  assert.deepEqual(pushed[0], pushed[1]);
  assert.deepEqual(
    pushed[0]?.map(({ leaves }) => leaves),
    [2, 2],
  );
});

test("a stranger's decoys are for the exchange alone, and end when they register", () => {
  const floor = new Floor();
  floor.fund("Alice", "BTC", 1000);
  const to = ["Bob", "the third customer"].map(fingerprintOf);
  const lines = to.flatMap((each) => [`PUSH|BTC|${each}|3`, `PUSH|BTC|${each}|4`]);
  const { documents } = floor.post("Alice", floor.write("Alice", lines));
  const decoys = documents.filter((document) => document.to === floorExchange);
  assert.deepEqual(
    decoys.map(({ report, delivery }) => [report, delivery.kind]),
    [
      [undefined, "mail"],
      [undefined, "mail"],
    ],
  );
  const tags = decoys.map(({ delivery }) => delivery.kind === "mail" && delivery.tag);
  assert.notEqual(tags[0], tags[1], "one for each");
  const arrival = floor.post("Bob", floor.write("Bob", ["REGISTER|AAAA"]));
  assert.equal(arrival.documents.length, 1);
  assert.equal(floor.state.strangers.size, 1);
  const after = floor.post("Alice", floor.write("Alice", [`PUSH|BTC|${fingerprintOf("Bob")}|1`]));
  assert.equal(after.documents[1]?.to, fingerprintOf("Bob"));
});

test("a letter turned away that is of no customer is nothing", () => {
  const floor = new Floor();
  const { random: _, ...letter } = floor.letter("Alice", floor.write("Alice", ["NOOP"]));
  const output = floor.give({ ...letter, kind: "refused", name: "key_expired", detail: "Late." });
  assert.deepEqual(output, { leaves: [], documents: [], archive: [], submissions: [], reads: [] });
});

test("an order whose time is up when a letter is passed over expires with the next input", () => {
  const floor = new Floor();
  floor.fund("Alice", "GLD", 1);
  floor.say("Alice", `SELL|GLD/BTC|1|4000|${floor.now / 1000 + 1}`);
  const { random: _, ...letter } = floor.letter("Alice", floor.write("Alice", ["NOOP"]));
  floor.pass(1000);
  floor.give({ ...letter, at: floor.now, kind: "fault" });
  // Nothing but the letter's number was touched, and a snapshot may be taken here.
  sums(floor.state);
  const [report] = reportsOf(floor, floor.tick(), "Alice");
  assert.ok(report?.records.some((entry) => entry.kind === "order" && entry.status === "expired"));
});

function factsOfLive(rings: RingFloor, offer: Offer): readonly Fact[] {
  const { owner, nonce, sellToken: token } = offer.order;
  return [
    { kind: "counter", owner, nonce, value: 0n },
    { kind: "epoch", owner, value: 0n },
    { kind: "funds", owner, token, value: 5n },
    { kind: "accepts", order: rings.hashOf(offer), value: 1n },
  ];
}

test("ring orders with the longest signatures are watched in reports that can be read", () => {
  const rings = new RingFloor(1, ["the watcher", "another watcher"], false);
  const { floor } = rings;
  floor.register("another watcher");
  floor.vet = () => "by_wallet";
  const signature = new Uint8Array(1024).fill(1);
  const counts = { Alice: 1000, Bob: 200 };
  for (const [name, count] of Object.entries(counts)) {
    floor.register(name);
    for (let first = 0; first < count; first += 10) {
      const offers = Array.from({ length: 10 }, (_, i) => {
        return rings.offer(name, {
          sell: [5n, "GOLD"],
          buy: [5n, "TIN"],
          nonce: BigInt(first + i),
        });
      });
      floor.say(name, ...offers.map((offer) => rings.ringLine({ ...offer, signature })));
      // Live ones, of which an account may have so many.
      rings.observe(
        "another watcher",
        offers.flatMap((offer) => factsOfLive(rings, offer)),
      );
    }
  }
  // Every report is read, and so is short enough (`floor.give`).
  const output = floor.post("the watcher", floor.write("the watcher", ["REGISTER|AAAA"]));
  const reports = reportsOf(floor, output, "the watcher");
  assert.equal(reports.length, 2);
  const records = reports.flatMap((report) => report.records);
  assert.equal(records.filter(({ kind }) => kind === "watch").length, 1200);
  const bytes = printSnapshot(floor.state);
  assert.deepEqual(printSnapshot(parseSnapshot(bytes)), bytes);
  const more = rings.ring("Alice", rings.offer("Alice", { sell: [5n, "TIN"], buy: [5n, "GOLD"] }));
  assert.match(more.map(printEntry).join(), /ring_orders_too_many\|At most 1000 ring orders of an/);
  const answer = floor.say("Alice", "STAT", "STATJSON", "NOOP");
  assert.equal(answer.filter(({ kind }) => kind === "offer").length, 1000);
  sums(floor.state);
});
