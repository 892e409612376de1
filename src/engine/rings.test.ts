/**
 * The ring venue as customers, watchers and the public log see it: orders come and go, watchers are
 * asked and believed, submissions settle, fail, lapse or are overtaken, and everybody is told once.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { hashOf } from "../codec/ethereum.ts";
import { printEntry, type Entry } from "../letter/entry.ts";
import { cancelled } from "../ring/order.ts";
import { fingerprintOf } from "../testing/floor.ts";
import { person, type Offer } from "../testing/ringminer.ts";
import { RingFloor, ringConfigurationOf, ringMiner, ringTokens } from "../testing/ringfloor.ts";
import { sums } from "./audit.ts";
import type { Output } from "./input.ts";
import { ringNow, ringOffers, ringOrder, ringVenue } from "./rings.ts";
import { checkSubmission } from "./ringsubmission.ts";

/** Records of these kinds that a person was told, order and ring hashes shortened. */
function told(rings: RingFloor, name: string, from = 0): string[] {
  const documents = (rings.floor.told.get(fingerprintOf(name)) ?? []).slice(from);
  return documents.flatMap(({ records }) => records).map(shown);
}

function shown(entry: Entry): string {
  return printEntry(entry).replaceAll(/0x[0-9a-f]{64}/g, "0x~");
}

/** How much a person was told so far. */
function mark(rings: RingFloor, name: string): number {
  return rings.floor.told.get(fingerprintOf(name))?.length ?? 0;
}

const until = 2n ** 33n;

function gold(rings: RingFloor, fields = {}): Offer {
  return rings.offer("Alice", { sell: [400n, "GOLD"], buy: [200n, "SILVER"], ...fields });
}

function silver(rings: RingFloor, fields = {}): Offer {
  return rings.offer("Bob", { sell: [300n, "SILVER"], buy: [300n, "GOLD"], ...fields });
}

/** Alice and Bob have offers that fit, and the chain is heard. */
function opened(needed = 1, watchers: readonly string[] = ["the watcher"]): RingFloor {
  const rings = new RingFloor(needed, watchers);
  rings.mint("Alice", "GOLD", 400n);
  rings.mint("Bob", "SILVER", 300n);
  rings.ring("Alice", gold(rings), "|id=a");
  rings.ring("Bob", silver(rings), "|id=b|tag=desk");
  rings.tell();
  return rings;
}

/** Alice's 400 gold for 300 silver. */
function author(rings: RingFloor, deadline?: bigint): Output {
  const ring = [[gold(rings), 400n] as const, [silver(rings), 300n] as const];
  return rings.author(ring, deadline);
}

const offerA = `GOLD|400|SILVER|200`;
const offerB = `SILVER|300|GOLD|300`;

test("an order waits until the chain is heard, and is then shown to all the world", () => {
  const rings = new RingFloor();
  rings.mint("Alice", "GOLD", 150n);
  const [answer] = rings.ring("Alice", gold(rings), "|id=a|tag=t");
  assert.ok(answer);
  assert.equal(shown(answer), `OFFER|1|0x~|waiting|${offerA}|0|0|${until}|id=a|tag=t`);
  assert.deepEqual([...rings.shown()], []);

  const before = mark(rings, "Alice");
  rings.tell();
  const { address } = person("Alice");
  assert.deepEqual(told(rings, "the watcher", 1), [
    `WATCH|order|0x~|${address}|0|${ringTokens.GOLD}|-|-`,
    "DONE|4|OBSERVE",
  ]);
  assert.deepEqual(told(rings, "Alice", before), [
    `OFFER|0|0x~|live|${offerA}|0|0|${until}|id=a|tag=t`,
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
  assert.equal(ringOffers(state, ringNow(state)).length, 2);
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
  assert.deepEqual(ringOffers(state, ringNow(state)), [], "what is promised is not offered");
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
    `OFFER|0|0x~|filled|${offerB}|300|400|${until}|id=b|tag=desk`,
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
  assert.equal(shown(entry), `OFFER|0|0x~|live|${offerA}|100|60|${until}|id=a`);
  assert.equal(ringOffers(rings.floor.state, rings.now).length, 2);
});

test("a submission that lapses is told as failed; after three its orders rest an hour", () => {
  const rings = opened();
  const { state } = rings.floor;
  for (let number = 1; number <= 3; number += 1) {
    const deadline = rings.now + 10n;
    author(rings, deadline);
    rings.floor.pass(9_000);
    rings.tell();
    assert.equal(state.rings.pool.submissions.size, 1, "it has its last second left");
    rings.tell();
    assert.equal(state.rings.pool.submissions.size, 0);
    assert.ok(rings.floor.leaves.includes(`FAILED|${number}|deadline`));
    assert.ok(
      told(rings, "Alice").includes(`RINGED|${number}|0x~|0x~|failed|400|300|-|deadline|id=a`),
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

test("watchers say why a submission fails", () => {
  const rings = opened();
  author(rings, rings.now + 10n);
  rings.observe("the watcher", [{ kind: "fails", submission: 1, name: "TransferFailed" }]);
  rings.floor.pass(11_000);
  rings.tell();
  assert.ok(rings.floor.leaves.includes("FAILED|1|TransferFailed"));
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
  const ends = `cancelled|${offerA}|0|0|${until}|id=a`;
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
  assert.equal(shown(back), `OFFER|1|0x~|taken_back|${offerA}|0|0|${until}|id=a`);
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

test("a submission that would not settle, or is not the miner's, is nothing", () => {
  const rings = opened();
  const { state } = rings.floor;
  const nothing = (output: Output): void => {
    assert.deepEqual(output, { leaves: [], documents: [], archive: [], submissions: [] });
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
