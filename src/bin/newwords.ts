/**
 * Words of a new key: shown to a person and asked back, so that they are on paper before anything
 * depends on them; or in a file, for who is no person.
 */
import { randomInt } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";

import { trouble, type Outcome } from "../wallet/errors.ts";
import { makeWords, wordAt, wordTable } from "../wallet/words.ts";
import type { Context } from "./context.ts";
import { readInputText } from "./input.ts";
import { askSecret, canAsk } from "./prompt.ts";

/** Whose words they are: a new account's, or the next key's, which may yet be refused. */
type Whose = "account" | "next-key";

/** The words: from a file, or made and, if a person is there, shown and asked back. */
export async function wordsFor(
  context: Context,
  file: string | undefined,
  whose: Whose = "account",
): Promise<Outcome<string>> {
  if (file !== undefined) {
    if (file !== "-" && !existsSync(file)) {
      const words = makeWords();
      writeFileSync(file, `${words}\n`, { mode: 0o600, flag: "wx" });
      const are = whose === "account" ? "the account" : "a new key's";
      context.say(`● 24 words made and written to ${file}: they are ${are}. Keep them well.`);
      return { ok: true, value: words };
    }
    return readInputText(file);
  }
  if (!canAsk()) {
    return trouble("E100", "There is nobody to show the words to.", {
      next: "Give --words-file FILE: words are read from it, or made and written there.",
    });
  }
  const words = makeWords();
  for (const line of aboutWords[whose]) context.say(line);
  for (const row of wordTable(words)) context.say(`    ${row}`);
  context.say("");
  const wrong = await askBack(context, words);
  return wrong ?? { ok: true, value: words };
}

const aboutWords = {
  account: [
    "  Write these 24 words on paper. They are your account: with them you can rebuild everything,",
    "  without them nobody can, including us.\n",
  ],
  "next-key": [
    "  Write these 24 words on paper. They are the new key. Keep the old words as well: they are",
    "  your account until the exchange says that the new key is coming, and in force.\n",
  ],
} as const satisfies Record<Whose, readonly string[]>;

/** Three of the words, typed again from the paper. */
async function askBack(
  context: Context,
  words: string,
): Promise<ReturnType<typeof trouble> | undefined> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const places = drawPlaces();
    const typed = await askSecret(
      `  Type words ${places.join(", ").replace(/, (\d+)$/, " and $1")}: `,
    );
    const given = (typed ?? "")
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word !== "");
    if (given.join(" ") === places.map((place) => wordAt(words, place)).join(" ")) {
      context.say("  ✓ matches");
      return undefined;
    }
    context.say("  ✕ That is not what stands above; look again.");
  }
  return trouble("E704", "The words were not repeated correctly. Nothing was made.");
}

/** Three places of the twenty-four, in order; others each time, so that all must be on paper. */
function drawPlaces(): readonly number[] {
  const drawn = new Set<number>();
  while (drawn.size < 3) drawn.add(randomInt(1, 25));
  return [...drawn].sort((a, b) => a - b);
}
