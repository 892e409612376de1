/**
 * Seeded chance for tests that drive real processes: splitmix32 over a seed from the environment
 * or the clock. The processes themselves stay as chancy as they are; the seed repeats what the
 * test did.
 */

/** The seed named by the environment variable, or a fresh one. */
export function seedOf(variable: string): number {
  const given = process.env[variable] ?? "";
  return /^[0-9]{1,10}$/.test(given) ? Number(given) : Date.now() % 4_294_967_296;
}

/** A function that gives a whole number from 0 to `below` − 1. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) % below;
  };
}
