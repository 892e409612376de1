/**
 * Looking at a letter's ring orders before it is journaled: the keys that this takes are on the
 * island and not in the journal, so what was found is journaled with the letter and never looked at
 * again (docs/spec/journal.md §3).
 */
import type { Fingerprint } from "../codec/names.ts";
import type { Vetting } from "../engine/input.ts";
import { parseLetter } from "../letter/parse.ts";
import { vetOrder } from "../miner/vet.ts";
import type { Domain } from "../ring/digest.ts";
import type { MinerSettings } from "./settings.ts";

/** What is known of every well-formed RING line, in order; without a venue they are all refused. */
export async function vetLetter(
  text: string,
  exchange: Fingerprint,
  venue: { readonly domain: Domain; readonly miner: MinerSettings } | undefined,
): Promise<readonly Vetting[]> {
  // Nearly no letter has one, and reading it costs as much as everything else.
  if (!text.includes("\nRING|")) return [];
  const letter = parseLetter(text, exchange);
  if (!letter.ok) return [];
  const found: Vetting[] = [];
  for (const { command } of letter.value.lines) {
    if (!command.ok || command.value.kind !== "ring") continue;
    if (venue === undefined) {
      found.push("ring_auth_unreadable");
      continue;
    }
    const vetted = await vetOrder(venue.domain, venue.miner.keys, command.value);
    // Whether a key must come at all, the engine knows as well.
    found.push(vetted === "ring_auth_missing" ? "good" : vetted);
  }
  return found;
}
