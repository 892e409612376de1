/** What the exchange wants to be told of: the fold over the WATCH and UNWATCH records it sent. */
import type { Hash } from "../codec/ethereum.ts";
import type { Entry } from "../letter/entry.ts";
import type { WatchEntry } from "../letter/ringentry.ts";

export type WatchedOrder = Extract<WatchEntry, { readonly subject: "order" }>;
export type WatchedRing = Extract<WatchEntry, { readonly subject: "ring" }>;

export class WatchList {
  readonly #orders = new Map<Hash, WatchedOrder>();
  readonly #rings = new Map<Hash, WatchedRing>();

  get orders(): readonly WatchedOrder[] {
    return [...this.#orders.values()];
  }

  get rings(): readonly WatchedRing[] {
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
}
