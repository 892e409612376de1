/**
 * How long a random test searches. Every fast-check property takes its `numRuns` from here, so that
 * one variable makes all of them search longer: `SOAK=1` twenty times as many runs, `SOAK=5` a
 * hundred. The seed of a failure is printed by fast-check itself and stays in the test as an
 * example.
 */
import { assert } from "../codec/assert.ts";

const runsPerSoak = 20;

/** `quick` runs in `npm test`; 20 × SOAK times as many when the environment sets SOAK. */
export function runs(quick: number): number {
  const soak = process.env["SOAK"] ?? "";
  if (soak === "" || soak === "0") return quick;
  assert(/^[1-9]\d{0,3}$/.test(soak), "SOAK is a whole number from 0 to 9999");
  return quick * runsPerSoak * Number(soak);
}
