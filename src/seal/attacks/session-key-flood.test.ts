/** A thousand session keys without a key id: each would cost a private-key operation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { sessionKeysMax } from "../policy.ts";
import { sealContent } from "../seipd.ts";
import { content, newCustomer, newExchange, now, open, sessionKeys } from "./forge.ts";

test("a letter for four opens, and one with more session keys is not tried", async () => {
  const [exchange, other] = [await newExchange(now), await newExchange(now)];
  const alice = await newCustomer("Alice", 1);
  const { packet, key } = sealContent(content({ by: alice.key }));
  const ours = await sessionKeys(key, [exchange.certificate.key], true);
  const theirs = await sessionKeys(key, [other.certificate.key], true);
  const flood = (length: number): Uint8Array =>
    concat([...Array.from({ length }, () => theirs), ours, packet]);
  const few = await open(flood(sessionKeysMax - 1), exchange, { registered: [alice] });
  assert.equal(few.kind, "opened");
  for (const length of [sessionKeysMax, 1000]) {
    const opened = await open(flood(length), exchange, { registered: [alice] });
    assert.ok(opened.kind === "unopenable");
    assert.match(opened.why, /^sealed_(?:malformed|too_large)/);
  }
});
