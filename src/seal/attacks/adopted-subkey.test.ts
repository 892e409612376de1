/**
 * A certificate that adopts another's signing key as its subkey: without the back signature its
 * owner would be taken for the author of the other's letters.
 */
import { ed25519Of } from "#primitives";
import assert from "node:assert/strict";
import { test } from "node:test";
import { readPrivateKey } from "openpgp";
import { concat } from "../../codec/bytes.ts";
import { time } from "../../codec/time.ts";
import { readCertificate } from "../certificate.ts";
import { hashed, keyFlags, makeSecretKey } from "../certify.ts";
import { readPackets, tags, writePacket } from "../packets.ts";
import { makeSignature, signatureTypes, subpackets, writeSubpacket } from "../signature.ts";
import {
  content,
  customerOf,
  days,
  newCustomer,
  newExchange,
  now,
  open,
  sealFor,
  seedOf,
  type Customer,
} from "./forge.ts";

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

/** Bob's certificate with Alice's key bound as a signing subkey, as Bob alone can bind it. */
function adopting(bob: Customer, alice: Customer, back: readonly Uint8Array[]): Uint8Array {
  const [primary, userId, certification] = readPackets(bob.certificate.binary, 100) ?? [];
  const aliceKey = readPackets(alice.certificate.binary, 100)?.[0]?.body;
  assert.ok(primary && userId && certification && aliceKey);
  const flags = writeSubpacket(subpackets.keyFlags, new Uint8Array([keyFlags.sign]), true);
  const binding = makeSignature({
    signer: { fingerprint: bob.key.fingerprint, sign: ed25519Of(seedOf(bob.key.key)).sign },
    type: signatureTypes.subkeyBinding,
    created: at,
    hashed: [flags, ...back.map((body) => writeSubpacket(subpackets.embedded, body))],
    data: concat([hashed(primary.body), hashed(aliceKey)]),
  });
  const own = readPackets(bob.certificate.binary, 100) ?? [];
  return concat([
    ...own.map(({ tag, body }) => writePacket(tag, body)),
    writePacket(tags.publicSubkey, aliceKey),
    writePacket(tags.signature, binding),
  ]);
}

test("a subkey that did not sign back is not a signing key", async () => {
  const [alice, bob] = [await newCustomer("Alice", 1), await withSubkey(40)];
  assert.equal(bob.certificate.keyIds.length, 1, "a primary key that only certifies does not sign");
  const aliceKey = readPackets(alice.certificate.binary, 100)?.[0]?.body ?? new Uint8Array(0);
  const bobKey = readPackets(bob.certificate.binary, 100)?.[0]?.body ?? new Uint8Array(0);
  const backBy = (fingerprint: string, customer: Customer): Uint8Array =>
    makeSignature({
      signer: { fingerprint, sign: ed25519Of(seedOf(customer.key.key)).sign },
      type: signatureTypes.primaryKeyBinding,
      created: at,
      data: concat([hashed(bobKey), hashed(aliceKey)]),
    });
  const cases = [
    { back: [], ids: 1 },
    // By Bob, as himself and in Alice's name.
    { back: [backBy(bob.key.fingerprint, bob)], ids: 1 },
    { back: [backBy(alice.key.fingerprint, bob)], ids: 1 },
    // By Alice: then it is hers to give.
    { back: [backBy(alice.key.fingerprint, alice)], ids: 2 },
  ];
  for (const { back, ids } of cases) {
    const read = await readCertificate(adopting(bob, alice, back), now);
    assert.ok(read.ok);
    assert.equal(read.value.keyIds.length, ids);
  }
});

test("a letter by the one is never taken as the other's", async () => {
  const exchange = await newExchange(at);
  const [alice, bob] = [await newCustomer("Alice", 1), await withSubkey(40)];
  const sealed = await sealFor(content({ by: alice.key }), [exchange.certificate.key]);
  const opened = await open(sealed, exchange, { registered: [bob, alice] });
  assert.ok(opened.kind === "opened");
  assert.equal(opened.signer, alice.key.fingerprint);
});
