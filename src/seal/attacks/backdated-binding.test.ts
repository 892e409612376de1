/**
 * A signing subkey that was bound by hand to look older or younger than it is: bound before it or
 * its primary key was made, bound in the future, bound once well and once with an end, expired and
 * bound again. What counts is what holds when the letter is received; a binding from the future or
 * from before its key binds nothing, and the letter is not opened by it.
 */
import { ed25519Of } from "#primitives";
import assert from "node:assert/strict";
import { test } from "node:test";
import { readKey, readPrivateKey } from "openpgp";
import { concat } from "../../codec/bytes.ts";
import { time } from "../../codec/time.ts";
import { readCertificate } from "../certificate.ts";
import { hashed, keyFlags, makeSecretKey } from "../certify.ts";
import { readPackets, tags, writeNumber, writePacket } from "../packets.ts";
import { makeSignature, signatureTypes, subpackets, writeSubpacket } from "../signature.ts";
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

const born = time(now - 100 * days);
const seeds = {
  primary: new Uint8Array(32).fill(60),
  signing: new Uint8Array(32).fill(61),
  encryption: new Uint8Array(32).fill(62),
};

type Bound = { readonly created: number; readonly lifetime?: number };

/** Bob, whose signing subkey is bound as these say; and the subkey as one who signs alone. */
async function withBindings(bindings: readonly Bound[]): Promise<{ bob: Customer; own: Customer }> {
  const made = makeSecretKey({ secrets: seeds, userId: "Bob", created: born });
  const bob = await readPrivateKey({ binaryKey: made.binary });
  const binary = bob.toPublic().write();
  const packets = readPackets(binary, 100) ?? [];
  const [primary, userId, certification, subkey, binding, ...rest] = packets;
  assert.ok(primary && userId && certification && subkey && binding);
  const data = concat([hashed(primary.body), hashed(subkey.body)]);
  const signers = [seeds.primary, seeds.signing].map((seed, i) => ({
    fingerprint: (i === 0 ? bob : bob.subkeys[0])?.getFingerprint() ?? "",
    sign: ed25519Of(seed).sign,
  }));
  const [root, signing] = signers;
  assert.ok(root && signing);
  const bound = bindings.map(({ created, lifetime }) => {
    const back = makeSignature({
      signer: signing,
      type: signatureTypes.primaryKeyBinding,
      created,
      data,
    });
    const ends =
      lifetime === undefined ? [] : [writeSubpacket(9, writeNumber(lifetime / 1000, 4), true)];
    const flags = writeSubpacket(subpackets.keyFlags, new Uint8Array([keyFlags.sign]), true);
    const body = makeSignature({
      signer: root,
      type: signatureTypes.subkeyBinding,
      created,
      hashed: [flags, ...ends, writeSubpacket(subpackets.embedded, back)],
      data,
    });
    return writePacket(tags.signature, body);
  });
  const written = [primary, userId, certification, subkey].map(({ tag, body }) =>
    writePacket(tag, body),
  );
  const others = rest.map(({ tag, body }) => writePacket(tag, body));
  const certificate = concat([...written, ...bound, ...others]);
  const customer = await customerOf(bob, await readKey({ binaryKey: certificate }));
  const alone = makeSecretKey({
    secrets: { primary: seeds.signing, encryption: seeds.encryption },
    userId: "Bob",
    created: born,
  });
  return {
    bob: customer,
    own: await customerOf(await readPrivateKey({ binaryKey: alone.binary })),
  };
}

/** What becomes of a letter that the subkey signed at that time. */
async function outcome(bindings: readonly Bound[], signed: number = now): Promise<string> {
  const exchange = await newExchange(born);
  const { bob, own } = await withBindings(bindings);
  const sealed = message(
    content({ by: own.key, created: signed }),
    targetOf(exchange.certificate.key),
  );
  return outcomeOf(await open(sealed, exchange, { registered: [bob] }));
}

test("a subkey is what its bindings say at the receipt", async () => {
  const well = { created: born };
  const cases: readonly (readonly [string, readonly Bound[], string])[] = [
    ["bound with its key", [well], "opened"],
    ["bound again", [well, { created: now - days }], "opened"],
    ["with an end that has come", [{ created: born, lifetime: 50 * days }], "key_expired"],
    [
      "with an end, then without",
      [{ created: born, lifetime: 50 * days }, { created: now - days }],
      "opened",
    ],
    [
      "without, then with an end that has come",
      [well, { created: now - days, lifetime: 50 * days }],
      "key_expired",
    ],
    ["the newer first", [{ created: now - days, lifetime: 50 * days }, well], "key_expired"],
    ["bound before it was made", [{ created: born - 10 * days }], "opened"],
    ["bound in the future", [{ created: now + 10 * days }], "signer_cannot_sign"],
    [
      "well, and in the future with an end",
      [well, { created: now + days, lifetime: 1000 }],
      "opened",
    ],
    [
      "ended, and made good in the future",
      [{ created: born, lifetime: 50 * days }, { created: now + days }],
      "key_expired",
    ],
    ["a little ahead of our clock", [{ created: now + 5 * minutes }], "opened"],
  ];
  for (const [label, bindings, expected] of cases) {
    assert.equal(await outcome(bindings), expected, label);
    // A signature's own date revives nothing.
    if (expected === "key_expired")
      assert.equal(await outcome(bindings, born + days), expected, label);
  }
});

test("what is bound in the future cannot be registered yet", async () => {
  const { bob } = await withBindings([{ created: now + 10 * days }]);
  const read = await readCertificate(bob.certificate.binary, now);
  assert.ok(!read.ok);
  assert.equal(read.name, "certificate_cannot_sign");
});
