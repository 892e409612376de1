/**
 * Subpackets of a signature that reach beyond their area, areas that reach beyond the signature,
 * lengths of nothing and of four gigabytes, in the area that is signed and in the one that is not.
 * A signature that cannot be read wholly is no signature: unopenable, although it verifies.
 */
import { test } from "node:test";
import assert from "node:assert/strict";
import { concat } from "../../codec/bytes.ts";
import { readPackets, tags, writeNumber, writePacket } from "../packets.ts";
import { subpackets, writeSubpacket } from "../signature.ts";
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

const broken: readonly (readonly [string, readonly number[]])[] = [
  ["of no octets", [0]],
  ["of no octets, in five", [255, 0, 0, 0, 0]],
  ["one octet too long", [3, 99, 1]],
  ["with a length cut off", [192]],
  ["with a length of five cut off", [255, 0, 0]],
  ["of 191 octets", [191, 99]],
  ["of 16 KiB", [254, 255, 99]],
  ["of a gigabyte", [255, 0x40, 0, 0, 0, 99]],
  ["of four gigabytes", [255, 255, 255, 255, 255, 99]],
];

test("subpackets that overrun", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const attacks = broken.flatMap(([label, octets]): readonly Attack[] => {
    const bytes = new Uint8Array(octets);
    const signed = content({ by: alice.key, hashed: [bytes] });
    const beside = content({ by: alice.key, unhashed: [bytes] });
    return [
      [`signed, ${label}`, message(signed, target), "unopenable"],
      [`not signed, ${label}`, message(beside, target), "unopenable"],
    ];
  });
  const unknown = writeSubpacket(99, new Uint8Array(200));
  const fine = content({ by: alice.key, hashed: [unknown], unhashed: [unknown] });
  await tryAll([...attacks, ["whole ones", message(fine, target), "opened"]], exchange, {
    registered: [alice],
  });
});

test("areas that overrun", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const { head, signature } = forge({ by: alice.key });
  const body = readPackets(signature, 1)?.[0]?.body;
  assert.ok(body);
  const unhashedAt = 6 + (body[4] ?? 0) * 256 + (body[5] ?? 0);
  const attacks: Attack[] = [];
  for (const at of [4, unhashedAt]) {
    for (const length of [0, 1, 7, body.length, 4096, 0x7fff, 0xffff]) {
      const other = concat([body.subarray(0, at), writeNumber(length, 2), body.subarray(at + 2)]);
      const inside = concat([head, literal(text), writePacket(tags.signature, other)]);
      attacks.push([`at ${at}: ${length}`, message(inside, target), "unopenable"]);
    }
  }
  await tryAll(attacks, exchange, { registered: [alice] });
});

test("known subpackets of another length, or twice", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const own = hex(`04${alice.key.fingerprint}`);
  const sub = (type: number, length: number): Uint8Array =>
    writeSubpacket(type, new Uint8Array(length));
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ["a second time", writeSubpacket(subpackets.created, writeNumber(1, 4)), "unopenable"],
    ["a time of three octets", sub(subpackets.created, 3), "unopenable"],
    ["a time of five", sub(subpackets.created, 5), "unopenable"],
    ["a time of none", sub(subpackets.created, 0), "unopenable"],
    ["an end of three", sub(subpackets.expires, 3), "unopenable"],
    ["an end of none", sub(subpackets.expires, 0), "unopenable"],
    ["an issuer of seven", sub(subpackets.issuer, 7), "unopenable"],
    ["a fingerprint of none", sub(subpackets.issuerFingerprint, 0), "unopenable"],
    ["a fingerprint of 33", sub(subpackets.issuerFingerprint, 33), "unopenable"],
    ["the same fingerprint", writeSubpacket(subpackets.issuerFingerprint, own), "opened"],
    ["a recipient of none", sub(subpackets.recipient, 0), "signature_for_another"],
    ["a recipient of version 0", sub(subpackets.recipient, 21), "signature_for_another"],
  ];
  const attacks = cases.map(([label, subpacket, outcome]): Attack => {
    return [label, message(content({ by: alice.key, hashed: [subpacket] }), target), outcome];
  });
  await tryAll(attacks, exchange, { registered: [alice] });
});
