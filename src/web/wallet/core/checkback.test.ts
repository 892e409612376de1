/** The backup check: forgives as paper deserves, names places and never words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { makeWords } from "../../../wallet/words.ts";
import { checkAnswers, drawPlaces } from "./checkback.ts";

const words = makeWords().split(" ");

test("three places, in order, each once, and all come up", () => {
  const seen = new Set<number>();
  for (let round = 0; round < 300; round += 1) {
    const places = drawPlaces(24);
    assert.equal(new Set(places).size, 3);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    for (const place of places) seen.add(place);
  }
  assert.equal(seen.size, 24);
});

test("the words as people type them pass", () => {
  const places = drawPlaces(24);
  const right = places.map((place) => words[place - 1] ?? "");
  const shapes = [
    right,
    right.map((w) => ` ${w.toUpperCase()}, `),
    right.map((w) => w.slice(0, 4)),
  ];
  for (const answers of shapes) assert.equal(checkAnswers(words, places, answers).ok, true);
});

test("anything else is refused, and the refusal holds no word", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words, "", "zoo", "abandon")), (answers) => {
      const places = drawPlaces(24);
      const isRight = places.every((place, i) => answers[i] === words[place - 1]);
      const checked = checkAnswers(words, places, answers);
      assert.equal(checked.ok, isRight);
      if (checked.ok) return;
      assert.equal(checked.code, "E721");
      assert.match(
        checked.what,
        /^Words? [\d, and]+ (?:is|are) not what was shown at that place\.$/,
      );
    }),
  );
});
