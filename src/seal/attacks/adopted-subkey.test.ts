/**
 * A certificate that adopts another's signing key as its subkey: without the back signature its
 * owner would be taken for the author of the other's letters.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { time } from "../../codec/time.ts";
import { readCertificate } from "../certificate.ts";
import { makeSecretKey } from "../certify.ts";
import { readPackets, tags, writePacket } from "../packets.ts";
import {
  content,
  customerOf,
  days,
  newCustomer,
  newExchange,
  now,
  open,
  sealFor,
} from "./forge.ts";
import { readPrivateKey } from "openpgp";

const at = time(now - days);

/** A customer whose signing key is a subkey. */
async function withSubkey(fill: number) {
  const made = makeSecretKey({
    secrets: {
      primary: new Uint8Array(32).fill(fill),
      signing: new Uint8Array(32).fill(fill + 1),
      encryption: new Uint8Array(32).fill(fill + 2),
    },
    userId: "Bob",
    created: at,
  });
  return customerOf(await readPrivateKey({ binaryKey: made.binary }));
}

test("a subkey that did not sign back is not a signing key", async () => {
  const [alice, bob] = [await newCustomer("Alice", 1), await withSubkey(40)];
  assert.equal(bob.certificate.keyIds.length, 1, "a primary key that only certifies does not sign");
  const packets = readPackets(bob.certificate.binary, 100) ?? [];
  const aliceKey = readPackets(alice.certificate.binary, 100)?.[0]?.body ?? new Uint8Array(0);
  // Bob's own binding signature stays in place of one over Alice's key, which he could make as
  // well.
  const adopted = packets.map(({ tag, body }, i) => writePacket(tag, i === 3 ? aliceKey : body));
  const read = await readCertificate(concat(adopted), now);
  assert.ok(!read.ok);
  assert.equal(read.name, "certificate_cannot_sign");
  const removed = packets.filter((_, i) => i !== 4).map(({ tag, body }) => writePacket(tag, body));
  const unbound = await readCertificate(concat(removed), now);
  assert.ok(!unbound.ok);
});

test("a letter by the one is never taken as the other's", async () => {
  const exchange = await newExchange(at);
  const [alice, bob] = [await newCustomer("Alice", 1), await withSubkey(40)];
  const sealed = await sealFor(content({ by: alice.key }), [exchange.certificate.key]);
  const opened = await open(sealed, exchange, { registered: [bob, alice] });
  assert.ok(opened.kind === "opened");
  assert.equal(opened.signer, alice.key.fingerprint);
  assert.equal(tags.publicSubkey, 14);
});
