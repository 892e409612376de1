/** A signature over SHA-1: collisions can be made, so it says nothing of who wrote what. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { content, newCustomer, newExchange, now, open, sealFor } from "./forge.ts";

test("SHA-256 and SHA-512 are taken, SHA-1 and SHA-224 are not", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const weak: ReadonlySet<string> = new Set(["sha1", "sha224"]);
  for (const hash of ["sha1", "sha224", "sha256", "sha512"] as const) {
    const sealed = await sealFor(content({ by: alice.key, hash }), [exchange.certificate.key]);
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.equal(opened.kind, weak.has(hash) ? "unopenable" : "opened");
  }
});
