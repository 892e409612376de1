/** What counts of the watchers' words: liars below the quorum delay, and never make anything up. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { assert as check, bigInt, property } from "fast-check";

import { keccak, hashOf } from "../codec/ethereum.ts";
import { fromAscii } from "../codec/bytes.ts";
import type { Fact } from "../ring/fact.ts";
import { person } from "../testing/ringminer.ts";
import { type Claims, claim, viewOf } from "./claims.ts";

const owner = person("owner").address;
const ring = hashOf(keccak(fromAscii("ring")));
const transaction = hashOf(keccak(fromAscii("transaction")));
const elsewhere = hashOf(keccak(fromAscii("elsewhere")));

const amount = bigInt({ min: 0n, max: 2n ** 64n });

function counter(value: bigint): Fact {
  return { kind: "counter", owner, nonce: 1n, value };
}

test("one liar of three, two needed: a number is one that an honest watcher vouches for", () => {
  check(
    property(amount, amount, amount, (one, other, lie) => {
      const claims: Claims = new Map();
      claim(claims, "one", counter(one));
      claim(claims, "other", counter(other));
      claim(claims, "liar", counter(lie));
      const agreed = viewOf(claims, 2).counter(owner, 1n) ?? -1n;
      const [low, high] = one < other ? [one, other] : [other, one];
      equal(agreed >= low && agreed <= high, true);
    }),
  );
});

test("nothing counts before enough have spoken", () => {
  const claims: Claims = new Map();
  equal(viewOf(claims, 1).counter(owner, 1n), undefined);
  claim(claims, "one", counter(5n));
  equal(viewOf(claims, 1).counter(owner, 1n), 5n);
  equal(viewOf(claims, 2).counter(owner, 1n), undefined);
});

test("a watcher's newer word replaces its older one, also downwards: a reorganisation", () => {
  const claims: Claims = new Map();
  for (const watcher of ["one", "other"]) claim(claims, watcher, counter(5n));
  claim(claims, "one", counter(3n));
  equal(viewOf(claims, 2).counter(owner, 1n), 3n);
  equal(viewOf(claims, 1).counter(owner, 1n), 5n);
});

test("a liar cannot say that a ring is settled, nor in which transaction", () => {
  const claims: Claims = new Map();
  claim(claims, "liar", { kind: "settled", ring, transaction: elsewhere });
  equal(viewOf(claims, 2).settled(ring), undefined);
  claim(claims, "one", { kind: "settled", ring, transaction });
  equal(viewOf(claims, 2).settled(ring), undefined);
  claim(claims, "other", { kind: "settled", ring, transaction });
  equal(viewOf(claims, 2).settled(ring), transaction);
});

test("whether a contract wallet accepts, and why a submission fails, are agreed upon too", () => {
  const claims: Claims = new Map();
  const view = viewOf(claims, 2);
  deepEqual([view.accepts(ring), view.fails(1)], [undefined, undefined]);
  for (const watcher of ["one", "other"]) {
    claim(claims, watcher, { kind: "accepts", order: ring, value: 1n });
    claim(claims, watcher, { kind: "fails", submission: 1, name: "TransferFailed" });
  }
  claim(claims, "liar", { kind: "accepts", order: ring, value: 0n });
  claim(claims, "liar", { kind: "fails", submission: 1, name: "Other" });
  deepEqual([view.accepts(ring), view.fails(1)], [true, "TransferFailed"]);
});
