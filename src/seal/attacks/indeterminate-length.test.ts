/**
 * Old-format packets without a length: they reach to the end of what holds them. Only a compressed
 * packet may, as GnuPG writes it (compression.test.ts); anything else swallows what follows it and
 * is unopenable, wherever it stands.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { readPackets, writePacket } from "../packets.ts";
import { content, newCustomer, newExchange, now, tryAll, type Attack } from "./forge.ts";
import { message, targetOf } from "./wire.ts";

/** Type and "no length", then the body. */
function endless(tag: number, body: Uint8Array): Uint8Array {
  return concat([new Uint8Array([0x83 | (tag << 2)]), body]);
}

test("only compressed data may have no length", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const good = content({ by: alice.key });
  const [head, literal, signature] = readPackets(good, 3) ?? [];
  assert.ok(head && literal && signature);
  const packet = ({ tag, body }: typeof head): Uint8Array => writePacket(tag, body);
  const sealed = message(good, target);
  const [session, data] = readPackets(sealed, 2) ?? [];
  assert.ok(session && data);
  const inside = (...parts: readonly Uint8Array[]): Uint8Array => message(concat(parts), target);
  const attacks: readonly Attack[] = [
    ["literal", inside(packet(head), endless(11, literal.body), packet(signature)), "unopenable"],
    ["signature", inside(packet(head), packet(literal), endless(2, signature.body)), "unopenable"],
    ["header", inside(endless(4, head.body), packet(literal), packet(signature)), "unopenable"],
    ["literal alone", inside(endless(11, literal.body)), "unopenable"],
    ["all of it in a literal", inside(endless(11, good)), "unopenable"],
    ["session key", concat([endless(1, session.body), packet(data)]), "unopenable"],
    // The old format has four bits for the type: 18 does not fit, and 2 is what is left of it.
    ["data", concat([packet(session), endless(18 & 15, data.body)]), "unopenable"],
    ["data of type 9", concat([packet(session), endless(9, data.body)]), "unopenable"],
    ["compressed, outside", endless(8, concat([new Uint8Array(1), sealed])), "unopenable"],
    ["compressed, behind", inside(good, endless(8, good)), "unopenable"],
  ];
  await tryAll(attacks, exchange, { registered: [alice] });
});
