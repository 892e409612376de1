/** Clear-signed cards: only the very frame and text that the exchange's operating key signed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { time } from "../codec/time.ts";
import { days, newCustomer, newExchange, now } from "./attacks/forge.ts";
import { clearSign, clearSignRefusals, verifyClearSigned } from "./card.ts";

const text = "signet-card/1\nexchange 00\n- a line that begins with a dash\n-----\n\nend\n";

test("a card comes back as it was signed", async () => {
  const { keys, certificate } = await newExchange();
  const signed = await clearSign(text, keys, now);
  assert.deepEqual(await verifyClearSigned(signed, certificate, now), { ok: true, value: text });
  const later = time(now + 300 * days);
  assert.deepEqual(await verifyClearSigned(signed, certificate, later), { ok: true, value: text });
});

test("a changed card is refused by name", async () => {
  const [{ keys, certificate }, other] = [await newExchange(), await newExchange()];
  const signed = await clearSign(text, keys, now);
  const body = signed.slice(signed.indexOf("\n\n") + 2, signed.indexOf("-----BEGIN PGP SIGNATURE"));
  const signature = signed.slice(signed.indexOf("-----BEGIN PGP SIGNATURE"));
  const cases: readonly (readonly [string, string])[] = [
    ["signed_wrong", signed.replace("exchange 00", "exchange 01")],
    ["signed_wrong", signed.replace("end\n", "end\nmore\n")],
    ["signed_wrong", signed.replace("end\n", "")],
    ["signed_wrong", await clearSign(text, other.keys, now)],
    ["signed_malformed", ""],
    ["signed_malformed", text],
    ["signed_malformed", `said:\n${signed}`],
    ["signed_malformed", `${signed}more\n`],
    ["signed_malformed", signed.replace("Hash: SHA512\n", "Hash: SHA512\nComment: more\n")],
    ["signed_malformed", signed.replace("Hash: SHA512\n", "Hash: SHA512\nexchange 01\n")],
    ["signed_malformed", signed.replace("Hash: SHA512", "Hash: SHA1")],
    ["signed_malformed", signed.replace("exchange 00", "exchange 00 ")],
    ["signed_malformed", signed.replace("exchange 00", "exchange 00\r")],
    ["signed_malformed", signed.replace("exchange 00", "exchange 00\f")],
    ["signed_malformed", signed.replace("- - a line", "- a line").replace("- -----", "-----")],
    ["signed_malformed", signed.replaceAll("\n", "\r\n")],
    ["signed_malformed", `${signed}${signed}`],
    ["signed_malformed", signed.replace(signature, signature + signature)],
    ["signed_malformed", signed.replace(body, body.repeat(2000))],
  ];
  for (const [i, [name, changed]] of cases.entries()) {
    assert.notEqual(changed, signed, `case ${i} changes something`);
    const read = await verifyClearSigned(changed, certificate, now);
    assert.ok(!read.ok, `case ${i}`);
    assert.equal(read.name, name, `case ${i}`);
    assert.ok(clearSignRefusals.includes(read.name));
  }
});

test("a card by a customer, or from before its key was made, is refused", async () => {
  const { keys, certificate } = await newExchange(now);
  const alice = await newCustomer("Alice", 1);
  const by = { ...keys, key: alice.key.key };
  const signed = await clearSign(text, by, now);
  const read = await verifyClearSigned(signed, certificate, now);
  assert.ok(!read.ok);
  assert.equal(read.name, "signed_wrong");
});
