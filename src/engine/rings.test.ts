/**
 * The ring venue as customers and the public log see it: orders come and go, submissions settle,
 * fail, lapse or are overtaken, and everybody is told once.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { cancelled } from "../ring/order.ts";
import { RingFloor, ringConfigurationOf, ringMiner, ringTokens } from "../testing/ringfloor.ts";
import { far, person } from "../testing/ringminer.ts";
import { author, gold, mark, opened, shown, silver, told } from "../testing/ringpair.ts";
import { sums } from "./audit.ts";
import type { Output } from "./input.ts";
import type { Offer } from "../finder/offer.ts";
import { offersOf } from "../pool/pool.ts";
import { ringNow, ringOrder, ringVenue, ringView } from "./rings.ts";
import { checkSubmission } from "./ringsubmission.ts";
import type { State } from "./state.ts";

const offerA = `GOLD|400|SILVER|200`;
const offerB = `SILVER|300|GOLD|300`;

/** What the miner is offered. */
function offersIn(state: State, now: bigint): readonly Offer[] {
  return offersOf(state.rings.pool, ringView(state), now);
}

test("an order waits until the chain is heard, and is then shown to all the world", () => {
  const rings = new RingFloor();
  rings.mint("Alice", "GOLD", 150n);
  const [answer] = rings.ring("Alice", gold(rings), "|id=a|tag=t");
  assert.ok(answer);
  assert.equal(shown(answer), `OFFER|1|0x~|waiting|${offerA}|0|0|${far}|id=a|tag=t`);
  assert.deepEqual([...rings.shown()], []);

  const before = mark(rings, "Alice");
  rings.tell();
  const { address } = person("Alice");
  assert.deepEqual(told(rings, "the watcher", 1), [
    `WATCH|order|0x~|${address}|0|${ringTokens.GOLD}|-|-`,
    "DONE|4|OBSERVE",
  ]);
  assert.deepEqual(told(rings, "Alice", before), [
    `OFFER|0|0x~|live|${offerA}|0|0|${far}|id=a|tag=t`,
  ]);
  assert.deepEqual([...rings.shown()], [[1, "150 GOLD for 75 SILVER"]]);

  rings.mint("Alice", "GOLD", 10n);
  rings.tell();
  assert.equal(told(rings, "Alice", before).length, 1, "a wobble is not told");
  assert.deepEqual([...rings.shown()], [[1, "160 GOLD for 80 SILVER"]]);
  rings.mint("Alice", "GOLD", -160n);
  rings.tell();
  assert.match(told(rings, "Alice", before).at(-1) ?? "", /\|unfunded\|/);
  assert.deepEqual([...rings.shown()], []);
  sums(rings.floor.state);
});

test("the log names the venue and its tokens once", () => {
  const rings = new RingFloor();
  const { leaves } = rings.floor;
  const { address } = ringMiner;
  const contract = ringVenue(rings.floor.state)?.domain.contract;
  assert.deepEqual(leaves.slice(1, 5), [
    `VENUE|31337|${contract}|${address}|${address}`,
    ...Object.entries(ringTokens).map(([name, token]) => `TOKEN|${name}|${token}|18`),
  ]);
  const text = ringConfigurationOf(1, rings.watchers);
  const again = (changed: string): readonly string[] =>
    rings.floor.give({ kind: "configure", at: rings.floor.now, text: changed }).leaves;
  assert.deepEqual(again(`${text}# nothing\n`), []);
  const another = `token LEAD address 0x${"77".repeat(20)} decimals 6 price 2\n`;
  assert.deepEqual(again(text + another), [`TOKEN|LEAD|0x${"77".repeat(20)}|6`]);
});

