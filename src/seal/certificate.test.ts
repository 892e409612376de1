/** When a certificate was signed last: what its primary key signed counts, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { concat } from "../codec/bytes.ts";
import { time } from "../codec/time.ts";
import { correspondent, islandNow, signedAnew } from "../testing/island.ts";
import { newestSelfSignature, readRegisteredCertificate } from "./certificate.ts";
import { readPackets, tags, writeNumber, writePacket } from "./packets.ts";

test("the newest self-signature is one that holds, not one that says so", async () => {
  const alice = await correspondent(1);
  const before = await newestSelfSignature(alice.certificate);
  const anew = await signedAnew(alice, time(islandNow - 1000));
  assert.equal(await newestSelfSignature(anew.certificate), islandNow - 1000);
  const packets = readPackets(alice.certificate.binary, 50) ?? [];
  const made = Buffer.from(writeNumber(before / 1000, 4));
  const later = Buffer.from(writeNumber(islandNow / 1000, 4));
  // Behind each signature the same with a later time: it is read, and does not verify.
  const forged = packets.flatMap(({ tag, body }) => {
    const packet = writePacket(tag, body);
    const at = Buffer.from(body).indexOf(made);
    if (tag !== tags.signature || at < 0) return [packet];
    return [packet, writePacket(tag, body.subarray(0, at), later, body.subarray(at + 4))];
  });
  assert.ok(forged.length > packets.length);
  const read = await readRegisteredCertificate(concat(forged));
  assert.equal(await newestSelfSignature(read), before);
});
