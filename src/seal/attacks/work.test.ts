/**
 * How much work a hostile message can cause, counted and not timed: private-key operations,
 * signatures verified, bytes inflated, on every path. A flood beyond the bounds causes none at all.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { counted, type Work } from "../../testing/counted.ts";
import { readCertificate } from "../certificate.ts";
import { certificateBytesMax, letterContentMax, sessionKeysMax, signaturesMax } from "../policy.ts";
import {
  content,
  newCustomer,
  newExchange,
  now,
  paths,
  type Customer,
  type Exchange,
} from "./forge.ts";
import { bomb, selfSignatureFlood, sessionKeyFlood, signatureFlood } from "./hostile.ts";
import { message, targetOf } from "./wire.ts";

let exchange: Exchange;
let alice: Customer;
before(async () => {
  [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
});

/** What a letter costs on each path, after one that set everything up. */
async function workOn(sealed: Uint8Array): Promise<ReadonlyMap<string, Work>> {
  const scene = { registered: [alice] };
  const good = message(content({ by: alice.key }), targetOf(exchange.certificate.key));
  const works = new Map<string, Work>();
  for (const { name, open } of paths) {
    await open(good, exchange, scene);
    const { work } = await counted(() => open(sealed, exchange, scene));
    works.set(name, work);
  }
  return works;
}

async function atMost(sealed: Uint8Array, most: Work): Promise<void> {
  for (const [name, work] of await workOn(sealed)) {
    assert.ok(work.secrets <= most.secrets, `${name}: ${work.secrets} private-key operations`);
    assert.ok(work.verified <= most.verified, `${name}: ${work.verified} signatures verified`);
    assert.ok(work.inflated <= most.inflated, `${name}: ${work.inflated} bytes inflated`);
  }
}

/** OpenPGP.js verifies self-signatures of ours and of the signer's before it uses a key. */
const ownVerified = 4;

const nothing: Work = { secrets: 0, verified: 0, inflated: 0 };

test("an ordinary letter costs one private-key operation and one signature", async () => {
  const good = message(content({ by: alice.key }), targetOf(exchange.certificate.key));
  for (const [name, work] of await workOn(good)) {
    assert.equal(work.secrets, 1, name);
    assert.ok(work.verified <= 1 + ownVerified, `${name}: ${work.verified}`);
    if (name === "fast") assert.equal(work.verified, 1);
    assert.equal(work.inflated, 0, name);
  }
});

test("hidden session keys: one operation each and for each key of ours, and no more than four", async () => {
  const ours = exchange.keys.v6 === undefined ? 1 : 2;
  for (const count of [1, sessionKeysMax]) {
    const sealed = sessionKeyFlood(exchange, alice, count);
    await atMost(sealed, { secrets: count * ours, verified: ownVerified, inflated: 0 });
  }
  for (const count of [sessionKeysMax + 1, 1000]) {
    await atMost(sessionKeyFlood(exchange, alice, count), nothing);
  }
});

test("a bomb is inflated to the bound and no further", async () => {
  const sealed = bomb(exchange, alice, 8);
  await atMost(sealed, { secrets: 1, verified: ownVerified, inflated: letterContentMax });
});

test("signatures: no more than four are verified, and of a thousand none", async () => {
  const some = signatureFlood(exchange, alice, signaturesMax);
  await atMost(some, { secrets: 1, verified: signaturesMax + ownVerified, inflated: 0 });
  for (const count of [signaturesMax + 1, 500]) {
    const flood = signatureFlood(exchange, alice, count);
    await atMost(flood, { secrets: 1, verified: ownVerified, inflated: 0 });
  }
  await atMost(signatureFlood(exchange, alice, 1000), nothing);
});

test("a certificate of 10,000 self-signatures is not read, and of one that fits few are verified", async () => {
  const flood = selfSignatureFlood(alice, 10_000);
  const { result, work } = await counted(() => readCertificate(flood, now));
  assert.ok(!result.ok);
  assert.equal(result.name, "certificate_too_large");
  assert.deepEqual(work, nothing);
  const most = Math.floor((certificateBytesMax - alice.certificate.binary.length) / 130);
  const fitting = selfSignatureFlood(alice, most);
  assert.ok(fitting.length <= certificateBytesMax);
  const read = await counted(() => readCertificate(fitting, now));
  assert.ok(read.work.verified <= 3 * most, `${read.work.verified} for ${most} self-signatures`);
});
