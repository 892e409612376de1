/**
 * Signatures of other versions (RFC 9580 §5.2.3): 6, which brings a salt, with a salt of every
 * wrong size, or with the right one beside a header of version 3; 3, which has no subpackets; and
 * versions that do not exist. Customers' keys are of version 4 and sign nothing else: unopenable.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { readPackets, tags, writeNumber, writePacket } from "../packets.ts";
import {
  content,
  forge,
  hex,
  literal,
  newCustomer,
  newExchange,
  now,
  text,
  tryAll,
  type Attack,
} from "./forge.ts";
import { message, targetOf } from "./wire.ts";

test("signatures of other versions", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const { head, signature } = forge({ by: alice.key });
  const four = readPackets(signature, 1)?.[0]?.body;
  assert.ok(four);
  const areaEnd = 6 + (four[4] ?? 0) * 256 + (four[5] ?? 0);
  const area = four.subarray(6, areaEnd);
  const numbers = four.subarray(-68);
  const six = (salt: Uint8Array, says: number): Uint8Array =>
    concat([
      new Uint8Array([6, 0, 27, 10]),
      writeNumber(area.length, 4),
      area,
      writeNumber(0, 4),
      new Uint8Array([0, 0, says]),
      salt,
      numbers.subarray(-64),
    ]);
  const salted = (salt: Uint8Array): Uint8Array => {
    const print = concat([hex(alice.key.fingerprint), new Uint8Array(12)]);
    const body = [
      new Uint8Array([6, 0, 10, 27, salt.length & 255]),
      salt,
      print,
      new Uint8Array([1]),
    ];
    return writePacket(tags.onePass, concat(body));
  };
  const sealed = (first: Uint8Array, last: Uint8Array): Uint8Array =>
    message(concat([first, literal(text), writePacket(tags.signature, last)]), target);
  const attacks: Attack[] = [];
  for (const length of [0, 1, 16, 24, 31, 32, 33, 64, 255]) {
    const salt = new Uint8Array(length).fill(7);
    const label = `a salt of ${length}`;
    attacks.push([label, sealed(salted(salt), six(salt, length)), "unopenable"]);
    attacks.push([`${label}, says 32`, sealed(salted(salt), six(salt, 32)), "unopenable"]);
    attacks.push([`${label}, header 3`, sealed(head, six(salt, length)), "unopenable"]);
  }
  attacks.push(["header 6, signature 4", sealed(salted(new Uint8Array(32)), four), "unopenable"]);
  for (const version of [0, 1, 2, 3, 5, 6, 7, 255]) {
    attacks.push([`says ${version}`, sealed(head, four.with(0, version)), "unopenable"]);
    const first = head.with(2, version === 3 ? 4 : version);
    attacks.push([`header says ${version}`, sealed(first, four), "unopenable"]);
  }
  const three = concat([
    new Uint8Array([3, 5, 0]),
    writeNumber(Math.floor(now / 1000), 4),
    hex(alice.key.fingerprint.slice(24)),
    new Uint8Array([22, 10, 0, 0]),
    numbers,
  ]);
  attacks.push(["version 3", sealed(head, three), "unopenable"]);
  attacks.push(["as it was", message(content({ by: alice.key }), target), "opened"]);
  await tryAll(attacks, exchange, { registered: [alice] });
});
