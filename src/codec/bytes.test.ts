/** The strict texts of bytes: one text for one value, against node's lenient Buffer. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { runs } from "../testing/runs.ts";
import {
  concat,
  equalBytes,
  fromAscii,
  fromBase64,
  fromHex,
  fromLatin1,
  sha256,
  sha256Hex,
  toBase64,
  toHex,
  toLatin1,
} from "./bytes.ts";

const bytes = fc.uint8Array({ maxLength: 300 });
const options = { numRuns: runs(300) };

test("hex, base64 and Latin-1 print as Buffer does and read back", () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const buffer = Buffer.from(value);
      assert.equal(toHex(value), buffer.toString("hex"));
      assert.equal(toBase64(value), buffer.toString("base64"));
      assert.equal(toLatin1(value), buffer.toString("latin1"));
      assert.deepEqual(fromHex(toHex(value)), value);
      assert.deepEqual(fromBase64(toBase64(value)), value);
      assert.deepEqual(fromLatin1(toLatin1(value)), value);
      assert.equal(toHex(sha256(value)), createHash("sha256").update(value).digest("hex"));
    }),
    options,
  );
});

test("hex: upper case, odd length and anything else is not read", () => {
  for (const text of ["A0", "a", "0x", "g0", " 00", "00\n", "0 ", "é0"]) {
    assert.equal(fromHex(text), undefined, text);
  }
  assert.deepEqual(fromHex(""), new Uint8Array());
});

test("base64: unpadded, url-safe, broken or non-canonical text is not read", () => {
  const refused = ["QQ", "QQ=", "QQ===", "QR==", "QUE", "QUF=", "Q", "=", "QQ==QQ==", "-_-_"];
  for (const text of [...refused, "QQ==\n", " QQ==", "QUE=\u0000", "QU E", "é"]) {
    assert.equal(fromBase64(text), undefined, JSON.stringify(text));
  }
});

test("whatever base64 or hex text is read prints as it was written", () => {
  const almost = fc.stringMatching(/^[A-Za-z0-9+/]{0,12}={0,3}$/);
  fc.assert(
    fc.property(fc.oneof(almost, fc.string()), (text) => {
      const fromText = fromBase64(text);
      if (fromText !== undefined) assert.equal(toBase64(fromText), text);
      const fromDigits = fromHex(text);
      if (fromDigits !== undefined) assert.equal(toHex(fromDigits), text);
    }),
    { numRuns: runs(3000) },
  );
});

test("texts longer than one chunk", () => {
  const long = new Uint8Array(10_001).map((_, i) => i % 256);
  assert.deepEqual(fromLatin1(toLatin1(long)), long);
});

test("ASCII and Latin-1 texts hold what they say, or we are wrong", () => {
  assert.deepEqual(fromAscii("a\n"), Uint8Array.of(0x61, 0x0a));
  assert.throws(() => fromAscii("\u0080"), { name: "AssertionFailed" });
  assert.throws(() => fromLatin1("\u0100"), { name: "AssertionFailed" });
});

test("concat and equalBytes", () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 5 }), (parts) => {
      const whole = concat(parts);
      assert.deepEqual(whole, new Uint8Array(Buffer.concat(parts)));
      assert.ok(equalBytes(whole, concat(parts)));
      assert.ok(!equalBytes(whole, concat([...parts, Uint8Array.of(0)])));
      if (whole.length > 0)
        assert.ok(
          !equalBytes(
            whole,
            whole.map((byte) => byte ^ 1),
          ),
        );
    }),
    options,
  );
});

test("sha256Hex is what sha256sum prints", () => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(sha256Hex("abc"), abc);
});
