/**
 * Watchers: who they are, what they are asked, and what of their words counts; one who lies delays
 * and moves nothing.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { hashOf } from "../codec/ethereum.ts";
import { printEntry, type Entry } from "../letter/entry.ts";
import { RingFloor, ringConfigurationOf, ringTokens } from "../testing/ringfloor.ts";
import { person } from "../testing/ringminer.ts";
import { author, gold, opened, silver, told } from "../testing/ringpair.ts";
import { sums } from "./audit.ts";

test("watchers say why a submission fails", () => {
  const rings = opened();
  author(rings, rings.now + 10n);
  rings.observe("the watcher", [{ kind: "fails", submission: 1, name: "TransferFailed" }]);
  rings.floor.pass(11_000);
  rings.tell();
  assert.ok(rings.floor.leaves.includes("FAILED|1|TransferFailed"));
});

test("two of three watchers must agree; one who lies delays and moves nothing", () => {
  const [first, second, liar] = ["the first watcher", "the second watcher", "the liar"];
  const rings = opened(2, [first, second, liar]);
  const { state } = rings.floor;
  assert.equal(rings.shown().size, 2);
  author(rings, rings.now + 10n);
  rings.floor.pass(1000);
  rings.floor.tick();
  const [ring] = state.rings.pool.submissions.get(1)?.rings ?? [];
  assert.ok(ring);
  const [owner, transaction] = [person("Alice").address, hashOf(new Uint8Array(32).fill(9))];
  rings.observe(liar, [
    { kind: "settled", ring: ring.hash, transaction },
    { kind: "counter", owner, nonce: 0n, value: 400n },
    { kind: "funds", owner, token: ringTokens.GOLD, value: 10n ** 30n },
    { kind: "clock", value: rings.now + 100_000n },
  ]);
  assert.equal(rings.shown().get(1), "400 GOLD for 200 SILVER");
  assert.equal(state.rings.pool.submissions.get(1)?.settled, false);

  // Past its deadline, one says that it settled: that may be the one who is ahead of the others.
  rings.floor.pass(20_000);
  const honest = (): void => [first, second].forEach((watcher) => void rings.observe(watcher));
  honest();
  assert.equal(state.rings.pool.submissions.size, 1);
  rings.floor.pass(600_000);
  honest();
  assert.ok(rings.floor.leaves.includes("FAILED|1|deadline"));
  assert.equal(state.rings.pool.submissions.size, 0);
  assert.equal(author(rings).submissions.length, 1, "the chain is as it was");
  assert.ok(rings.send(2));
  rings.floor.tick();
  honest();
  assert.ok(rings.floor.leaves.some((leaf) => leaf.startsWith("SETTLED|2|")));
  sums(state);
});

test("the first watcher's word alone does not overtake what the second saw settled", () => {
  const [first, second, liar] = ["the first watcher", "the second watcher", "the liar"];
  const rings = opened(2, [first, second, liar]);
  author(rings);
  rings.floor.pass(1000);
  rings.floor.tick();
  rings.send(1);
  // The liar confirms the counters and hides that they were moved by this ring.
  rings.observe(first);
  rings.observe(
    liar,
    rings.facts(liar).filter(({ kind }) => kind !== "settled"),
  );
  assert.equal(rings.floor.state.rings.pool.submissions.get(1)?.settled, false);
  assert.ok(!rings.floor.leaves.some((leaf) => leaf.startsWith("FAILED")));
  rings.observe(second);
  assert.ok(rings.floor.leaves.some((leaf) => leaf.startsWith("SETTLED|1|")));
});

test("who watches is told everything at once when it comes, and counts no more when it goes", () => {
  const rings = new RingFloor(1, ["the watcher", "another"], false);
  rings.floor.register("the watcher");
  rings.mint("Alice", "GOLD", 400n);
  rings.mint("Bob", "SILVER", 300n);
  rings.ring("Alice", gold(rings));
  rings.ring("Bob", silver(rings));
  rings.floor.tick();
  rings.observe("the watcher");
  author(rings);
  rings.floor.register("another");
  const kinds = told(rings, "another").map((line) => line.split("|").slice(0, 2).join(" "));
  assert.deepEqual(kinds, [
    "DONE 1",
    "MAILBOX " + told(rings, "another")[1]?.split("|")[1],
    "WATCH order",
    "WATCH order",
    "WATCH ring",
  ]);

  const give = (text: string): void => {
    rings.floor.give({ kind: "configure", at: rings.floor.now, text });
  };
  rings.floor.register("a third");
  give(ringConfigurationOf(1, ["another", "a third"]));
  assert.equal(rings.floor.state.rings.claims.size, 0, "what it said is forgotten");
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|waiting\|/);
  assert.equal(rings.shown().size, 0);
  assert.deepEqual(
    told(rings, "a third")
      .slice(2)
      .map((line) => line.slice(0, 11)),
    ["WATCH|order", "WATCH|order", "WATCH|ring|"],
  );
  sums(rings.floor.state);
});

test("what a watcher said counts no more once it is frozen; thawed, it is asked anew", () => {
  const rings = new RingFloor(1, ["the watcher"]);
  const { floor } = rings;
  rings.mint("Alice", "GOLD", 400n);
  rings.ring("Alice", gold(rings));
  floor.tick();
  rings.observe("the watcher");
  assert.equal(rings.shown().size, 1);
  floor.say("the watcher", "FREEZE", `ROTATE|${"ab".repeat(20)}|AAAA|AAAA`);
  assert.equal(floor.state.rings.claims.size, 0);
  assert.equal(rings.shown().size, 0);
  sums(floor.state);
  floor.pass(86_401_000);
  floor.tick();
  const lines = told(rings, "the watcher").slice(-2);
  assert.deepEqual(lines[0], "FROZEN|0|no");
  assert.match(lines[1] ?? "", /^WATCH\|order/);
});

test("a contract wallet's order waits for the contract's word, which watchers bring", () => {
  const rings = new RingFloor();
  rings.floor.vet = () => "by_wallet";
  rings.mint("Alice", "GOLD", 400n);
  const signature = new Uint8Array(100).fill(7);
  const offers = [
    { ...gold(rings), signature },
    { ...gold(rings, { nonce: 1n }), signature },
  ];
  for (const offer of offers) rings.ring("Alice", offer);
  rings.tell();
  assert.match(told(rings, "the watcher", 1)[0] ?? "", /\|-\|0x~(?:07){68}$/);
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|waiting\|/);
  rings.observe(
    "the watcher",
    offers.map((offer, i) => {
      return { kind: "accepts", order: rings.hashOf(offer), value: i === 0 ? 1n : 0n } as const;
    }),
  );
  assert.deepEqual(
    told(rings, "Alice")
      .slice(-2)
      .map((line) => line.split("|")[3]),
    ["live", "refused"],
  );
  assert.equal(rings.floor.state.rings.pool.orders.size, 1);
});

test("nobody but a watcher observes, and only what is asked for; one DONE answers them all", () => {
  const rings = opened();
  const clock = "OBSERVE|1|clock|-|5";
  const names = (entries: readonly Entry[]): unknown[] =>
    entries.map((entry) => (entry.kind === "reject" ? entry.name : printEntry(entry)));
  assert.deepEqual(names(rings.floor.say("Alice", clock)), ["not_a_watcher"]);
  const epoch = (name: string): string => `OBSERVE|1|epoch|${person(name).address}|0`;
  assert.deepEqual(names(rings.floor.say("the watcher", epoch("nobody"), clock)), [
    "observation_not_wanted",
  ]);
  assert.deepEqual(names(rings.floor.say("the watcher", epoch("Alice"), clock)), [
    "DONE|2|OBSERVE",
  ]);
});
