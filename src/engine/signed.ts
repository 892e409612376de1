/**
 * What customers sign, counted in public: letters that were accepted, and their well-formed
 * commands by verb, refused ones too. Letters are sealed, so nobody but the engine can count them.
 *
 * Totals are told when an hour of reads ends (a SIGNED leaf each, absolute, only what changed), and
 * only together with twenty letters or more: the log says which refs were read in that hour, and
 * of a single one its verb would be known. Who writes nineteen of them learns the twentieth's.
 */
import type { Line } from "../letter/command.ts";
import { printLeaf } from "../log/leaf.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** The name under which letters are counted; no verb is called so. */
const letters = "LETTER";

/** Totals wait until there were so many letters since they were told last. */
const lettersMin = 20;

/**
 * A letter was accepted, with these lines. Counting begins with the first letter that was given
 * tickets, so that journals from before there were any give the states and leaves they gave.
 */
export function countSigned({ state, tickets }: Turn, lines: readonly Line[]): void {
  if (state.signed.size === 0 && tickets.length === 0) return;
  add(state, letters);
  for (const { verb, command } of lines) if (command.ok) add(state, verb);
}

function add({ signed }: State, name: string): void {
  const count = signed.get(name);
  if (count === undefined) signed.set(name, { total: 1, told: 0 });
  else count.total += 1;
}

/** An hour is over: if there were enough letters, a leaf for every total that changed, by name. */
export function tellSigned({ state, leaves }: Turn): void {
  const { total = 0, told = 0 } = state.signed.get(letters) ?? {};
  if (total - told < lettersMin) return;
  for (const verb of [...state.signed.keys()].sort()) {
    const count = state.signed.get(verb);
    if (count === undefined || count.total === count.told) continue;
    count.told = count.total;
    leaves.push(printLeaf({ kind: "signed", verb, total: count.total }));
  }
}
