/**
 * Lengths that promise more than there is, up to four gigabytes, in every header of a message, or
 * less than there is. Nothing is read beyond the end, nothing is set aside for what was promised,
 * and nothing opens. A length written longer than needed says the same, and the letter opens.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { readPackets, tags, writeNumber, writePacket } from "../packets.ts";
import {
  content,
  forge,
  literal,
  newCustomer,
  newExchange,
  text,
  tryAll,
  type Attack,
  type Customer,
  type Exchange,
} from "./forge.ts";
import { message, targetOf } from "./wire.ts";

let exchange: Exchange;
let alice: Customer;
before(async () => {
  [exchange, alice] = [await newExchange(), await newCustomer("Alice", 1)];
});

/** A packet whose header says another length than its body has. */
function lying(tag: number, body: Uint8Array, length: number, octets: 1 | 2 | 5): Uint8Array {
  const head = new Uint8Array([0xc0 | tag]);
  if (octets === 5) {
    return concat([head, new Uint8Array([255]), writeNumber(length, 4), body]);
  }
  if (octets === 1) return concat([head, writeNumber(length % 192, 1), body]);
  const two = [((length - 192) >> 8) + 192, (length - 192) & 255];
  return concat([head, new Uint8Array(two), body]);
}

/** One packet of the sequence in other words, the rest as it was. */
function relengthen(whole: Uint8Array, which: number, length: (real: number) => number) {
  const packets = readPackets(whole, 10);
  assert.ok(packets);
  return concat(
    packets.map(({ tag, body }, i) =>
      i === which ? lying(tag, body, length(body.length), 5) : writePacket(tag, body),
    ),
  );
}

const lies: readonly (readonly [string, (real: number) => number])[] = [
  ["one more", (real) => real + 1],
  ["one less", (real) => real - 1],
  ["nothing", () => 0],
  ["16 MiB", () => 2 ** 24],
  ["2 GiB", () => 2 ** 31],
  ["4 GiB less one", () => 2 ** 32 - 1],
];

test("a length that lies, outside", async () => {
  const good = message(content({ by: alice.key }), targetOf(exchange.certificate.key));
  const attacks = [0, 1].flatMap((which) =>
    lies.map(([name, length]): Attack => {
      return [`packet ${which}: ${name}`, relengthen(good, which, length), "unopenable"];
    }),
  );
  const longer = [0, 1].map((which): Attack => {
    return [`packet ${which} in five octets`, relengthen(good, which, (real) => real), "opened"];
  });
  await tryAll([...attacks, ...longer], exchange, { registered: [alice] });
});

test("a length that lies, inside", async () => {
  const target = targetOf(exchange.certificate.key);
  const good = content({ by: alice.key });
  const attacks = [0, 1, 2].flatMap((which) =>
    lies.map(([name, length]): Attack => {
      const sealed = message(relengthen(good, which, length), target);
      return [`packet ${which}: ${name}`, sealed, "unopenable"];
    }),
  );
  const longer = [0, 1, 2].map((which): Attack => {
    const sealed = message(
      relengthen(good, which, (real) => real),
      target,
    );
    return [`packet ${which} in five octets`, sealed, "opened"];
  });
  await tryAll([...attacks, ...longer], exchange, { registered: [alice] });
});

test("a header that ends in the middle of its length", async () => {
  const target = targetOf(exchange.certificate.key);
  const { head, signature } = forge({ by: alice.key });
  const stubs = [[0xc2], [0xc2, 0xc0], [0xc2, 0xff], [0xc2, 0xff, 0, 0, 0], [0x88], [0x8a, 0, 0]];
  const attacks = stubs.flatMap((stub): readonly Attack[] => {
    const bytes = new Uint8Array(stub);
    const inside = concat([head, literal(text), signature, bytes]);
    const outside = concat([message(content({ by: alice.key }), target), bytes]);
    return [
      [`inside, ${stub.join()}`, message(inside, target), "unopenable"],
      [`outside, ${stub.join()}`, outside, "unopenable"],
      [`alone, ${stub.join()}`, bytes, "unopenable"],
    ];
  });
  const bodies = [tags.sessionKey, tags.sealed].map((tag): Attack => {
    return [`packet ${tag} alone`, lying(tag, new Uint8Array(100), 100, 1), "unopenable"];
  });
  const two = lying(tags.signature, new Uint8Array(300), 8383, 2);
  await tryAll([...attacks, ...bodies, ["two octets", two, "unopenable"]], exchange, {
    registered: [alice],
  });
});
