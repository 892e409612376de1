/**
 * What is told later than it is done: what a corporate action did to everybody
 * (docs/spec/securities.md §8), to so many accounts with each input, customers first; and what the
 * letters of one batch did to others, with the last input of the batch.
 *
 * What somebody is not told yet is what their next report begins with, whatever brings it about
 * (`notesOf`): each account's reports say in order what happened to it, and each of them ends with
 * the balances that its records add up to.
 */
import type { Fingerprint } from "../codec/names.ts";
import { notesOf, type Turn } from "./turn.ts";

/** Leaves for the next inputs what is too much for this one; the answer is not. */
export function leaveUntold(turn: Turn, answered: Fingerprint | undefined): void {
  const { accounts, untold, pace } = turn.state;
  let left = turn.goesOn ? 0 : pace.notices;
  for (const [who, notes] of turn.notes) {
    if (who === answered) continue;
    if (left > 0) {
      left -= 1;
      continue;
    }
    turn.notes.delete(who);
    const map = accounts.has(who) ? untold.customers : untold.strangers;
    map.set(who, notes);
  }
}

/** Notes for the next so many what they were not told. */
export function noteUntold(turn: Turn): void {
  if (turn.goesOn) return;
  const { untold, pace } = turn.state;
  let left = pace.notices;
  for (const map of [untold.customers, untold.strangers]) {
    // What is noted leaves the map, which its iteration bears.
    for (const who of map.keys()) {
      if (left === 0) return;
      left -= 1;
      notesOf(turn, who);
    }
  }
}
