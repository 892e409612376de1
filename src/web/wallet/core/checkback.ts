/**
 * The backup check: three of the twenty-four words, typed again from the paper. Forgiving as the
 * wallet's own reading of words is: case, blanks, and the first four letters are enough.
 */
import { trouble, type Outcome } from "../../../wallet/errors.ts";

const asked = 3;

/** Three places of the words, from 1, in order; others each time, so that all must be on paper. */
export function drawPlaces(count: number): readonly number[] {
  const drawn = new Set<number>();
  while (drawn.size < Math.min(asked, count)) drawn.add(1 + drawBelow(count));
  return [...drawn].toSorted((a, b) => a - b);
}

/** Each number below `count` is as likely as any other. */
function drawBelow(count: number): number {
  const bytes = new Uint8Array(1);
  const most = 256 - (256 % count);
  do crypto.getRandomValues(bytes);
  while ((bytes[0] ?? 0) >= most);
  return (bytes[0] ?? 0) % count;
}

/** Whether the answers are the words at those places; what is wrong is named by its place. */
export function checkAnswers(
  words: readonly string[],
  places: readonly number[],
  answers: readonly string[],
): Outcome<undefined> {
  const wrong = places.filter((place, index) => {
    const word = words[place - 1] ?? "";
    const typed = (answers[index] ?? "").toLowerCase().replaceAll(/[^a-z]/g, "");
    return typed !== word && typed !== word.slice(0, 4);
  });
  if (wrong.length === 0) return { ok: true, value: undefined };
  const list = wrong.join(", ").replace(/, (\d+)$/, " and $1");
  const which = wrong.length === 1 ? `Word ${list} is` : `Words ${list} are`;
  return trouble("E721", `${which} not what was shown at that place.`);
}