test("a ring settles: leaves, mail to both, and what is left", () => {
  const rings = opened();
  const state = rings.floor.state;
  assert.equal(offersIn(state, ringNow(state)).length, 2);
  const before = mark(rings, "Bob");
  const output = author(rings);
  assert.equal(output.submissions.length, 1);
  assert.deepEqual(
    output.leaves.map((leaf) => leaf.replaceAll(/(0x)?[0-9a-f]{64}/g, "~")),
    [`SUBMISSION|1|${rings.now + 300n}|~`, "RING|1|1|~|2"],
  );
  assert.deepEqual(told(rings, "Bob", before), [
    "RINGED|1|0x~|0x~|authored|300|400|-|-|id=b|tag=desk",
  ]);
  assert.deepEqual(offersIn(state, ringNow(state)), [], "what is promised is not offered");
  assert.equal(rings.shown().size, 2, "and still stands in the log");

  rings.floor.pass(1000);
  rings.floor.tick();
  const asked = told(rings, "the watcher").at(-1);
  assert.equal(asked, `WATCH|ring|0x~|1|${rings.now + 299n}`);
  assert.ok(rings.send(1));
  const heard = rings.observe("the watcher");
  assert.deepEqual(
    heard.leaves.map((leaf) => leaf.replaceAll(/0x[0-9a-f]{64}/g, "~")),
    ["SETTLED|1|~", "OFFER|1|GOLD|SILVER|0|0", "OFFER|2|SILVER|GOLD|0|0"],
  );
  assert.deepEqual(told(rings, "Bob", before).slice(1), [
    "RINGED|1|0x~|0x~|settled|300|400|0x~|-|id=b|tag=desk",
    `OFFER|0|0x~|filled|${offerB}|300|400|${far}|id=b|tag=desk`,
  ]);
  assert.equal(state.rings.pool.submissions.size, 0);
  assert.equal(state.rings.offers.size, 0);
  assert.deepEqual([...state.rings.claims.keys()], ["clock -"], "the rest is forgotten");
  rings.tell();
  assert.deepEqual(
    told(rings, "the watcher").filter((line) => line.startsWith("UNWATCH")),
    ["UNWATCH|ring|0x~", "UNWATCH|order|0x~", "UNWATCH|order|0x~"],
  );
  sums(state);
});

test("what settled keeps its orders until their counters are heard, or its deadline has passed", () => {
  for (const isPast of [false, true]) {
    const rings = opened();
    const { state } = rings.floor;
    const ring = [[gold(rings), 100n] as const, [silver(rings), 60n] as const];
    rings.author(ring, rings.now + 10n);
    rings.floor.tick();
    rings.send(1);
    const facts = rings.facts("the watcher");
    rings.observe(
      "the watcher",
      facts.filter(({ kind }) => kind === "settled"),
    );
    assert.ok(rings.floor.leaves.some((leaf) => leaf.startsWith("SETTLED|1|")));
    assert.deepEqual(offersIn(state, rings.now), []);
    assert.equal(rings.author(ring).submissions.length, 0);
    sums(state);
    if (isPast) rings.floor.pass(11_000);
    const clock = { kind: "clock", value: rings.now } as const;
    rings.observe("the watcher", isPast ? [clock] : facts.slice(0, 1));
    assert.equal(offersIn(state, rings.now).length, isPast ? 2 : 0, "one counter is not both");
    if (!isPast)
      rings.observe(
        "the watcher",
        facts.filter(({ kind }) => kind !== "settled"),
      );
    assert.equal(offersIn(state, rings.now).length, 2);
    sums(state);
  }
});

test("two rings are two submissions: each could be sent by itself", () => {
  const rings = opened();
  rings.mint("Alice", "GOLD", 400n);
  rings.mint("Bob", "SILVER", 300n);
  const others = [gold(rings, { nonce: 1n }), silver(rings, { nonce: 1n })] as const;
  rings.ring("Alice", others[0], "|id=c");
  rings.ring("Bob", others[1], "|id=d");
  rings.tell();
  const ring = [[gold(rings), 400n] as const, [silver(rings), 300n] as const];
  const other = [[others[0], 400n] as const, [others[1], 300n] as const];
  assert.equal(rings.authorAll([ring, other]).submissions.length, 0);
  assert.equal(rings.authorAll([ring]).submissions.length, 1);
  assert.equal(rings.authorAll([other]).submissions.length, 1);
});

