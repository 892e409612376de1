/** Keys for life: rotation, veto, revocation, freezing, replacement, and their refusals by name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { time } from "../codec/time.ts";
import type { Entry } from "../letter/entry.ts";
import { orderIdOf } from "../letter/orderid.ts";
import { Floor, fingerprintOf, opening, plainConfiguration } from "../testing/floor.ts";
import { apply } from "./apply.ts";
import { sums } from "./audit.ts";
import { checkConfiguration } from "./configure.ts";
import type { Vetting } from "./input.ts";
import { rekeyRefusals, revokeRefusals, rotateRefusals, vetoRefusals } from "./refusals.ts";
import { parseSnapshot, printSnapshot, stateHash } from "./snapshot.ts";
import { newState } from "./state.ts";

const day = 86_400_000;
const operator = "the first operator";
const alice = fingerprintOf("Alice");
const fresh = fingerprintOf("Alice's new key");

function rotateLine(key: string, proof = "cHJvb2Y="): string {
  return `ROTATE|${key}|Y2VydGlmaWNhdGU=|${proof}`;
}

function rekeyLine(key: string, evidence = "lost", proof = "cHJvb2Y="): string {
  return `REKEY|${alice}|${key}|Y2VydGlmaWNhdGU=|${proof}|${evidence}`;
}

function opened(configuration = plainConfiguration): Floor {
  const floor = new Floor(configuration);
  floor.fund("Alice", "BTC", 100_000_000);
  floor.fund("Bob", "GLD", 1000);
  return floor;
}

/** What Alice's reports of now say about keys. */
function keysTold(floor: Floor): readonly string[] {
  const reports = floor.told.get(alice) ?? [];
  return reports
    .filter(({ at }) => at === floor.now)
    .flatMap(({ records }) => records.map(shown))
    .filter((line) => line !== "");
}

function shown(entry: Entry): string {
  if (entry.kind === "key") return `${entry.state} ${entry.key === alice ? "old" : "new"}`;
  return entry.kind === "frozen" ? `frozen ${entry.why}` : "";
}

/** The refusal of a letter as a whole, or of its last line. */
function refusedBy(entries: readonly Entry[]): string {
  const last = entries.find(({ kind }) => kind === "reject" || kind === "refused");
  return last !== undefined && "name" in last ? last.name : "accepted";
}

/** A letter of Alice's account by another key than the first, which goes on counting. */
function sayBy(floor: Floor, key: string, ...commands: readonly string[]): readonly Entry[] {
  const text = floor.write("Alice", commands);
  return floor.records(floor.give({ ...floor.letter("Alice", text), signer: fingerprintOf(key) }));
}

/** Snapshot and replay from genesis agree with what stands. */
function checkFold(floor: Floor): void {
  sums(floor.state);
  const bytes = printSnapshot(floor.state);
  assert.deepEqual(printSnapshot(parseSnapshot(bytes)), bytes);
  const replayed = newState(floor.state.exchange);
  for (const input of floor.journal) apply(replayed, input);
  assert.equal(stateHash(replayed), stateHash(floor.state));
}

test("a rotation: both keys sign until its time, then the new one alone; the account stays", () => {
  const floor = opened();
  floor.say("Alice", rotateLine(fresh));
  assert.deepEqual(keysTold(floor), ["coming new"]);
  assert.deepEqual(floor.outputs.at(-1)?.keys, [alice]);
  assert.equal(refusedBy(sayBy(floor, "Alice", "NOOP")), "accepted");
  const overlap = sayBy(floor, "Alice's new key", "BUY|GLD/BTC|10|4000|id=o");
  const order = overlap.find(({ kind }) => kind === "order");
  assert.ok(order?.kind === "order" && order.status === "resting");
  checkFold(floor);
  floor.pass(day + 1000);
  assert.deepEqual(floor.tick().keys, [alice]);
  assert.deepEqual(keysTold(floor), ["in_force new"]);
  assert.equal(refusedBy(sayBy(floor, "Alice", "NOOP")), "key_not_in_force");
  const after = sayBy(floor, "Alice's new key", "CANCEL|o", "STAT");
  assert.ok(after.some((entry) => entry.kind === "order" && entry.status === "cancelled"));
  assert.ok(after.some((entry) => entry.kind === "key" && entry.key === fresh));
  assert.equal(floor.state.accounts.size, 3);
  assert.equal(floor.balance("Alice", "BTC").held, 0);
  checkFold(floor);
});

