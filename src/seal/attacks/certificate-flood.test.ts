/** Certificates that are not one: floods, secret keys, several keys, foreign packets, garbage. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { concat, fromAscii } from "../../codec/bytes.ts";
import { counted } from "../../testing/counted.ts";
import { runs } from "../../testing/runs.ts";
import { certificateRefusals, readCertificate } from "../certificate.ts";
import { readPackets, tags, writePacket } from "../packets.ts";
import { certificateBytesMax, certificatePacketsMax, subkeysMax, userIdsMax } from "../policy.ts";
import { newCustomer, now } from "./forge.ts";

test("what is not exactly one bounded certificate is refused by name", async () => {
  const { key, certificate } = await newCustomer("Alice", 1);
  const { binary } = certificate;
  const packets = readPackets(binary, 100) ?? [];
  const written = packets.map(({ tag, body }) => writePacket(tag, body));
  const subkey = concat(written.slice(3));
  const userId = writePacket(tags.userId, fromAscii("Alice"));
  const again = (part: Uint8Array, times: number): Uint8Array =>
    concat([binary, ...Array.from({ length: times }, () => part)]);
  const other = packets.map(({ tag, body }) =>
    writePacket(tag, tag === tags.publicKey ? body.with(0, 6) : body),
  );
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["certificate_too_large", again(new Uint8Array(certificateBytesMax), 1)],
    ["certificate_malformed", new Uint8Array(0)],
    ["certificate_malformed", fromAscii("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")],
    ["certificate_malformed", binary.subarray(0, -1)],
    ["certificate_malformed", concat([binary, binary])],
    ["certificate_malformed", key.key.write()],
    ["certificate_malformed", again(subkey, subkeysMax)],
    ["certificate_malformed", again(userId, userIdsMax)],
    ["certificate_malformed", again(writePacket(tags.literal, new Uint8Array(6)), 1)],
    ["certificate_malformed", concat(written.slice(1))],
    ["certificate_malformed", subkey],
    ["certificate_version", concat(other)],
    ["certificate_cannot_sign", concat(written.slice(0, 1))],
  ];
  for (const [i, [name, bytes]] of cases.entries()) {
    const read = await readCertificate(bytes, now);
    assert.ok(!read.ok, `case ${i}`);
    assert.equal(read.name, name, `case ${i}`);
  }
});

test("changed certificates and garbage are refused by a name of the list, and never throw", async () => {
  const { certificate } = await newCustomer("Alice", 1);
  const { binary } = certificate;
  const change = fc.record({
    at: fc.nat(binary.length - 1),
    byte: fc.nat(255),
    cut: fc.nat(binary.length),
  });
  const changed = change.map(({ at, byte, cut }) => binary.with(at, byte).subarray(0, cut + 1));
  const input = fc.oneof(changed, fc.uint8Array({ maxLength: 200 }));
  await fc.assert(
    fc.asyncProperty(input, async (bytes) => {
      const read = await readCertificate(bytes, now);
      return read.ok || certificateRefusals.includes(read.name);
    }),
    { numRuns: runs(200) },
  );
});

test("self-signatures, user ids, attributes and subkeys by the thousand are not read", async () => {
  const { certificate } = await newCustomer("Alice", 1);
  const { binary } = certificate;
  const [, userId, certification, subkey, binding] = readPackets(binary, 100) ?? [];
  assert.ok(userId && certification && subkey && binding);
  const written = (packet: typeof userId): Uint8Array => writePacket(packet.tag, packet.body);
  const attribute = writePacket(tags.userAttribute, new Uint8Array([5, 1, 16, 0, 1, 1]));
  const parts = new Map([
    ["self-signatures", written(certification)],
    ["user ids", concat([written(userId), written(certification)])],
    ["attributes", concat([attribute, written(certification)])],
    ["subkeys", concat([written(subkey), written(binding)])],
    ["bindings", written(binding)],
    ["empty user ids", writePacket(tags.userId, new Uint8Array(0))],
    ["empty signatures", writePacket(tags.signature, new Uint8Array(0))],
  ]);
  for (const [label, part] of parts) {
    for (const count of [certificatePacketsMax, 10_000]) {
      const many = concat([binary, ...Array.from({ length: count }, () => part)]);
      const { result, work } = await counted(() => readCertificate(many, now));
      assert.ok(!result.ok, label);
      assert.match(result.name, /^certificate_(?:too_large|malformed)$/, label);
      assert.equal(work.verified, 0, label);
    }
  }
});

test("user attributes, pictures and such, are carried and not looked at", async () => {
  const { certificate } = await newCustomer("Alice", 1);
  const [primary, userId, certification, ...rest] = readPackets(certificate.binary, 100) ?? [];
  assert.ok(primary && userId && certification);
  const bodies = [
    new Uint8Array(0),
    new Uint8Array([1]),
    new Uint8Array([255, 255, 255, 255, 255, 1]),
    new Uint8Array([5, 1, 16, 0, 1, 1]),
    new Uint8Array(8000).fill(7),
  ];
  for (const [i, body] of bodies.entries()) {
    const attribute = { tag: tags.userAttribute, body };
    const packets = [primary, userId, certification, attribute, certification, ...rest];
    const binary = concat(packets.map((packet) => writePacket(packet.tag, packet.body)));
    const read = await readCertificate(binary, now);
    if (read.ok) assert.equal(read.value.fingerprint, certificate.fingerprint, `case ${i}`);
    else assert.equal(read.name, "certificate_malformed", `case ${i}`);
  }
});
