/**
 * Packets of no octets, one, two: in place of each packet of a message, and before and behind it.
 * Unopenable, and no reader reaches into what is not there.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { readPackets, writePacket, type Packet } from "../packets.ts";
import { content, newCustomer, newExchange, now, tryAll, type Attack } from "./forge.ts";
import { message, targetOf } from "./wire.ts";

const packet = ({ tag, body }: Packet): Uint8Array => writePacket(tag, body);

/** The packets with the body of one of them cut to its first octets. */
function stump(packets: readonly Packet[], which: number, length: number): Uint8Array {
  return concat(
    packets.map(({ tag, body }, i) =>
      writePacket(tag, i === which ? body.subarray(0, length) : body),
    ),
  );
}

test("a packet of hardly anything in place of each, and beside each", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const inner = readPackets(content({ by: alice.key }), 3) ?? [];
  const outer = readPackets(message(concat(inner.map(packet)), target), 2) ?? [];
  assert.equal(inner.length + outer.length, 5);
  const attacks: Attack[] = [];
  for (const length of [0, 1, 2, 3, 5, 9, 12]) {
    for (const which of [0, 1]) {
      const sealed = stump(outer, which, length);
      attacks.push([`outer ${which} of ${length}`, sealed, "unopenable"]);
    }
    for (const which of [0, 1, 2]) {
      const sealed = message(stump(inner, which, length), target);
      attacks.push([`inner ${which} of ${length}`, sealed, "unopenable"]);
    }
  }
  for (const tag of [1, 2, 3, 4, 6, 8, 9, 10, 11, 13, 17, 18, 19, 20, 60]) {
    const nothing = writePacket(tag, new Uint8Array(0));
    const [outside, inside] = [outer.map(packet), inner.map(packet)];
    attacks.push([`${tag} before`, concat([nothing, ...outside]), "unopenable"]);
    attacks.push([`${tag} behind`, concat([...outside, nothing]), "unopenable"]);
    attacks.push([`${tag} first`, message(concat([nothing, ...inside]), target), "unopenable"]);
    attacks.push([`${tag} last`, message(concat([...inside, nothing]), target), "unopenable"]);
    attacks.push([`${tag} only`, message(nothing, target), "unopenable"]);
  }
  attacks.push(["no content", message(new Uint8Array(0), target), "unopenable"]);
  await tryAll(attacks, exchange, { registered: [alice] });
});
