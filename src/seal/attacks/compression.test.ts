/** Compressed content: bombs, nesting, several, something after it, methods that do not exist. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, deflateSync } from "node:zlib";
import { concat } from "../../codec/bytes.ts";
import { tags, writePacket } from "../packets.ts";
import { content, literal, newCustomer, newExchange, now, open, sealFor, text } from "./forge.ts";

function compressed(inside: Uint8Array, method: number): Uint8Array {
  const data = [inside, deflateRawSync(inside), deflateSync(inside)][method] ?? inside;
  return writePacket(tags.compressed, concat([new Uint8Array([method]), data]));
}

/** The same in the old format without a length, as GnuPG writes it. */
function endless(inside: Uint8Array): Uint8Array {
  return concat([new Uint8Array([0xa3, 1]), deflateRawSync(inside)]);
}

test("content may be compressed once, and only once", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const good = content({ by: alice.key });
  const cases = [
    { inside: compressed(good, 0), opens: true },
    { inside: compressed(good, 1), opens: true },
    { inside: compressed(good, 2), opens: true },
    { inside: endless(good), opens: true },
    { inside: compressed(good, 3), opens: false },
    { inside: compressed(good, 99), opens: false },
    { inside: compressed(compressed(good, 2), 2), opens: false },
    { inside: concat([compressed(good, 2), compressed(good, 2)]), opens: false },
    { inside: concat([compressed(good, 2), literal(text)]), opens: false },
    { inside: concat([literal(text), compressed(good, 2)]), opens: false },
    // What follows the end of the data inside its packet is padding, and is not looked at.
    { inside: concat([endless(good), good]), opens: true },
    { inside: compressed(good, 2).subarray(0, -6), opens: false },
    { inside: writePacket(tags.compressed, new Uint8Array(0)), opens: false },
  ];
  for (const [i, { inside, opens }] of cases.entries()) {
    const sealed = await sealFor(inside, [exchange.certificate.key]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.equal(opened.kind, opens ? "opened" : "unopenable", `case ${i}`);
  }
});

test("what inflates beyond the bound is not read, however well it is signed", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const bomb = content({ by: alice.key, over: "a".repeat(20 * 1_048_576) });
  for (const inside of [compressed(bomb, 1), compressed(bomb, 2), endless(bomb)]) {
    assert.ok(inside.length < 100_000);
    const sealed = await sealFor(inside, [exchange.certificate.key]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.ok(opened.kind === "unopenable");
    assert.match(opened.why, /^content_malformed/);
  }
});

test("BZip2 is not read, though its content is good", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  // The form alone decides: nothing behind it is looked at, whole or broken.
  const bodies = ["425a6839314159265359", "425a68391772453850900000000", "00", ""];
  for (const body of bodies) {
    const packet = writePacket(tags.compressed, concat([new Uint8Array([3]), hexOf(body)]));
    const sealed = await sealFor(packet, [exchange.certificate.key]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.ok(opened.kind === "unopenable");
    assert.match(opened.why, /^content_compressed/);
  }
});

function hexOf(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, "hex"));
}

test("what comes out is never inflated again, as a quine would have it", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  let inside = content({ by: alice.key });
  for (let depth = 1; depth <= 30; depth += 1) {
    inside = compressed(inside, depth % 3);
    const sealed = await sealFor(inside, [exchange.certificate.key]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.equal(opened.kind, depth === 1 ? "opened" : "unopenable", `${depth}`);
  }
});

test("a bomb inside a bomb stops at the first", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const zeros = deflateSync(new Uint8Array(64 * 1_048_576));
  const twice = compressed(writePacket(tags.compressed, concat([new Uint8Array([2]), zeros])), 2);
  assert.ok(twice.length < 2000, `${twice.length}`);
  const sealed = await sealFor(twice, [exchange.certificate.key]);
  assert.equal((await open(sealed, exchange, { registered: [alice] })).kind, "unopenable");
});
