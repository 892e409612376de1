/** Random bytes at every layer: as a message, sealed for us, as packets, as a signature. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { concat } from "../../codec/bytes.ts";
import { runs } from "../../testing/runs.ts";
import { openReport } from "../customer.ts";
import { readPackets, tags, writePacket } from "../packets.ts";
import { readSignatureFacts } from "../signature.ts";
import {
  content,
  forge,
  literal,
  newCustomer,
  newExchange,
  now,
  open,
  sealFor,
  text,
} from "./forge.ts";

const bytes = fc.uint8Array({ maxLength: 300 });
/** Something like a packet sequence. */
const packets = fc
  .array(fc.tuple(fc.constantFrom(1, 2, 4, 8, 9, 10, 11, 17, 18, 20, 60), bytes), { maxLength: 6 })
  .map((list) => concat(list.map(([tag, body]) => writePacket(tag, body))));

test("whatever is posted, the answer is unopenable and nothing is thrown", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes, packets), async (sealed) => {
      const opened = await open(sealed, exchange, { registered: [alice] });
      assert.equal(opened.kind, "unopenable");
      const options = { key: alice.key, exchange: exchange.certificate, at: now };
      assert.equal((await openReport(sealed, options)).ok, false);
    }),
    { numRuns: runs(100) },
  );
});

test("whatever is sealed for us, the answer is unopenable and nothing is thrown", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const { head, signature } = forge({ by: alice.key });
  const good = content({ by: alice.key });
  const mutated = fc
    .tuple(fc.nat(good.length - 1), fc.nat(255))
    .filter(([at, byte]) => good[at] !== byte)
    .map(([at, byte]) => good.with(at, byte));
  const forged = bytes.map((body) => {
    return concat([head, literal(text), writePacket(tags.signature, body)]);
  });
  const inside = fc.oneof(bytes, packets, mutated, forged);
  await fc.assert(
    fc.asyncProperty(inside, async (content) => {
      const sealed = await sealFor(content, [exchange.certificate.key]);
      const opened = await open(sealed, exchange, { registered: [alice] });
      // What is not signed may change (the literal's date, the outer issuer): then nothing was
      // said.
      if (opened.kind === "opened") assert.equal(opened.text, text);
      else assert.equal(opened.kind, "unopenable");
    }),
    { numRuns: runs(200) },
  );
  assert.ok(signature.length > 0);
});

test("packets and signatures are read without throwing", () => {
  const starts = fc.constantFrom(0x80, 0x83, 0xa3, 0xc1, 0xc8, 0xcb, 0xd2, 0xff);
  const lengths = fc.constantFrom([0xe9], [0xfe], [0xff, 0xff, 0xff, 0xff, 0xff], [0xc0], [0]);
  const framed = fc
    .tuple(starts, lengths, bytes)
    .map(([start, length, rest]) => concat([new Uint8Array([start, ...length]), rest]));
  fc.assert(
    fc.property(fc.oneof(bytes, framed, packets), (input) => {
      const read = readPackets(input, 10);
      const total = read?.reduce((sum, { body }) => sum + body.length, 0) ?? 0;
      assert.ok(total <= input.length);
      readSignatureFacts(input);
      readSignatureFacts(concat([new Uint8Array([4, 0, 22, 10]), input]));
    }),
    { numRuns: runs(1000) },
  );
});
