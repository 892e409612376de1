/**
 * Data in parts (RFC 9580 §4.2.1.4): a first part below 512 octets, parts of a gigabyte, parts that
 * never end, parts where none may be, a thousand parts of one octet. Only what honest tools write
 * opens, and to the same letter; the rest is unopenable.
 */
import { test } from "node:test";
import assert from "node:assert/strict";
import { concat } from "../../codec/bytes.ts";
import { readPackets, tags, writeLength, writePacket } from "../packets.ts";
import { content, newCustomer, newExchange, now, open, tryAll, type Attack } from "./forge.ts";
import { message, targetOf } from "./wire.ts";

/** The body in parts of 2^exponent octets, then the rest with an ordinary length. */
function inParts(tag: number, body: Uint8Array, exponents: readonly number[]): Uint8Array {
  const parts: Uint8Array[] = [new Uint8Array([0xc0 | tag])];
  let at = 0;
  for (const exponent of exponents) {
    const end = at + 2 ** exponent;
    parts.push(new Uint8Array([0xe0 | exponent]), body.subarray(at, end));
    at = Math.min(end, body.length);
  }
  return concat([...parts, writeLength(body.length - at), body.subarray(at)]);
}

test("parts of a sealed packet", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const over = `${"x".repeat(3000)}\n`;
  const good = message(content({ by: alice.key, over }), targetOf(exchange.certificate.key));
  const [session, data] = readPackets(good, 2) ?? [];
  assert.ok(session && data);
  const key = writePacket(session.tag, session.body);
  const cases: readonly (readonly [string, readonly number[], string])[] = [
    ["as GnuPG does", [10, 9], "opened"],
    ["small ones behind the first", [9, 0, 0, 1, 5], "opened"],
    ["a thousand of one octet", [9, ...Array.from({ length: 1000 }, () => 0)], "opened"],
    ["first of 256", [8, 9], "unopenable"],
    ["first of one", [0], "unopenable"],
    ["of a gigabyte", [30], "unopenable"],
    ["then of a gigabyte", [9, 30], "unopenable"],
  ];
  for (const [label, exponents, outcome] of cases) {
    const sealed = concat([key, inParts(tags.sealed, data.body, exponents)]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.equal(opened.kind, outcome, label);
    if (opened.kind === "opened") assert.equal(opened.text, over, label);
  }
  const whole = inParts(tags.sealed, data.body, [9, 9]);
  const attacks: readonly Attack[] = [
    ["no last part", concat([key, whole.subarray(0, 1 + 2 * 513)]), "unopenable"],
    ["an empty last part lost", concat([key, whole.subarray(0, -1)]), "unopenable"],
    ["session key in parts", concat([inParts(1, session.body, [6]), data.body]), "unopenable"],
  ];
  await tryAll(attacks, exchange, { registered: [alice] });
});

test("parts inside: only the literal and what is compressed may come in them", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const over = `${"x".repeat(3000)}\n`;
  const [head, literal, signature] = readPackets(content({ by: alice.key, over }), 3) ?? [];
  assert.ok(head && literal && signature);
  const packet = ({ tag, body }: typeof head): Uint8Array => writePacket(tag, body);
  const target = targetOf(exchange.certificate.key);
  const big = { tag: signature.tag, body: concat([signature.body, new Uint8Array(600)]) };
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    [
      "literal",
      concat([packet(head), inParts(11, literal.body, [9, 9]), packet(signature)]),
      "opened",
    ],
    [
      "small first",
      concat([packet(head), inParts(11, literal.body, [7]), packet(signature)]),
      "unopenable",
    ],
    ["signature", concat([packet(head), packet(literal), inParts(2, big.body, [9])]), "unopenable"],
    [
      "header",
      concat([inParts(4, head.body, [3]), packet(literal), packet(signature)]),
      "unopenable",
    ],
  ];
  for (const [label, inside, outcome] of cases) {
    const opened = await open(message(inside, target), exchange, { registered: [alice] });
    assert.equal(opened.kind, outcome, label);
  }
});
