/** Both paths open the same letters to the same answers, and open each other's reports. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createMessage,
  encrypt,
  enums,
  generateKey,
  type PrivateKey,
  type PublicKey,
} from "openpgp";
import {
  customerOf,
  newCustomer,
  newExchange,
  now,
  text,
  type Customer,
} from "../attacks/forge.ts";
import { openReport, sealLetter } from "../customer.ts";
import { openLetter, type OpenOptions } from "../open.ts";
import { openByPath, sealByPath } from "./paths.ts";
import { digestCertificate } from "./digest.ts";
import { openingKey, openingKeysOf, signingKey, signingKeyOf } from "./keys.ts";
import { openFast } from "./open.ts";
import { sealFast } from "./seal.ts";

const exchange = await newExchange();

/** Customers of every kind of key that is registered. */
async function customers(): Promise<ReadonlyMap<string, Customer>> {
  const date = new Date(now - 1000);
  const make = async (options: object): Promise<Customer> => {
    const userIDs = [{ name: "Alice" }];
    const made = await generateKey({ userIDs, date, ...options, format: "object" });
    return customerOf(made.privateKey);
  };
  return new Map([
    ["a seed's", await newCustomer("Alice", 1)],
    ["EdDSA legacy", await make({ type: "ecc" })],
    ["Ed25519", await make({ type: "curve25519" })],
    ["a signing subkey's", await make({ subkeys: [{ sign: true }, {}] })],
    ["RSA", await make({ type: "rsa", rsaBits: 2048 })],
    ["P-256", await make({ type: "ecc", curve: "nistP256" })],
  ]);
}

function optionsFor({ certificate }: Customer): OpenOptions {
  return {
    keys: exchange.keys,
    at: now,
    certificateOf: (keyId) => (certificate.keyIds.includes(keyId) ? certificate : undefined),
    registrationIn: () => undefined,
  };
}

test("letters by every kind of key open alike, and reports to it", async () => {
  const signer = signingKey(signingKeyOf(exchange.keys));
  const keys = openingKeysOf(exchange.keys).map(openingKey);
  for (const [name, customer] of await customers()) {
    const { key, certificate } = customer;
    const sealed = await sealLetter(text, { key, exchange: exchange.certificate, at: now });
    const options = optionsFor(customer);
    const expected = await openLetter(sealed, options);
    assert.equal(expected.kind, "opened", name);
    const digest = await digestCertificate(certificate);
    const fast = openFast(sealed, {
      keys,
      at: now,
      us: [exchange.keys.fingerprint],
      certificateOf: (keyId) => (digest.keyIds.includes(keyId) ? digest : undefined),
      isRegistration: () => false,
    });
    assert.deepEqual(fast, expected, name);
    assert.deepEqual(await openByPath(sealed, options), expected, name);
    const report = sealFast(text, { signer, to: digest, at: now });
    // P-256 has no place on the fast path.
    assert.equal(report === undefined, name === "P-256");
    for (const bytes of [
      report ?? new Uint8Array(),
      await sealByPath(text, { keys: exchange.keys, to: certificate, at: now }),
    ]) {
      if (bytes.length === 0) continue;
      const whom = { key, exchange: exchange.certificate, at: now };
      assert.deepEqual(await openReport(bytes, whom), { ok: true, value: text }, name);
    }
  }
});

test("whoever is not registered, hidden or sealed to others is answered alike", async () => {
  const [alice, stranger] = [await newCustomer("Alice", 1), await newCustomer("Bob", 2)];
  const other = await newExchange();
  const to = async (
    certificate: PublicKey,
    by: Customer,
    wildcard = false,
  ): Promise<Uint8Array> => {
    const sealed: unknown = await encrypt({
      message: await createMessage({ binary: Buffer.from(text), date: new Date(now) }),
      encryptionKeys: certificate,
      signingKeys: by.key.key,
      date: new Date(now),
      wildcard,
      format: "binary",
    });
    assert.ok(sealed instanceof Uint8Array);
    return sealed;
  };
  const options = optionsFor(alice);
  for (const [sealed, kind] of [
    [await to(exchange.certificate.key, alice), "opened"],
    [await to(exchange.certificate.key, alice, true), "opened"],
    [await to(exchange.certificate.key, stranger), "unopenable"],
    [await to(other.certificate.key, alice), "unopenable"],
  ] as const) {
    const [fast, reference] = [
      await openByPath(sealed, options),
      await openLetter(sealed, options),
    ];
    assert.deepEqual(fast, reference);
    assert.equal(fast.kind, kind);
  }
});

/** A version 6 certificate whose owner prefers one mode. */
async function version6(mode: enums.aead): Promise<PrivateKey> {
  const { privateKey } = await generateKey({
    userIDs: [{ name: "Signet" }],
    type: "curve25519",
    date: new Date(now - 1000),
    config: { v6Keys: true, aeadProtect: true, preferredAEADAlgorithm: mode },
    format: "object",
  });
  return privateKey;
}

test("letters of version 2 in OCB and GCM open by a version 6 key, by both paths", async () => {
  const alice = await newCustomer("Alice", 1);
  for (const mode of [enums.aead.ocb, enums.aead.gcm]) {
    const key = await version6(mode);
    const keys = { ...exchange.keys, v6: { fingerprint: key.getFingerprint(), key } };
    const options = { ...optionsFor(alice), keys };
    for (const size of [1, 3000]) {
      const sealed: unknown = await encrypt({
        message: await createMessage({ binary: Buffer.alloc(size, text), date: new Date(now) }),
        encryptionKeys: key.toPublic(),
        signingKeys: alice.key.key,
        date: new Date(now),
        format: "binary",
        config: { aeadProtect: true, aeadChunkSizeByte: 0, preferredAEADAlgorithm: mode },
      });
      assert.ok(sealed instanceof Uint8Array);
      const bodyAt = sealed.findIndex((byte, i) => byte === 2 && sealed[i + 1] === 9);
      assert.equal(sealed[bodyAt + 2], mode);
      const fast = await openByPath(sealed, options);
      assert.deepEqual(fast, await openLetter(sealed, options));
      assert.ok(fast.kind === "opened", JSON.stringify(fast));
      assert.equal(fast.text.length, size);
      for (let i = bodyAt; i < sealed.length; i += 41) {
        const bent = sealed.with(i, (sealed[i] ?? 0) ^ 1);
        assert.equal((await openByPath(bent, options)).kind, "unopenable");
      }
    }
  }
});
