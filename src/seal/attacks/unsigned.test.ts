/**
 * Nothing signs it: a literal alone, a header without a signature, a signature without a header.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { forge, literal, newCustomer, newExchange, open, sealFor, text } from "./forge.ts";

test("a letter that nothing signs does not open", async () => {
  const [exchange, alice] = [await newExchange(), await newCustomer("Alice", 1)];
  const { head, signature } = forge({ by: alice.key });
  const contents = [
    literal(text),
    concat([head, literal(text)]),
    concat([literal(text), signature]),
    concat([signature, literal(text)]),
    concat([head, signature]),
    concat([head, head, literal(text), signature]),
    concat([head, literal(text), signature, signature]),
    new Uint8Array(0),
  ];
  for (const content of contents) {
    const sealed = await sealFor(content, [exchange.certificate.key]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.equal(opened.kind, "unopenable");
  }
});
