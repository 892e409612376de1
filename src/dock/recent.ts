/**
 * The letters that passed lately, by the hash of their bytes: k relays that carry one letter bring
 * it through the airlock once. Only a saving: the island takes a letter once however often it
 * comes. Whole bytes and not the ref, because a mangled copy has the same ref and must not keep
 * the good one out.
 */
import { hash } from "node:crypto";

const recentMax = 100_000;

export class Recent {
  readonly #seen = new Set<string>();

  /** Whether these bytes did not pass lately. */
  isNew(letter: Uint8Array): boolean {
    return !this.#seen.has(keyOf(letter));
  }

  /** These bytes are on disk here: only then may another copy of them be left out. */
  remember(letter: Uint8Array): void {
    this.#seen.add(keyOf(letter));
    if (this.#seen.size <= recentMax) return;
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      break;
    }
  }
}

function keyOf(letter: Uint8Array): string {
  return hash("sha256", letter, "base64");
}
