/**
 * Keys that have expired or were revoked, and signatures dated back to when they were alive. The
 * signature's time is its maker's claim: whoever stole an old key can claim any.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { enums, generateKey, revokeKey, type PrivateKey } from "openpgp";
import { time } from "../../codec/time.ts";
import { readCertificate } from "../certificate.ts";
import { openReport, sealLetter } from "../customer.ts";
import { openpgpConfig } from "../policy.ts";
import { sealReport } from "../seal.ts";
import { customerOf, days, newExchange, now, open, text, type Customer } from "./forge.ts";

const born = time(now - 100 * days);
const retired = { flag: enums.reasonForRevocation.keyRetired };
const compromised = { flag: enums.reasonForRevocation.keyCompromised };

/** A key of ours as OpenPGP.js makes it: the primary key signs, or a subkey does. */
async function makeKey(options: {
  readonly lifetime?: number;
  readonly signingLifetime?: number;
  readonly signing?: boolean;
}): Promise<PrivateKey> {
  const { lifetime = 0, signingLifetime = 0, signing = false } = options;
  const subkeys = signing ? [{ sign: true, keyExpirationTime: signingLifetime / 1000 }, {}] : [{}];
  const { privateKey } = await generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: { name: "Alice" },
    date: new Date(born),
    keyExpirationTime: lifetime / 1000,
    subkeys,
    format: "object",
    config: openpgpConfig,
  });
  return privateKey;
}

/** The outcome of a letter that the customer's tool dated `signed`. */
async function outcome(customer: Customer, signed: number): Promise<string> {
  const exchange = await newExchange(born);
  const { key } = customer;
  const sealed = await sealLetter(text, { key, exchange: exchange.certificate, at: time(signed) });
  const opened = await open(sealed, exchange, { registered: [customer] });
  return opened.kind === "refused" ? opened.name : opened.kind;
}

test("an expired key is refused by name, also when its signature is dated back", async () => {
  const alive = await customerOf(await makeKey({ lifetime: 200 * days }));
  assert.equal(await outcome(alive, now), "opened");
  const expired = await customerOf(await makeKey({ lifetime: 50 * days }));
  assert.equal(await outcome(expired, now - 60 * days), "key_expired");
  const registering = await readCertificate(expired.certificate.binary, now);
  assert.ok(!registering.ok);
  assert.equal(registering.name, "certificate_expired");
});

test("an expired signing subkey is refused by name", async () => {
  const keys = await makeKey({ signing: true, signingLifetime: 50 * days });
  assert.equal(await outcome(await customerOf(keys), now - 60 * days), "key_expired");
});

test("a revoked key is refused by name, whatever the reason and the date", async () => {
  for (const reasonForRevocation of [retired, compromised]) {
    const key = await makeKey({});
    const date = new Date(now - 10 * days);
    const options = { key, reasonForRevocation, date, format: "object", config: openpgpConfig };
    const { publicKey } = await revokeKey({ ...options, format: "object" });
    const customer = await customerOf(key, publicKey);
    assert.equal(await outcome(customer, now - 60 * days), "key_revoked");
    const registering = await readCertificate(publicKey.write(), now);
    assert.ok(!registering.ok);
    assert.equal(registering.name, "certificate_revoked");
  }
});

test("a revoked signing subkey is refused by name", async () => {
  const key = await makeKey({ signing: true });
  const passed = key.toPublic();
  const [signing] = key.subkeys;
  assert.ok(signing && "makeDummy" in key.keyPacket);
  const primary = key.keyPacket;
  const date = new Date(now - 10 * days);
  const revoked = await signing.revoke(primary, retired, date, openpgpConfig);
  passed.subkeys[0]?.revocationSignatures.push(...revoked.revocationSignatures);
  assert.equal(await outcome(await customerOf(key, passed), now - 60 * days), "key_revoked");
});

test("a customer whose key has expired can still be answered, and read the answer", async () => {
  const exchange = await newExchange(born);
  const alice = await customerOf(await makeKey({ lifetime: 50 * days }));
  const sealed = await sealReport("report\n", {
    keys: exchange.keys,
    to: alice.certificate,
    at: now,
  });
  const report = await openReport(sealed, {
    key: alice.key,
    exchange: exchange.certificate,
    at: now,
  });
  assert.deepEqual(report, { ok: true, value: "report\n" });
});