test("an order that is partly filled goes on with its rest", () => {
  const rings = opened();
  rings.author([
    [gold(rings), 100n],
    [silver(rings), 60n],
  ]);
  rings.send(1);
  rings.tell();
  assert.deepEqual(
    [...rings.shown()],
    [
      [1, "300 GOLD for 150 SILVER"],
      [2, "240 SILVER for 240 GOLD"],
    ],
  );
  const [entry] = rings.floor.say("Alice", "STAT");
  assert.ok(entry);
  assert.equal(shown(entry), `OFFER|0|0x~|live|${offerA}|100|60|${far}|id=a`);
  assert.equal(offersIn(rings.floor.state, rings.now).length, 2);
});

test("a submission that fails is told; after three for no order's sake, its orders rest an hour", () => {
  const rings = opened();
  const { state } = rings.floor;
  for (let number = 1; number <= 3; number += 1) {
    const deadline = rings.now + 10n;
    author(rings, deadline);
    const name = "TransferNotExact";
    rings.observe("the watcher", [{ kind: "fails", submission: number, name }]);
    rings.floor.pass(9_000);
    rings.tell();
    assert.equal(state.rings.pool.submissions.size, 1, "it has its last second left");
    rings.tell();
    assert.equal(state.rings.pool.submissions.size, 0);
    assert.ok(rings.floor.leaves.includes(`FAILED|${number}|${name}`));
    assert.ok(
      told(rings, "Alice").includes(`RINGED|${number}|0x~|0x~|failed|400|300|-|${name}|id=a`),
    );
  }
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|set_aside\|/);
  assert.equal(rings.shown().size, 0);
  assert.equal(author(rings).submissions.length, 0, "no ring takes it");
  rings.floor.pass(3_600_000);
  rings.floor.tick();
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|live\|/);
  assert.equal(rings.shown().size, 2);
  assert.equal(author(rings).submissions.length, 1);
});

test("a submission is overtaken when another ring fills one of its orders", () => {
  const rings = opened();
  author(rings);
  rings.floor.tick();
  const owner = person("Alice").address;
  rings.observe("the watcher", [{ kind: "counter", owner, nonce: 0n, value: 5n }]);
  assert.ok(rings.floor.leaves.includes("FAILED|1|overtaken"));
  assert.equal(rings.shown().get(1), "395 GOLD for 198 SILVER");
});

test("cancelled on the chain, by nonce or by epoch", () => {
  const rings = opened();
  const nonce = 0n;
  const [alice, bob] = [person("Alice").address, person("Bob").address];
  rings.observe("the watcher", [
    { kind: "counter", owner: alice, nonce, value: cancelled },
    { kind: "epoch", owner: bob, value: 1n },
  ]);
  const ends = `cancelled|${offerA}|0|0|${far}|id=a`;
  assert.equal(told(rings, "Alice").at(-1), `OFFER|0|0x~|${ends}`);
  assert.match(told(rings, "Bob").at(-1) ?? "", /\|cancelled\|/);
  assert.equal(rings.floor.state.rings.offers.size, 0);
});

