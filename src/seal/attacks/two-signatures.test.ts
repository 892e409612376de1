/**
 * Several signatures: one good among strangers' must not carry the letter (OpenPGP.js takes any).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { signaturesMax } from "../policy.ts";
import { forge, literal, newCustomer, newExchange, open, sealFor, text } from "./forge.ts";

test("two signatures are refused by name if one is good, and do not open if none is", async () => {
  const exchange = await newExchange();
  const [alice, bob] = [await newCustomer("Alice", 1), await newCustomer("Bob", 2)];
  const inner = forge({ by: alice.key });
  const outer = forge({ by: bob.key, last: false });
  const content = concat([outer.head, inner.head, literal(text), inner.signature, outer.signature]);
  const sealed = await sealFor(content, [exchange.certificate.key]);
  for (const registered of [[alice], [bob], [alice, bob]]) {
    const opened = await open(sealed, exchange, { registered });
    assert.ok(opened.kind === "refused");
    assert.equal(opened.name, "signatures_many");
  }
  const strangers = await open(sealed, exchange, { registered: [] });
  assert.equal(strangers.kind, "unopenable");
});

test("a flood of signatures is not looked at", async () => {
  const [exchange, alice] = [await newExchange(), await newCustomer("Alice", 1)];
  const { head, signature } = forge({ by: alice.key });
  for (const length of [signaturesMax + 1, 200, 500]) {
    const many = Array.from({ length }, () => 0);
    const content = concat([...many.map(() => head), literal(text), ...many.map(() => signature)]);
    const sealed = await sealFor(content, [exchange.certificate.key]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.equal(opened.kind, "unopenable");
  }
});
