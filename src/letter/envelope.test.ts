/** Sealed letters: the same packets have the same ref however framed; garbage is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { fromAscii } from "../codec/bytes.ts";
import { frame, reframings, slowRef } from "../testing/framing.ts";
import { runs } from "../testing/runs.ts";
import { armor, dearmor } from "./armor.ts";
import { readEnvelope, type Envelope } from "./envelope.ts";

function accepted(bytes: Uint8Array): Envelope {
  const verdict = readEnvelope(bytes);
  assert.ok(verdict.ok, JSON.stringify(verdict));
  return verdict.value;
}

function refusal(bytes: Uint8Array): string {
  const verdict = readEnvelope(bytes);
  return verdict.ok ? "accepted" : verdict.name;
}

/** A session key and sealed data that are whole, though they open to nothing. */
const synthetic = fc
  .tuple(
    fc.uint8Array({ minLength: 20, maxLength: 99 }),
    fc.uint8Array({ minLength: 41, maxLength: 2000 }),
  )
  .map(([key, data]) =>
    Uint8Array.from([
      ...frame({ tag: 1, body: [3, ...key] }),
      ...frame({ tag: 18, body: [1, ...data] }),
    ]),
  );

test("whatever the framing, the same packets have the same ref", () => {
  fc.assert(
    fc.property(synthetic, (binary) => {
      const ref = slowRef(binary);
      for (const bytes of [binary, ...reframings(binary)]) {
        assert.equal(accepted(bytes).ref, ref);
        const armored = armor(bytes);
        assert.deepEqual(dearmor(armored), { ok: true, value: bytes });
        assert.equal(accepted(fromAscii(armored)).ref, ref);
      }
    }),
    { numRuns: runs(60) },
  );
});

test("a letter cut short anywhere is refused", () => {
  fc.assert(
    fc.property(synthetic, fc.nat(), (binary, at) => {
      const cut = binary.subarray(0, at % binary.length);
      assert.notEqual(refusal(cut), "accepted");
    }),
    { numRuns: runs(500) },
  );
});

test("garbage is refused, and never throws", () => {
  const piece = fc.oneof(
    fc.constantFrom("-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----", "\n", "\r\n", "="),
    fc.constantFrom("-----BEGIN PGP PRIVATE KEY BLOCK-----", "Version: x", "AAAA", " ", "signet/1"),
    fc.constantFrom(
      "\u00c1\u00e9",
      "\u00d2",
      "\u00ff",
      "\u0003",
      "\u0084\u000d",
      "\u00ef\u00bb\u00bf",
    ),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  );
  const garbage = fc.array(piece, { maxLength: 20 });
  fc.assert(
    fc.property(garbage, (pieces) => {
      assert.notEqual(refusal(Buffer.from(pieces.join(""), "latin1")), "accepted");
    }),
    { numRuns: runs(3000) },
  );
});

test("a bit flipped anywhere is refused or still frames the same data", () => {
  fc.assert(
    fc.property(synthetic, fc.nat(), fc.nat({ max: 7 }), (binary, at, bit) => {
      const flipped = Uint8Array.from(binary);
      const place = at % flipped.length;
      flipped[place] = (flipped[place] ?? 0) ^ (1 << bit);
      const verdict = readEnvelope(flipped);
      if (verdict.ok) assert.equal(verdict.value.ref, slowRef(flipped));
    }),
    { numRuns: runs(500) },
  );
});
