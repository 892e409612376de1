/**
 * Keys and signatures from the future: a key that is made only tomorrow, a letter dated before its
 * key was made, a letter dated ahead of our clock, a revocation dated ahead. A key is judged at the
 * receipt, so one that is not there yet signs nothing and registers nothing; a revocation that is
 * dated ahead revokes from then on, unless it says that the key was stolen, which holds at once.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { enums, generateKey, revokeKey, type PrivateKey } from "openpgp";
import { time } from "../../codec/time.ts";
import { readCertificate } from "../certificate.ts";
import { openpgpConfig } from "../policy.ts";
import {
  content,
  customerOf,
  days,
  minutes,
  newExchange,
  now,
  open,
  outcomeOf,
  type Customer,
} from "./forge.ts";
import { message, targetOf } from "./wire.ts";

async function makeKey(born: number): Promise<PrivateKey> {
  const { privateKey } = await generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: { name: "Alice" },
    date: new Date(born),
    format: "object",
    config: openpgpConfig,
  });
  return privateKey;
}

async function outcome(customer: Customer, created: number): Promise<string> {
  const exchange = await newExchange(time(now - days));
  const inside = content({ by: customer.key, created });
  const sealed = message(inside, targetOf(exchange.certificate.key));
  return outcomeOf(await open(sealed, exchange, { registered: [customer] }));
}

test("a key of tomorrow signs nothing today, whatever the letter's date", async () => {
  const tomorrow = await customerOf(await makeKey(now + days));
  for (const created of [now, now - days]) {
    assert.equal(await outcome(tomorrow, created), "signer_cannot_sign", `${created - now}`);
  }
  assert.equal(await outcome(tomorrow, now + days), "signature_from_future");
  const read = await readCertificate(tomorrow.certificate.binary, now);
  assert.ok(!read.ok);
  assert.match(read.name, /^certificate_cannot_sign$/);
});

test("a key made a little ahead of our clock is one of today", async () => {
  const customer = await customerOf(await makeKey(now + 5 * minutes));
  assert.equal(await outcome(customer, now + 5 * minutes), "opened");
  assert.ok((await readCertificate(customer.certificate.binary, now)).ok);
});

test("a letter may be dated before its key: its date is only what its maker says", async () => {
  const customer = await customerOf(await makeKey(now - days));
  assert.equal(await outcome(customer, now - 30 * days), "opened");
});

test("a revocation dated ahead", async () => {
  const cases = [
    [enums.reasonForRevocation.keyRetired, "opened"],
    [enums.reasonForRevocation.keySuperseded, "opened"],
    [enums.reasonForRevocation.keyCompromised, "key_revoked"],
    [enums.reasonForRevocation.noReason, "key_revoked"],
  ] as const;
  for (const [flag, expected] of cases) {
    const key = await makeKey(now - days);
    const { publicKey } = await revokeKey({
      key,
      reasonForRevocation: { flag },
      date: new Date(now + 10 * days),
      format: "object",
      config: openpgpConfig,
    });
    const customer = await customerOf(key, publicKey);
    assert.equal(await outcome(customer, now), expected, `reason ${flag}`);
  }
});
