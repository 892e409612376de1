/**
 * Our own letters, of both versions of the sealed packet, with every octet changed and every end
 * cut off. `npm run soak` does it with other bits each time.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { runs } from "../../testing/runs.ts";
import { sealLetter } from "../customer.ts";
import { content, newCustomer, newExchange, now, open, text } from "./forge.ts";
import { sweepBytes, sweepEnds, type Opening } from "./sweep.ts";
import { message, targetOf } from "./wire.ts";

/** Which bit of each octet: any 64 octets have any 64 bits. */
const bits = fc.array(fc.nat(7), { minLength: 64, maxLength: 64 });

test("our sealer's letters, of both versions: no changed octet says anything else", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const opening: Opening = (sealed) => open(sealed, exchange, { registered: [alice] });
  const { key } = alice;
  const first = await sealLetter(text, { key, exchange: exchange.certificate, at: now });
  const second = message(content({ by: alice.key }), targetOf(exchange.second), {
    aead: { aead: 2, chunk: 0 },
  });
  await fc.assert(
    fc.asyncProperty(bits, async (chosen) => {
      for (const good of [first, second]) {
        const bitsOf = (i: number): number => 1 << (chosen[i % 64] ?? 0);
        const { same } = await sweepBytes(good, opening, bitsOf);
        // The key id may become another's or nobody's, but nothing else outside may change.
        assert.ok(same <= 8, `${same} changes made no difference`);
      }
    }),
    { numRuns: runs(1), endOnFailure: true },
  );
});

test("our sealer's letters, of both versions: what is cut off does not open", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const opening: Opening = (sealed) => open(sealed, exchange, { registered: [alice] });
  const { key } = alice;
  await sweepEnds(
    await sealLetter(text, { key, exchange: exchange.certificate, at: now }),
    opening,
  );
  const inside = content({ by: alice.key });
  const target = targetOf(exchange.second);
  await sweepEnds(message(inside, target, { aead: { aead: 3, chunk: 0 } }), opening);
});
