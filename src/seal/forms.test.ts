/**
 * Forms of a letter that RFC 9580 allows and no tool of docs/interop.md makes, by hand, on both
 * paths: which of them open, and the name of the refusal for the others.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { concat } from "../codec/bytes.ts";
import { content, forge, literal, newCustomer, newExchange, paths, text } from "./attacks/forge.ts";
import { message, targetOf } from "./attacks/wire.ts";
import { tags, writePacket } from "./packets.ts";

const exchange = await newExchange();
const alice = await newCustomer("Alice", 1);
const { signature } = forge({ by: alice.key });
const plain = content({ by: alice.key });
const padding = writePacket(tags.padding, randomBytes(40));
const first = targetOf(exchange.certificate.key);
const second = targetOf(exchange.second);

const forms: readonly (readonly [form: string, sealed: Uint8Array, answer: string])[] = [
  ["version 1 to the version 4 certificate", message(plain, first), "opened"],
  ["version 2, OCB, to the version 6 certificate", message(plain, second, { aead: {} }), "opened"],
  ["the same in GCM", message(plain, second, { aead: { aead: 3 } }), "opened"],
  [
    "the same in chunks of 64 bytes",
    message(plain, second, { aead: { aead: 3, chunk: 0 } }),
    "opened",
  ],
  ["under AES-128", message(plain, second, { key: randomBytes(16), aead: {} }), "opened"],
  [
    "padding behind the signature",
    message(concat([plain, padding]), second, { aead: {} }),
    "opened",
  ],
  [
    "padding in version 1, which has none",
    message(concat([plain, padding]), first),
    "content_malformed",
  ],
  [
    "a signature before its text, as PGP 2 wrote it",
    message(concat([signature, literal(text)]), first),
    "content_malformed",
  ],
  ["no one-pass header", message(concat([literal(text), signature]), first), "content_malformed"],
];

for (const [form, sealed, answer] of forms) {
  test(`${form}: ${answer}`, async () => {
    for (const path of paths) {
      const opened = await path.open(sealed, exchange, { registered: [alice] });
      const found = opened.kind === "unopenable" ? opened.why.replace(/:.*$/, "") : opened.kind;
      assert.equal(found, answer, `${path.name}: ${JSON.stringify(opened)}`);
      if (opened.kind === "opened") assert.equal(opened.text, text);
    }
  });
}
