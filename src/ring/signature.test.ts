/** Compact signatures: what is made is read, in the one form that each has (ERC-2098, EIP-2). */
import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { at } from "../codec/assert.ts";
import { fromAscii, fromHex, toHex } from "../codec/bytes.ts";
import { type Hash, hashOf, keccak } from "../codec/ethereum.ts";
import { runs } from "../testing/runs.ts";
import {
  addressOfKey,
  compactBytes,
  compactSignature,
  isSignedBy,
  recoverSigner,
  signDigest,
} from "./signature.ts";

function bytes(text: string): Uint8Array {
  return fromHex(text) ?? new Uint8Array(0);
}

/** What EIP-191 makes of a message. */
function messageHash(text: string): Hash {
  return hashOf(keccak(fromAscii(`\x19Ethereum Signed Message:\n${text.length}${text}`)));
}

test("the examples of ERC-2098", () => {
  const key = bytes("1234567890".repeat(7).slice(0, 64));
  const examples = [
    [
      "Hello World",
      "68a020a209d3d56c46f38cc50a33f704f4a9a10a59377f8dd762ac66910e9b90",
      "7e865ad05c4035ab5792787d4a0297a43617ae897930a6fe4d822b8faea52064",
    ],
    [
      "It's a small(er) world",
      "9328da16089fcba9bececa81663203989f2df5fe1faa6291a45381c81bd17f76",
      "939c6d6b623b42da56557e5e734a43dc83345ddfadec52cbe24d0cc64f550793",
    ],
  ] as const;
  for (const [text, r, vs] of examples) {
    equal(toHex(signDigest(messageHash(text), key)), r + vs);
    equal(recoverSigner(messageHash(text), bytes(r + vs)), addressOfKey(key));
  }
});

test("who signed is recovered; with any other byte it is somebody else, or nobody", () => {
  const words = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(words, words, fc.nat(511), (digest, secret, bit) => {
      const key = secret.with(0, 1);
      const hash = hashOf(digest);
      const signature = signDigest(hash, key);
      const signer = addressOfKey(key);
      equal(signature.length, compactBytes);
      equal(recoverSigner(hash, signature), signer);
      ok(isSignedBy(signer, { digest: hash, signature }, () => false));
      const other = signature.with(bit >> 3, at(signature, bit >> 3) ^ (1 << (bit & 7)));
      notEqual(recoverSigner(hash, other), signer);
    }),
    { numRuns: runs(20) },
  );
});

test("a contract is asked for what the key did not sign, and only then", () => {
  const key = new Uint8Array(32).fill(7);
  const owner = addressOfKey(key);
  const digest = hashOf(new Uint8Array(32).fill(9));
  const asked: string[] = [];
  const accepts = (
    ...[who, , signature]: Parameters<Parameters<typeof isSignedBy>[2]>
  ): boolean => {
    asked.push(`${who} ${toHex(signature)}`);
    return signature.length === 3;
  };
  ok(isSignedBy(owner, { digest, signature: signDigest(digest, key) }, accepts));
  ok(isSignedBy(owner, { digest, signature: new Uint8Array(3) }, accepts));
  ok(!isSignedBy(owner, { digest, signature: new Uint8Array(64) }, accepts));
  deepEqual(asked, [`${owner} 000000`, `${owner} ${"00".repeat(64)}`]);
});

test("65 bytes become the 64 that say the same, or are nobody's; other lengths are left alone", () => {
  const words = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(words, words, fc.nat(255), (digest, secret, v) => {
      const compact = signDigest(hashOf(digest), secret.with(0, 1));
      const parity = at(compact, 32) >> 7;
      const long = Uint8Array.from([...compact, v]).with(32, at(compact, 32) & 0x7f);
      for (const good of [parity, 27 + parity]) {
        deepEqual(compactSignature(long.with(64, good)), compact);
      }
      const other = compactSignature(long.with(64, 28 - parity));
      notEqual(recoverSigner(hashOf(digest), other ?? compact), addressOfKey(secret.with(0, 1)));
      if (![0, 1, 27, 28].includes(v)) equal(compactSignature(long), undefined);
      equal(compactSignature(long.with(64, 27).with(32, 0x80)), undefined);
      for (const length of [0, 63, 64, 66]) {
        const left = new Uint8Array(length).fill(v);
        equal(compactSignature(left), left);
      }
    }),
    { numRuns: runs(20) },
  );
});
