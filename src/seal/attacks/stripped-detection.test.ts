/** Sealed data without its modification detection code: as type 9, as another version, cut off. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { tags, writePacket } from "../packets.ts";
import { sealContent } from "../seipd.ts";
import { content, newCustomer, newExchange, now, open, sessionKeys } from "./forge.ts";

test("data that is not protected against modification does not open", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const { packet, key } = sealContent(content({ by: alice.key }));
  const session = await sessionKeys(key, [exchange.certificate.key]);
  const body = packet.subarray(3);
  const sealed = writePacket(tags.sealed, body);
  assert.deepEqual(sealed, packet, "the header is three octets");
  const inner = body.subarray(1);
  const letters = [
    writePacket(9, inner),
    writePacket(9, body),
    writePacket(tags.sealed, concat([new Uint8Array([2, 9, 2, 6]), inner])),
    writePacket(tags.sealed, concat([new Uint8Array([0]), inner])),
    writePacket(tags.sealed, body.subarray(0, -22)),
    writePacket(tags.sealed, body.subarray(0, -20)),
    writePacket(tags.sealed, body.subarray(0, 30)),
    writePacket(tags.sealed, new Uint8Array(0)),
  ];
  const good = await open(concat([session, packet]), exchange, { registered: [alice] });
  assert.equal(good.kind, "opened");
  for (const letter of letters) {
    const opened = await open(concat([session, letter]), exchange, { registered: [alice] });
    assert.equal(opened.kind, "unopenable");
  }
});