test("order ids, payments and reports go by the first fingerprint", () => {
  const floor = opened();
  floor.say("Alice", rotateLine(fresh));
  floor.pass(day + 1000);
  floor.tick();
  const text = floor.write("Alice", ["NOOP"]);
  const output = floor.give({ ...floor.letter("Alice", text), signer: fresh });
  const [document] = output.documents;
  assert.ok(document?.delivery.kind === "reply" && document.to === alice);
  assert.equal(document.delivery.orderId, orderIdOf(alice, text));
  floor.say("Bob", `PUSH|GLD|${fresh}|5`, `PUSH|GLD|${alice}|7`);
  assert.equal(floor.balance("Alice", "GLD").total, 12);
  const self = sayBy(floor, "Alice's new key", `PUSH|BTC|${alice}|1`);
  assert.equal(refusedBy(self), "push_to_self");
  assert.equal(refusedBy(floor.say("Alice's new key", "REGISTER|QQ==")), "seq_reused");
  checkFold(floor);
});

test("a veto by either key ends a rotation; the key is free again", () => {
  const floor = opened();
  floor.say("Alice", rotateLine(fresh));
  floor.say("Alice", "VETO|tag=mine");
  assert.deepEqual(keysTold(floor), ["coming new", "vetoed new"]);
  floor.pass(2 * day);
  assert.equal(floor.tick().keys, undefined);
  assert.equal(floor.state.keys.has(fresh), false);
  floor.say("Alice", rotateLine(fresh));
  sayBy(floor, "Alice's new key", "VETO");
  assert.equal(floor.state.keys.has(fresh), false);
  checkFold(floor);
});

test("a renewal acts at once, also beside a change that waits, and drops no revocation", () => {
  const floor = opened();
  floor.say("Alice", rotateLine(fresh), rotateLine(alice, "-"));
  assert.deepEqual(keysTold(floor), ["coming new", "renewed old"]);
  assert.equal(floor.state.accounts.get(alice)?.certificate, "Y2VydGlmaWNhdGU=");
  // A signature packet of five bytes: version 4, type 0x28, a subkey's revocation.
  const revoked = Buffer.from([0xc2, 5, 4, 0x28, 22, 8, 0]).toString("base64");
  floor.say("Alice", `ROTATE|${alice}|${revoked}|-`);
  assert.equal(refusedBy(floor.say("Alice", rotateLine(alice, "-"))), "revocation_dropped");
  checkFold(floor);
});

test("a revocation in anybody's letter freezes, cancels, and dismisses the rotation", () => {
  const floor = opened();
  floor.say("Alice", "BUY|GLD/BTC|10|4000", "WITHDRAW|BTC|500|bc1q", rotateLine(fresh));
  floor.pass(1000);
  const answer = floor.say("Bob", `REVOKE|${alice}|cmV2|tag=hers`);
  assert.deepEqual(
    answer.map(({ kind }) => kind),
    ["done"],
  );
  assert.deepEqual(keysTold(floor), ["dismissed new", "revoked old", "frozen revocation"]);
  assert.equal(floor.balance("Alice", "BTC").held, 0);
  assert.equal(refusedBy(sayBy(floor, "Alice", "VETO")), "key_not_in_force");
  assert.equal(floor.state.keys.has(fresh), false);
  // Once more it changes nothing, and says so.
  assert.deepEqual(
    floor.say("Bob", `REVOKE|${alice}|cmV2`).map(({ kind }) => kind),
    ["done"],
  );
  checkFold(floor);
});

