/** Alice and Bob on a ring floor, whose offers fit; and what they were told, shortened. */
import type { Output } from "../engine/input.ts";
import { type Entry, printEntry } from "../letter/entry.ts";
import type { RingOrder } from "../ring/order.ts";
import { fingerprintOf } from "./floor.ts";
import { RingFloor } from "./ringfloor.ts";
import type { Offer } from "./ringminer.ts";

/** What a person was told, from one document on; order and ring hashes shortened. */
export function told(rings: RingFloor, name: string, from = 0): string[] {
  const documents = (rings.floor.told.get(fingerprintOf(name)) ?? []).slice(from);
  return documents.flatMap(({ records }) => records).map(shown);
}

/** A record with its order and ring hashes shortened. */
export function shown(entry: Entry): string {
  return printEntry(entry).replaceAll(/0x[0-9a-f]{64}/g, "0x~");
}

/** How much a person was told so far. */
export function mark(rings: RingFloor, name: string): number {
  return rings.floor.told.get(fingerprintOf(name))?.length ?? 0;
}

/** Alice sells 400 gold for at least 200 silver. */
export function gold(rings: RingFloor, fields: Partial<RingOrder> = {}): Offer {
  return rings.offer("Alice", { sell: [400n, "GOLD"], buy: [200n, "SILVER"], ...fields });
}

/** Bob sells 300 silver for at least 300 gold. */
export function silver(rings: RingFloor, fields: Partial<RingOrder> = {}): Offer {
  return rings.offer("Bob", { sell: [300n, "SILVER"], buy: [300n, "GOLD"], ...fields });
}

/** Alice and Bob have offers that fit, and the chain is heard. */
export function opened(needed = 1, watchers: readonly string[] = ["the watcher"]): RingFloor {
  const rings = new RingFloor(needed, watchers);
  rings.mint("Alice", "GOLD", 400n);
  rings.mint("Bob", "SILVER", 300n);
  rings.ring("Alice", gold(rings), "|id=a");
  rings.ring("Bob", silver(rings), "|id=b|tag=desk");
  rings.tell();
  return rings;
}

/** Alice's 400 gold for 300 silver. */
export function author(rings: RingFloor, deadline?: bigint): Output {
  const ring = [[gold(rings), 400n] as const, [silver(rings), 300n] as const];
  return rings.author(ring, deadline);
}
