/** The two files that an operator writes, and how much a name may do. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { verifierKey } from "../log/note.ts";
import { testKey, testSigner } from "../testing/publisher.ts";
import { runs } from "../testing/runs.ts";
import { isInRoom, parseMembers } from "./members.ts";
import { Buckets } from "./rate.ts";
import { parseSettings } from "./settings.ts";

const contract = `0x${"c".repeat(40)}`;
const [one, two] = [`0x${"1".repeat(40)}`, `0x${"2".repeat(40)}`];
const keyOf = (name: string): string => {
  return verifierKey(name, testSigner(name, testKey(1)).publicKey);
};

test("miner.conf", () => {
  const lines = [
    "# a comment",
    "name alder",
    "listen [::1]:0",
    `ring chain 31337 contract ${contract} fee-recipient ${one} gas-per-order 0.25 deadline 60`,
    `token GOLD address ${two} decimals 18 price 1.5   # and what it is worth`,
    "finality 0",
  ];
  const read = parseSettings(lines.join("\n"));
  ok(read.ok);
  deepEqual(read.value, {
    name: "alder",
    host: "::1",
    port: 0,
    domain: { chainId: 31_337n, contract },
    feeRecipient: one,
    gasPerOrder: 0.25,
    deadline: 60n,
    round: 1,
    tokens: [{ name: "GOLD", address: two, decimals: 18, price: 1.5 }],
    finality: 0,
    rate: { perSecond: 20, burst: 400 },
    ordersMax: 20_000,
  });
  const wrong = [
    "colour red",
    "name Alder",
    "listen here",
    "listen 127.0.0.1:70000",
    "ring chain 0 contract 0x12",
    `ring chain 1 contract ${contract} deadline soon`,
    `ring chain 1 contract ${contract} deadline`,
    `ring chain 1 contract ${contract} round 0`,
    `ring chain 1 contract ${contract} speed 1`,
    `token gold address ${two} decimals 18 price 1`,
    `token GOLD address ${two} decimals 18 price 1`,
    `token OIL address ${two} decimals 18 price -1`,
    "finality never",
    "notes 0 5",
    "orders all",
  ];
  for (const line of wrong) {
    const refused = parseSettings([...lines, line].join("\n"));
    equal(refused.ok || refused.detail.slice(0, 7), "line 7:", line);
  }
  equal(parseSettings("name alder").ok, false);
});

test("members.conf", () => {
  const lines = [
    `member alder http://10.0.0.1:8400/ ${keyOf("alder")}`,
    `member birch - ${keyOf("birch")}`,
    "room bourse alder birch",
    `miner alder ${one}`,
    `address birch ${two}`,
  ];
  const read = parseMembers(lines.join("\n"));
  ok(read.ok);
  const { members, miners, addresses } = read.value;
  equal(members.get("alder")?.url, "http://10.0.0.1:8400");
  equal(members.get("birch")?.url, undefined);
  deepEqual([[...miners], [...addresses.values()]], [[[one, "alder"]], ["alder", "birch"]]);
  ok(isInRoom(read.value, "bourse", "birch") && !isInRoom(read.value, "bourse", "cedar"));
  const wrong = [
    "friend alder",
    `member alder - ${keyOf("alder")}`,
    `member cedar - ${keyOf("alder")}`,
    `member cedar ftp://x ${keyOf("cedar")}`,
    `member cedar http://user:word@x ${keyOf("cedar")}`,
    `member cedar - ${keyOf("cedar")} more`,
    "room bourse alder",
    "room empty",
    "room other cedar",
    `miner cedar ${contract}`,
    `miner alder ${two}`,
    "address alder 0x12",
  ];
  for (const line of wrong) {
    const refused = parseMembers([...lines, line].join("\n"));
    equal(refused.ok || refused.detail.slice(0, 7), "line 6:", line);
  }
});

test("no text breaks either", () => {
  const word = fc.oneof(
    fc.constantFrom("member", "room", "miner", "token", "ring", "listen", "notes", "alder", one),
    fc.string(),
  );
  const text = fc
    .array(fc.array(word, { maxLength: 8 }), { maxLength: 6 })
    .map((lines) => lines.map((words) => words.join(" ")).join("\n"));
  fc.assert(
    fc.property(text, (given) => {
      parseMembers(given);
      ok(!parseSettings(given).ok);
    }),
    { numRuns: runs(300) },
  );
});

test("a bucket gives what it may, and fills again", () => {
  const buckets = new Buckets({ perSecond: 10, burst: 5 });
  const takes = (name: string, now: number): number =>
    Array.from({ length: 20 }, () => buckets.take(name, now)).filter((wait) => wait === 0).length;
  equal(takes("alder", 1000), 5);
  equal(takes("birch", 1000), 5);
  equal(buckets.take("alder", 1000), 100);
  equal(buckets.take("alder", 1099), 1);
  equal(takes("alder", 1300), 3);
  equal(takes("alder", 100_000), 5);
});
