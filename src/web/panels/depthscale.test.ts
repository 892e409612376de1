/** The labels of an axis are round numbers, few enough, and inside. */
import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { roundSteps } from "./depthscale.ts";

test("steps of 1, 2 or 5, inside of what is shown, never more than asked for", () => {
  deepEqual(roundSteps(1730, 7670, 7), [2000, 3000, 4000, 5000, 6000, 7000]);
  deepEqual(roundSteps(0, 131, 3), [0, 50, 100]);
  deepEqual(roundSteps(4190, 4231, 5), [4190, 4200, 4210, 4220, 4230]);
  deepEqual(roundSteps(7, 9, 9), [7, 8, 9]);
  deepEqual(roundSteps(5, 5, 4), [5]);
});
