/**
 * Nonces count upwards in pairs of one storage word, never twice, from a place of each home's own.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { type Address, parseAddress } from "../codec/ethereum.ts";
import { epochOf } from "../ring/order.ts";
import { diskHome } from "./diskhome.ts";
import type { Home } from "./home.ts";
import { lastEpoch, takeNonce } from "./ringnonce.ts";

let base: string;

before(() => {
  base = mkdtempSync(join(tmpdir(), "signet-nonce-"));
});
after(() => rmSync(base, { recursive: true }));

function address(byte: string): Address {
  return parseAddress(`0x${byte.repeat(20)}`) ?? assert.fail();
}

const whose = { owner: address("11"), domain: { chainId: 1n, contract: address("22") } };

function homeOf(name: string): Home {
  return diskHome(join(base, name));
}

async function take(home: Home, epoch?: bigint, of = whose): Promise<bigint> {
  const taken = await takeNonce(home, of, epoch);
  assert.ok(taken.ok);
  return taken.value;
}

test("orders of one home follow one another, also when they are written at once", async () => {
  const home = homeOf("one");
  const first = await take(home);
  assert.equal(first % 2n, 0n, "the first one begins a word");
  const rest = await Promise.all(Array.from({ length: 20 }, () => take(home)));
  assert.deepEqual(
    rest.toSorted((a, b) => (a < b ? -1 : 1)),
    Array.from({ length: 20 }, (_, i) => first + BigInt(i + 1)),
  );
});

test("two homes of one owner begin elsewhere", async () => {
  assert.notEqual(await take(homeOf("two")), await take(homeOf("three")));
});

test("a new epoch, another owner or contract count by themselves", async () => {
  const home = homeOf("epochs");
  const zero = await take(home);
  assert.equal(epochOf(zero), 0n);
  const seven = await take(home, 7n);
  assert.equal(epochOf(seven), 7n);
  assert.equal(lastEpoch(home, whose), 7n);
  assert.equal(await take(home), seven + 1n, "without a node the last epoch goes on");
  assert.equal(epochOf(await take(home, undefined, { ...whose, owner: address("33") })), 0n);
});

test("a damaged file gives fresh numbers, no old ones and no fault", async () => {
  const home = homeOf("damaged");
  const before = await take(home);
  for (const text of ["", "[]", '{"a":1}', "nonsense"]) {
    writeFileSync(join(home.name, "ringnumbers.json"), text);
    assert.notEqual(await take(home), before);
  }
});
