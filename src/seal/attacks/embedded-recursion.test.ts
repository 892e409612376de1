/**
 * Signatures inside signatures (subpacket 32), hundreds deep, in a certificate's binding and in a
 * letter's signature. No reader may follow them down: the certificate gains no signing key by it,
 * and a letter does not open.
 */
import { ed25519Of } from "#primitives";
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { readCertificate } from "../certificate.ts";
import { hashed, keyFlags } from "../certify.ts";
import { readPackets, tags, writePacket } from "../packets.ts";
import {
  makeSignature,
  signatureTypes,
  subpackets,
  writeSubpacket,
  type Signer,
} from "../signature.ts";
import {
  content,
  days,
  newCustomer,
  newExchange,
  now,
  seedOf,
  tryAll,
  type Customer,
} from "./forge.ts";
import { message, targetOf } from "./wire.ts";

function signerOf({ key }: Customer): Signer {
  return { fingerprint: key.fingerprint, sign: ed25519Of(seedOf(key.key)).sign };
}

/** A back signature that holds another in its signed area, and so on down. */
function nested(by: Signer, data: Uint8Array, depth: number): Uint8Array {
  let inner: Uint8Array | undefined;
  for (let i = 0; i < depth; i += 1) {
    inner = makeSignature({
      signer: by,
      type: signatureTypes.primaryKeyBinding,
      created: now - days,
      hashed: inner === undefined ? [] : [writeSubpacket(subpackets.embedded, inner)],
      data,
    });
  }
  assert.ok(inner);
  return inner;
}

/** Bob's certificate with Alice's key bound as a subkey that signs, a pile of signatures inside. */
function binding(bob: Customer, alice: Customer, back: Uint8Array): Uint8Array {
  const own = readPackets(bob.certificate.binary, 100) ?? [];
  const key = own[0]?.body;
  const adopted = readPackets(alice.certificate.binary, 100)?.[0]?.body;
  assert.ok(key && adopted);
  const flags = writeSubpacket(subpackets.keyFlags, new Uint8Array([keyFlags.sign]), true);
  const bound = makeSignature({
    signer: signerOf(bob),
    type: signatureTypes.subkeyBinding,
    created: now - days,
    hashed: [flags, writeSubpacket(subpackets.embedded, back)],
    data: concat([hashed(key), hashed(adopted)]),
  });
  return concat([
    ...own.map(({ tag, body }) => writePacket(tag, body)),
    writePacket(tags.publicSubkey, adopted),
    writePacket(tags.signature, bound),
  ]);
}

test("a pile of embedded signatures in a certificate", async () => {
  const [alice, bob] = [await newCustomer("Alice", 1), await newCustomer("Bob", 2)];
  const keys = [bob, alice].map(({ certificate }) => {
    return hashed(readPackets(certificate.binary, 1000)?.[0]?.body ?? new Uint8Array(0));
  });
  for (const depth of [1, 2, 10, 100]) {
    const back = nested(signerOf(bob), concat(keys), depth);
    const read = await readCertificate(binding(bob, alice, back), now);
    if (read.ok) assert.equal(read.value.keyIds.length, 1, `${depth}: not by the subkey itself`);
    else assert.match(read.name, /^certificate_(?:malformed|too_large)$/, `${depth}`);
  }
});

test("a pile of embedded signatures in a letter", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  for (const depth of [1, 2, 50, 400]) {
    const pile = nested(signerOf(alice), new Uint8Array(0), depth);
    const of = (critical: boolean) => writeSubpacket(subpackets.embedded, pile, critical);
    const inside = [
      ["signed", content({ by: alice.key, hashed: [of(false)] })],
      ["critical", content({ by: alice.key, hashed: [of(true)] })],
      ["beside", content({ by: alice.key, unhashed: [of(true)] })],
    ] as const;
    const attacks = inside.map(([label, bytes]) => {
      return [`${label}, ${depth}`, message(bytes, target), "unopenable"] as const;
    });
    await tryAll(attacks, exchange, { registered: [alice] });
  }
});

test("what is embedded is cut off, of another version, or nothing", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const whole = nested(signerOf(alice), new Uint8Array(0), 2);
  const bodies = [new Uint8Array(0), whole.subarray(0, 10), whole.with(0, 3), whole.with(0, 9)];
  const attacks = bodies.map((body, i) => {
    const embedded = writeSubpacket(subpackets.embedded, body);
    const sealed = message(content({ by: alice.key, hashed: [embedded] }), target);
    return [`case ${i}`, sealed, "unopenable"] as const;
  });
  await tryAll(attacks, exchange, { registered: [alice] });
});
