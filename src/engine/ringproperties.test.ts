/**
 * Random days of the ring venue on a chain in maps, with watchers of whom one may lie: every index
 * is what it should be, customers and the log know how everything stands, what settled on the chain
 * is never told as failed while the others watch, and the journal gives the same again from its
 * beginning and from a snapshot at any place.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { equalBytes } from "../codec/bytes.ts";
import * as fc from "fast-check";
import { parseLeaf } from "../log/leaf.ts";
import { type Hash, hashOf } from "../codec/ethereum.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Fact } from "../ring/fact.ts";
import { cancelled } from "../ring/order.ts";
import { fingerprintOf, floorExchange } from "../testing/floor.ts";
import { person, type Offer } from "../testing/ringminer.ts";
import { RingFloor, ringConfigurationOf, ringMiner, type TokenName } from "../testing/ringfloor.ts";
import { runs } from "../testing/runs.ts";
import { apply } from "./apply.ts";
import { sums } from "./audit.ts";
import { isOver } from "./ringbook.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";
import { newState } from "./state.ts";

const noHash = hashOf(new Uint8Array(32));
const people = ["Alice", "Bob", "the third customer"];
const watchers = ["the first watcher", "the second watcher", "the liar"];

/** So few that most of them meet. */
type Asked = {
  readonly who: number;
  readonly sell: number;
  readonly nonce: number;
  readonly amount: number;
  readonly since: number;
  readonly until: number;
  readonly wallet: boolean;
  /** Without an auth key of its own. */
  readonly shared: boolean;
  /** Whose account hands it in: the next one's, if it is another's. */
  readonly by: number;
};

const names: readonly TokenName[] = ["GOLD", "SILVER", "TIN"];
const asked: fc.Arbitrary<Asked> = fc.record({
  who: fc.nat(2),
  sell: fc.nat(2),
  nonce: fc.nat(2),
  amount: fc.constantFrom(5, 10),
  since: fc.constantFrom(0, 0, 0, 0, 4),
  until: fc.constantFrom(1000, 1000, 1000, 12),
  wallet: fc.constantFrom(false, false, false, false, true),
  shared: fc.constantFrom(false, false, true),
  by: fc.constantFrom(0, 0, 0, 1),
});

type Step =
  | { readonly kind: "ring"; readonly asked: Asked; readonly id: string }
  | { readonly kind: "unring"; readonly who: number; readonly which: number }
  /** What shares the miner's key and was taken back, by whomever. */
  | { readonly kind: "again"; readonly who: number; readonly which: number }
  | {
      readonly kind: "author";
      readonly fill: number;
      readonly spread: number;
      readonly life: number;
    }
  | { readonly kind: "send"; readonly which: number }
  | { readonly kind: "tick"; readonly seconds: number }
  | { readonly kind: "tell"; readonly watcher: number; readonly some: number }
  | { readonly kind: "lie"; readonly about: number; readonly value: number }
  | { readonly kind: "fund"; readonly who: number; readonly token: number; readonly amount: number }
  | { readonly kind: "cancel"; readonly who: number; readonly nonce: number }
  | { readonly kind: "configure"; readonly needed: number; readonly count: number }
  | { readonly kind: "stat"; readonly who: number };

