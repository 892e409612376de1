/**
 * What the exchange wants to be told of: the fold over the WATCH and UNWATCH records of its mail,
 * kept in the watcher's home with the place in the mail up to which it goes.
 *
 *   watch.json   {"next": N, "list": ["WATCH|…", …]}   N: the first entry of mail not folded in
 *
 * Losing the file costs time only: the mail is there to be read again.
 */
import type { Hash } from "../codec/ethereum.ts";
import { type Entry, parseEntry, printEntry } from "../letter/entry.ts";
import type { WatchEntry } from "../letter/ringentry.ts";
import { type Home, keep, readJson } from "../wallet/home.ts";
import { numberOf, objectOf, textsOf } from "../wallet/json.ts";

export type AskedOrder = Extract<WatchEntry, { readonly subject: "order" }>;
export type AskedRing = Extract<WatchEntry, { readonly subject: "ring" }>;

const file = "watch.json";

export class WatchList {
  readonly #orders = new Map<Hash, AskedOrder>();
  readonly #rings = new Map<Hash, AskedRing>();

  get orders(): readonly AskedOrder[] {
    return [...this.#orders.values()];
  }

  get rings(): readonly AskedRing[] {
    return [...this.#rings.values()];
  }

  /** Takes a record; says whether it changed the list. */
  take(entry: Entry): boolean {
    if (entry.kind === "watch") {
      if (entry.subject === "order") this.#orders.set(entry.hash, entry);
      else this.#rings.set(entry.hash, entry);
      return true;
    }
    if (entry.kind !== "unwatch") return false;
    return entry.subject === "order"
      ? this.#orders.delete(entry.hash)
      : this.#rings.delete(entry.hash);
  }

  /** Keeps the list as it is after all mail below `next`. */
  keep(home: Home, next: number): void {
    const list = [...this.orders, ...this.rings].map(printEntry);
    keep(home, `${JSON.stringify({ next, list })}\n`, file);
  }

  /** The list that was kept, and where the mail goes on; of a home without one, the beginning. */
  static load(home: Home): { readonly list: WatchList; readonly next: number } {
    const fields = objectOf(readJson(home, file));
    const list = new WatchList();
    for (const line of textsOf(fields["list"])) {
      const entry = parseEntry(line);
      if (entry.ok) list.take(entry.value);
    }
    return { list, next: numberOf(fields["next"]) ?? 0 };
  }
}