test("taken back: at once, and what is on its way may still settle", () => {
  const rings = opened();
  const { state } = rings.floor;
  const hash = rings.hashOf(gold(rings));
  assert.deepEqual(ringOrder(state, hash)?.sealedAuth, "c2VhbGVk");
  author(rings);
  const deadline = rings.now + 300n;
  const answer = rings.floor.say("Alice", "UNRING|a");
  assert.deepEqual(answer.map(shown), [
    `OFFER|1|0x~|taken_back|${offerA}|0|0|${deadline}|id=a`,
    "RINGED|1|0x~|0x~|authored|400|300|-|-|id=a",
  ]);
  assert.equal(ringOrder(state, hash), undefined);
  assert.equal(state.rings.offers.get(hash)?.auth, undefined, "its key is forgotten");
  assert.equal(rings.shown().has(1), false);
  const again = rings.floor.say("Alice", rings.ringLine(gold(rings)), `UNRING|${hash}`);
  assert.deepEqual(
    again.map((entry) => entry.kind === "reject" && entry.name),
    ["ring_order_repeated", "ring_order_unknown"],
  );
  sums(state);

  rings.send(1);
  rings.tell();
  assert.match(
    told(rings, "Alice").at(-1) ?? "",
    /^RINGED\|1\|0x~\|0x~\|settled\|400\|300\|0x~\|-/,
  );
  assert.equal(state.rings.offers.size, 0);
  sums(state);
});

test("taken back by its hash, and offered anew", () => {
  const rings = opened();
  const hash = rings.hashOf(gold(rings));
  const [mine] = rings.floor.say("Bob", `UNRING|${hash}`);
  assert.ok(mine?.kind === "reject" && mine.name === "ring_order_unknown", "it is not Bob's");
  const [back] = rings.floor.say("Alice", `UNRING|${hash}`);
  assert.ok(back);
  assert.equal(shown(back), `OFFER|1|0x~|taken_back|${offerA}|0|0|${far}|id=a`);
  rings.ring("Alice", gold(rings));
  rings.tell();
  assert.equal(rings.shown().get(3), "400 GOLD for 200 SILVER");
});

test("orders expire by the engine's clock, and begin by it", () => {
  const rings = new RingFloor();
  rings.mint("Alice", "GOLD", 400n);
  const since = rings.now + 20n;
  rings.ring("Alice", gold(rings, { validSince: since, validUntil: since + 10n }));
  rings.tell();
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|waiting\|/);
  rings.floor.pass(19_000);
  rings.floor.tick();
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|live\|/);
  rings.floor.pass(10_000);
  rings.floor.tick();
  assert.equal(rings.shown().size, 1, "it has its last second left");
  rings.floor.pass(1_000);
  const { leaves } = rings.floor.tick();
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|expired\|/);
  assert.ok(leaves.includes("OFFER|1|GOLD|SILVER|0|0"));
});

test("orders that share the miner's key are taken back when the miner goes", () => {
  const rings = new RingFloor();
  rings.ring("Alice", gold(rings, { authAddress: ringMiner.address }));
  rings.ring("Alice", gold(rings, { nonce: 1n }));
  const text = ringConfigurationOf(1, rings.watchers).replace(
    `miner ${ringMiner.address}`,
    `miner ${person("another miner").address}`,
  );
  const { leaves } = rings.floor.give({ kind: "configure", at: rings.floor.now, text });
  assert.match(leaves.join(), /^VENUE\|/);
  assert.match(told(rings, "Alice").at(-1) ?? "", /\|taken_back\|/);
  assert.equal(rings.floor.state.rings.offers.size, 1);
  sums(rings.floor.state);
});

test("a submission that would not settle, or is not the miner's, is nothing", () => {
  const rings = opened();
  const { state } = rings.floor;
  const nothing = (output: Output): void => {
    assert.deepEqual(output, {
      leaves: [],
      documents: [],
      archive: [],
      submissions: [],
      reads: [],
    });
  };
  const at = rings.floor.now;
  nothing(rings.floor.give({ kind: "submission", at, calldata: "00" }));
  const stranger = rings.offer("Bob", { sell: [300n, "SILVER"], buy: [300n, "GOLD"], nonce: 9n });
  nothing(
    rings.author([
      [gold(rings), 400n],
      [stranger, 300n],
    ]),
  );
  nothing(
    rings.author([
      [gold(rings), 401n],
      [silver(rings), 300n],
    ]),
  );
  nothing(author(rings, rings.now - 1n));
  author(rings);
  nothing(author(rings));
  const checked = checkSubmission(state, "00");
  assert.ok(!checked.ok && checked.name === "Malformed");
});
