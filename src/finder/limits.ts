/** What bounds the finder's work and its rings. */

/** Orders in a ring, as the contract takes them (docs/spec/ring.md §4). */
export const ringSizeMin = 2;
export const ringSizeMax = 10;

/** How often one round asks for the best of what is left. */
export const passesMax = 4;

/** Levels of an implied order book. */
export const levelsMax = 100;
