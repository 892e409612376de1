/**
 * Assertions: the first of the three failures (ARCHITECTURE.md). A false condition means that we
 * are wrong, never the customer and never the world. Always on; the process stops; recovery is
 * replay.
 */

export class AssertionFailed extends Error {
  override readonly name = "AssertionFailed";
}

/** Stops the process, by throwing, when `condition` is false. `sentence` says what must be true. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new AssertionFailed(sentence);
}

/** The element at `index`, which must exist: a hole here is our mistake. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index];
  assert(value !== undefined, "the index must be inside the list");
  return value;
}
