/**
 * A carrier between two directories, both in memory, that keeps none of the promises a network
 * makes: it loses, repeats, delays and so reorders, truncates and flips bits, as a seeded source of
 * chance says.
 */
import type { Directory } from "../airlock/directory.ts";

/** Uniform in [0, 1). */
export type Chance = () => number;

/** A small generator with a good spread (mulberry32): one seed, one history. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class MemoryDirectory implements Directory {
  readonly #files = new Map<string, Uint8Array>();
  /** Files put here, all in all. */
  puts = 0;

  names(): readonly string[] {
    return [...this.#files.keys()];
  }

  read(name: string, bytesMax: number): Uint8Array | undefined {
    return this.#files.get(name)?.slice(0, bytesMax + 1);
  }

  put(name: string, bytes: Uint8Array): void {
    this.puts += 1;
    this.#files.set(name, bytes.slice());
  }

  remove(name: string): void {
    this.#files.delete(name);
  }

  /** Takes everything out, as a courier does. */
  empty(): readonly (readonly [string, Uint8Array])[] {
    const all = [...this.#files];
    this.#files.clear();
    return all;
  }
}

export type Harm = {
  readonly lost: number;
  readonly repeated: number;
  readonly cut: number;
  readonly flipped: number;
  /** Journeys take 1 to this many steps. */
  readonly stepsMax: number;
};

type Journey = { readonly name: string; readonly bytes: Uint8Array; readonly arrivesAt: number };

export class LossyCarrier {
  readonly #from: MemoryDirectory;
  readonly #to: MemoryDirectory;
  readonly #chance: Chance;
  readonly #harm: Harm;
  #under: Journey[] = [];
  #step = 0;

  constructor(from: MemoryDirectory, to: MemoryDirectory, chance: Chance, harm: Harm) {
    this.#from = from;
    this.#to = to;
    this.#chance = chance;
    this.#harm = harm;
  }

  /** Takes what is there, and delivers what has arrived by now. */
  step(): void {
    this.#step += 1;
    for (const [name, bytes] of this.#from.empty()) {
      const copies = this.#chance() < this.#harm.repeated ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        if (this.#chance() < this.#harm.lost) continue;
        const steps = 1 + Math.floor(this.#chance() * this.#harm.stepsMax);
        this.#under.push({ name, bytes: this.#harmed(bytes), arrivesAt: this.#step + steps });
      }
    }
    for (const { name, bytes, arrivesAt } of this.#under) {
      if (arrivesAt <= this.#step) this.#to.put(name, bytes);
    }
    this.#under = this.#under.filter(({ arrivesAt }) => arrivesAt > this.#step);
  }

  #harmed(bytes: Uint8Array): Uint8Array {
    if (this.#chance() < this.#harm.cut) {
      return bytes.slice(0, Math.floor(this.#chance() * bytes.length));
    }
    const harmed = bytes.slice();
    if (this.#chance() < this.#harm.flipped && harmed.length > 0) {
      const bit = Math.floor(this.#chance() * harmed.length * 8);
      harmed[bit >> 3] = (harmed[bit >> 3] ?? 0) ^ (1 << (bit % 8));
    }
    return harmed;
  }
}
