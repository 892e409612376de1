/**
 * Multiprecision integers whose bit count is wrong: in a session key's point and in a signature.
 * Nothing is read beyond the packet, and a count that means as many octets is wrong as well, since
 * no signature would tell the one from the other: all unopenable.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { readPackets, tags, writeMpi, writeNumber, writePacket } from "../packets.ts";
import { forge, literal, newCustomer, newExchange, now, text, tryAll } from "./forge.ts";
import { content, type Attack } from "./forge.ts";
import { message, targetOf } from "./wire.ts";

test("the bit count of the sender's point", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const wrong = [
    0, 1, 8, 255, 256, 257, 258, 262, 264, 265, 272, 512, 4096, 16_384, 0x7fff, 0xffff,
  ];
  const same = [263];
  const attack = (outcome: string) => {
    return (bits: number): Attack => {
      return [
        `${bits} bits`,
        message(content({ by: alice.key }), target, { wrap: { bits } }),
        outcome,
      ];
    };
  };
  const counts = [0, 1, 8, 39, 41, 47, 49, 56, 127, 128, 200, 255].map((count): Attack => {
    const sealed = message(content({ by: alice.key }), target, { wrap: { count } });
    return [`${count} octets wrapped`, sealed, "unopenable"];
  });
  const forms = [0, 2, 3, 4, 0x41].map((form): Attack => {
    const sealed = message(content({ by: alice.key }), target, { wrap: { form } });
    return [`form ${form}`, sealed, "unopenable"];
  });
  const registered = [alice];
  await tryAll(wrong.map(attack("unopenable")), exchange, { registered });
  await tryAll(same.map(attack("opened")), exchange, { registered });
  await tryAll([...counts, ...forms], exchange, { registered });
});

test("the bit counts of a signature", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const { head, signature } = forge({ by: alice.key });
  const [packet] = readPackets(signature, 1) ?? [];
  assert.ok(packet);
  const { start, r, s } = takenApart(packet.body);
  const sealed = (...numbers: readonly Uint8Array[]): Uint8Array => {
    const body = concat([start, ...numbers]);
    const inside = concat([head, literal(text), writePacket(tags.signature, body)]);
    return message(inside, target);
  };
  const [full, half] = [writeMpi(r), writeMpi(s)];
  const attacks: Attack[] = [["as it was", sealed(full, half), "opened"]];
  for (const bits of [0, 1, 8, 264, 272, 512, 0x4000, 0xffff]) {
    const count = writeNumber(bits, 2);
    attacks.push([`R of ${bits}`, sealed(count, full.subarray(2), half), "unopenable"]);
    attacks.push([`S of ${bits}`, sealed(full, count, half.subarray(2)), "unopenable"]);
  }
  attacks.push(["R only", sealed(full), "unopenable"]);
  attacks.push(["neither", sealed(), "unopenable"]);
  attacks.push(["both nothing", sealed(writeNumber(0, 4)), "unopenable"]);
  attacks.push(["the other way round", sealed(half, full), "unopenable"]);
  await tryAll(attacks, exchange, { registered: [alice] });
});

/** A signature's body up to its numbers, and the two of them with their zeros. */
function takenApart(body: Uint8Array) {
  const word = (at: number): number => (body[at] ?? 0) * 256 + (body[at + 1] ?? 0);
  const unhashedAt = 6 + word(4);
  const numbersAt = unhashedAt + 2 + word(unhashedAt) + 2;
  const octets = (at: number): number => (word(at) + 7) >> 3;
  const middle = numbersAt + 2 + octets(numbersAt);
  return {
    start: body.subarray(0, numbersAt),
    r: body.subarray(numbersAt + 2, middle),
    s: body.subarray(middle + 2),
  };
}
