/** The measuring itself: quantiles and slopes against cases that can be done in the head. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { processorSeconds, quantile, residentMiB, slope } from "./gauge.ts";

test("a quantile is one of the values: the smallest that enough of them do not pass", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(quantile(hundred, 0.5), 50);
  assert.equal(quantile(hundred, 0.99), 99);
  assert.equal(quantile(hundred, 1), 100);
  assert.equal(quantile([7], 0.5), 7);
});

test("the slope of a line is its slope, whatever lies evenly around it", () => {
  assert.equal(
    slope([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
    2,
  );
  assert.equal(
    slope([
      [0, 1],
      [0, -1],
      [2, 1],
      [2, -1],
    ]),
    0,
  );
});

test("this process has memory and has used its processor", () => {
  assert.ok(residentMiB(process.pid) > 1);
  assert.ok(processorSeconds(process.pid) >= 0);
  assert.throws(() => residentMiB(0));
});
