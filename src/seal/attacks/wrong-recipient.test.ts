/**
 * Sealed to someone else, or signed for someone else and sealed on to us (surreptitious
 * forwarding).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { subpackets, writeFingerprintSubpacket, writeSubpacket } from "../signature.ts";
import { content, hex, newCustomer, newExchange, open, sealFor } from "./forge.ts";

test("a letter sealed to another exchange does not open", async () => {
  const [exchange, other] = [await newExchange(), await newExchange()];
  const alice = await newCustomer("Alice", 1);
  for (const wildcard of [false, true]) {
    const sealed = await sealFor(content({ by: alice.key }), [other.certificate.key], wildcard);
    assert.equal((await open(sealed, exchange, { registered: [alice] })).kind, "unopenable");
  }
});

test("an intended recipient, critical or not, must be us", async () => {
  const [exchange, other] = [await newExchange(), await newExchange()];
  const alice = await newCustomer("Alice", 1);
  const names = (fingerprint: string, critical: boolean): Uint8Array =>
    writeSubpacket(subpackets.recipient, hex(`04${fingerprint}`), critical);
  const us = exchange.keys.fingerprint;
  const them = other.keys.fingerprint;
  const cases = [
    { hashed: [names(us, false)], opens: true },
    { hashed: [names(us, true)], opens: true },
    { hashed: [names(them, true), names(us, true)], opens: true },
    { hashed: [names(them, false)], opens: false },
    { hashed: [names(them, true)], opens: false },
    { hashed: [names(us.slice(0, 38), false)], opens: false },
  ];
  for (const { hashed, opens } of cases) {
    const sealed = await sealFor(content({ by: alice.key, hashed }), [exchange.certificate.key]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.equal(opened.kind, opens ? "opened" : "refused");
    if (opened.kind === "refused") assert.equal(opened.name, "signature_for_another");
  }
});

test("an intended recipient outside the hashed area says nothing", async () => {
  const [exchange, other] = [await newExchange(), await newExchange()];
  const alice = await newCustomer("Alice", 1);
  const them = writeFingerprintSubpacket(subpackets.recipient, other.keys.fingerprint);
  const sealed = await sealFor(content({ by: alice.key, unhashed: [them] }), [
    exchange.certificate.key,
  ]);
  assert.equal((await open(sealed, exchange, { registered: [alice] })).kind, "opened");
});
