/**
 * What customers sign, counted in public: letters that were accepted, and their well-formed
 * commands by verb, refused ones too. Letters are sealed, so nobody but the engine can count them.
 *
 * Totals are told once an hour (a SIGNED leaf each, absolute, only what changed): of an hour's sum
 * nobody learns what one letter said.
 */
import type { Line } from "../letter/command.ts";
import { printLeaf } from "../log/leaf.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** The name under which letters are counted; no verb is called so. */
const letters = "LETTER";

/**
 * A letter was accepted, with these lines. Counting begins with the first block of reads, so that
 * journals from before there were any give the states they gave.
 */
export function countSigned(state: State, lines: readonly Line[]): void {
  if (state.reads === undefined || state.reads.from === 0) return;
  add(state, letters);
  for (const { verb, command } of lines) if (command.ok) add(state, verb);
}

function add({ signed }: State, name: string): void {
  const count = signed.get(name);
  if (count === undefined) signed.set(name, { total: 1, told: 0 });
  else count.total += 1;
}

/** An hour is over: a leaf for every total that is another one now, in alphabetical order. */
export function tellSigned({ state, leaves }: Turn): void {
  for (const verb of [...state.signed.keys()].sort()) {
    const count = state.signed.get(verb);
    if (count === undefined || count.total === count.told) continue;
    count.told = count.total;
    leaves.push(printLeaf({ kind: "signed", verb, total: count.total }));
  }
}
