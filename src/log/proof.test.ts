/** Proofs are those that RFC 6962 defines, for every pair of sizes; bent ones are refused. */
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { array, assert, nat, property, uint8Array } from "fast-check";
import { sha256, toHex } from "../codec/bytes.ts";
import { runs } from "../testing/runs.ts";
import {
  checkConsistency,
  checkInclusion,
  consistencyProof,
  consistencySubtrees,
  inclusionProof,
  inclusionSubtrees,
  rootFrom,
  rootSubtrees,
  type ReadHash,
  type Subtree,
} from "./proof.ts";

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(1, ...left, ...right));
}

function split(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

/** MTH of RFC 6962 §2.1, word for word. */
function naiveRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes;
  if (only === undefined) return sha256(new Uint8Array(0));
  if (hashes.length === 1) return only;
  const k = split(hashes.length);
  return node(naiveRoot(hashes.slice(0, k)), naiveRoot(hashes.slice(k)));
}

/** PATH of §2.1.1. */
function naivePath(m: number, hashes: readonly Uint8Array[]): readonly Uint8Array[] {
  if (hashes.length === 1) return [];
  const k = split(hashes.length);
  const [left, right] = [hashes.slice(0, k), hashes.slice(k)];
  return m < k
    ? [...naivePath(m, left), naiveRoot(right)]
    : [...naivePath(m - k, right), naiveRoot(left)];
}

/** SUBPROOF of §2.1.2; PROOF(m, D) is SUBPROOF(m, D, true). */
function naiveProof(m: number, hashes: readonly Uint8Array[], whole = true): Uint8Array[] {
  if (m === hashes.length) return whole ? [] : [naiveRoot(hashes)];
  const k = split(hashes.length);
  const [left, right] = [hashes.slice(0, k), hashes.slice(k)];
  return m <= k
    ? [...naiveProof(m, left, whole), naiveRoot(right)]
    : [...naiveProof(m - k, right, false), naiveRoot(left)];
}

const leaves = Array.from({ length: 80 }, (_, n) => sha256(Uint8Array.of(0, n)));
const read: ReadHash = ({ level, index }) =>
  naiveRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
const roots = Array.from({ length: leaves.length + 1 }, (_, n) => naiveRoot(leaves.slice(0, n)));

function head(size: number): { size: number; root: Uint8Array } {
  const root = roots[size];
  if (root === undefined) throw new Error("couldn't find a root hash");
  return { size, root };
}

function leaf(index: number): { index: number; hash: Uint8Array } {
  const hash = leaves[index];
  if (hash === undefined) throw new Error("couldn't find a leaf");
  return { index, hash };
}

function hex(hashes: readonly Uint8Array[]): readonly string[] {
  return hashes.map(toHex);
}

test("every leaf of every size up to 33, and every pair of sizes, is proved as defined", () => {
  for (let size = 0; size <= 33; size += 1) {
    equal(toHex(rootFrom(size, read)), toHex(head(size).root));
    for (let index = 0; index < size; index += 1) {
      const proof = inclusionProof(index, size, read);
      deepEqual(hex(proof), hex(naivePath(index, leaves.slice(0, size))));
      equal(checkInclusion(leaf(index), head(size), proof).ok, true);
    }
    for (let old = 0; old <= size; old += 1) {
      const proof = consistencyProof(old, size, read);
      if (old > 0) deepEqual(hex(proof), hex(naiveProof(old, leaves.slice(0, size))));
      equal(checkConsistency(head(old), head(size), proof).ok, true);
    }
  }
});

test("what a proof will read can be asked before, to be fetched", () => {
  const seen: Subtree[] = [];
  const note: ReadHash = (subtree) => {
    seen.push(subtree);
    return read(subtree);
  };
  for (const [index, size] of [
    [0, 80],
    [41, 77],
    [63, 64],
  ] as const) {
    inclusionProof(index, size, note);
    deepEqual(seen.splice(0), inclusionSubtrees(index, size));
    consistencyProof(index, size, note);
    deepEqual(seen.splice(0), consistencySubtrees(index, size));
    rootFrom(size, note);
    deepEqual(seen.splice(0), rootSubtrees(size));
  }
});

/** The paths that Certificate Transparency implementations test against. */
test("the published paths", () => {
  const texts = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"];
  const all = [...texts, "606162636465666768696a6b6c6d6e6f"].map((text) =>
    sha256(Uint8Array.of(0, ...Buffer.from(text, "hex"))),
  );
  const readAll: ReadHash = ({ level, index }) =>
    naiveRoot(all.slice(index * 2 ** level, (index + 1) * 2 ** level));
  deepEqual(hex(inclusionProof(0, 8, readAll)), [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
  ]);
  deepEqual(hex(inclusionProof(1, 5, readAll)), [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
  ]);
  deepEqual(hex(consistencyProof(6, 8, readAll)), [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  ]);
  deepEqual(hex(consistencyProof(2, 5, readAll)), [
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
  ]);
});

test("a proof for another leaf, size or root, too short, too long or bent is refused", () => {
  const sizes = nat(78);
  assert(
    property(sizes, sizes, sizes, nat(), nat(255), (a, b, c, at, flip) => {
      const size = Math.max(a, b) + 2;
      const index = Math.min(a, b);
      const proof = inclusionProof(index, size, read);
      const bent = proof.map((hash, step) =>
        step === at % proof.length
          ? hash.map((byte, n) => (n === c % 32 ? byte ^ flip : byte))
          : hash,
      );
      if (flip !== 0) equal(name(checkInclusion(leaf(index), head(size), bent)), "proof_wrong");
      equal(name(checkInclusion(leaf(index), head(size), proof.slice(1))), "proof_length_wrong");
      equal(checkInclusion({ index, hash: leaf(c).hash }, head(size), proof).ok, c === index);
      const old = index + 1;
      const grown = consistencyProof(old, size, read);
      equal(checkConsistency(head(old), head(size), grown).ok, true);
      equal(
        checkConsistency({ ...head(old), root: head(c).root }, head(size), grown).ok,
        c === old,
      );
      const longer = [...grown, leaf(0).hash];
      equal(name(checkConsistency(head(old), head(size), longer)), "proof_length_wrong");
      equal(name(checkConsistency(head(size), head(old), grown)), "proof_out_of_range");
    }),
    { numRuns: runs(150) },
  );
});

test("garbage proves nothing, and sizes up to 2^53 cost nothing", () => {
  const hash = uint8Array({ minLength: 32, maxLength: 32 });
  const huge = Number.MAX_SAFE_INTEGER;
  assert(
    property(array(hash, { maxLength: 63 }), nat(), hash, (proof, old, root) => {
      equal(checkInclusion({ index: old, hash: root }, { size: huge, root }, proof).ok, false);
      const from = { size: old + 1, root };
      equal(checkConsistency(from, { size: huge, root }, proof).ok, false);
    }),
    { numRuns: runs(100) },
  );
  for (const index of [-1, 0.5, 7, Number.NaN]) {
    const answer = checkInclusion({ index, hash: leaf(0).hash }, head(7), []);
    equal(name(answer), "proof_out_of_range");
  }
  equal(name(checkConsistency({ size: 0, root: leaf(0).hash }, head(7), [])), "proof_wrong");
  equal(name(checkConsistency(head(0), head(7), [leaf(0).hash])), "proof_length_wrong");
});

function name(verdict: { ok: boolean; name?: string }): string {
  return verdict.ok ? "accepted" : (verdict.name ?? "");
}