test("a renewal that brings a revoked certificate is a revocation", () => {
  const floor = opened();
  floor.vet = () => "certificate_revoked";
  floor.say("Alice", rotateLine(alice, "-"));
  assert.deepEqual(keysTold(floor), ["revoked old", "frozen revocation"]);
  assert.equal(refusedBy(sayBy(floor, "Alice", "STAT")), "key_not_in_force");
  checkFold(floor);
});

test("a paper letter freezes years later, once, and only reading is left", () => {
  const floor = opened();
  const paper = floor.write("Alice", ["FREEZE|tag=paper"], {
    seq: undefined,
    by: time(opening + 3650 * day),
  });
  floor.say("Alice", "BUY|GLD/BTC|10|4000|id=o", "WITHDRAW|BTC|500|bc1q");
  floor.pass(1000 * day);
  const records = floor.records(floor.post("Alice", paper));
  assert.ok(records.some((entry) => entry.kind === "frozen" && entry.tag === "paper"));
  assert.ok(records.some((entry) => entry.kind === "order" && entry.status === "cancelled"));
  assert.equal(floor.balance("Alice", "BTC").held, 0);
  for (const line of ["BUY|GLD/BTC|10|4000", `PUSH|BTC|${fresh}|1`, "WITHDRAW|BTC|5|bc1q"]) {
    assert.equal(refusedBy(floor.say("Alice", line)), "account_frozen", line);
  }
  assert.equal(refusedBy(floor.say("Alice", "DEPOSIT|BTC|5", "STAT")), "accepted");
  checkFold(floor);
  floor.say("Alice", rotateLine(fresh));
  floor.pass(day + 1000);
  floor.tick();
  assert.deepEqual(keysTold(floor), ["in_force new", "frozen no"]);
  assert.equal(refusedBy(sayBy(floor, "Alice's new key", "BUY|GLD/BTC|10|4000")), "accepted");
  // The paper that was used does nothing more, nor one of the old key.
  const again = floor.post("Alice", paper);
  assert.equal(again.documents.length, 1);
  assert.equal(floor.state.accounts.get(alice)?.frozen, undefined);
  checkFold(floor);
});

test("a FREEZE with a number, or among others, has the deadline of every letter", () => {
  const floor = opened();
  const by = time(opening + 30 * day);
  const numbered = floor.write("Alice", ["FREEZE"], { by });
  assert.equal(refusedBy(floor.records(floor.post("Alice", numbered))), "by_too_far");
  const late = floor.write("Alice", ["FREEZE"], { seq: undefined, by: time(opening + day) });
  floor.pass(2 * day);
  assert.equal(refusedBy(floor.records(floor.post("Alice", late))), "late");
});

test("operators replace a lost key after the long delay, in public; the old key vetoes it", () => {
  const two = plainConfiguration.replace("operators 1", "operators 2");
  const floor = opened(plainConfiguration);
  floor.register("the second operator");
  floor.give({ kind: "configure", at: floor.now, text: two });
  floor.say(operator, rekeyLine(fresh));
  assert.equal(floor.state.changes.size, 0);
  floor.say("the second operator", rekeyLine(fresh));
  const leaf = (state: string, at: string): string => `REKEY|${alice}|${fresh}|${state}|${at}`;
  assert.equal(floor.leaves.at(-1), leaf("begun", "2027-02-19T12:00:00.000Z"));
  assert.equal(refusedBy(sayBy(floor, "Alice's new key", "NOOP")), "key_not_in_force");
  checkFold(floor);
  floor.say("Alice", "VETO");
  assert.equal(floor.leaves.at(-1), leaf("vetoed", "2026-11-21T12:00:00.000Z"));
  assert.deepEqual(keysTold(floor), ["replacing new", "vetoed new"]);
  for (const name of [operator, "the second operator"]) floor.say(name, rekeyLine(fresh));
  // That the old key is revoked is no objection.
  floor.say("Bob", `REVOKE|${alice}|cmV2`);
  floor.pass(90 * day - 1000);
  assert.equal(floor.tick().keys, undefined);
  floor.pass(1000);
  floor.tick();
  assert.ok(floor.leaves.includes(leaf("done", "2027-02-19T12:00:00.000Z")));
  assert.deepEqual(keysTold(floor), ["in_force new", "frozen no"]);
  assert.equal(refusedBy(sayBy(floor, "Alice's new key", "BUY|GLD/BTC|10|4000")), "accepted");
  checkFold(floor);
});

