/**
 * As many subpackets as an area holds: 64 Ki octets of the smallest there are, unknown, repeated or
 * critical, signed or not. Read in a time that grows with their length and no faster; the letter is
 * judged by what they say, and one bigger than a letter may be is not read.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { writeNumber } from "../packets.ts";
import { readSignatureFacts, subpackets, writeSubpacket } from "../signature.ts";
import { content, newCustomer, newExchange, now, tryAll, type Attack } from "./forge.ts";
import { message, targetOf } from "./wire.ts";

const some = 32_000;
const bare = writeSubpacket(100, new Uint8Array(0));
const critical = writeSubpacket(100, new Uint8Array(0), true);
const again = (one: Uint8Array, times: number): Uint8Array =>
  concat(Array.from({ length: times }, () => one));

test("a flood of subpackets", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const made = writeSubpacket(subpackets.created, writeNumber(Math.floor(now / 1000), 4), true);
  const other = writeSubpacket(subpackets.created, writeNumber(1, 4), true);
  const cases: readonly (readonly [
    string,
    { hashed?: Uint8Array[]; unhashed?: Uint8Array[] },
    string,
  ])[] = [
    ["signed", { hashed: [again(bare, some)] }, "opened"],
    ["not signed", { unhashed: [again(bare, some)] }, "opened"],
    ["signed and critical", { hashed: [again(critical, some)] }, "signature_not_understood"],
    ["critical, not signed", { unhashed: [again(critical, some)] }, "opened"],
    ["the same time", { hashed: [again(made, 10_000)] }, "opened"],
    ["another time at the end", { hashed: [again(made, 10_000), other] }, "unopenable"],
    [
      "recipients",
      { hashed: [again(writeSubpacket(35, new Uint8Array(21)), 2800)] },
      "signature_for_another",
    ],
  ];
  const attacks = cases.map(([label, areas, outcome]): Attack => {
    return [label, message(content({ by: alice.key, ...areas }), target), outcome];
  });
  const both = { hashed: [again(bare, some)], unhashed: [again(bare, some)] };
  attacks.push([
    "both areas full",
    message(content({ by: alice.key, ...both }), target),
    "unopenable",
  ]);
  await tryAll(attacks, exchange, { registered: [alice] });
});

test("a whole area of broken ones is left at the first", () => {
  const area = new Uint8Array(65_535);
  const head = new Uint8Array([4, 0, 22, 10, 255, 255]);
  assert.equal(readSignatureFacts(concat([head, area, new Uint8Array(100)])), undefined);
});
