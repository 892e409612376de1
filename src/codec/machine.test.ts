/** Node's bytes against the portable ones, byte for byte, on either side of every length. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import * as portable from "./portable.ts";
import { runs } from "../testing/runs.ts";
import * as machine from "../machine/bytes.ts";

const options = { numRuns: runs(300) };
const lengths = fc.constantFrom(0, 1, 55, 56, 63, 64, 65, 119, 120, 4095, 4096, 4097, 13_312);

test("hashes, hex and texts of bytes are the same ones", () => {
  const bytes = lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
  fc.assert(
    fc.property(bytes, fc.nat({ max: 8 }), (whole, from) => {
      const value = whole.subarray(Math.min(from, whole.length));
      assert.deepEqual(machine.sha256(value), portable.sha256(value));
      assert.equal(machine.toHex(value), portable.toHex(value));
      assert.equal(machine.toLatin1(value), portable.toLatin1(value));
    }),
    options,
  );
});

test("texts are turned to the same bytes, or are none", () => {
  const unit = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom("a", "\0", "~", "\x7f") },
    fc.constantFrom("\x80", "\xff", "\u0100", "\ud800", "\u{1f512}"),
  );
  const text = fc.oneof(
    fc.string({ unit, maxLength: 140 }),
    lengths.map((length) => "y".repeat(length)),
    lengths.map((length) => `${"y".repeat(length)}\xe9`),
  );
  fc.assert(
    fc.property(text, (value) => {
      for (const most of [0x7f, 0xff]) {
        const bytes = machine.textBytes(value, most);
        assert.deepEqual(bytes, portable.textBytes(value, most));
        assert.equal(bytes?.buffer.byteLength, bytes?.length);
      }
      assert.equal(machine.sha256OfAscii(value), portable.sha256OfAscii(value));
    }),
    options,
  );
});
