/**
 * What of the log is not here yet, at a relay that took a snapshot (docs/spec/log.md §12): the
 * leaves from `filled` up to `base`, which the dock brings afterwards, oldest first.
 *
 *   facts, "gap":  FILLED-PUBLICATION UPTO LAST-TRADE / frontier of filled / frontier of base
 *
 * Written in the transaction of whatever changes it.
 */
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../codec/assert.ts";
import { parseFrontier, printFrontier, type Frontier } from "../log/tree.ts";
import { readFact, writeFact } from "./database.ts";

export type Gap = {
  /** The last publication of those that are here from the first on. */
  readonly publication: number;
  /** The tree of its leaves, all of which are here. */
  readonly filled: Frontier;
  /** The publication that came with the snapshot: from it on everything is here. */
  readonly upTo: number;
  /** The tree of the leaves before it. */
  readonly base: Frontier;
  /** The last trade among those leaves. */
  readonly lastTrade: number;
};

/** The gap on disk, if there is one. */
export function readGap(database: DatabaseSync): Gap | undefined {
  const [numbers = "", filledText = "", baseText = ""] = (readFact(database, "gap") ?? "").split(
    "\n",
  );
  if (numbers === "") return undefined;
  const [publication = 0, upTo = 0, lastTrade = 0] = numbers.split(" ").map(Number);
  const [filled, base] = [parseFrontier(filledText), parseFrontier(baseText)];
  assert(filled !== undefined && base !== undefined, "a stored gap lies between two trees");
  return { publication, filled, upTo, base, lastTrade };
}

/** Stores the gap, or that there is none; part of the transaction that is open. */
export function writeGap(database: DatabaseSync, gap: Gap | undefined): void {
  if (gap === undefined) return writeFact(database, "gap", "");
  const { publication, filled, upTo, base, lastTrade } = gap;
  const numbers = `${publication} ${upTo} ${lastTrade}`;
  writeFact(database, "gap", `${numbers}\n${printFrontier(filled)}\n${printFrontier(base)}`);
}

/** Whether leaves are still to be brought; if not, they are only not in the tree yet. */
export function isOpen({ filled, base }: Gap): boolean {
  return filled.size < base.size;
}
