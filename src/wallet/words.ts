/**
 * Twenty-four words that are the whole account: BIP39's English list, 256 bits and a checksum of 8.
 * The bits themselves are the seed of the key (seal/keys.ts): no salt, no passphrase, so that the
 * words on paper are enough for ever.
 */
import { entropyToMnemonic, generateMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

import { trouble, type Outcome } from "./errors.ts";

/** How many words make an account. */
const wordCount = 24;

/** Fresh words from the system's randomness. */
export function makeWords(): string {
  return generateMnemonic(wordlist, 256);
}

/** The words of a seed of 32 bytes. */
export function wordsOf(seed: Uint8Array): string {
  return entropyToMnemonic(seed, wordlist);
}

/**
 * The seed that words stand for. Case, line ends, commas and a number before each word are
 * forgiven, as people write them; four letters are enough for a word, as BIP39 promises. An error
 * never repeats the words.
 */
export function seedOf(text: string): Outcome<Uint8Array> {
  const written = text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
  if (written.length !== wordCount) {
    return trouble("E704", `There are ${written.length} words; an account has ${wordCount}.`);
  }
  const words: string[] = [];
  for (const [index, word] of written.entries()) {
    const found = wordlist.find((known) => known === word || startOf(known) === word);
    if (found === undefined) {
      return trouble("E704", `Word ${index + 1} is not in the list of words.`);
    }
    words.push(found);
  }
  try {
    return { ok: true, value: mnemonicToEntropy(words.join(" "), wordlist) };
  } catch {
    return trouble("E704", "The words do not fit together: one is wrong, or two are swapped.");
  }
}

function startOf(word: string): string {
  return word.slice(0, 4);
}

/** The word at a place counted from 1. */
export function wordAt(words: string, place: number): string {
  return words.split(" ")[place - 1] ?? "";
}

/** The words in lines of six, each with its place, to be copied to paper. */
export function wordTable(words: string): readonly string[] {
  const cells = words.split(" ").map((word, i) => `${String(i + 1).padStart(2)} ${word.padEnd(9)}`);
  const rows: string[] = [];
  for (let row = 0; row < 6; row += 1) {
    rows.push(
      [0, 1, 2, 3]
        .map((column) => cells[column * 6 + row] ?? "")
        .join("   ")
        .trimEnd(),
    );
  }
  return rows;
}
