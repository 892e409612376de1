/**
 * A stranger's key, with the letter's own claims of who it is; and another's certificate to
 * register.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { subpackets, writeFingerprintSubpacket, writeSubpacket } from "../signature.ts";
import { content, hex, newCustomer, newExchange, open, sealFor } from "./forge.ts";

test("a stranger's letter does not open, whoever it says it is from", async () => {
  const exchange = await newExchange();
  const [alice, bob] = [await newCustomer("Alice", 1), await newCustomer("Bob", 2)];
  const aliceId = alice.key.fingerprint.slice(24);
  const forgeries = [
    content({ by: bob.key }),
    content({ by: bob.key, issuerFingerprint: alice.key.fingerprint }),
    content({ by: bob.key, unhashed: [writeSubpacket(subpackets.issuer, hex(aliceId))] }),
  ];
  for (const forgery of forgeries) {
    const sealed = await sealFor(forgery, [exchange.certificate.key]);
    assert.equal((await open(sealed, exchange, { registered: [alice] })).kind, "unopenable");
  }
});

test("a known key id with another key's fingerprint does not open", async () => {
  const exchange = await newExchange();
  const [alice, bob] = [await newCustomer("Alice", 1), await newCustomer("Bob", 2)];
  const issuerFingerprint = bob.key.fingerprint;
  const forgery = content({ by: alice.key, issuerFingerprint });
  const sealed = await sealFor(forgery, [exchange.certificate.key]);
  assert.equal((await open(sealed, exchange, { registered: [alice, bob] })).kind, "unopenable");
});

test("a letter registers the certificate that signed it, and no other", async () => {
  const exchange = await newExchange();
  const [alice, bob] = [await newCustomer("Alice", 1), await newCustomer("Bob", 2)];
  const sealed = await sealFor(content({ by: alice.key }), [exchange.certificate.key]);
  const own = { registered: [], registering: alice.certificate.binary };
  const opened = await open(sealed, exchange, own);
  assert.ok(opened.kind === "opened");
  assert.equal(opened.signer, alice.key.fingerprint);
  const others = { registered: [], registering: bob.certificate.binary };
  assert.equal((await open(sealed, exchange, others)).kind, "unopenable");
  // Its own signature, but meant for Bob: nobody is registered whom a refusal could be sealed to.
  const meant = writeFingerprintSubpacket(subpackets.recipient, bob.key.fingerprint);
  const elsewhere = await sealFor(content({ by: alice.key, hashed: [meant] }), [
    exchange.certificate.key,
  ]);
  assert.equal((await open(elsewhere, exchange, own)).kind, "unopenable");
  const nothing = { registered: [], registering: new Uint8Array([1, 2, 3]) };
  assert.equal((await open(sealed, exchange, nothing)).kind, "unopenable");
});
