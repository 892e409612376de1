/**
 * The dock's copy of everything the island said: record n is the lane's chain after publication n,
 * 32 bytes, and the publication. Position and payload are one write, as the receiving half wants
 * it.
 */
import { chainAfter, laneStart, type Position } from "../airlock/lane.ts";
import { assert } from "../codec/assert.ts";
import { fromHex, toHex } from "../codec/bytes.ts";
import { digest } from "../codec/names.ts";
import type { Segments } from "../store/segments.ts";

const chainBytes = 32;

export class Publications {
  readonly #store: Segments;
  #position: Position;

  constructor(store: Segments) {
    this.#store = store;
    const chain = store.last === 0 ? undefined : store.get(store.last).subarray(0, chainBytes);
    this.#position =
      chain === undefined ? laneStart : { next: store.last + 1, chain: digest(toHex(chain)) };
  }

  /** The newest one. */
  get last(): number {
    return this.#store.last;
  }

  /** Where the lane stands on disk. */
  get position(): Position {
    return this.#position;
  }

  get(number: number): Uint8Array {
    return this.#store.get(number).subarray(chainBytes);
  }

  /** Makes the next ones durable. */
  async append(payloads: readonly Uint8Array[]): Promise<void> {
    let { next, chain } = this.#position;
    const records = payloads.map((payload) => {
      chain = chainAfter(chain, payload);
      next += 1;
      const bytes = fromHex(chain);
      assert(bytes !== undefined, "a chain is hex");
      return Buffer.concat([bytes, payload]);
    });
    await this.#store.append(records);
    this.#position = { next, chain };
  }
}
