/**
 * More text than was signed: a second literal before, behind, between, or around the signed one.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { writePacket } from "../packets.ts";
import { content, forge, literal, newCustomer, newExchange, now, open, sealFor } from "./forge.ts";

test("a letter with more than its one signed literal does not open", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const good = content({ by: alice.key });
  const extra = literal("signet/1 more\n");
  const { head, signature } = forge({ by: alice.key });
  const marker = writePacket(10, new Uint8Array([0x50, 0x47, 0x50]));
  const padding = writePacket(21, new Uint8Array(16));
  const unknown = writePacket(61, new Uint8Array(3));
  const contents = [
    concat([good, extra]),
    concat([extra, good]),
    concat([good, good]),
    concat([head, extra, good.subarray(head.length)]),
    concat([good.subarray(0, -signature.length), extra, signature]),
    concat([good, marker]),
    concat([marker, good]),
    concat([good, padding]),
    concat([unknown, good]),
    concat([await sealFor(good, [exchange.certificate.key])]),
  ];
  for (const [i, inside] of contents.entries()) {
    const sealed = await sealFor(inside, [exchange.certificate.key]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.equal(opened.kind, "unopenable", `case ${i}`);
  }
});
