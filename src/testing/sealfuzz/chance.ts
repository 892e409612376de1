/** Seeded choices for the fuzzer of sealed letters. */
import { assert } from "../../codec/assert.ts";
import { randomFrom } from "../seed.ts";

/** Chance with the questions that a grammar asks. */
export type Chance = {
  /** A whole number from 0 to below − 1. */
  readonly below: (most: number) => number;
  /** Whether what happens once in so many times happens. */
  readonly once: (times: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly bytes: (length: number) => Uint8Array;
};

/** The chance of case `index` under a seed: every case can be made again alone. */
export function chanceOf(seed: number, index: number): Chance {
  const below = randomFrom((Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0);
  return {
    below,
    once: (times) => below(times) === 0,
    pick: (list) => {
      const at = below(list.length);
      assert(at < list.length, "a list to pick from is not empty");
      return list[at] as (typeof list)[number];
    },
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  };
}

/** The bytes with one octet changed, put in, left out, or the end cut off. */
export function bend(bytes: Uint8Array, chance: Chance): Uint8Array {
  if (bytes.length === 0) return chance.bytes(1);
  const at = chance.below(bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (chance.below(6)) {
    case 0:
      return bytes.with(at, chance.below(256));
    case 1:
      return new Uint8Array([...before, chance.below(256), ...after]);
    case 2:
      return new Uint8Array([...before, ...after.subarray(1)]);
    case 3:
      return before;
    case 4:
      return bytes.with(at, chance.pick([0, 1, 0x7f, 0x80, 0xff]));
    default:
      return bytes.with(at, (bytes[at] ?? 0) ^ (1 << chance.below(8)));
  }
}
