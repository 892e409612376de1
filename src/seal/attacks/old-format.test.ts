/**
 * Headers of the old format, which is how GnuPG writes everything but the sealed packet: the same
 * letter. Types that the format cannot say, the type 0, and the reserved high bit are unopenable.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { readPackets, writeNumber, writePacket } from "../packets.ts";
import { content, newCustomer, newExchange, now, tryAll, type Attack } from "./forge.ts";
import { message, targetOf } from "./wire.ts";

function old(tag: number, body: Uint8Array, octets: 1 | 2 | 4): Uint8Array {
  const kind = { 1: 0, 2: 1, 4: 2 }[octets];
  const head = new Uint8Array([0x80 | (tag << 2) | kind]);
  return concat([head, writeNumber(body.length, octets), body]);
}

test("old headers say the same as new ones, and no more", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const good = content({ by: alice.key });
  const inner = readPackets(good, 3) ?? [];
  const [session, data] = readPackets(message(good, target), 2) ?? [];
  assert.ok(session && data && inner.length === 3);
  const sealed = writePacket(data.tag, data.body);
  const attacks: Attack[] = [];
  for (const octets of [1, 2, 4] as const) {
    const inside = concat(inner.map(({ tag, body }) => old(tag, body, octets)));
    attacks.push([`inside, ${octets}`, message(inside, target), "opened"]);
    const key = old(1, session.body, octets);
    attacks.push([`session key, ${octets}`, concat([key, sealed]), "opened"]);
    const nothing = old(0, session.body, octets);
    attacks.push([`type 0, ${octets}`, concat([nothing, sealed]), "unopenable"]);
  }
  const key = writePacket(session.tag, session.body);
  const bare = concat([new Uint8Array([session.tag]), key.subarray(1)]);
  attacks.push(["new type 0", concat([writePacket(0, session.body), sealed]), "unopenable"]);
  attacks.push(["no high bit", concat([bare, sealed]), "unopenable"]);
  attacks.push(["no high bit behind", concat([key, sealed, new Uint8Array([0x12])]), "unopenable"]);
  await tryAll(attacks, exchange, { registered: [alice] });
});
