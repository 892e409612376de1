/** A market's book, for whoever looks at the state from outside: tests, `signet replay`. */
import { depthOf } from "../floor/read.ts";
import type { Side } from "../letter/command.ts";
import { sideNumber } from "./execution.ts";
import type { State } from "./state.ts";

/** The levels of one side, best first, in price units and lots; none of an unknown market. */
export function levelsOf(
  state: State,
  market: string,
  side: Side,
): readonly { readonly price: number; readonly quantity: number }[] {
  const venue = state.venues.get(market);
  if (!venue) return [];
  const levels = depthOf(state.floor, venue.number, sideNumber(side), Infinity);
  return levels.map(([price, quantity]) => ({ price, quantity }));
}
