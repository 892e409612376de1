/**
 * Good signatures that do not mean "I say this now": other types, other times, unknown conditions.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, fromAscii } from "../../codec/bytes.ts";
import { writeNumber } from "../packets.ts";
import { signatureTypes, subpackets, writeSubpacket } from "../signature.ts";
import {
  content,
  days,
  forge,
  literal,
  minutes,
  newCustomer,
  newExchange,
  now,
  open,
  sealFor,
  text,
  type Forgery,
} from "./forge.ts";

function notation(critical: boolean): Uint8Array {
  const name = fromAscii("only-if@example.org");
  const head = concat([new Uint8Array([0x80, 0, 0, 0]), writeNumber(name.length, 2)]);
  const body = concat([head, writeNumber(1, 2), name, fromAscii("1")]);
  return writeSubpacket(subpackets.notation, body, critical);
}

test("a signature is judged by what it says of itself", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const expiring = (seconds: number): readonly Uint8Array[] => [
    writeSubpacket(subpackets.expires, writeNumber(seconds, 4), true),
  ];
  const cases: readonly (readonly [string, Omit<Forgery, "by">])[] = [
    ["opened", {}],
    ["opened", { created: now + 9 * minutes }],
    ["signature_from_future", { created: now + 11 * minutes }],
    ["opened", { created: now - 300 * days }],
    ["opened", { hashed: expiring(0) }],
    ["opened", { hashed: expiring(3600) }],
    ["signature_expired", { hashed: expiring(3600), created: now - days }],
    ["opened", { hashed: [notation(false)] }],
    ["signature_not_understood", { hashed: [notation(true)] }],
    ["opened", { hashed: [writeSubpacket(99, fromAscii("?"))] }],
    ["signature_not_understood", { hashed: [writeSubpacket(99, fromAscii("?"), true)] }],
    ["unopenable", { hashed: expiring(3600).concat(expiring(7200)) }],
    // A designated revoker and a target mean something beside keys and signatures only.
    ["unopenable", { hashed: [writeSubpacket(12, new Uint8Array(22))] }],
    ["unopenable", { hashed: [writeSubpacket(31, new Uint8Array(66))] }],
    ["unopenable", { type: 0x02 }],
    ["unopenable", { type: signatureTypes.positiveCertification }],
    ["unopenable", { type: 0x40 }],
    ["unopenable", { type: 0xff }],
  ];
  for (const [expected, forgery] of cases) {
    const sealed = await sealFor(content({ by: alice.key, ...forgery }), [
      exchange.certificate.key,
    ]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    const outcome = opened.kind === "refused" ? opened.name : opened.kind;
    assert.equal(outcome, expected, JSON.stringify(forgery));
    if (opened.kind !== "unopenable") assert.equal(opened.text, text);
  }
});

test("a signature that signs no text is not one over this text", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  // Standalone (0x02) and timestamp (0x40) signatures cover nothing: one would fit every letter.
  for (const type of [0x02, 0x40]) {
    const { head, signature } = forge({ by: alice.key, type, over: "" });
    const inside = concat([head, literal(text), signature]);
    const sealed = await sealFor(inside, [exchange.certificate.key]);
    assert.equal((await open(sealed, exchange, { registered: [alice] })).kind, "unopenable");
  }
});

test("a header that announces another signature is refused", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const { head, signature } = forge({ by: alice.key });
  // Two octets of framing, then version, type, hash, algorithm, key id, last.
  const changed = [2, 3, 4, 5, 6, 13].map((at) => head.with(at, (head[at] ?? 0) ^ 0x40));
  for (const other of [...changed, head.with(1, 12).subarray(0, -1)]) {
    const inside = concat([other, literal(text), signature]);
    const sealed = await sealFor(inside, [exchange.certificate.key]);
    assert.equal((await open(sealed, exchange, { registered: [alice] })).kind, "unopenable");
  }
});
