/** Both machines' cryptography says the same of everything asked: OpenSSL's and the browser's. */
import * as fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, deflateSync } from "node:zlib";

import { equalBytes, toHex } from "../../codec/bytes.ts";
import type { Primitives } from "../../seal/machine.ts";
import * as nodes from "../../seal/primitives.ts";
import { runs } from "../../testing/runs.ts";
import * as browsers from "./primitives.ts";

const node: Primitives = nodes;
const browser: Primitives = browsers;
const bytes = fc.uint8Array({ maxLength: 300 });
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** The same result, as bytes. */
function same(of: (machine: Primitives) => Uint8Array): Uint8Array {
  const [one, other] = [of(node), of(browser)];
  assert.equal(toHex(other), toHex(one));
  return other;
}

function check<Args extends [unknown, ...unknown[]]>(
  values: { [At in keyof Args]: fc.Arbitrary<Args[At]> },
  predicate: (...args: Args) => void,
): void {
  fc.assert(fc.property(...values, predicate), { numRuns: runs(40) });
}

test("both have the same names", () => {
  assert.deepEqual(Object.keys(browsers), Object.keys(nodes));
});

test("hashes, over parts as over the whole, and keys derived", () => {
  check([bytes, bytes, bytes, fc.nat(200)], (a, b, c, length) => {
    same((machine) => machine.sha1(a, b, c));
    same((machine) => machine.sha512(a, b, c));
    same((machine) => machine.hkdfSha256(a, b, length + 1));
  });
});

test("AES in CFB mode with keys of every size; either opens what the other sealed", () => {
  for (const size of [16, 24, 32]) {
    check([secret, bytes, fc.nat(7)], (full, given, from) => {
      const key = full.subarray(0, size);
      // Also where the bytes do not begin at a whole word.
      const plain = given.subarray(from);
      const sealed = same((machine) => machine.encryptCfb(key, plain));
      assert.deepEqual(sealed.length, plain.length);
      const opened = same((machine) => machine.decryptCfb(key, sealed));
      assert.ok(equalBytes(opened, plain));
    });
  }
});

test("what is handed in stays as it is", () => {
  const key = new Uint8Array(32).fill(7);
  const plain = Uint8Array.from({ length: 50 }, (_, i) => i);
  for (const machine of [node, browser]) {
    machine.decryptCfb(key, machine.encryptCfb(key, plain));
    assert.deepEqual([...plain.keys()], [...plain]);
    assert.ok(key.every((byte) => byte === 7));
    const seed = key.slice();
    const pair = machine.ed25519Of(seed);
    seed.fill(0);
    assert.ok(node.verifyEd25519(pair.publicKey, plain, pair.sign(plain)));
    assert.ok(!node.verifyEd25519(node.ed25519Of(seed).publicKey, plain, pair.sign(plain)));
  }
});

test("Ed25519 and X25519", () => {
  check([secret, bytes], (seed, message) => {
    const publicKey = same((machine) => machine.ed25519Of(seed).publicKey);
    const signature = same((machine) => machine.ed25519Of(seed).sign(message));
    same((machine) => machine.x25519PublicKey(seed));
    const changed = signature.with(40, (signature[40] ?? 0) ^ 1);
    for (const machine of [node, browser]) {
      assert.ok(machine.verifyEd25519(publicKey, message, signature));
      assert.ok(!machine.verifyEd25519(publicKey, message, changed));
      assert.ok(!machine.verifyEd25519(publicKey.subarray(1), message, signature));
      assert.ok(!machine.verifyEd25519(publicKey, message, signature.subarray(1)));
    }
  });
});

test("randomness is fresh; a secret of another length is nobody's", () => {
  for (const machine of [node, browser]) {
    assert.equal(machine.randomBytes(32).length, 32);
    assert.notDeepEqual(machine.randomBytes(32), machine.randomBytes(32));
    assert.throws(() => machine.ed25519Of(new Uint8Array(31)));
  }
});

test("one inflates up to the bound, the other not at all", () => {
  const plain = new Uint8Array(1000);
  assert.deepEqual(node.inflate?.(deflateRawSync(plain), "raw", 1000)?.length, 1000);
  assert.deepEqual(node.inflate?.(deflateSync(plain), "zlib", 1000)?.length, 1000);
  assert.equal(node.inflate?.(deflateSync(plain), "zlib", 999), undefined);
  assert.equal(node.inflate?.(plain, "zlib", 999), undefined);
  assert.equal(browser.inflate, undefined);
});
