/**
 * The words are the seed: the same words give the same bits, a wrong word is refused, none is
 * repeated.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { makeWords, seedOf, wordAt, wordsOf, wordTable } from "./words.ts";

const zeros = `${"abandon ".repeat(23)}art`;

test("words and seed stand for one another (BIP39's own vector)", () => {
  assert.equal(wordsOf(new Uint8Array(32)), zeros);
  assert.deepEqual(seedOf(zeros), { ok: true, value: new Uint8Array(32) });
  const fresh = makeWords();
  const seed = seedOf(fresh);
  assert.ok(seed.ok);
  assert.equal(wordsOf(seed.value), fresh);
  assert.notEqual(makeWords(), fresh);
});

test("how people write them does not matter", () => {
  const numbered = zeros
    .split(" ")
    .map((word, i) => `${i + 1}. ${word.slice(0, 4).toUpperCase()}\r\n`)
    .join(" ");
  assert.deepEqual(seedOf(numbered), { ok: true, value: new Uint8Array(32) });
});

test("wrong words are refused, and the error does not say them", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["abandon", /There are 1 words/],
    [zeros.replace("art", "signet"), /Word 24 is not in the list/],
    [zeros.replace("art", "zoo"), /do not fit together/],
  ];
  for (const [text, message] of cases) {
    const seed = seedOf(text);
    assert.ok(!seed.ok);
    assert.match(seed.what, message);
    assert.doesNotMatch(seed.what, /abandon|signet|zoo/);
    assert.equal(seed.code, "E704");
  }
});

test("the table holds every word at its place", () => {
  const words = makeWords();
  const table = wordTable(words).join("\n");
  for (let place = 1; place <= 24; place += 1) {
    assert.ok(table.includes(`${String(place).padStart(2)} ${wordAt(words, place)}`));
  }
});
