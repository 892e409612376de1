/** A clear-signed or merely signed letter is not a letter, sealed or not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createCleartextMessage, sign } from "openpgp";
import { fromAscii } from "../../codec/bytes.ts";
import { openpgpConfig } from "../policy.ts";
import { content, literal, newCustomer, newExchange, now, open, sealFor, text } from "./forge.ts";

test("a clear-signed letter does not open, nor does one signed and not sealed", async () => {
  const [exchange, alice] = [await newExchange(), await newCustomer("Alice", 1)];
  const message = await createCleartextMessage({ text });
  const armored = await sign({
    message,
    signingKeys: alice.key.key,
    date: new Date(now),
    config: openpgpConfig,
  });
  const clear = fromAscii(armored.replaceAll("\r\n", "\n"));
  const letters = [
    clear,
    content({ by: alice.key }),
    await sealFor(clear, [exchange.certificate.key]),
    await sealFor(literal(armored), [exchange.certificate.key]),
  ];
  for (const letter of letters) {
    const opened = await open(letter, exchange, { registered: [alice] });
    assert.equal(opened.kind, "unopenable");
  }
});
