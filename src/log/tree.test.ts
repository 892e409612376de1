/** The frontier says the root hashes of RFC 6962's own definition and of published vectors. */
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { fromAscii, fromHex, sha256, toHex } from "../codec/bytes.ts";
import { runs } from "../testing/runs.ts";
import {
  appendHash,
  appendLeaf,
  emptyFrontier,
  leafHash,
  parseFrontier,
  printFrontier,
  rootHash,
} from "./tree.ts";

/** RFC 6962 §2.1 word for word: split at the largest power of two below the size. */
function naiveRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes;
  if (only === undefined) return sha256(new Uint8Array(0));
  if (hashes.length === 1) return only;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  const [left, right] = [naiveRoot(hashes.slice(0, k)), naiveRoot(hashes.slice(k))];
  return sha256(Uint8Array.of(1, ...left, ...right));
}

/** The eight leaves and roots that Certificate Transparency implementations test against. */
const published: readonly (readonly [string, string])[] = [
  ["", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
  ["00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
  ["10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
  ["2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
  ["3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"],
  ["40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"],
  ["5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"],
  [
    "606162636465666768696a6b6c6d6e6f",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ],
];

test("the published Certificate Transparency vectors", () => {
  let frontier = emptyFrontier();
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  equal(toHex(rootHash(frontier)), empty);
  for (const [leaf, root] of published) {
    const bytes = fromHex(leaf) ?? fromAscii("not hex");
    frontier = appendHash(frontier, sha256(Uint8Array.of(0, ...bytes)));
    equal(toHex(rootHash(frontier)), root);
  }
});

test("every size up to 130 has the root that the definition says", () => {
  let frontier = emptyFrontier();
  const hashes: Uint8Array[] = [];
  for (let n = 0; n < 130; n += 1) {
    equal(toHex(rootHash(frontier)), toHex(naiveRoot(hashes)));
    equal(frontier.size, n);
    const line = `NOTICE|${n}`;
    hashes.push(leafHash(line));
    frontier = appendLeaf(frontier, line);
  }
});

test("a frontier comes back from its line, and goes on as before", () => {
  assert(
    property(
      array(string({ unit: "grapheme-ascii", maxLength: 20 }), { maxLength: 40 }),
      (lines) => {
        let [whole, resumed] = [emptyFrontier(), emptyFrontier()];
        for (const line of lines) {
          whole = appendLeaf(whole, line);
          resumed = appendLeaf(parseFrontier(printFrontier(resumed)) ?? emptyFrontier(), line);
        }
        deepEqual(resumed, whole);
      },
    ),
    { numRuns: runs(50) },
  );
});

test("what is not the line of a frontier is not read", () => {
  const hash = "ab".repeat(32);
  for (const text of ["", "1", "0 ", `0 ${hash}`, `3 ${hash}`, `01 ${hash}`, `1 ${hash}a`, "-1"]) {
    equal(parseFrontier(text), undefined, text);
  }
  const junk = oneof(string(), string({ unit: constantFrom(..."0123456789abcdef ") }));
  assert(
    property(junk, (text) => {
      const frontier = parseFrontier(text);
      if (frontier !== undefined) equal(printFrontier(frontier), text);
    }),
    { numRuns: runs(200) },
  );
});
