/**
 * Every part of a sealed letter flipped, cut and doubled. Framing and the session key's MPI lengths
 * are not signed: a changed letter may still open, but then to the same text by the same signer.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { content, newCustomer, newExchange, now, open, sealFor, text } from "./forge.ts";

test("a flipped bit makes a letter unopenable, or changes nothing that was said", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const sealed = await sealFor(content({ by: alice.key }), [exchange.certificate.key]);
  let same = 0;
  for (let i = 0; i < sealed.length; i += 1) {
    // Headers and the session key whole; of the sealed data each third byte.
    if (i > 110 && i % 3 !== 0) continue;
    const flipped = sealed.map((byte, at) => (at === i ? byte ^ (1 << (i % 8)) : byte));
    const opened = await open(flipped, exchange, { registered: [alice] });
    assert.notEqual(opened.kind, "refused");
    if (opened.kind !== "opened") continue;
    same += 1;
    assert.equal(opened.text, text);
    assert.equal(opened.signer, alice.key.fingerprint);
  }
  assert.ok(same < 20, `${same} flips changed nothing`);
});

test("a letter that is cut short, or followed by anything, does not open", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const sealed = await sealFor(content({ by: alice.key }), [exchange.certificate.key]);
  for (let end = 0; end < sealed.length; end += 7) {
    const opened = await open(sealed.subarray(0, end), exchange, { registered: [alice] });
    assert.equal(opened.kind, "unopenable");
  }
  for (const more of [new Uint8Array([0]), new Uint8Array([0xca, 3, 0x50, 0x47, 0x50]), sealed]) {
    const opened = await open(concat([sealed, more]), exchange, { registered: [alice] });
    assert.equal(opened.kind, "unopenable");
  }
});