test("a key that operators bring and that is revoked comes to nothing", () => {
  const floor = opened();
  floor.say(operator, rekeyLine(fresh));
  floor.say("Bob", `REVOKE|${fresh}|cmV2`);
  assert.deepEqual(keysTold(floor), ["replacing new", "revoked new"]);
  assert.match(floor.leaves.at(-1) ?? "", /\|dismissed\|/);
  assert.equal(floor.state.accounts.get(alice)?.frozen, undefined);
  checkFold(floor);
});

test("after a false alarm operators thaw an account that keeps its key", () => {
  const floor = opened();
  floor.say("Alice", "FREEZE");
  floor.say(operator, rekeyLine(alice, "a false alarm", "-"));
  assert.equal(refusedBy(floor.say("Alice", "STAT")), "accepted");
  checkFold(floor);
  floor.pass(90 * day + 1000);
  floor.tick();
  assert.deepEqual(keysTold(floor), ["in_force old", "frozen no"]);
  checkFold(floor);
});

test("the word of an operator who is frozen does not count", () => {
  const two = plainConfiguration.replace("operators 1", "operators 2");
  const floor = opened();
  floor.register("the second operator");
  floor.give({ kind: "configure", at: floor.now, text: two });
  floor.say(operator, rekeyLine(fresh), "FREEZE", "HALT|GLD/BTC|x");
  floor.say("the second operator", rekeyLine(fresh));
  assert.equal(floor.state.changes.size, 0);
  checkFold(floor);
});

test("refusals, in the order of the lists", () => {
  const floor = opened();
  const vetted = rotateRefusals.slice(2, -2);
  const bad = (vetting: Vetting) => (): void => void (floor.vet = () => vetting);
  const expect = (name: string, by: string, line: string): void => {
    assert.equal(refusedBy(floor.say(by, line)), name, line);
  };
  expect("no_key_change", "Alice", "VETO");
  assert.deepEqual(vetoRefusals, ["no_key_change"]);
  bad("revocation_wrong")();
  expect("revocation_wrong", "Bob", `REVOKE|${alice}|cmV2`);
  bad("good")();
  expect("revocation_wrong", "Bob", `REVOKE|${fresh}|cmV2`);
  assert.deepEqual(revokeRefusals, ["revocation_wrong"]);
  bad("certificate_too_large")();
  expect("operators_only", "Bob", rekeyLine(fresh).replace(alice, "00".repeat(20)));
  expect("account_unknown", operator, rekeyLine(fresh).replace(alice, "00".repeat(20)));
  assert.deepEqual(rekeyRefusals, ["operators_only", "account_unknown"]);
  // The same of a customer's key as of nobody's, until it has proved itself.
  const bob = fingerprintOf("Bob");
  for (const key of [fresh, bob]) {
    bad("certificate_too_large")();
    expect("proof_missing", operator, rekeyLine(key, "x", "-"));
    expect("proof_missing", "Alice", rotateLine(key, "-"));
    for (const name of vetted) {
      bad(name as Vetting)();
      expect(name, "Alice", rotateLine(key));
      expect(name, operator, rekeyLine(key));
    }
  }
  bad("good")();
  expect("key_in_use", operator, rekeyLine(alice, "x", "-"));
  expect("key_in_use", operator, rekeyLine(bob));
  expect("key_in_use", "Alice", rotateLine(bob));
  floor.say("Alice", rotateLine(fingerprintOf("another")));
  bad("proof_wrong")();
  expect("key_change_pending", "Alice", rotateLine(fingerprintOf("Bob"), "-"));
  expect("key_change_pending", operator, rekeyLine(alice, "x", "-"));
});

