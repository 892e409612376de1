/**
 * What watchers are asked to tell of: news at every tick, by mail; and everything at once to a
 * watcher who has just come.
 */
import { assert } from "../codec/assert.ts";
import { parseHash, type Hash } from "../codec/ethereum.ts";
import type { Entry } from "../letter/entry.ts";
import type { RingBook } from "./ringbook.ts";
import { watchOrderEntry, watchRingEntry } from "./ringrecords.ts";
import type { Account } from "./state.ts";
import { note, type Turn } from "./turn.ts";

/** Tells every watcher who has registered what is to be watched since the last tick, and not. */
export function tellWatchers(turn: Turn): void {
  const { rings, configuration, accounts } = turn.state;
  if (rings.untold.size === 0) return;
  const entries = newsOf(rings);
  for (const watcher of configuration.watchers) {
    if (!accounts.has(watcher)) continue;
    for (const entry of entries) note(turn, watcher, entry);
  }
  rings.untold.clear();
}

function newsOf(book: RingBook): readonly Entry[] {
  // Rings are few and not found by their hash otherwise.
  const pending = new Map(ringEntries(book));
  return [...book.untold].map(([key, word]): Entry => {
    const [subject, text = ""] = key.split(" ");
    const hash = parseHash(text);
    assert(hash !== undefined, "what is told of is named by its hash");
    if (word === "unwatch") {
      return { kind: "unwatch", subject: subject === "ring" ? "ring" : "order", hash };
    }
    const offer = book.offers.get(hash);
    const entry = subject === "order" ? offer && watchOrderEntry(offer) : pending.get(hash);
    assert(entry !== undefined, "what is to be watched is there");
    return entry;
  });
}

/** Of every ring whose fate is not known yet. */
function ringEntries({ pool }: RingBook): readonly (readonly [Hash, Entry])[] {
  return [...pool.submissions.values()]
    .filter(({ settled }) => !settled)
    .flatMap((submitted) =>
      submitted.rings.map((ring) => [ring.hash, watchRingEntry(ring, submitted)] as const),
    );
}

/** Everything there is to watch, for one who was not there when it was asked. */
export function tellAllWatched(turn: Turn, watcher: Account): void {
  const { rings } = turn.state;
  for (const offer of rings.offers.values()) {
    note(turn, watcher.fingerprint, watchOrderEntry(offer));
  }
  for (const [, entry] of ringEntries(rings)) note(turn, watcher.fingerprint, entry);
}