const who = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("ring" as const),
      asked,
      id: fc.constantFrom("", "", "|id=a", "|id=b", "|tag=t"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("unring" as const), who, which: fc.nat(5) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("again" as const), who, which: fc.nat(5) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("author" as const),
      fill: fc.constantFrom(2, 5, 10),
      spread: fc.nat(5),
      life: fc.constantFrom(3, 300),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("send" as const), which: fc.nat(3) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("tick" as const),
      seconds: fc.constantFrom(0, 1, 4, 700, 3600),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant("tell" as const),
      // Both of the honest ones, mostly.
      watcher: fc.constantFrom(0, 1, 2, 2, 2),
      some: fc.constantFrom(1000, 1000, 3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("lie" as const),
      about: fc.nat(20),
      value: fc.constantFrom(0, 1, 7, 1_000_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("fund" as const),
      who,
      token: fc.nat(2),
      amount: fc.constantFrom(-9, 3, 20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("cancel" as const), who, nonce: fc.nat(3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("configure" as const),
      needed: fc.constantFrom(1, 2, 2),
      count: fc.constantFrom(2, 3, 3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("stat" as const), who }) },
);

/** A day in progress, with every order that was made. */
class Day {
  readonly rings = new RingFloor(2, watchers);
  readonly made = new Map<Hash, Offer>();
  private readonly takenBack = new Map<Hash, Fingerprint>();
  again = 0;
  private sent = 0;

  constructor() {
    for (const name of people) {
      this.rings.floor.register(name);
      for (const token of names) this.rings.mint(name, token, 12n);
    }
    // Whoever signs with more than a key is a contract.
    this.rings.floor.vet = (command) =>
      command.kind === "ring" && command.signature.length > 64 ? "by_wallet" : "good";
    const usual = {
      nonce: 3,
      amount: 10,
      since: 0,
      until: 1000,
      wallet: false,
      shared: false,
      by: 0,
    };
    for (const sell of [0, 1, 2]) {
      this.take({ kind: "ring", asked: { ...usual, who: sell, sell }, id: "" });
    }
    this.take({
      kind: "ring",
      asked: { ...usual, who: 0, sell: 0, nonce: 2, shared: true },
      id: "",
    });
    this.take({ kind: "unring", who: 0, which: 1 });
    this.take({ kind: "tell", watcher: 2, some: 1000 });
  }

  offerOf({ who, sell, nonce, amount, since, until, wallet, shared }: Asked): Offer {
    const name = people[who] ?? "";
    const fields = {
      nonce: BigInt(nonce),
      // Whole tens, so that the same order comes again.
      validSince: (this.rings.now / 10n) * 10n + BigInt(since),
      validUntil: (this.rings.now / 1000n) * 1000n + BigInt(until),
    };
    const offer = this.rings.offer(name, {
      sell: [BigInt(amount), names[sell] ?? "GOLD"],
      buy: [BigInt(amount), names[(sell + 1) % 3] ?? "GOLD"],
      ...fields,
      ...(shared ? { authAddress: ringMiner.address } : {}),
    });
    const authored = shared ? { ...offer, auth: ringMiner } : offer;
    return wallet ? { ...authored, signature: new Uint8Array(70).fill(1) } : authored;
  }

  take(step: Step): void {
    const { rings } = this;
    const { floor } = rings;
    switch (step.kind) {
      case "ring": {
        const offer = this.offerOf(step.asked);
        const { owner, signature } = offer;
        const digest = rings.hashOf(offer);
        this.made.set(digest, offer);
        if (signature) rings.answers.push({ owner: owner.address, digest, signature });
        rings.ring(people[(step.asked.who + step.asked.by) % 3] ?? "", offer, step.id);
        return;
      }
      case "unring": {
        const name = people[step.who] ?? "";
        const own = [...(floor.state.rings.ofAccount.get(fingerprintOf(name)) ?? [])];
        const [one] = own.slice(step.which % Math.max(own.length, 1));
        const hash = one?.pooled.hash ?? [...this.made.keys()].at(-1 - step.which);
        for (const entry of floor.say(name, "UNRING|a", ...(hash ? [`UNRING|${hash}`] : []))) {
          if (entry.kind === "offer") this.note(entry.hash, name);
        }
        return;
      }
      case "again": {
        const hashes = [...this.takenBack.keys()];
        const offer = this.made.get(hashes[step.which % hashes.length] ?? noHash);
        if (offer) rings.ring(people[step.who] ?? "", offer);
        return;
      }
      case "author":
        return this.author(step);
      case "send":
        if (this.sent > 0) rings.send(1 + (step.which % this.sent));
        return;
      case "tick":
        floor.pass(step.seconds * 1000);
        floor.tick();
        return;
      case "tell": {
        floor.tick();
        for (const watcher of watchers.slice(0, 2)) {
          if (step.watcher < 2 && watchers[step.watcher] !== watcher) continue;
          rings.observe(watcher, rings.facts(watcher).slice(-step.some));
        }
        return;
      }
      case "lie":
        return this.lie(step);
      case "fund":
        rings.mint(people[step.who] ?? "", names[step.token] ?? "GOLD", BigInt(step.amount));
        return;
      case "cancel": {
        const counter = {
          owner: person(people[step.who] ?? "").address,
          nonce: BigInt(step.nonce),
        };
        rings.ledger.apply({ counters: [{ ...counter, value: cancelled }], log: [] });
        return;
      }
      case "configure": {
        const text = ringConfigurationOf(step.needed, watchers.slice(0, step.count));
        floor.give({ kind: "configure", at: floor.now, text });
        return;
      }
      case "stat":
        floor.say(people[step.who] ?? "", "STAT", "NOOP");
    }
  }

  private note(hash: Hash, name: string): void {
    if (this.made.get(hash)?.order.authAddress !== ringMiner.address) return;
    this.takenBack.set(hash, fingerprintOf(name));
  }

  /** Nobody has an order now that somebody else took back. */
  checkTakenBack(): void {
    for (const [hash, account] of this.takenBack) {
      const offer = this.rings.floor.state.rings.offers.get(hash);
      if (offer === undefined || isOver(offer)) continue;
      assert.equal(offer.account, account, "what was taken back is its account's");
      // It may end in another way now, and be anybody's.
      this.takenBack.delete(hash);
      this.again += 1;
    }
  }

  /** A ring of three, or what is nearest to it, of whatever is in the pool. */
  private author({ fill, spread, life }: Extract<Step, { kind: "author" }>): void {
    const offers = [...this.rings.floor.state.rings.pool.orders.keys()].flatMap((hash) => {
      return this.made.get(hash) ?? [];
    });
    const ring = names.flatMap((name) => {
      const selling = offers.filter(({ order }) => order.sellToken === this.tokenOf(name));
      const chosen = selling[spread % Math.max(selling.length, 1)];
      return chosen === undefined ? [] : [[chosen, BigInt(fill)] as const];
    });
    if (ring.length < 2) return;
    const output = this.rings.author(ring, this.rings.now + BigInt(life));
    this.sent += output.submissions.length;
  }

  private tokenOf(name: TokenName): string {
    return this.rings.offer("Alice", { sell: [1n, name], buy: [1n, "GOLD"] }).order.sellToken;
  }

  private lie({ about, value }: Extract<Step, { kind: "lie" }>): void {
    const { rings } = this;
    const facts = rings.facts("the liar");
    const fact = facts[about % facts.length];
    if (fact === undefined) return;
    const number = BigInt(value);
    rings.observe("the liar", [lied(fact, number), { kind: "clock", value: rings.now + number }]);
  }
}

function lied(fact: Fact, value: bigint): Fact {
  if (fact.kind === "settled") return { ...fact, transaction: fact.ring };
  return fact.kind === "fails" ? fact : { ...fact, value };
}

/** The journal again: from the beginning, and from a snapshot taken at `cut`. */
function checkReplay({ floor }: RingFloor, cut: number): void {
  let state = newState(floorExchange);
  floor.journal.forEach((input, index) => {
    if (index === cut) {
      const bytes = printSnapshot(state);
      state = parseSnapshot(bytes);
      assert.ok(equalBytes(printSnapshot(state), bytes));
      sums(state);
    }
    assert.deepEqual(apply(state, input), floor.outputs[index]);
  });
  assert.ok(equalBytes(printSnapshot(state), printSnapshot(floor.state)));
}

/** Every ring has one fate, told once to each of its orders; nothing is shown that is not there. */
function checkTold(rings: RingFloor): void {
  const fates = new Map<number, string>();
  for (const line of rings.floor.leaves) {
    const leaf = parseLeaf(line);
    if (leaf?.kind !== "settled" && leaf?.kind !== "failed") continue;
    assert.equal(fates.has(leaf.number), false, "a ring has one fate");
    fates.set(leaf.number, leaf.kind);
  }
  for (const name of people) {
    const records = (rings.floor.told.get(fingerprintOf(name)) ?? []).flatMap((one) => one.records);
    const told = new Map<string, string[]>();
    for (const entry of records) {
      if (entry.kind !== "ringed" || entry.state === "authored") continue;
      const key = `${entry.ring} ${entry.hash}`;
      told.set(key, [...(told.get(key) ?? []), entry.state]);
    }
    for (const [key, states] of told) {
      assert.deepEqual(states, [fates.get(Number(key.split(" ")[0]))]);
    }
  }
  const shown = [...rings.floor.state.rings.offers.values()].filter(
    (offer) => offer.shown.sell > 0n,
  );
  assert.deepEqual(
    [...rings.shown().keys()].toSorted((a, b) => a - b),
    shown.map(({ number }) => number).toSorted((a, b) => a - b),
  );
}

test("every day of the ring venue keeps every promise", () => {
  let settled = 0;
  let failed = 0;
  let again = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), fc.nat(1000), (steps, cut) => {
      const day = new Day();
      for (const each of steps) {
        day.take(each);
        day.checkTakenBack();
        sums(day.rings.floor.state);
      }
      checkTold(day.rings);
      checkReplay(day.rings, cut % day.rings.floor.journal.length);
      again += day.again;
      settled += day.rings.floor.leaves.filter((leaf) => leaf.startsWith("SETTLED")).length;
      failed += day.rings.floor.leaves.filter((leaf) => leaf.startsWith("FAILED")).length;
    }),
    { numRuns: runs(40) },
  );
  const counts = `${settled} settled, ${failed} failed, ${again} offered again`;
  assert.ok(settled > 0 && failed > 0 && again > 0, `${counts}: days were empty`);
});
