/**
 * Reading typed arrays where every access counts. An index outside is our mistake and stops the
 * process, as `at` does; but each kind of array has a reader of its own, so that the compiler sees
 * one type in each, puts it in place of the call, and the test for a hole costs nothing: the bounds
 * check is there anyway. Measured: no slower than `list[index] ?? 0`, which would hide the mistake.
 */
import { AssertionFailed } from "./assert.ts";

function hole(): never {
  throw new AssertionFailed("the index must be inside the column");
}

/** A whole number of 32 bits. */
export function int(column: Int32Array, index: number): number {
  const value = column[index];
  if (value === undefined) hole();
  return value;
}

/** A number; whole and safe wherever it is money. */
export function num(column: Float64Array, index: number): number {
  const value = column[index];
  if (value === undefined) hole();
  return value;
}
