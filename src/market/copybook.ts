/**
 * A reader's copy of one book, kept from a snapshot and the diffs that follow (docs/spec/api.md
 * §3). It notices a diff that was lost, by number, and a copy that went wrong, by checksum; both
 * mean: take a new snapshot. Texts in, texts out: no float is ever made of a price.
 */
import { checksumLevels, crc32 } from "./checksum.ts";
import type { Decimals, DiffJson, SnapshotJson } from "./bookdiff.ts";

/** What became of a diff. */
export type Applied = "applied" | "known" | "gap" | "checksum_wrong";

/** A decimal without its point and without leading zeros, at this many decimals. */
function digitsOf(text: string, decimals: number): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

export class CopyBook {
  readonly #decimals: Decimals;
  readonly #buys: Map<bigint, bigint> = new Map();
  readonly #sells: Map<bigint, bigint> = new Map();
  #sequence: number;

  /** Begins with a snapshot. */
  constructor(snapshot: SnapshotJson, decimals: Decimals) {
    this.#decimals = decimals;
    this.#sequence = snapshot.sequence;
    this.#set(snapshot);
  }

  /** Leaves of the log that this copy has seen. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Takes the next diff. After `gap` or `checksum_wrong` the copy is worth nothing. */
  apply(diff: DiffJson): Applied {
    if (diff.lastSequence <= this.#sequence) return "known";
    if (diff.firstSequence > this.#sequence + 1) return "gap";
    this.#set(diff);
    this.#sequence = diff.lastSequence;
    return this.checksum() === diff.crc32 ? "applied" : "checksum_wrong";
  }

  /** The checksum of what this copy holds. */
  checksum(): number {
    const digits = (side: ReadonlyMap<bigint, bigint>, direction: 1 | -1): string =>
      [...side]
        .sort(([a], [b]) => (a < b ? -direction : direction))
        .slice(0, checksumLevels)
        .map(([price, quantity]) => `${price}${quantity}`)
        .join("");
    return crc32(digits(this.#sells, 1) + digits(this.#buys, -1));
  }

  /** How many levels it holds. */
  get levels(): number {
    return this.#buys.size + this.#sells.size;
  }

  #set({ buys, sells }: Pick<DiffJson, "buys" | "sells">): void {
    for (const [levels, side] of [
      [buys, this.#buys],
      [sells, this.#sells],
    ] as const) {
      for (const { price, quantity } of levels) {
        const at = digitsOf(price, this.#decimals.priceDecimals);
        const rests = digitsOf(quantity, this.#decimals.baseDecimals);
        if (rests === 0n) side.delete(at);
        else side.set(at, rests);
      }
    }
  }
}
