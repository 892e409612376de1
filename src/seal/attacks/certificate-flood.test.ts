/** Certificates that are not one: floods, secret keys, several keys, foreign packets, garbage. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { concat, fromAscii } from "../../codec/bytes.ts";
import { runs } from "../../testing/runs.ts";
import { certificateRefusals, readCertificate } from "../certificate.ts";
import { readPackets, tags, writePacket } from "../packets.ts";
import { certificateBytesMax, subkeysMax, userIdsMax } from "../policy.ts";
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
