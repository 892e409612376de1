/** Ed25519 without a machine: RFC 8032's vectors, and OpenSSL's word on every odd signature. */
import { ed25519, ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import * as fc from "fast-check";
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { test } from "node:test";

import { runs } from "../testing/runs.ts";
import { concat, fromHex, toHex } from "./bytes.ts";
import { ed25519PublicKey, signEd25519, verifyEd25519, x25519PublicKey } from "./ed25519.ts";
import { sha512 } from "./hashes.ts";

const { Point } = ed25519;
const order = Point.Fn.ORDER;

function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  assert.ok(bytes);
  return bytes;
}

function bySsl(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const x = Buffer.from(publicKey).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, message, key, signature);
}

function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`);
}

function bytes(value: bigint): Uint8Array {
  return hex(value.toString(16).padStart(64, "0")).toReversed();
}

test("RFC 8032 §7.1, test 2, and RFC 7748 §6.1", () => {
  const seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const publicKey = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  assert.deepEqual(ed25519PublicKey(seed), publicKey);
  assert.deepEqual(
    toHex(signEd25519(hex("72"), seed)),
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
  const alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  assert.equal(
    toHex(x25519PublicKey(alice)),
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
  );
});

test("what is signed verifies; what is changed by one bit does not", () => {
  const one = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(one, fc.uint8Array(), fc.nat(511), (seed, message, bit) => {
      const publicKey = ed25519PublicKey(seed);
      const signature = signEd25519(message, seed);
      assert.ok(verifyEd25519(publicKey, message, signature));
      assert.ok(bySsl(publicKey, message, signature));
      const changed = signature.with(bit >> 3, (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
      assert.ok(!verifyEd25519(publicKey, message, changed));
      assert.ok(!verifyEd25519(publicKey, concat([message, seed]), signature));
    }),
    { numRuns: runs(20) },
  );
});

test("signatures that hold only with the cofactor, or are not canonical, are OpenSSL's no", () => {
  const scalar = 12_345n;
  const message = hex("c0ffee");
  let accepted = 0;
  for (const [i, name] of ED25519_TORSION_SUBGROUP.entries()) {
    for (const other of ED25519_TORSION_SUBGROUP) {
      // The owner of a key can mix a point of small order into it, and into R.
      const publicKey = Point.BASE.multiply(scalar).add(Point.fromHex(name, true)).toBytes();
      const nonce = 77n + BigInt(i);
      const r = Point.BASE.multiply(nonce).add(Point.fromHex(other, true)).toBytes();
      const k = number(sha512(concat([r, publicKey, message]))) % order;
      const s = (nonce + k * scalar) % order;
      for (const half of [s, s + order, 0n]) {
        const signature = concat([r, bytes(half)]);
        const says = bySsl(publicKey, message, signature);
        assert.equal(verifyEd25519(publicKey, message, signature), says, `${name} ${other}`);
        if (says) accepted += 1;
      }
    }
  }
  assert.ok(accepted > 0 && accepted < 32, `${accepted}`);
  assert.ok(!verifyEd25519(new Uint8Array(31), message, new Uint8Array(64)));
  assert.ok(!verifyEd25519(ed25519PublicKey(new Uint8Array(32)), message, new Uint8Array(63)));
  assert.ok(!verifyEd25519(new Uint8Array(32).fill(0xff), message, new Uint8Array(64)));
});