test("a replacement may not become quicker, a rotation may", () => {
  const floor = opened(`${plainConfiguration}keys rotation 2h replacement 10d\n`);
  const may = (line: string): boolean =>
    checkConfiguration(floor.state, `${plainConfiguration}${line}\n`).ok;
  assert.ok(may("keys rotation 1s replacement 10d"));
  assert.ok(may(""));
  assert.ok(!may("keys rotation 2h replacement 239h"));
  assert.ok(!may("keys rotation 0s replacement 90d"));
  assert.ok(!may("keys replacement 90d"));
  assert.ok(!may("keys rotation 2h replacement 90d\nkeys rotation 2h replacement 90d"));
});

/** A lone FREEZE of Alice's without a number; each `n` is another. */
function paperOf(floor: Floor, n: number): string {
  return floor.write("Alice", ["FREEZE"], {
    seq: undefined,
    by: time(opening + 3650 * day + n * 1000),
  });
}

test("a paper, or any FREEZE, dismisses the rotation that would thaw the account", () => {
  const floor = opened();
  floor.say("Alice", rotateLine(fresh));
  floor.pass(day - 1000);
  floor.post("Alice", paperOf(floor, 0));
  assert.deepEqual(keysTold(floor), ["dismissed new", "frozen letter"]);
  floor.pass(2 * day);
  floor.tick();
  assert.equal(floor.state.accounts.get(alice)?.key, alice);
  assert.equal(floor.state.accounts.get(alice)?.frozen, "letter");
  floor.say("Alice", rotateLine(fresh), "FREEZE");
  assert.equal(floor.state.keys.has(fresh), false);
  // What the operators have begun goes on.
  floor.say(operator, rekeyLine(fresh));
  floor.say("Alice", "FREEZE");
  assert.equal(floor.state.accounts.get(alice)?.change?.kind, "replacing");
  checkFold(floor);
});

test("of one key sixteen papers count; of the next, sixteen more, and none by a key to come", () => {
  const floor = opened();
  const use = (n: number, signer = alice): string => {
    const letter = floor.letter("Alice", paperOf(floor, n));
    return refusedBy(floor.records(floor.give({ ...letter, signer })));
  };
  for (let n = 0; n < 16; n += 1) assert.equal(use(n), "accepted");
  assert.equal(use(16), "papers_limit");
  assert.equal(floor.post("Alice", paperOf(floor, 3)).archive[0]?.kind, "repeat");
  floor.say("Alice", rotateLine(fresh));
  assert.equal(use(17, fresh), "key_not_in_force");
  checkFold(floor);
  floor.pass(day + 1000);
  floor.tick();
  assert.equal(floor.state.accounts.get(alice)?.freezes.size, 0);
  assert.equal(use(0), "key_not_in_force");
  assert.equal(use(17, fresh), "accepted");
  checkFold(floor);
});

test("what waits for a key goes to the account whose key it becomes, not before", () => {
  const floor = opened();
  floor.say("Bob", `PUSH|GLD|${fresh}|5`);
  floor.say("Alice", `PUSH|BTC|${fresh}|3`);
  floor.say("Alice", rotateLine(fresh));
  floor.say("Alice", "VETO");
  floor.say("Alice", rotateLine(fresh));
  assert.equal(floor.balance("Alice", "GLD").total, 0);
  floor.say("Bob", `PUSH|GLD|${fresh}|7`);
  assert.equal(floor.balance("Alice", "GLD").total, 7);
  checkFold(floor);
  floor.pass(day + 1000);
  floor.tick();
  assert.equal(floor.balance("Alice", "GLD").total, 12);
  assert.equal(floor.balance("Alice", "BTC").total, 100_000_000);
  assert.equal(floor.state.waiting.size, 0);
  checkFold(floor);
  // So it does if the key is revoked before its time: it is the account's for ever then, too.
  const next = fingerprintOf("red");
  floor.say("Bob", `PUSH|GLD|${next}|1`);
  sayBy(floor, "Alice's new key", rotateLine(next));
  floor.say("Bob", `REVOKE|${next}|cmV2`);
  assert.equal(floor.balance("Alice", "GLD").total, 13);
  checkFold(floor);
});
