/** What the page keeps of the newest leaves about lost keys: a few, numbered, the newest first. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { fingerprint } from "../../codec/names.ts";
import { time } from "../../codec/time.ts";
import type { Leaf } from "../../log/leaf.ts";
import { lately, nothingLately } from "./lately.ts";

test("the five newest replacements of keys are kept, whatever else is told between them", () => {
  const account = fingerprint("12".repeat(20));
  const key = fingerprint("56".repeat(20));
  const leaves: Leaf[] = Array.from({ length: 8 }, (_, number) =>
    number % 8 === 3
      ? { kind: "notice", sentence: "nothing" }
      : { kind: "rekey", account, key, state: "begun", at: time(number * 1000) },
  );
  const half = lately(nothingLately, leaves.slice(0, 4), 100);
  assert.deepEqual(
    half.rekeys.map(({ number }) => number),
    [102, 101, 100],
  );
  const all = lately(half, leaves.slice(4), 104);
  assert.deepEqual(
    all.rekeys.map(({ number, leaf }) => [number, leaf.at]),
    [107, 106, 105, 104, 102].map((number) => [number, (number - 100) * 1000]),
  );
});
